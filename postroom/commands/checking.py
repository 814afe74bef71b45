"""`check`: what is wrong with a campaign, before anyone else finds it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from postroom.commands import approving_texts, confirming
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
)
from postroom.commands.limits import in_a_child
from postroom.commands.printing import (
    plural,
    show,
    show_json,
    show_point,
    show_table,
    slow_bar,
    to_schools,
)
from postroom.commands.showing_problems import show_found
from postroom.content import confirmations
from postroom.content.campaign_file import Route
from postroom.content.checks import Problem
from postroom.content.editions import Edition
from postroom.content.places import Place
from postroom.delivery import stop_answers
from postroom.delivery.explaining import Explanation, explain
from postroom.delivery.fixed_texts import FixedTexts
from postroom.delivery.preparing import Prepared, prepare, prepare_text, rows_in_words
from postroom.errors import UnknownList
from postroom.london import london_day
from postroom.reasons import stated
from postroom.settings import Mode

app = typer.Typer()


@app.command()
def check(
    campaign: CampaignArgument,
    answer: Annotated[
        str | None, typer.Option(help="Let the stops of this check stand, for a reason.")
    ] = None,
    because: Annotated[str, typer.Option(help="The reason, which is kept and shown.")] = "",
    people: Annotated[
        bool, typer.Option("--people", help="Say it person by person, with their addresses.")
    ] = False,
    mode: ModeOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Find problems in a campaign before anyone else does.

    Renders every email and says, all at once, what is wrong, on which rows, who gets it, who is
    left out and why, and which schools it cannot reach. A STOP blocks sending until it is mended,
    or answered with a typed reason that the approver sees; warnings and advice do not block.
    Sends nothing.

    Example: outreach check bpn-invite
    """
    if answer is not None:
        because = stated(because, "--because")
    show_audience = partial(_show_audience, by_person=people)
    in_a_child(
        lambda: _check(
            workspace,
            campaign,
            mode,
            show_audience,
            answer=answer,
            because=because,
            as_json=as_json,
        )
    )


def _check(
    workspace: Path | None,
    campaign: str,
    mode: Mode | None,
    show_audience: Callable[[Prepared, Explanation], None],
    *,
    answer: str | None,
    because: str,
    as_json: bool,
) -> None:
    desk = open_desk(workspace)
    edition = desk.edition(campaign)
    try:
        prepared = _prepared(desk, edition, desk.mode(mode))
    except UnknownList:
        text = prepare_text(edition, desk.office(desk.mode(mode)), today=london_day(now()))
        if answer is not None:
            _answer(desk, campaign, answer, text.problems, reason=because)
        _check_text(desk, text, as_json=as_json)
        raise
    texts = _confirmations(desk, edition, desk.mode(mode))
    problems = [*prepared.problems, *(texts.problems if texts else ())]
    if answer is not None:
        _answer(desk, campaign, answer, problems, reason=because)
    with desk.database.read() as session:
        open_stops = stop_answers.unanswered(session, campaign, problems)
        office = desk.office(desk.mode(mode))
        explanation = explain(session, prepared, office, today=london_day(now()))
    if as_json:
        show_json(_as_json(campaign, prepared, problems, open_stops, explanation))
    else:
        show_audience(prepared, explanation)
        show_problems(desk, prepared)
        if texts is not None:
            _show_confirmations(desk, texts)
        elif sentence := confirming.not_sent(edition.campaign):
            show(sentence)
        show(_verdict(problems, open_stops))
    if open_stops:
        raise typer.Exit(1)


def _check_text(desk: Desk, prepared: Prepared, *, as_json: bool) -> None:
    """Show what is wrong with the text of a campaign whose list is not here yet."""
    name = prepared.edition.campaign.name
    with desk.database.read() as session:
        open_stops = stop_answers.unanswered(session, name, prepared.problems)
    if as_json:
        problems = prepared.problems
        show_json(_as_json(name, prepared, problems, open_stops, Explanation((), ())))
        return
    show(f"{name}: its list is not here yet. Its text was checked, with its columns' names in it.")
    show_problems(desk, prepared)


