"""`recipients replace`: one address on a list by another, where the first will not do."""

from collections.abc import Sequence
from typing import Annotated

import typer

from postroom.audience.replacing import (
    Replacement,
    place_of,
    replace_recipient,
    said_of_the_new,
)
from postroom.commands.desk import WorkspaceOption, YesOption, now, open_desk
from postroom.commands.printing import ask, say, show
from postroom.london import london_day


def replace(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The address on the list now.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The address to put in its place.")],
    list_name: Annotated[str, typer.Option("--list", help="The list.")],
    reason: Annotated[str, typer.Option(help="Why, for the record; no names or addresses.")],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="What the list says anew of them."),
    ] = None,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Put another address in the place of one on a list.

    The school and the other columns stay, unless --set changes one: check the name. What was sent
    to the old address stays sent. The new one is an addition: the next approval shows it alone.

    Example: outreach recipients replace old@example.com new@example.com --list bpn --reason "left"
    """
    desk = open_desk(workspace)
    wanted = Replacement(list_name, old, new, _fields(changes or ()), reason)
    with desk.database.read() as session:
        place = place_of(session, desk.keys, wanted, today=london_day(now()))
    say(f"Row {place.row} of {list_name}: {place.school_name or 'no school'}")
    for column, value in said_of_the_new(place, wanted).items():
        say(f"  {column}: {value or '–'}")
    if not ask("Put the new address there, with these words about it?", yes=yes):
        show("Nothing was changed.")
        raise typer.Exit(1)
    with desk.database.write() as session:
        replace_recipient(session, desk.keys, wanted, who=desk.settings.who(), now=now())
    show(f"Replaced in row {place.row} of {list_name}. What was sent to the old one stays sent.")
    show("The new one needs approval in each campaign of that list: outreach approve CAMPAIGN")


def _fields(changes: Sequence[str]) -> dict[str, str]:
    fields = {}
    for change in changes:
        column, equals, value = change.partition("=")
        if not equals:
            raise typer.BadParameter("write it like name=Bea Jones", param_hint="--set")
        fields[column.strip()] = value.strip()
    return fields
