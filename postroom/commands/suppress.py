"""`suppress`: record who must not be emailed, see who is held, and end a hold."""

from typing import Annotated

import typer

from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.commands.desk import JsonOption, WorkspaceOption, now, open_desk
from postroom.commands.printing import show, show_json, show_table
from postroom.tables import Scope

app = typer.Typer()
suppress = typer.Typer(
    no_args_is_help=True, help="Record who must not be emailed, and see who is not."
)
app.add_typer(suppress, name="suppress")

AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", show_default=False)]
MEANINGS = {
    Scope.ANNOUNCEMENTS_AND_RESEARCH: "no announcements and no research",
    Scope.RESEARCH: "no research",
    Scope.EVERYTHING: "nothing at all, not even about a service they use",
}


@suppress.command()
def add(
    address: AddressArgument,
    reason: Annotated[str, typer.Option(help="Why, in words a colleague will understand.")],
    scope: Annotated[
        Scope, typer.Option(help="What they will no longer get.")
    ] = Scope.ANNOUNCEMENTS_AND_RESEARCH,
    workspace: WorkspaceOption = None,
) -> None:
    """Record that somebody must not be emailed. It counts from this moment, in every mode.

    The address itself is not kept, only a keyed hash of it, so the wish outlives their details.
    "everything" also stops messages about a service they use, which can cost a school its money.

    Example: outreach suppress add office@oak.example.com --reason "Asked by telephone, 12 January"
    """
    desk = open_desk(workspace)
    address_key = desk.keys.address_key(normalise(address))
    with desk.database.write() as session:
        is_new = suppression.add(
            session, address_key, scope=scope, reason=reason, who=desk.settings.who(), now=now()
        )
    show(
        f"Recorded: they get {MEANINGS[scope]}."
        if is_new
        else f"That was recorded already: they get {MEANINGS[scope]}."
    )


@suppress.command("list")
def list_holds(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List every hold in force, newest first. No address is stored, so none is shown.

    Example: outreach suppress list
    """
    desk = open_desk(workspace)
    with desk.database.read() as session:
        found = suppression.listing(session)
    if as_json:
        show_json(
            [
                {
                    "key": row.address_key.hex(),
                    "scope": row.scope,
                    "reason": row.reason,
                    "who": row.who,
                    "since": row.since,
                }
                for row in found
            ]
        )
    elif not found:
        show("Nobody is held back.")
    else:
        show_table(
            ("Since", "They get", "Reason", "Recorded by"),
            ((row.since, MEANINGS[row.scope], row.reason, row.who) for row in found),
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
    desk = open_desk(workspace)
    address_key = desk.keys.address_key(normalise(address))
    with desk.database.write() as session:
        lifted = suppression.lift(
            session,
            address_key,
            scopes=[scope] if scope else tuple(Scope),
            reason=reason,
            who=desk.settings.who(),
            now=now(),
        )
        left = suppression.of_address(session, address_key)
    if not lifted:
        show("Nothing of that kind was held for this address.")
        raise typer.Exit(1)
    show(f"Ended: {', '.join(MEANINGS[scope] for scope in lifted)}.")
    for row in left:
        show(f"Still in force: {MEANINGS[row.scope]}.")
