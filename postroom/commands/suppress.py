"""`suppress`: record who must not be emailed, see who is held, and end a hold."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import opt_outs, suppression
from postroom.audience.addresses import normalise
from postroom.audience.opt_outs import OptOuts
from postroom.commands.desk import Desk, JsonOption, WorkspaceOption, YesOption, day, now, open_desk
from postroom.commands.left_open import LEFT_OPEN, How, ask_about, can_ask
from postroom.commands.printing import (
    ask,
    plural,
    say,
    show,
    show_json,
    show_table,
    warn,
)
from postroom.errors import AudienceError
from postroom.london import LONDON, london_day
from postroom.reasons import stated
from postroom.tables import Scope

app = typer.Typer()
suppress = typer.Typer(
    no_args_is_help=True, help="Record who must not be emailed, and see who is not."
)
app.add_typer(suppress, name="suppress")

OnOption = Annotated[
    datetime | None,
    typer.Option(
        "--on", parser=day, metavar="YYYY-MM-DD", help="The day on which they asked, if not today."
    ),
]
ScopeOption = Annotated[Scope, typer.Option(help="What they will no longer get.")]
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="In any spelling.")]
MEANINGS = {
    Scope.ANNOUNCEMENTS_AND_RESEARCH: "no announcements and no research",
    Scope.RESEARCH: "no research",
    Scope.EVERYTHING: "nothing at all, not even about a service they use",
    Scope.ERASED: "nothing: their details were deleted",
}


@suppress.command()
def add(
    address: AddressArgument,
    reason: Annotated[str, typer.Option(help="Why, in words a colleague will understand.")],
    scope: ScopeOption = Scope.ANNOUNCEMENTS_AND_RESEARCH,
    on: OnOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Record that somebody must not be emailed. It counts from this moment, in every mode.

    The address itself is not kept, only a keyed hash of it, so the wish outlives their details.
    "everything" also stops messages about a service they use, which can cost a school its money.

    Example: outreach suppress add office@oak.example.com --reason "Asked by telephone, 12 January"
    """
    _refuse_erased(scope)
    why, asked_at = stated(reason, "--reason"), _asked_at(on)
    desk = open_desk(workspace)
    address_key = desk.keys.address_key(normalise(address))
    with desk.database.write() as session:
        is_new = suppression.add(
            session,
            address_key,
            scope=scope,
            reason=why,
            who=desk.settings.who(),
            now=now(),
            asked_at=asked_at,
        )
    show(
        f"Recorded: they get {MEANINGS[scope]}."
        if is_new
        else f"That was recorded already: they get {MEANINGS[scope]}."
    )


