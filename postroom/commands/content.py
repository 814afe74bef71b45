"""`check` and `preview`: see a campaign as its readers will, and what is wrong with it."""

import webbrowser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from postroom.commands.desk import (
    Desk,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
)
from postroom.commands.printing import plural, show, show_json
from postroom.content.checks import Problem, Rank
from postroom.content.editions import Edition
from postroom.delivery.preparing import Prepared, prepare
from postroom.settings import Mode

app = typer.Typer()

CampaignArgument = Annotated[
    str, typer.Argument(metavar="CAMPAIGN", help="Its file's name in campaigns/, without .toml.")
]
LABELS = {Rank.STOP: "STOP", Rank.WARN: "warning", Rank.ADVICE: "advice"}


@app.command()
def check(
    campaign: CampaignArgument,
    mode: ModeOption = None,
    as_json: JsonOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Find problems in a campaign before anyone else does.

    Renders every email and says, all at once, what is wrong, on which rows, and who is left out
    and why. A STOP blocks sending; warnings and advice do not. Sends and changes nothing.

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
    if as_json:
        show_json(_as_json(campaign, prepared))
    else:
        _show_audience(campaign, prepared)
        show_problems(prepared.problems)
        show(_verdict(prepared))
    if prepared.stops:
        raise typer.Exit(1)


def show_problems(problems: Sequence[Problem]) -> None:
    """Print problems, the gravest first, each with the rows it touches."""
    for problem in problems:
        rows = f" (rows {_rows(problem.rows)})" if problem.rows else ""
        show(f"  {LABELS[problem.rank]:8} {problem.text}{rows}")


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


def _verdict(prepared: Prepared) -> str:
    if prepared.stops:
        return f"{plural(len(prepared.stops), 'stop')}: this must be mended before it can be sent."
    if prepared.problems:
        return "Nothing here blocks sending. Read the warnings as a colleague's."
    return "Nothing to mend."


def _as_json(campaign: str, prepared: Prepared) -> dict[str, object]:
    return {
        "campaign": campaign,
        "emails": len(prepared.to_send),
        "left_out": len(prepared.left_out),
        "problems": [asdict(problem) for problem in prepared.problems],
        "blocked": bool(prepared.stops),
    }


def _rows(rows: Sequence[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:8])
    return shown if len(rows) <= 8 else f"{shown} and {len(rows) - 8} more"


_ = (webbrowser, Path)
