"""`check` and `preview`: see a campaign as its readers will, and what is wrong with it."""

import webbrowser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import segments
from postroom.audience.addresses import normalise
from postroom.audience.segments import Chosen
from postroom.commands.desk import (
    Desk,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
)
from postroom.commands.printing import plural, show, show_json, show_point, write_privately
from postroom.content import previews
from postroom.content.campaign_file import Route
from postroom.content.checks import Problem, Rank
from postroom.content.editions import Edition
from postroom.content.notify_markdown import preheader_as_read, render_subject, render_text
from postroom.content.rendering import Links, Renderer, sample_links
from postroom.delivery import stop_answers
from postroom.delivery.preparing import Prepared, prepare
from postroom.errors import NotPermitted
from postroom.settings import Mode

app = typer.Typer()

CampaignArgument = Annotated[
    str, typer.Argument(metavar="CAMPAIGN", help="Its file's name in campaigns/, without .toml.")
]
LABELS = {Rank.STOP: "STOP", Rank.WARN: "warning", Rank.ADVICE: "advice"}


@app.command()
def check(
    campaign: CampaignArgument,
    answer: Annotated[
        str | None, typer.Option(help="Let the stops of this check stand, for a reason.")
    ] = None,
    because: Annotated[str, typer.Option(help="The reason, which is kept and shown.")] = "",
    mode: ModeOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Find problems in a campaign before anyone else does.

    Renders every email and says, all at once, what is wrong, on which rows, and who is left out
    and why. A STOP blocks sending until it is mended, or answered with a typed reason that the
    approver sees; warnings and advice do not block. Sends nothing.

    Example: outreach check bpn-invite
    """
    desk = open_desk(workspace)
    edition = desk.edition(campaign)
    if edition.campaign.route != "direct":
        show(
            f"{campaign} goes by the {edition.campaign.route} route: no recipient of it is held "
            "here, so there is no list to check it against."
        )
        return
    prepared = _prepared(desk, edition, desk.mode(mode))
    if answer is not None:
        _answer(desk, campaign, answer, prepared, reason=because)
    with desk.database.read() as session:
        open_stops = stop_answers.unanswered(session, campaign, prepared.problems)
    if as_json:
        show_json(_as_json(campaign, prepared, open_stops))
    else:
        _show_audience(campaign, prepared)
        show_problems(prepared)
        show(_verdict(prepared, open_stops))
    if open_stops:
        raise typer.Exit(1)


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
    desk = open_desk(workspace)
    edition = desk.edition(campaign)
    people = _people(desk, edition)
    links = sample_links(desk.settings.public_url)
    renderer = Renderer(edition, subject_prefix=desk.office(desk.mode(mode)).subject_prefix)
    rows = [(chosen.row, chosen.fields) for chosen in people]
    one = _one(
        renderer, people, links, row=row, address=address, longest=longest, shortest=shortest
    )
    shown = [one] if one else _several(edition, renderer, rows, links, everyone=everyone)
    first = one or next(previews.previews(renderer, rows[:1], links))
    _show_email(first)
    if text is not None:
        write_privately(text, render_text(first.email.body))
        show(f"Plain text: {text}")
    path = html or desk.workspace.out / f"{campaign}-preview.html"
    write_privately(path, previews.preview_page(edition.campaign, shown))
    show(f"Page: {path}")
    if open_it:
        webbrowser.open(path.resolve().as_uri())


def show_problems(prepared: Prepared) -> None:
    """Print what was found, the gravest first, each with the rows it touches."""
    for problem in prepared.problems:
        rows = f" ({_rows_of(problem, prepared)})" if problem.rows else ""
        show_point(f"  {LABELS[problem.rank]:8} ", f"{problem.text}{rows}")


def _people(desk: Desk, edition: Edition) -> list[Chosen]:
    if edition.campaign.route is not Route.DIRECT:
        # Nobody of such a campaign is held here: one reader without any field stands for all.
        return [Chosen(0, "", b"", "", "", {})]
    with desk.database.read() as session:
        return segments.recipients_of(session, edition.campaign)


def _one(
    renderer: Renderer,
    people: Sequence[Chosen],
    links: Links,
    *,
    row: int | None,
    address: str | None,
    longest: bool,
    shortest: bool,
) -> previews.Preview | None:
    if sum((row is not None, address is not None, longest, shortest)) > 1:
        raise typer.BadParameter("give one of --row, --address, --longest and --shortest")
    rows = [(chosen.row, chosen.fields) for chosen in people]
    if address is not None:
        row = _row_of(people, address)
    if row is not None:
        return next(previews.previews(renderer, [previews.of_row(rows, row)], links))
    if longest:
        return previews.longest(previews.previews(renderer, rows, links))
    if shortest:
        return previews.shortest(previews.previews(renderer, rows, links))
    return None


def _row_of(people: Sequence[Chosen], address: str) -> int:
    wanted = normalise(address).lower()
    for chosen in people:
        if normalise(chosen.address).lower() == wanted:
            return chosen.row
    raise NotPermitted("That address is not among the recipients of this campaign.")


def _several(
    edition: Edition,
    renderer: Renderer,
    rows: Sequence[previews.Row],
    links: Links,
    *,
    everyone: bool,
) -> list[previews.Preview]:
    if not rows:
        raise NotPermitted("Nobody is chosen, so there is no email to show.")
    if everyone:
        return list(previews.previews(renderer, rows, links))
    return previews.distinct_texts(edition, rows, links)


def _show_email(shown: previews.Preview) -> None:
    show(f"Subject: {render_subject(shown.email.subject)}")
    show(f"Inbox:   {preheader_as_read(shown.email.body)}")
    show(f"For:     {shown.label}")
    show()
    show(render_text(shown.email.body))


def _prepared(desk: Desk, edition: Edition, mode: Mode) -> Prepared:
    with desk.database.read() as session:
        return prepare(session, edition, desk.office(mode), today=now().date())


def _show_audience(campaign: str, prepared: Prepared) -> None:
    schools = {draft.school_urn for draft in prepared.to_send if draft.school_urn}
    show(
        f"{campaign}: {plural(len(prepared.to_send), 'email')} to "
        f"{plural(len(schools), 'school')}; {len(prepared.left_out)} left out."
    )
    reasons: dict[str, list[int]] = {}
    for draft in prepared.left_out:
        reasons.setdefault(draft.left_out, []).append(draft.row)
    for reason, rows in reasons.items():
        show(f"  left out: {reason} (rows {_rows(rows)})")


def _answer(desk: Desk, campaign: str, check: str, prepared: Prepared, *, reason: str) -> None:
    with desk.database.write() as session:
        number = stop_answers.answer(
            session,
            campaign,
            check,
            prepared.problems,
            reason=reason,
            who=desk.settings.who(),
            now=now(),
        )
    show(f"{plural(number, 'stop')} of {check} may stand. The approver will see the reason.")


def _verdict(prepared: Prepared, open_stops: Sequence[Problem]) -> str:
    if open_stops:
        return (
            f"{plural(len(open_stops), 'stop')}: mend this before it can be sent, or answer it "
            f"with a reason: --answer {open_stops[0].check} --because REASON"
        )
    if prepared.problems:
        return "Nothing here blocks sending. Read the warnings as a colleague's."
    return "Nothing to mend."


def _as_json(campaign: str, prepared: Prepared, open_stops: Sequence[Problem]) -> dict[str, object]:
    return {
        "campaign": campaign,
        "emails": len(prepared.to_send),
        "left_out": len(prepared.left_out),
        "problems": [asdict(problem) for problem in prepared.problems],
        "blocked": bool(open_stops),
    }


def _rows_of(problem: Problem, prepared: Prepared) -> str:
    if len(problem.rows) == len(prepared.to_send) > 1:
        return "every row"
    return f"rows {_rows(problem.rows)}" if len(problem.rows) > 1 else f"row {problem.rows[0]}"


def _rows(rows: Sequence[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:8])
    return shown if len(rows) <= 8 else f"{shown} and {len(rows) - 8} more"
