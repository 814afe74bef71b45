"""Bring a list in: show what was understood, then write all of it or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import columns as column_names
from postroom.audience import partners, school_facts, staging
from postroom.audience.addresses import normalise, tidied
from postroom.audience.columns import NOTHING_SAID, Columns, Contact, understand
from postroom.audience.exports import as_it_was
from postroom.audience.spreadsheets import Spreadsheet, open_spreadsheet
from postroom.audience.workbook_marks import is_error
from postroom.audience.workbooks import LeftOut
from postroom.database import Database
from postroom.errors import AudienceError, InvalidAddress, NotPermitted, UnknownList
from postroom.keys import Keys
from postroom.london import london_day
from postroom.tables import Event, Membership, RecipientList

ROWS_SHOWN = 5
ROWS_A_BATCH = 500  # more at a time costs more: Python looks through them again and again
BAD_ROWS_KEPT = 10_000  # more is not a list to mend row by row, and memory has an end


Progress = Callable[[int, int], None]
"""Told, now and then, how many bytes have been read and how many there are."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be imported. Its value is for the importer's eyes on the terminal only."""

    number: int
    value: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Terms:
    """By what right a list is held. None leaves what is recorded as it is."""

    owner: str | None = None
    source: str | None = None
    purpose: str | None = None
    lawful_basis: str | None = None
    gone_by: date | None = None
    partner: str | None = None
    """The partner whose people these are. Their agreement is asked before anything is written."""


@dataclass
class Import:
    """A list that was read and compared, and not written yet."""

    list_name: str
    file: Path
    format: str
    """In words: what kind of file it is, and how it was read."""
    sheet: str
    left_out: LeftOut
    """What was hidden in it, and so not read."""
    said: Mapping[str, str]
    """What somebody said that its columns mean, now or when they imported the list before."""
    columns: Columns
    bench: sa.Connection
    first_rows: list[tuple[int, Contact]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    repeats: list[staging.Repeat] = field(default_factory=list)
    repeated: int = 0
    """Rows that say again what an earlier row said: one person, written once."""
    schools: list[school_facts.Finding] = field(default_factory=list)
    """Rows whose school is unknown, closed or outside England, where the register is held."""
    counts: staging.Counts = field(default_factory=lambda: staging.Counts(0, 0, 0, 0, 0))

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
    said: Mapping[str, str] = NOTHING_SAID,
) -> Iterator[Import]:
    """Read *file* and compare it with the list *list_name*; give the `Import` to show and apply.

    *sheet* is the one of a workbook; *said* tells what columns mean (address, school, urn, name,
    first_name, last_name, or what templates shall call them) and under which heading they stand,
    and comes on top of what was said before of this list. Who is suppressed is counted as of
    *today* in London. Writes nothing to the database.
    Raises `AudienceError` when the file cannot be read as a list, of which `WhichSheet` and
    `WhichColumn` are questions; rows that are wrong one by one are in `bad`, all of them, in file
    order.
    """
    before = _said_before(database, list_name)
    with database.workbench() as bench:
        staging.create(bench)
        with _opened(file, {**before, **said}, sheet) as spreadsheet:
            all_said = {**column_names.there(before, spreadsheet.headings), **said}
            found = Import(
                list_name=list_name,
                file=file,
                format=spreadsheet.format,
                sheet=spreadsheet.sheet,
                left_out=spreadsheet.left_out,
                said=all_said,
                columns=understand(str(file), spreadsheet.headings, all_said),
                bench=bench,
            )
            _stage(found, spreadsheet, keys, progress)
        staging.index(bench)
        _settle_repeats(found)
        found.bad.sort(key=lambda row: row.number)
        found.schools = school_facts.findings(bench)
        found.counts = staging.compare(bench, list_name, today=today)
        _refuse_nobody(found, spreadsheet.heading_row)
        bench.commit()  # nothing stays open while a person is asked
        yield found


def _refuse_nobody(found: Import, heading_row: int) -> None:
    if found.people or found.bad:
        return
    hidden = " that nobody hid" if found.left_out.rows else ""
    raise AudienceError(
        f"{found.file}: below its headings in row {heading_row} there is no row{hidden}. Put one "
        "recipient in each row, save it, and import it again."
    )


def to_mend(found: Import) -> tuple[list[str], Iterator[Sequence[str]]]:
    """Return headings and rows of a spreadsheet of the bad rows: what is wrong, and all they say.

    Reads the file once more. Mended and imported, it brings in those people.
    """
    return [*column_names.OF_OURS[:3], *found.columns.headings], _rows_to_mend(found)


def _rows_to_mend(found: Import) -> Iterator[Sequence[str]]:
    wrong: dict[int, list[BadRow]] = {}
    for row in found.bad:
        wrong.setdefault(row.number, []).append(row)
    with _opened(found.file, found.said, found.sheet) as spreadsheet:
        for number, cells in spreadsheet.rows:
            if faults := wrong.get(number):
                why = " ".join(fault.why for fault in faults)
                remedy = " ".join(dict.fromkeys(fault.remedy for fault in faults))
                yield [str(number), why, remedy, *map(as_it_was, cells)]


