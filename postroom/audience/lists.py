"""Bring a list in: show what was understood, then write all of it or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import school_facts, staging
from postroom.audience.addresses import normalise, tidied
from postroom.audience.columns import Columns, Contact, is_address, understand
from postroom.audience.spreadsheets import Spreadsheet, open_spreadsheet
from postroom.database import Database
from postroom.errors import AudienceError, InvalidAddress, NotPermitted
from postroom.keys import Keys
from postroom.tables import Event, Membership, RecipientList

ROWS_SHOWN = 5
ROWS_A_BATCH = 5_000
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


@dataclass
class Import:
    """A list that was read and compared, and not written yet."""

    list_name: str
    file: Path
    encoding: str
    separator: str
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
) -> Iterator[Import]:
    """Read *file* and compare it with the list *list_name*; give the `Import` to show and apply.

    Writes nothing to the database.
    Raises `AudienceError` when the file cannot be read as a list; rows that are wrong one by one
    are in `bad`, all of them, in file order.
    """
    with database.workbench() as bench:
        staging.create(bench)
        with open_spreadsheet(file, is_sought=is_address, sought="“email address”") as sheet:
            columns = understand(str(file), sheet.headings)
            found = Import(list_name, file, sheet.encoding, sheet.separator, columns, bench)
            _stage(found, sheet, keys, progress)
        staging.index(bench)
        _settle_repeats(found)
        found.bad.sort(key=lambda row: row.number)
        found.schools = school_facts.findings(bench)
        found.counts = staging.compare(bench, list_name)
        bench.commit()  # nothing stays open while a person is asked
        yield found


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
    nothing, when there are bad rows and *leave_out_bad* was not chosen. Records an event.
    """
    if found.bad and not leave_out_bad:
        raise NotPermitted(
            f"{len(found.bad)} rows of {found.file} need mending. Nothing was imported. Mend them "
            "and import again, or choose --leave-out-bad."
        )
    bench = found.bench
    with database.writing_on(bench), Session(bench, join_transaction_mode="rollback_only") as s:
        counts = staging.compare(bench, found.list_name)
        list_id = _list_with(s, found.list_name, terms, now)
        staging.write(bench, list_id)
        taken_off = staging.take_off_others(bench, list_id) if replace else 0
        details = asdict(counts) | {"left_out": len(found.bad), "taken_off": taken_off}
        s.add(Event(at=now, who=who, act="imported", target=found.list_name, details=details))
        s.flush()
        for table in ("recipients", "memberships"):  # else the planner goes on thinking them small
            bench.execute(sa.text(f"ANALYZE {table}"))
    return counts


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
            terms=Terms(row.owner, row.source, row.purpose, row.lawful_basis, row.gone_by),
            imported_at=row.imported_at,
        )
        for row, people, schools in session.execute(counted)
    ]


def list_named(session: Session, name: str) -> RecipientList:
    """Return the list *name*. Raises `AudienceError` that names the lists there are."""
    found = session.exec(select(RecipientList).where(RecipientList.name == name)).first()
    if found is not None:
        return found
    there_are = session.exec(select(RecipientList.name).order_by(RecipientList.name)).all()
    if not there_are:
        raise AudienceError(
            f"There is no list “{name}”, nor any other yet. Bring it in with: "
            f"outreach recipients import FILE --list {name}"
        )
    raise AudienceError(f"There is no list “{name}”. The lists are: {', '.join(there_are)}.")


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


def _list_with(session: Session, name: str, terms: Terms, now: datetime) -> int:
    row = session.exec(select(RecipientList).where(RecipientList.name == name)).first()
    row = row or RecipientList(name=name, imported_at=now)
    row.imported_at = now
    for term, value in asdict(terms).items():
        if value is not None:
            setattr(row, term, value)
    session.add(row)
    session.flush()
    if row.id is None:
        raise ValueError("a list that was just written has no id")
    return row.id
