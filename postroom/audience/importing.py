"""Bring a list in: show what was understood, then write all of it or nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, select

from postroom.audience import columns as column_names
from postroom.audience import partners, repeats, school_facts, staging
from postroom.audience.addresses import normalise, tidied
from postroom.audience.bad_rows import BadRow, BadRows
from postroom.audience.columns import NOTHING_SAID, Columns, Contact, understand
from postroom.audience.exports import as_it_was
from postroom.audience.guesses import CHARACTERS_LOOKED_AT, ROWS_LOOKED_AT, Guess, guesses
from postroom.audience.lists import Terms
from postroom.audience.mailboxes import IN_WORDS, kind_of
from postroom.audience.repeats import Repeats
from postroom.audience.spreadsheets import Spreadsheet, open_spreadsheet
from postroom.audience.workbook_marks import UNCALCULATED, is_error
from postroom.audience.workbooks import LeftOut
from postroom.database import Database
from postroom.errors import AudienceError, InvalidAddress, NotPermitted
from postroom.keys import Keys
from postroom.london import london_day
from postroom.progress import Progress
from postroom.tables import Event, RecipientList

ROWS_SHOWN = 5
ROWS_A_BATCH = 500  # more at a time costs more: Python looks through them again and again

"""Told, now and then, how many bytes have been read and how many there are."""


@dataclass
class Import:
    """A list that was read and compared, and not written yet."""

    list_name: str
    file: Path
    format: str
    """In words: what kind of file it is, and how it was read."""
    sheet: str
    encoding: str
    left_out: LeftOut
    """What was hidden in it, and so not read."""
    said: Mapping[str, str]
    """What somebody said that its columns mean, now or when they imported the list before."""
    columns: Columns
    bench: sa.Connection
    bad: BadRows
    first_rows: list[tuple[int, Contact]] = field(default_factory=list)
    sample: list[list[str]] = field(default_factory=list)
    """The beginnings of the first rows' cells, to guess by what the columns hold."""
    not_kept: Counter[int] = field(default_factory=Counter)
    """By column, of those without a heading: in how many rows something stands."""
    no_urns: int = 0
    """Rows in which something stands for a URN that is none; of the first one what, and where."""
    first_no_urn: tuple[int, str] = (0, "")
    repeats: Repeats = field(default_factory=Repeats)
    erased: staging.Erased = field(default_factory=staging.Erased)
    """Rows of people whose details were deleted: left out, and to be deleted in the file."""
    schools: school_facts.Findings = field(default_factory=school_facts.Findings)
    """Rows whose school is unknown, closed or outside England, where the register is held."""
    counts: staging.Counts = field(default_factory=lambda: staging.Counts(0, 0, 0, 0, 0, 0, 0))

    @property
    def guesses(self) -> list[Guess]:
        """Columns that may be the school, URN or name, under headings that are not known."""
        return guesses(self.columns, self.sample)

    @property
    def people(self) -> int:
        """How many people would be on the list because of this file."""
        return self.counts.new + self.counts.changed + self.counts.unchanged


@contextmanager
def read_import(
    database: Database,
    keys: Keys,
    file: Path,
    *,
    list_name: str,
    progress: Progress,
    today: date,
    sheet: str = "",
    encoding: str = "",
    said: Mapping[str, str] = NOTHING_SAID,
) -> Iterator[Import]:
    """Read *file* and compare it with the list *list_name*; give the `Import` to show and apply.

    *sheet* is the one of a workbook, *encoding* that of a text; *said* tells what columns mean
    (address, school, urn, name, first_name, last_name, or what templates shall call them) and
    under which heading they stand, and comes on top of what was said before of this list. Who is
    suppressed is counted as of *today* in London. Writes nothing to the database.
    Raises `AudienceError` when the file cannot be read as a list, of which `WhichSheet`,
    `WhichColumn` and `WhichEncoding` are questions; rows that are wrong one by one are in `bad`,
    all of them, in file order.
    """
    before = _said_before(database, list_name)
    with database.workbench() as bench:
        staging.create(bench)
        with _opened(file, {**before, **said}, sheet, encoding) as spreadsheet:
            all_said = {**column_names.there(before, spreadsheet.headings), **said}
            found = Import(
                list_name=list_name,
                file=file,
                format=spreadsheet.format,
                sheet=spreadsheet.sheet,
                encoding=spreadsheet.encoding,
                left_out=spreadsheet.left_out,
                said=all_said,
                columns=understand(str(file), spreadsheet.headings, all_said),
                bench=bench,
                bad=BadRows(bench),
            )
            _stage(found, spreadsheet, keys, progress)
        _compare(found, today)
        _refuse_nobody(found, spreadsheet.heading_row)
        bench.commit()  # nothing stays open while a person is asked
        yield found


