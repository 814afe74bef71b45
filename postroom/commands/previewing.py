"""`preview`: an email as it will arrive."""

import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import segments
from postroom.audience.addresses import normalise
from postroom.audience.segments import Chosen
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.limits import in_a_child
from postroom.commands.printing import plural, show, write_privately
from postroom.content import previews
from postroom.content.campaign_file import Route
from postroom.content.editions import Edition
from postroom.content.previews import Preview, Row
from postroom.content.rendered import rendered
from postroom.content.rendering import Links, Renderer, sample_links
from postroom.delivery import comparing
from postroom.errors import ContentError, NotPermitted
from postroom.london import london_day
from postroom.settings import Mode

app = typer.Typer()


@app.command()
def preview(
    campaign: CampaignArgument,
    row: Annotated[int | None, typer.Option(help="The email of this row of the list.")] = None,
    address: Annotated[str | None, typer.Option(help="The email of this address.")] = None,
    longest: Annotated[bool, typer.Option("--longest", help="The longest email.")] = False,
    shortest: Annotated[bool, typer.Option("--shortest", help="The shortest email.")] = False,
    everyone: Annotated[
        bool, typer.Option("--all", help="A page through everybody's, instead of each text once.")
    ] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Ask Notify how it renders them; say any difference.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write the page here, not into out/.")] = None,
    text: Annotated[Path | None, typer.Option(help="Write the plain text here.")] = None,
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show an email as it will arrive.

    Prints its subject, its line in the inbox and its plain text, and writes a page with the email
    as it will look. Without --row, --address, --longest or --shortest the page shows every
    distinct text once, with the rows that get it. Links are samples: nothing happens there.

    Example: outreach preview bpn-invite --row 14 --open
    """
    wanted = _Wanted(row, address, longest, shortest)
    desk = open_desk(workspace)
    page = html or desk.workspace.out / f"{campaign}-preview.html"
    asked = _Asked(campaign, wanted, everyone, compare, page, text)
    in_a_child(lambda: _preview(desk, desk.mode(mode), asked))
    if open_it:
        webbrowser.open(page.resolve().as_uri())


@dataclass(frozen=True)
class _Wanted:
    """Whose email was asked for."""

    row: int | None
    address: str | None
    longest: bool
    shortest: bool

    def __post_init__(self) -> None:
        if sum((self.row is not None, self.address is not None, self.longest, self.shortest)) > 1:
            raise typer.BadParameter("give one of --row, --address, --longest and --shortest")


@dataclass(frozen=True)
class _Asked:
    """What was asked for on the command line."""

    campaign: str
    wanted: _Wanted
    everyone: bool
    compare: bool
    page: Path
    text: Path | None


def _preview(desk: Desk, mode: Mode, asked: _Asked) -> None:
    sheaf = _sheaf(desk, desk.edition(asked.campaign), mode)
    one = sheaf.one(asked.wanted)
    shown = [one] if one else sheaf.all() if asked.everyone else sheaf.texts()
    _show_email(one or sheaf.first())
    if asked.text is not None:
        write_privately(asked.text, rendered((one or sheaf.first()).email).text)
        show(f"Plain text: {asked.text}")
    write_privately(asked.page, previews.preview_page(sheaf.edition.campaign, shown))
    show(f"Page: {asked.page}")
    if asked.compare:
        _compare(desk, sheaf, mode)


@dataclass(frozen=True)
class _Sheaf:
    """The emails of a campaign, to be looked at."""

    edition: Edition
    renderer: Renderer
    people: Sequence[Chosen]
    links: Links

    @property
    def rows(self) -> list[Row]:
        return [(chosen.row, chosen.fields) for chosen in self.people]

    def first(self) -> Preview:
        return next(previews.previews(self.renderer, self.rows[:1], self.links))

    def all(self) -> list[Preview]:
        return list(previews.previews(self.renderer, self.rows, self.links))

    def texts(self) -> list[Preview]:
        return previews.distinct_texts(self.edition, self.rows, self.links)

    def one(self, wanted: _Wanted) -> Preview | None:
        row = wanted.row if wanted.address is None else self._row_of(wanted.address)
        if row is not None:
            found = previews.of_row(self.rows, row)
            return next(previews.previews(self.renderer, [found], self.links))
        if wanted.longest:
            return previews.longest(previews.previews(self.renderer, self.rows, self.links))
        if wanted.shortest:
            return previews.shortest(previews.previews(self.renderer, self.rows, self.links))
        return None

    def samples(self) -> list[Preview]:
        """Return the longest, the shortest and one email of each distinct text."""
        first_rows = {text.rows[0] for text in self.texts()}
        everybody = self.all()
        ends = {previews.longest(everybody), previews.shortest(everybody)}
        rows = first_rows | {end.rows[0] for end in ends if end}
        return [shown for shown in everybody if shown.rows[0] in rows]

    def _row_of(self, address: str) -> int:
        wanted = normalise(address)
        for chosen in self.people:
            if normalise(chosen.address) == wanted:
                return chosen.row
        raise NotPermitted("That address is not among the recipients of this campaign.")


def _sheaf(desk: Desk, edition: Edition, mode: Mode) -> _Sheaf:
    people = _people(desk, edition, mode)
    if not people:
        raise NotPermitted("Nobody is chosen, so there is no email to show.")
    renderer = Renderer(edition, subject_prefix=desk.office(mode).subject_prefix)
    return _Sheaf(edition, renderer, people, sample_links(desk.settings.public_url))


def _people(desk: Desk, edition: Edition, mode: Mode) -> Sequence[Chosen]:
    if edition.campaign.route is not Route.DIRECT:
        # Nobody of such a campaign is held here: one reader without any field stands for all.
        return [Chosen(0, "", b"", "", "", {})]
    with desk.database.read() as session:
        return segments.recipients_of(
            session, edition.campaign, edition.facts_files, mode=mode, today=london_day(now())
        )


def _show_email(shown: Preview) -> None:
    arrives = rendered(shown.email)
    show(f"Subject: {arrives.subject}")
    show(f"Inbox:   {arrives.inbox_line}")
    show(f"For:     {shown.label}")
    show()
    show(arrives.text)


def _compare(desk: Desk, sheaf: _Sheaf, mode: Mode) -> None:
    samples = sheaf.samples()
    with open_notify(desk, mode, sheaf.edition.campaign) as notify:
        found = list(comparing.differences(notify, samples))
    if found:
        raise ContentError(
            "Notify renders these otherwise than this preview. Do not send before it is known why.",
            *found,
        )
    show(f"Notify renders {plural(len(samples), 'sample')} exactly as shown here.")