def _opened(file: Path, said: Mapping[str, str], sheet: str) -> AbstractContextManager[Spreadsheet]:
    return open_spreadsheet(
        file, is_sought=column_names.sought(said), sought="“email address”", sheet=sheet
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
        counts = staging.compare(bench, found.list_name, today=london_day(now))
        list_id = _list_with(s, found, terms, now)
        staging.write(bench, list_id)
        taken_off = staging.take_off_others(bench, list_id) if replace else 0
        details = asdict(counts) | {"left_out": len(found.bad), "taken_off": taken_off}
        s.add(Event(at=now, who=who, act="imported", target=found.list_name, details=details))
        s.flush()
        for table in ("recipients", "memberships"):  # else the planner goes on thinking them small
            bench.execute(sa.text(f"ANALYZE {table}"))
    return counts


def personal_columns(session: Session, names: Iterable[str]) -> frozenset[str]:
    """Return what templates call the columns of the lists *names* that somebody said are personal.

    Names and addresses under headings that do not tell it by themselves. Read-only.
    """
    rows = session.exec(select(RecipientList).where(col(RecipientList.name).in_(list(names))))
    return frozenset(
        column for row in rows for column in column_names.said_to_be_personal(row.columns)
    )


@dataclass(frozen=True)
class ListSummary:
    """A list and how many people are on it."""

    name: str
    people: int
    schools: int
    terms: Terms
    imported_at: datetime


def summaries(session: Session) -> list[ListSummary]:
    """Return every list, by name. Read-only."""
    counted = (
        sa.select(
            RecipientList,
            sa.func.count(col(Membership.recipient_id)).label("people"),
            sa.func.count(sa.func.nullif(Membership.school_urn, "").distinct()).label("schools"),
        )
        .join_from(
            RecipientList,
            Membership,
            col(Membership.list_id) == col(RecipientList.id),
            isouter=True,
        )
        .group_by(col(RecipientList.id))
        .order_by(col(RecipientList.name))
    )
    return [
        ListSummary(
            name=row.name,
            people=people,
            schools=schools,
            terms=Terms(
                *(row.owner, row.source, row.purpose, row.lawful_basis, row.gone_by),
                partner=row.partner,
            ),
            imported_at=row.imported_at,
        )
        for row, people, schools in session.execute(counted)
    ]


def list_named(session: Session, name: str) -> RecipientList:
    """Return the list *name*. Raises `UnknownList` that names the lists there are."""
    found = session.exec(select(RecipientList).where(RecipientList.name == name)).first()
    if found is not None:
        return found
    there_are = session.exec(select(RecipientList.name).order_by(RecipientList.name)).all()
    if not there_are:
        raise UnknownList(
            f"There is no list “{name}”, nor any other yet. Bring it in with: "
            f"outreach recipients import FILE --list {name}"
        )
    raise UnknownList(
        f"There is no list “{name}”. The lists are: {', '.join(there_are)}. Bring it in with: "
        f"outreach recipients import FILE --list {name}"
    )


def _stage(found: Import, sheet: Spreadsheet, keys: Keys, progress: Progress) -> None:
    batch: list[dict[str, Any]] = []
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


def _understood(found: Import, number: int, cells: list[str], keys: Keys) -> dict[str, Any] | None:
    """Return the row to stage, or None after noting what is wrong with it."""
    said = "\n".join(cells)  # looked through once: hardly any row holds what is looked for
    if "'" in said:
        cells = [as_it_was(cell) for cell in cells]
    contact = found.columns.contact(cells)
    if len(found.first_rows) < ROWS_SHOWN:
        found.first_rows.append((number, contact))
    if found.columns.beyond(cells):
        _note(
            found,
            number,
            contact.address,
            "The row has more cells than there are headings.",
            "Put quotation marks round a cell that holds a comma.",
        )
        return None
    if ("#" in said or "Err:" in said) and _note_error(found, number, contact):
        return None
    try:
        address_key = keys.address_key(normalise(contact.address))
    except InvalidAddress as error:
        _note(found, number, contact.address, str(error), "Correct the address.")
        return None
    return {
        "row": number,
        "address": tidied(contact.address),
        "address_key": address_key,
        "school_urn": contact.school_urn,
        "school_name": contact.school_name,
        "fields": contact.fields,
    }


def _note_error(found: Import, number: int, contact: Contact) -> bool:
    """Note the first cell that holds a spreadsheet's error instead of a value; say if one did."""
    for name, cell in contact.fields.items():
        if is_error(cell):
            why = f"Under {name} stands a formula that found no answer."
            _note(found, number, cell, why, "Mend the formula, or clear the cell.")
            return True
    return False


def _note(found: Import, number: int, value: str, why: str, remedy: str) -> None:
    if len(found.bad) == BAD_ROWS_KEPT:
        raise AudienceError(
            f"{found.file}: more than {BAD_ROWS_KEPT:,} rows are wrong, the first in row "
            f"{found.bad[0].number}: {found.bad[0].why} Is “"
            f"{found.columns.headings[found.columns.address]}” the right column?"
        )
    found.bad.append(BadRow(number, value, why, remedy))


def _settle_repeats(found: Import) -> None:
    """Keep one row of those that say the same; those that contradict each other are bad."""
    leaving: list[int] = []
    for repeat in staging.repeats(found.bench):
        found.repeats.append(repeat)
        if repeat.differing:
            leaving.extend(repeat.rows)
            _note_contradiction(found, repeat)
        else:
            leaving.extend(repeat.rows[1:])
            found.repeated += len(repeat.rows) - 1
    found.repeats.sort(key=lambda repeat: repeat.rows)
    staging.leave_out(found.bench, leaving)


def _note_contradiction(found: Import, repeat: staging.Repeat) -> None:
    named = ", ".join(repeat.differing)
    for number, address in zip(repeat.rows, repeat.addresses, strict=True):
        others = " and ".join(str(other) for other in repeat.rows if other != number)
        why = f"The address is also in row {others}, with another {named}."
        _note(found, number, address, why, "Keep the row that is right and delete the other.")


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
