"""`signups match`: say which school a sign-up is from, where the register could not tell."""

from typing import Annotated

import typer

from postroom.commands.desk import WorkspaceOption, now, open_desk
from postroom.commands.printing import say, show, show_table
from postroom.research import school_queue
from postroom.research.workplaces import MOST_SHOWN


def match(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Like UR-7F3K-29QM.")],
    school: Annotated[str, typer.Option(help="The URN of their school.")] = "",
    not_listed: Annotated[
        bool, typer.Option("--not-listed", help="They work at no school of the register.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Say which school a sign-up from another form is from.

    Without --school and --not-listed it shows what was typed, and schools that may be meant.

    Example: outreach signups match UR-7F3K-29QM --school 900001
    """
    if school and not_listed:
        raise typer.BadParameter("give --school or --not-listed, not both")
    desk = open_desk(workspace)
    if not (school or not_listed):
        with desk.database.read() as session:
            sign_up = school_queue.find(session, reference)
            places = school_queue.likely(session, sign_up)
        show(f"{sign_up.reference} typed: {sign_up.school_name}")
        if places:
            rows = ((place.urn, place.label) for place in places[:MOST_SHOWN])
            show_table(("URN", "School"), rows)
        else:
            say("No school of the register fits these words. Search in the register itself.")
        say(f"Say which: outreach signups match {sign_up.reference} --school URN, or --not-listed")
        return
    with desk.database.write() as session:
        place = school_queue.settle(
            session, reference, urn=school, who=desk.settings.who(), now=now()
        )
    show(f"Recorded: {place.label}{'' if place.urn else ' (in no register)'}.")