def show_problems(desk: Desk, prepared: Prepared) -> None:
    """Print what was found, the gravest first, each with its rows and the answer to it."""
    show_found(
        desk,
        prepared.edition.campaign.name,
        prepared.problems,
        rows_of=partial(_rows_of, prepared),
    )


def _prepared(desk: Desk, edition: Edition, mode: Mode) -> Prepared:
    with desk.database.read() as session, slow_bar("Checking") as progress:
        return prepare(
            session, edition, desk.office(mode), today=london_day(now()), progress=progress
        )


def _show_audience(prepared: Prepared, explanation: Explanation, *, by_person: bool) -> None:
    edition = prepared.edition
    campaign = edition.campaign.name
    if edition.campaign.route is not Route.DIRECT:
        show(
            f"{campaign} goes by the {edition.campaign.route} route: nobody it reaches is held "
            "here. Its one text was checked."
        )
        return
    show(
        f"{campaign}: {plural(len(prepared.to_send), 'email')}{to_schools(prepared.schools)}; "
        f"{len(prepared.left_out)} left out."
    )
    reasons: dict[str, list[Place]] = {}
    for draft in prepared.left_out:
        reasons.setdefault(draft.left_out, []).append(draft.row)
    for reason, rows in reasons.items():
        show(f"  left out: {reason} ({rows_in_words(rows)})")
    for sentence in explanation.sentences:
        show_point("  ", sentence)
    if by_person:
        show_table(
            ("Row", "Address", "School", "This email"),
            ((one.row, one.address, one.school or "–", one.outcome) for one in explanation.people),
        )


def _confirmations(desk: Desk, edition: Edition, mode: Mode) -> FixedTexts | None:
    """Return the campaign's confirmations, checked; None when it sends none."""
    if not confirmations.are_sent(edition.campaign):
        return None
    return approving_texts.confirmations_of(desk, edition, mode)


def _show_confirmations(desk: Desk, texts: FixedTexts) -> None:
    found = plural(len(texts.problems), "thing") if texts.problems else "nothing"
    show(f"{texts.campaign} sends {plural(len(texts.emails), 'confirmation')}: {found} to say.")
    show_found(desk, texts.campaign, texts.problems)


def _answer(
    desk: Desk, campaign: str, check: str, problems: Sequence[Problem], *, reason: str
) -> None:
    with desk.database.write() as session:
        number = stop_answers.answer(
            session,
            campaign,
            check,
            problems,
            reason=reason,
            who=desk.settings.who(),
            now=now(),
        )
    show(f"{plural(number, 'stop')} of {check} may stand. The approver will see the reason.")


def _verdict(problems: Sequence[Problem], open_stops: Sequence[Problem]) -> str:
    if open_stops:
        return (
            f"{plural(len(open_stops), 'stop')}: mend this before it can be sent, or answer it "
            f"with a reason: --answer {open_stops[0].check} --because REASON"
        )
    if problems:
        return "Nothing here blocks sending. Read it as what a careful colleague would say."
    return "Nothing to mend."


def _as_json(
    campaign: str,
    prepared: Prepared,
    problems: Sequence[Problem],
    open_stops: Sequence[Problem],
    explanation: Explanation,
) -> dict[str, object]:
    return {
        "campaign": campaign,
        "emails": len(prepared.to_send),
        "left_out": len(prepared.left_out),
        "audience": list(explanation.sentences),
        "problems": [_as_read(problem) for problem in problems],
        "blocked": bool(open_stops),
    }


def _as_read(problem: Problem) -> dict[str, object]:
    return {
        "rank": problem.rank,
        "check": problem.check,
        "text": problem.text,
        "rows": problem.rows,
    }


def _rows_of(prepared: Prepared, problem: Problem) -> str:
    if not problem.rows:
        return ""
    if len(problem.rows) == len(prepared.to_send) > 1:
        return "every row"
    return rows_in_words(problem.rows)
