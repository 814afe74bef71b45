"""`schools`: bring in the register of schools."""

from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import school_facts
from postroom.audience import schools as register
from postroom.audience.schools import Understood
from postroom.commands.desk import Desk, WorkspaceOption, now, open_desk
from postroom.commands.printing import plural, progress_bar, say, show, warn
from postroom.commands.what_was_read import show_schools

app = typer.Typer()
schools = typer.Typer(no_args_is_help=True, help="Bring in the register of schools.")
app.add_typer(schools, name="schools")

ROWS_NAMED = 10


@schools.callback()
def _group() -> None:
    """Bring in the register of schools."""


@schools.command("import")
def import_register(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The extract, CSV or zip.")],
    links: Annotated[
        Path | None, typer.Option(help="The register's file of links: who took over from whom.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring in the register of schools: an extract of GIAS, as it is downloaded.

    From then on every recipient with a URN has the region, local authority, phase, type and trust
    of their school, and the bands that a file in facts/ states, for segments and templates.
    Imports, this one too, say which schools of your lists are unknown, closed or outside England.
    It reads no names of people and no telephone numbers.
    Import a newer extract whenever you like: what changed is changed.

    Example: outreach schools import edubasealldata20260105.csv
    """
    desk = open_desk(workspace)
    with progress_bar("Reading", 100) as bar:
        reading = register.read_register(
            desk.database,
            file,
            links,
            progress=lambda done, of: bar.reach(100 * done // max(of, 1)),
        )
        with reading as (bench, understood):
            changes = register.apply(
                desk.database, bench, understood, who=desk.settings.who(), now=now()
            )
    _say_what_was_missing(understood)
    show(
        f"Imported {plural(understood.schools, 'school')}: {changes.new:,} new, "
        f"{changes.changed:,} changed, {changes.unchanged:,} unchanged."
    )
    if changes.kept:
        say(f"{plural(changes.kept, 'school')} held already and not in this file: kept as before.")
    if understood.links is None:
        say(
            "Successors of closed schools are not known from this file. To have them, give the "
            "file of links that the same page offers: --links FILE"
        )
    _say_of_lists(desk)


def _say_of_lists(desk: Desk) -> None:
    """Say of each list which of its schools are unknown, closed or outside England."""
    with desk.database.read() as session:
        on_lists = school_facts.findings_on_lists(session)
    for name, findings in on_lists.items():
        say(f"{name}:")
        show_schools(findings)


def _say_what_was_missing(understood: Understood) -> None:
    say(f"Text in {understood.encoding}.")
    for heading in understood.missing:
        warn(f"There is no column “{heading}”: what it says stays blank.")
    for rows, what in (
        (understood.without_urn, "has no URN: left out"),
        (understood.repeated, "repeats the URN of an earlier row: left out"),
        (understood.odd_dates, "has a date that is not dd-mm-yyyy: left blank"),
    ):
        if rows:
            more = f" and {len(rows) - ROWS_NAMED:,} more" if len(rows) > ROWS_NAMED else ""
            warn(f"Row {', '.join(map(str, rows[:ROWS_NAMED]))}{more} {what}.")
    if understood.replaced:
        warn(f"{plural(understood.replaced, 'character')} could not be read and stand as �.")
