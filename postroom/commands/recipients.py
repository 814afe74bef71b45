"""`recipients`: bring lists in, and see the lists there are."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import lists
from postroom.audience.lists import Import, ListSummary, Terms
from postroom.audience.staging import Counts
from postroom.commands import replacing
from postroom.commands.desk import (
    Desk,
    JsonOption,
    WorkspaceOption,
    YesOption,
    now,
    open_desk,
)
from postroom.commands.printing import (
    ask,
    fits,
    plural,
    progress_bar,
    say,
    show,
    show_json,
    show_table,
    warn,
)
from postroom.errors import AudienceError, NotPermitted

app = typer.Typer()
recipients = typer.Typer(no_args_is_help=True, help="Bring lists in and see who is on them.")
app.add_typer(recipients, name="recipients")
recipients.command("replace")(replacing.replace)

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
COLUMNS_SHOWN = 5
REPEATS_SHOWN = 10
SCHOOLS_SHOWN = 20

OwnerOption = Annotated[str | None, typer.Option(help="Who answers for the list.")]
SourceOption = Annotated[str | None, typer.Option(help="Where the addresses come from.")]
PurposeOption = Annotated[str | None, typer.Option(help="What they were given for.")]
BasisOption = Annotated[str | None, typer.Option(help="The lawful basis for holding them.")]
GoneByOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When the list must be deleted.")
]
LeaveOutBadOption = Annotated[
    bool, typer.Option("--leave-out-bad", help="Import the good rows without the bad ones.")
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Take off the list whoever is not in the file.")
]


@recipients.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file.")],
    list_name: Annotated[
        str, typer.Option("--list", help="The list to make or to bring up to date.")
    ],
    owner: OwnerOption = None,
    source: SourceOption = None,
    purpose: PurposeOption = None,
    basis: BasisOption = None,
    gone_by: GoneByOption = None,
    leave_out_bad: LeaveOutBadOption = False,
    replace: ReplaceOption = False,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring a list in: a CSV file with one recipient a row.

    Shows what it understood, every row that is wrong and what would change, then asks. It writes
    all of it or nothing. Import a mended file again whenever you like: what changed is changed
    and nobody is there twice. Columns it does not know are kept as fields for templates.

    Example: outreach recipients import recipients/example-bpn.csv --list example-bpn
    """
    _refuse_name(list_name)
    desk = open_desk(workspace)
    terms = Terms(owner, source, purpose, basis, gone_by.date() if gone_by else None)
    with _read(desk, file, list_name) as found:
        _show_what_was_understood(found)
        _refuse_bad_rows(found, leave_out_bad=leave_out_bad)
        if not ask(_question(found, replace=replace), yes=yes):
            show("Nothing was imported.")
            raise typer.Exit(1)
        counts = lists.apply(
            desk.database,
            found,
            terms=terms,
            leave_out_bad=leave_out_bad,
            replace=replace,
            who=desk.settings.who(),
            now=now(),
        )
    show(f"Imported into {list_name}: {_in_words(counts)}.")
    _remind_of_terms(desk, list_name)