@suppress.command("import")
def import_opt_outs(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A spreadsheet with a column of addresses.")
    ],
    reason: Annotated[
        str, typer.Option(help="Why, for everybody in it. Default: the file's name.")
    ] = "",
    scope: ScopeOption = Scope.ANNOUNCEMENTS_AND_RESEARCH,
    sheet: Annotated[str, typer.Option(help="Which sheet of a workbook.")] = "",
    column: Annotated[
        str, typer.Option(metavar="address=HEADING", help="The heading over the addresses.")
    ] = "",
    on: OnOption = None,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Record everybody in a spreadsheet as not to be emailed: a list of opt-outs, or the report
    of unsubscribe requests that GOV.UK Notify lets you download.

    Nothing but the wish is kept of them. Rows without an address are shown, and end the command
    with 1 after the others were recorded: mend those and import the file again.

    Example: outreach suppress import unsubscribed.csv
    """
    _refuse_erased(scope)
    typed, asked_at = stated(reason, "--reason") if reason else "", _asked_at(on)
    desk = open_desk(workspace)
    found = _read(desk, file, sheet=sheet, column=column.removeprefix("address="), yes=yes)
    _show_opt_outs(file, found)
    number = plural(len(found.wishes), "person", "people")
    if not found.wishes or not ask(f"Record for {number}: {MEANINGS[scope]}?", yes=yes):
        show("Nothing was recorded.")
        raise typer.Exit(1)
    source = "Unsubscribed through GOV.UK Notify" if found.is_notifys else f"Named in {file.name}"
    words = {"reason": typed or source, "who": desk.settings.who()}
    with desk.database.write() as session:
        new = opt_outs.record(session, found, scope=scope, **words, now=now(), asked_at=asked_at)
    show(f"Recorded for {number}: {MEANINGS[scope]}. New: {new:,}.")
    if found.bad:
        raise typer.Exit(1)


def _read(desk: Desk, file: Path, *, sheet: str, column: str, yes: bool) -> OptOuts:
    """Read the opt-outs, asking for what the file leaves open."""
    how = How(sheet, said={"address": column.strip()} if column.strip() else {})
    while True:
        try:
            return opt_outs.read_opt_outs(
                file, desk.keys, sheet=how.sheet, encoding=how.encoding, said=how.said
            )
        except LEFT_OPEN as question:
            if not can_ask(yes=yes):
                raise
            ask_about(question, how)


def _asked_at(day: datetime | None) -> datetime | None:
    """Return the beginning of that *day* in London. Raises `AudienceError` for one to come."""
    if day is None:
        return None
    asked_at = day.replace(tzinfo=LONDON)
    if asked_at > now():
        raise AudienceError(f"--on {day.date()} is still to come.")
    return asked_at.astimezone(UTC)


def _refuse_erased(scope: Scope) -> None:
    if scope is Scope.ERASED:
        raise typer.BadParameter(
            "erasing does more than that. Use: outreach person erase ADDRESS", param_hint="--scope"
        )


def _show_opt_outs(file: Path, found: OptOuts) -> None:
    what = ": Notify's report of unsubscribe requests" if found.is_notifys else ""
    say(f"{file}{what}: {found.format}.")
    if found.left_out.rows:
        warn(f"{plural(found.left_out.rows, 'hidden row')} left out. Show them if they count too.")
    if found.bad:
        as_is = "as it is" if len(found.bad) == 1 else "as they are"
        warn(f"{plural(len(found.bad), 'row')} cannot be recorded {as_is}:")
        show_table(
            ("Row", "Value", "Why"),
            ((number, value or "(blank)", why) for number, value, why in found.bad),
        )


@suppress.command("list")
def list_holds(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List every hold in force, newest first. No address is stored, so none is shown.

    Example: outreach suppress list
    """
    desk = open_desk(workspace)
    with desk.database.read() as session:
        found = suppression.listing(session, today=london_day(now()))
    if as_json:
        show_json(
            [
                {
                    "key": row.address_key.hex(),
                    "scope": row.scope,
                    "reason": row.reason,
                    "who": row.who,
                    "since": row.since,
                    "until": row.until,
                }
                for row in found
            ]
        )
    elif not found:
        show("Nobody is held back.")
    else:
        show_table(
            ("Since", "Until", "They get", "Reason", "Recorded by"),
            (
                (row.since, row.until or "–", MEANINGS[row.scope], row.reason, row.who)
                for row in found
            ),
        )


@suppress.command()
def lift(
    address: AddressArgument,
    reason: Annotated[str, typer.Option(help="Why: only they themselves can ask for it.")],
    scope: Annotated[
        Scope | None, typer.Option(help="What they want to get again. Default: everything held.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """End a hold: they can be emailed again.

    Example: outreach suppress lift office@oak.example.com --reason "Asked by email, 3 February"
    """
    why = stated(reason, "--reason")
    desk = open_desk(workspace)
    address_key = desk.keys.address_key(normalise(address))
    with desk.database.write() as session:
        lifted = suppression.lift(
            session,
            address_key,
            scopes=[scope] if scope else tuple(Scope),
            reason=why,
            who=desk.settings.who(),
            now=now(),
        )
        left = suppression.of_address(session, address_key, today=london_day(now()))
    if not lifted:
        show("Nothing of that kind was held for this address.")
        raise typer.Exit(1)
    show(f"Ended: {', '.join(MEANINGS[scope] for scope in lifted)}.")
    for row in left:
        show(f"Still in force: {MEANINGS[row.scope]}.")
