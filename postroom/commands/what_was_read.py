"""What an import understood of a list, shown to its importer before anything is written."""

from collections.abc import Sequence
from itertools import islice

from postroom.audience.columns import NOT
from postroom.audience.importing import Import
from postroom.audience.repeats import Repeat, Repeats
from postroom.audience.school_facts import Findings
from postroom.audience.staging import Counts, Erased
from postroom.commands.printing import fits, plural, say, show_table, warn

COLUMNS_SHOWN = 5
BAD_ROWS_A_TABLE = 500
BAD_ROWS_SHOWN = 5_000  # more is nothing to read on a terminal


def show_what_was_understood(found: Import) -> None:
    """Show how the list was read, its first rows, and what would change."""
    columns = found.columns
    say(f"{found.file}: {found.format}.")
    _show_what_was_hidden(found)
    say(f"Addresses are in the column “{columns.headings[columns.address]}”.")
    parts = (("school’s name", columns.school), ("URN", columns.urn), ("name", columns.name))
    for meaning, at in parts:
        if at is not None:
            say(f"The {meaning} is in the column “{columns.headings[at]}”.")
    for guess in found.guesses:
        if guess.meaning not in found.said and NOT + guess.meaning not in found.said:
            warn(
                f"The column “{guess.heading}” may hold {guess.in_words}, and is not read so. "
                f'If it does: --column {guess.meaning}="{guess.heading}"'
            )
    names = ", ".join(f"recipient.{name}" for name in columns.names)
    say(f"Templates can use: {names}." if names else "There is no column for templates to use.")
    for heading in columns.repeated:
        warn(f"“{heading}” stands over more than one column: the others are called {heading}_2 …")
    for at, rows in sorted(found.not_kept.items()):
        after = f"after “{columns.headings[at - 1]}” " if at and columns.headings[at - 1] else ""
        warn(
            f"The column {after or f'{at + 1} '}has no heading: what stands there in "
            f"{plural(rows, 'row')} is not kept. Give it a heading to keep it."
        )
    _show_first_rows(found)
    of_rows = f"{found.repeats.rows:,} repeated", f"{len(found.bad):,} bad"
    people = plural(found.people, "person", "people")
    say(f"Of {people} in the file: {in_words(found.counts, *of_rows)}.")
    _show_mailboxes(found.counts)
    _show_erased(found.erased)
    _show_no_urns(found)
    show_schools(found.schools)
    _show_repeats(found.repeats)


def show_bad_rows(found: Import) -> None:
    """Show every bad row with its value, to its importer only; never in an error or a log."""
    if not found.bad:
        return
    as_is = "as it is" if len(found.bad) == 1 else "as they are"
    warn(f"{plural(len(found.bad), 'row')} cannot be imported {as_is}:")
    rows = islice(found.bad, BAD_ROWS_SHOWN)
    while some := list(islice(rows, BAD_ROWS_A_TABLE)):
        show_table(
            ("Row", "Value", "Why", "What to do"),
            [(row.number, row.value or "(blank)", row.why, row.remedy) for row in some],
        )
    if len(found.bad) > BAD_ROWS_SHOWN:
        more = len(found.bad) - BAD_ROWS_SHOWN
        warn(f"And {more:,} more. To have every one of them in a spreadsheet: --errors FILE")


def in_words(counts: Counts, *rows: str) -> str:
    """Return how many are new, changed, and so on; *rows* says the same of rows of the file."""
    changes = (
        f"{counts.new:,} new",
        f"{counts.changed:,} changed",
        f"{counts.unchanged:,} unchanged",
    )
    said = ", ".join([*changes, *rows])
    if counts.suppressed:
        said += f"; {counts.suppressed:,} of them asked not to be emailed and will be left out"
    if counts.no_research:
        said += (
            f"; {counts.no_research:,} of them asked for no research and will be left out of that "
            "alone"
        )
    if counts.elsewhere:
        are = "is" if counts.elsewhere == 1 else "are"
        said += f"; {plural(counts.elsewhere, 'other')} on the list {are} not in the file"
    return said


def _show_what_was_hidden(found: Import) -> None:
    hidden = found.left_out
    parts = [plural(hidden.rows, "row")] if hidden.rows else []
    parts += [f"column {letters}" for letters in hidden.columns]
    parts += [f"sheet “{name}”" for name in hidden.sheets]
    if parts:
        say(f"Left out, because somebody hid it: {', '.join(parts)}.")
    if not hidden.known:
        warn(
            "An .xls file does not tell which rows and columns are hidden: if some are, they are "
            "among these. To leave them out, save it as .xlsx first."
        )


def _show_mailboxes(counts: Counts) -> None:
    everybody = counts.new + counts.changed + counts.unchanged
    if not everybody:
        return
    people = everybody - counts.mailboxes
    say(
        f"Of them {plural(people, 'is a named person', 'are named people')} and "
        f"{plural(counts.mailboxes, 'is a role mailbox', 'are role mailboxes')}, like an office’s. "
        "A column “kind of contact” can say which."
    )


def _show_erased(erased: Erased) -> None:
    if erased.number:
        rows, more = ", ".join(map(str, erased.rows)), erased.number - len(erased.rows)
        who = "row is somebody" if erased.number == 1 else "rows are people"
        noun = "row" if erased.number == 1 else "rows"
        warn(
            f"{erased.number:,} {who} whose details were deleted at their wish: {noun} {rows}"
            f"{f' and {more:,} more' if more else ''}. They are not imported. Delete them in the "
            "spreadsheet too."
        )


def _show_no_urns(found: Import) -> None:
    """Say how many rows hold something that cannot be a school's number."""
    if found.no_urns and found.columns.urn is not None:
        row, written = found.first_no_urn
        heading = found.columns.headings[found.columns.urn]
        holds = "row holds" if found.no_urns == 1 else "rows hold"
        warn(
            f"{found.no_urns:,} {holds} something under “{heading}” that is no URN, first in row "
            f"{row} ({written[:40]}). They belong to no school in the register. Correct them, or "
            "go on without."
        )


def show_schools(findings: Findings) -> None:
    """Say which rows name a school that is not as the list's maker may think."""
    if not findings.rows:
        return
    warn(f"{plural(findings.rows, 'row')} to look at, by the register of schools:")
    for school in findings.first:
        instead = f". Now: {school.instead}" if school.instead else ""
        say(f"Row {school.row}: school {school.urn} {school.what}{instead}")
    if findings.rows > len(findings.first):
        counted = ", ".join(f"{number:,} {what}" for what, number in findings.counts.items())
        say(f"And {findings.rows - len(findings.first):,} more. In all: {counted}.")


def _show_repeats(repeats: Repeats) -> None:
    for repeat in repeats.first:
        say(f"Rows {_and(repeat)} are the same: one person, kept once.")
    if others := repeats.addresses - len(repeats.first):
        say(f"So it is with {plural(others, 'other address', 'other addresses')}.")


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
    if unseen := found.columns.names[room - 2 :]:
        say(f"Read as well, but not shown here: {', '.join(unseen)}.")


def _cut(rows: Sequence[tuple[object, ...]], columns: int) -> list[tuple[object, ...]]:
    return [row[:columns] for row in rows]


def _and(repeat: Repeat) -> str:
    if repeat.number > len(repeat.rows):
        return f"{', '.join(map(str, repeat.rows[:3]))} and {repeat.number - 3:,} more"
    return f"{', '.join(map(str, repeat.rows[:-1]))} and {repeat.rows[-1]}"