@recipients.command("list")
def list_lists(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the lists there are, how many people are on each and on whose terms.

    Example: outreach recipients list
    """
    desk = open_desk(workspace)
    with desk.database.read() as session:
        found = lists.summaries(session)
    if as_json:
        show_json([_as_json(summary) for summary in found])
    elif not found:
        show("There are no lists yet. Bring one in with: outreach recipients import FILE --list L")
    else:
        show_table(
            ("List", "People", "Schools", "Owner", "Source", "Must be gone by", "Imported"),
            (
                (
                    summary.name,
                    f"{summary.people:,}",
                    f"{summary.schools:,}",
                    summary.terms.owner or "–",
                    summary.terms.source or "–",
                    summary.terms.gone_by or "–",
                    summary.imported_at,
                )
                for summary in found
            ),
        )


@contextmanager
def _read(desk: Desk, file: Path, list_name: str) -> Iterator[Import]:
    with ExitStack() as until_written:
        with progress_bar("Reading", 100) as bar:  # gone before anything is said or asked
            reading = lists.read_import(
                desk.database,
                desk.keys,
                file,
                list_name=list_name,
                progress=lambda done, of: bar.reach(100 * done // of),
            )
            found = until_written.enter_context(reading)
        yield found


def _refuse_name(name: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", name):
        raise AudienceError(
            f"{name!r} cannot be a list's name. Use small letters, digits and hyphens, at most "
            '60, like "bpn-schools".'
        )


def _show_what_was_understood(found: Import) -> None:
    columns = found.columns
    separator = SEPARATORS[found.separator]
    say(f"{found.file}: text in {found.encoding}, with {separator} between the columns.")
    say(f"Addresses are in the column “{columns.headings[columns.address]}”.")
    say(f"Templates can use: {', '.join(f'recipient.{name}' for name in columns.names) or '–'}.")
    for heading in columns.repeated:
        warn(f"“{heading}” stands over more than one column: the others are called {heading}_2 …")
    _show_first_rows(found)
    say(f"Of {plural(found.people, 'person', 'people')} in the file: {_in_words(found.counts)}.")
    _show_schools(found)
    _show_repeats([repeat.rows for repeat in found.repeats if not repeat.differing])


def _show_schools(found: Import) -> None:
    """Say which rows name a school that is not as the list's maker may think."""
    if not found.schools:
        return
    warn(f"{plural(len(found.schools), 'row')} to look at, by the register of schools:")
    for school in found.schools[:SCHOOLS_SHOWN]:
        instead = f". Now: {school.instead}" if school.instead else ""
        say(f"Row {school.row}: school {school.urn} {school.what}{instead}")
    if len(found.schools) > SCHOOLS_SHOWN:
        say(f"And {len(found.schools) - SCHOOLS_SHOWN:,} more.")


def _show_repeats(repeated: list[tuple[int, ...]]) -> None:
    for rows in repeated[:REPEATS_SHOWN]:
        say(f"Rows {_and(rows)} are the same: one person, kept once.")
    if len(repeated) > REPEATS_SHOWN:
        others = plural(len(repeated) - REPEATS_SHOWN, "other address", "other addresses")
        say(f"So it is with {others}.")


def _show_first_rows(found: Import) -> None:
    """Show as many columns of the first rows as the terminal has room for."""
    headings = ("Row", "Address", *found.columns.names[:COLUMNS_SHOWN])
    rows = [
        (number, contact.address, *(contact.fields[name] for name in headings[2:]))
        for number, contact in found.first_rows
    ]
    room = next(
        (wide for wide in range(len(headings), 2, -1) if fits(headings[:wide], _cut(rows, wide))), 2
    )
    show_table(headings[:room], _cut(rows, room))


def _cut(rows: Sequence[tuple[object, ...]], columns: int) -> list[tuple[object, ...]]:
    return [row[:columns] for row in rows]


def _refuse_bad_rows(found: Import, *, leave_out_bad: bool) -> None:
    """Show every bad row with its value, to its importer only; never in an error or a log."""
    if not found.bad:
        return
    warn(f"{plural(len(found.bad), 'row')} cannot be imported as they are:")
    show_table(
        ("Row", "Value", "Why", "What to do"),
        ((row.number, row.value or "(blank)", row.why, row.remedy) for row in found.bad),
    )
    if not leave_out_bad:
        raise NotPermitted(
            f"Nothing was imported: {plural(len(found.bad), 'row')} of {found.file} must be "
            "mended first. To import the others without them: --leave-out-bad"
        )


def _question(found: Import, *, replace: bool) -> str:
    question = f"Import {plural(found.people, 'person', 'people')} into {found.list_name}"
    if found.bad:
        question += f", without the {plural(len(found.bad), 'bad row')}"
    if replace and found.counts.elsewhere:
        question += f", and take {found.counts.elsewhere:,} others off it"
    return f"{question}?"


def _in_words(counts: Counts) -> str:
    said = f"{counts.new:,} new, {counts.changed:,} changed, {counts.unchanged:,} unchanged"
    if counts.suppressed:
        said += f"; {counts.suppressed:,} of them asked not to be emailed and will be left out"
    if counts.elsewhere:
        said += f"; {counts.elsewhere:,} others on the list are not in the file"
    return said


def _and(rows: tuple[int, ...]) -> str:
    if len(rows) > REPEATS_SHOWN:
        return f"{', '.join(map(str, rows[:3]))} and {len(rows) - 3:,} more"
    return f"{', '.join(map(str, rows[:-1]))} and {rows[-1]}"


def _remind_of_terms(desk: Desk, list_name: str) -> None:
    with desk.database.read() as session:
        row = lists.list_named(session, list_name)
    options = {
        "--owner": row.owner,
        "--source": row.source,
        "--purpose": row.purpose,
        "--basis": row.lawful_basis,
        "--gone-by": row.gone_by or "",
    }
    missing = [option for option, value in options.items() if not value]
    if missing:
        say(f"Not recorded yet: {', '.join(missing)}. Import again with them to say so.")


def _as_json(summary: ListSummary) -> dict[str, object]:
    return {
        "name": summary.name,
        "people": summary.people,
        "schools": summary.schools,
        **asdict(summary.terms),
        "imported_at": summary.imported_at,
    }
