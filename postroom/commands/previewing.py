"""`preview`: an email as it will arrive."""

import webbrowser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import chosen as people_chosen
from postroom.audience.addresses import normalise
from postroom.audience.segments import Chosen
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.limits import in_a_child
from postroom.commands.printing import plural, show, show_json, slow_bar, write_privately
from postroom.content import previews
from postroom.content.campaign_file import Route
from postroom.content.editions import Edition
from postroom.content.previews import Preview, Row
from postroom.content.rendered import rendered
from postroom.content.rendering import Links, Renderer, sample_links
from postroom.delivery import comparing
from postroom.delivery.preparing import People, people_of
from postroom.delivery.reviewing import Texts, texts_of
from postroom.errors import ContentError, NotPermitted
from postroom.london import london_day
from postroom.settings import Mode

app = typer.Typer()

EveryoneOption = Annotated[
    bool, typer.Option("--all", help="A page through everybody's, instead of each text once.")
]
CompareOption = Annotated[
    bool, typer.Option("--compare", help="Ask Notify how it renders them; say any difference.")
]


@app.command()
def preview(
    campaign: CampaignArgument,
    row: Annotated[int | None, typer.Option(help="The email of this row of the list.")] = None,
    address: Annotated[str | None, typer.Option(help="The email of this address.")] = None,
    longest: Annotated[bool, typer.Option("--longest", help="The longest email.")] = False,
    shortest: Annotated[bool, typer.Option("--shortest", help="The shortest email.")] = False,
    everyone: EveryoneOption = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    compare: CompareOption = False,
    html: Annotated[Path | None, typer.Option(help="Write the page here, not into out/.")] = None,
    text: Annotated[Path | None, typer.Option(help="Write the plain text here.")] = None,
    mode: ModeOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show an email as it will arrive.

    Prints its subject, its line in the inbox and its plain text, and writes a page with the email
    as it will look. Without --row, --address, --longest or --shortest the page shows every
    distinct text once, with the rows that get it; --json has all of them. Links are samples:
    nothing happens there.

    Example: outreach preview bpn-invite --row 14 --open
    """
    wanted = _Wanted(row, address, longest, shortest)
    desk = open_desk(workspace)
    page = html or desk.workspace.out / f"{campaign}-preview.html"
    asked = _Asked(campaign, wanted, everyone, compare, page, text, as_json)
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
    as_json: bool


def _preview(desk: Desk, mode: Mode, asked: _Asked) -> None:
    sheaf = _sheaf(desk, desk.edition(asked.campaign), mode)
    one = sheaf.one(asked.wanted)
    texts = None if one or asked.everyone else sheaf.texts()
    first = one or sheaf.first()
    _write_page(sheaf, asked, one, texts)
    if asked.text is not None:
        write_privately(asked.text, rendered(first.email).text)
    if asked.as_json:
        show_json(_as_json(sheaf, asked, mode, one, texts))
    else:
        _show_email(first)
        for line in (texts.summary if texts else "", sheaf.note(one)):
            if line:
                show(line)
        if asked.text is not None:
            show(f"Plain text: {asked.text}")
        show(f"Page: {asked.page}")
    if asked.compare:
        _compare(desk, sheaf, mode)


def _write_page(sheaf: "_Sheaf", asked: _Asked, one: Preview | None, texts: Texts | None) -> None:
    most = previews.MOST_ON_A_PAGE
    if one:
        shown, count, more = [one], "", 0
    elif texts:
        shown, count, more = list(texts.texts[:most]), texts.summary, len(texts.texts) - most
    else:
        shown, count = list(islice(sheaf.every(), most)), plural(len(sheaf.rows), "email")
        more = len(sheaf.rows) - most
    page = previews.preview_page(
        sheaf.edition.campaign,
        shown,
        note=sheaf.note(one),
        count=count.removesuffix("."),
        more=max(0, more),
    )
    write_privately(asked.page, page)


def _as_json(
    sheaf: "_Sheaf", asked: _Asked, mode: Mode, one: Preview | None, texts: Texts | None
) -> dict[str, object]:
    about: dict[str, object] = {
        "campaign": asked.campaign,
        "mode": mode,
        "emails": len(sheaf.people.to_send),
        "left_out": len(sheaf.people.left_out),
        "page": asked.page,
    }
    if texts:
        return about | {
            "summary": texts.summary,
            "texts": [
                {"emails": len(text.rows), "column": text.column, "values": text.values}
                | _email_as_json(text)
                for text in texts.texts
            ],
        }
    if one:
        return about | {"why_left_out": sheaf.why_left_out(one)} | _email_as_json(one)
    return about | {"all": [_email_as_json(shown) for shown in sheaf.every()]}


def _email_as_json(shown: Preview) -> dict[str, object]:
    arrives = rendered(shown.email)
    return {
        "rows": shown.rows,
        "subject": arrives.subject,
        "inbox_line": arrives.inbox_line,
        "text": arrives.text,
        "markdown": shown.email.body,
    }


@dataclass(frozen=True)
class _Sheaf:
    """The emails of a campaign, to be looked at."""

    desk: Desk
    mode: Mode
    edition: Edition
    renderer: Renderer
    people: People
    links: Links

    @property
    def rows(self) -> list[Row]:
        return _rows(self.people.to_send)

    def note(self, one: Preview | None) -> str:
        """Who gets nothing: whether *one* does, else how many; nothing when everybody gets it."""
        number = len(self.people.left_out)
        if one is not None:
            return self.why_left_out(one)
        return f"{plural(number, 'row')} left out: nothing is sent there." if number else ""

    def why_left_out(self, one: Preview | None) -> str:
        """Why *one* is sent to nobody, in a sentence; nothing when it is sent."""
        why = self.people.left_out.get(one.rows[0]) if one else None
        return f"Row {one.rows[0]} gets nothing: {why}." if one and why else ""

    def first(self) -> Preview:
        return next(self._previews(self.rows[:1] or _rows(self.people.rows_left_out)))

    def every(self) -> Iterator[Preview]:
        """Yield everybody's email, one by one, with a progress bar where that takes long."""
        rows = self.rows
        with slow_bar("Writing") as progress:
            for done, shown in enumerate(self._previews(rows)):
                progress(done, len(rows))
                yield shown

    def texts(self) -> Texts:
        office = self.desk.office(self.mode)
        with self.desk.database.read() as session, slow_bar("Writing") as progress:
            return texts_of(session, self.edition, self.people.to_send, office, progress=progress)

    def one(self, wanted: _Wanted) -> Preview | None:
        person = self._person(wanted)
        if person is not None:
            return next(self._previews(_rows([person])))
        choose: Callable[[Iterator[Preview]], Preview | None] | None = None
        if wanted.longest:
            choose = previews.longest
        elif wanted.shortest:
            choose = previews.shortest
        return choose(self.every()) if choose else None

    def samples(self) -> list[Preview]:
        """Return the longest, the shortest and one email of each distinct text."""
        rows = {text.rows[0] for text in self.texts().texts}
        ends = (previews.longest(self.every()), previews.shortest(self.every()))
        rows |= {end.rows[0] for end in ends if end}
        return list(self._previews([row for row in self.rows if row[0] in rows]))

    def _previews(self, rows: Sequence[Row]) -> Iterator[Preview]:
        return previews.previews(self.renderer, rows, self.links)

    def _person(self, wanted: _Wanted) -> Chosen | None:
        everybody = [*self.people.to_send, *self.people.rows_left_out]
        if wanted.address is not None:
            key = self.desk.keys.address_key(normalise(wanted.address))
            return people_chosen.at_address(everybody, key)
        return None if wanted.row is None else people_chosen.in_row(everybody, wanted.row)


def _rows(people: Sequence[Chosen]) -> list[Row]:
    return [(chosen.row, chosen.told) for chosen in people]


def _sheaf(desk: Desk, edition: Edition, mode: Mode) -> _Sheaf:
    people = _people(desk, edition, mode)
    if not people.to_send and not people.left_out:
        raise NotPermitted("Nobody is chosen, so there is no email to show.")
    renderer = Renderer(edition, subject_prefix=desk.office(mode).subject_prefix)
    return _Sheaf(desk, mode, edition, renderer, people, sample_links(desk.settings.public_url))


def _people(desk: Desk, edition: Edition, mode: Mode) -> People:
    if edition.campaign.route is not Route.DIRECT:
        # Nobody of such a campaign is held here: one reader without any field stands for all.
        return People([Chosen(0, "", b"", "", "", {})], {}, [])
    with desk.database.read() as session:
        return people_of(session, edition, desk.office(mode), today=london_day(now()))


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