def _refuse_nobody(found: Import, heading_row: int) -> None:
    if found.people or found.bad or found.erased.number:
        return
    hidden = " that nobody hid" if found.left_out.rows else ""
    raise AudienceError(
        f"{found.file}: below its headings in row {heading_row} there is no row{hidden}. Put one "
        "recipient in each row, save it, and import it again."
    )


def _compare(found: Import, today: date) -> None:
    """Settle what the rows say of each other, then compare them with what is known."""
    staging.index(found.bench)
    found.repeats = repeats.settle(found.bench, found.bad)
    found.erased = staging.leave_out_erased(found.bench, today=today)
    found.schools = school_facts.findings(found.bench)
    found.counts = staging.compare(found.bench, found.list_name, today=today)


def to_mend(found: Import) -> tuple[list[str], Iterator[Sequence[str]]]:
    """Return headings and rows of a spreadsheet of the bad rows: what is wrong, and all they say.

    Reads the file once more. Mended and imported, it brings in those people.
    """
    return [*column_names.OF_OURS[:3], *found.columns.headings], _rows_to_mend(found)


def _rows_to_mend(found: Import) -> Iterator[Sequence[str]]:
    all_bad = iter(found.bad)
    bad = next(all_bad, None)
    with _opened(found.file, found.said, found.sheet, found.encoding) as spreadsheet:
        for number, cells in spreadsheet.rows:
            if bad is not None and number == bad.number:
                yield [str(number), bad.why, bad.remedy, *map(as_it_was, cells)]
                bad = next(all_bad, None)


def _opened(
    file: Path, said: Mapping[str, str], sheet: str, encoding: str
) -> AbstractContextManager[Spreadsheet]:
    return open_spreadsheet(
        file,
        is_sought=column_names.sought(said),
        sought="“email address”",
        sheet=sheet,
        encoding=encoding,
    )


def _said_before(database: Database, list_name: str) -> dict[str, str]:
    with database.read() as session:
        row = session.exec(select(RecipientList).where(RecipientList.name == list_name)).first()
        return dict(row.columns) if row else {}


def apply(
    database: Database,
    found: Import,
    *,
    terms: Terms,
    leave_out_bad: bool,
    replace: bool,
    who: str,
    now: datetime,
) -> staging.Counts:
    """Write the import, all of it in one transaction, and return what it did.

    *replace* takes off the list whoever is not in the file. Raises `NotPermitted`, and writes
    nothing, when there are bad rows and *leave_out_bad* was not chosen, or when these are a
    partner's people without an agreement. Records an event.
    """
    if not found.people:
        raise NotPermitted(
            f"No row of {found.file} can be imported as it is, so nothing was. Mend them and "
            "import again."
        )
    if found.bad and not leave_out_bad:
        raise NotPermitted(
            f"Nothing was imported. Rows of {found.file} that need mending: {len(found.bad)}. Mend "
            "them and import again, or choose --leave-out-bad."
        )
    bench = found.bench
    with database.writing_on(bench), Session(bench, join_transaction_mode="rollback_only") as s:
        partners.check_import(s, bench, found.list_name, terms.partner)
        today = london_day(now)
        staging.leave_out_erased(bench, today=today)  # somebody may have been erased meanwhile
        counts = staging.compare(bench, found.list_name, today=today)
        list_id = _list_with(s, found, terms, now)
        staging.write(bench, list_id, found.file.name)
        taken_off = staging.take_off_others(bench, list_id) if replace else 0
        details = asdict(counts) | {"left_out": len(found.bad), "taken_off": taken_off}
        s.add(Event(at=now, who=who, act="imported", target=found.list_name, details=details))
        s.flush()
        for table in ("recipients", "memberships"):  # else the planner goes on thinking them small
            bench.execute(sa.text(f"ANALYZE {table}"))
    return counts


def _stage(found: Import, sheet: Spreadsheet, keys: Keys, progress: Progress) -> None:
    batch: list[staging.Staged] = []
    for number, cells in sheet.rows:
        row = _understood(found, number, cells, keys)
        if row is not None:
            batch.append(row)
        if len(batch) == ROWS_A_BATCH:
            staging.stage(found.bench, batch)
            batch = []
            progress(sheet.position(), sheet.size)
    if batch:
        staging.stage(found.bench, batch)
    progress(sheet.size, sheet.size)


def _understood(found: Import, number: int, cells: list[str], keys: Keys) -> staging.Staged | None:
    """Return the row to stage, or None after noting what is wrong with it."""
    said = "\n".join(cells)  # looked through once: hardly any row holds what is looked for
    if "'" in said:
        cells = [as_it_was(cell) for cell in cells]
    columns = found.columns
    contact = columns.contact(cells)
    if len(found.sample) < ROWS_LOOKED_AT:
        _keep_first(found, number, contact, cells)
    if columns.nameless:
        found.not_kept.update(at for at in columns.nameless if any(cells[at : at + 1]))
    if len(cells) > len(columns.headings) and columns.beyond(cells):
        why = "The row has more cells than there are headings."
        of_text = "Put quotation marks round a cell that holds a comma."
        remedy = "Give its column a heading, or clear the cell." if found.sheet else of_text
        _note(found, number, contact.address, why, remedy)
        return None
    if ("#" in said or "Err:" in said) and _note_error(found, number, contact):
        return None
    try:
        normalised = normalise(contact.address)
    except InvalidAddress as error:
        _note(found, number, contact.address, str(error), "Correct the address.")
        return None
    if contact.no_urn:
        found.no_urns += 1
        if found.no_urns == 1:
            found.first_no_urn = number, contact.no_urn
    return (
        number,
        tidied(contact.address),
        keys.address_key(normalised),
        IN_WORDS[contact.kind or kind_of(normalised)],
        contact.kind is not None,
        contact.school_urn,
        contact.school_name,
        contact.fields,
    )


def _keep_first(found: Import, number: int, contact: Contact, cells: list[str]) -> None:
    """Keep the first rows, to show them and to guess by."""
    if len(found.first_rows) < ROWS_SHOWN:
        found.first_rows.append((number, contact))
    found.sample.append([cell[:CHARACTERS_LOOKED_AT] for cell in cells])


def _note_error(found: Import, number: int, contact: Contact) -> bool:
    """Note the first cell that holds a spreadsheet's error instead of a value; say if one did."""
    for name, cell in (("the address", contact.address), *contact.fields.items()):
        if cell == UNCALCULATED:
            why = f"Under {name} stands a formula that was never calculated."
            _note(found, number, "", why, "Open the file in your spreadsheet program and save it.")
            return True
        if is_error(cell):
            why = f"Under {name} stands a formula that found no answer."
            _note(found, number, cell, why, "Mend the formula, or clear the cell.")
            return True
    return False


def _note(found: Import, number: int, value: str, why: str, remedy: str) -> None:
    found.bad.note(BadRow(number, value, why, remedy))


def _list_with(session: Session, found: Import, terms: Terms, now: datetime) -> int:
    of_that_name = select(RecipientList).where(RecipientList.name == found.list_name)
    row = session.exec(of_that_name).first()
    row = row or RecipientList(name=found.list_name, imported_at=now)
    row.imported_at = now
    row.columns = {**row.columns, **found.said}
    for term, value in asdict(terms).items():
        if value is not None:
            setattr(row, term, value)
    session.add(row)
    session.flush()
    if row.id is None:
        raise ValueError("a list that was just written has no id")
    return row.id
