"""Everything that is held about one person: found, exported and erased, over every table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from postroom import journal
from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.journal import Act
from postroom.keys import Keys
from postroom.research.personal_columns import DECLARED, Declared, Erased, FoundBy
from postroom.tables import Event, Scope

COLLEAGUE = "a colleague"
OURSELVES = ("self", "themselves", "the journal of opt-outs")  # who acts and is no colleague
WHY = "erased: they asked for their details to be deleted"


@dataclass(frozen=True)
class Someone:
    """A person, by an address and its keyed hash. The address is stored nowhere by this."""

    address: str  # as `normalise` returns it
    address_key: bytes

    @classmethod
    def at(cls, address: str, keys: Keys) -> "Someone":
        """Return whoever is at *address*. Raises `InvalidAddress`."""
        normalised = normalise(address)
        return cls(normalised, keys.address_key(normalised))

    @property
    def label(self) -> str:
        """What files and events call them: nobody can read the address from it."""
        return self.address_key.hex()[:12]


@dataclass(frozen=True)
class Held:
    """What is held about somebody: each table's rows, as they would be exported."""

    rows: Mapping[str, list[dict[str, Any]]]

    @property
    def counts(self) -> dict[str, int]:
        return {table: len(rows) for table, rows in self.rows.items()}


@dataclass
class Gone:
    """What an erasure did: rows by table."""

    deleted: dict[str, int] = field(default_factory=dict)
    emptied: dict[str, int] = field(default_factory=dict)


def held(session: Session, someone: Someone) -> Held:
    """Return everything held about *someone*, tables in the order of the declaration. Read-only.

    Colleagues' names are left out, unless they are *someone*. Empty for an unknown address.
    """
    found = {}
    for name, declared in DECLARED.items():
        about = _about(name, declared, someone)
        if about is None:
            continue
        rows = session.execute(_everything(name, declared).where(about))
        if shown := [_shown(row._asdict(), declared, someone) for row in rows]:
            found[name] = shown
    return Held(found)


def note_look(
    session: Session, someone: Someone, found: Held, act: str, *, who: str, now: datetime
) -> None:
    """Record that *who* looked at or exported what was *found*. Does not commit.

    Where nothing is held the record tells nothing of the person: else that would be held.
    """
    details = {"address_key": someone.address_key.hex()} if found.rows else {}
    session.add(Event(at=now, who=who, act=act, target="a person", details=details))


def erase(session: Session, someone: Someone, *, why: str, who: str, now: datetime) -> Gone:
    """Erase *someone*: all but the keyed hash, which keeps them from being emailed again.

    Messages keep their school and what became of them. Records an event; does not commit.
    Doing it again changes nothing more.
    """
    gone = Gone()
    for name, declared in reversed(
        list(DECLARED.items())
    ):  # what hangs on a person before the person
        about = _about(name, declared, someone, colleagues=False)
        if about is None:
            continue
        table = SQLModel.metadata.tables[name]
        if declared.erased is Erased.DELETED:
            gone.deleted[name] = _rowcount(session, sa.delete(table).where(about))
        elif declared.erased is Erased.EMPTIED:
            holding = sa.and_(about, holds_somebody(table, declared))
            emptying = sa.update(table).where(holding).values(dict(declared.emptied))
            gone.emptied[name] = _rowcount(session, emptying)
    suppression.add(session, someone.address_key, scope=Scope.ERASED, reason=WHY, who=who, now=now)
    journal.note(session, Act.ERASE, someone.address_key, (), now=now)
    details = {"address_key": someone.address_key.hex(), "deleted": gone.deleted}
    details["emptied"] = gone.emptied
    session.add(Event(at=now, who=who, act="erased", target="a person", why=why, details=details))
    return gone


def holds_somebody(table: sa.Table, declared: Declared) -> sa.ColumnElement[bool]:
    """Return whether a row that is emptied, not deleted, still holds its person."""
    first = next(iter(declared.emptied))
    return table.c[first].is_not(None)


def _everything(name: str, declared: Declared) -> sa.Select[Any]:
    """Return the query of what is shown of a table, and of the rows that its rows belong to."""
    table = SQLModel.metadata.tables[name]
    columns: list[sa.ColumnElement[Any]] = [table.c[column] for column in declared.shown]
    joined: sa.FromClause = table
    for pointer, (owner_name, *shown) in declared.belongs.items():
        owner = SQLModel.metadata.tables[owner_name]
        joined = joined.outerjoin(owner, table.c[pointer] == owner.c.id)
        noun = pointer.removesuffix("_id")
        columns += [owner.c[column].label(f"{noun}_{column}") for column in shown]
    return sa.select(*columns).select_from(joined).order_by(*table.primary_key)


def _rowcount(session: Session, statement: Any) -> int:
    return int(session.connection().execute(statement).rowcount)


def _shown(row: dict[str, Any], declared: Declared, someone: Someone) -> dict[str, Any]:
    for column in declared.colleagues:
        if row[column] and str(row[column]).lower() not in (someone.address, *OURSELVES):
            row[column] = COLLEAGUE
    return row


def _about(
    name: str, declared: Declared, someone: Someone, *, colleagues: bool = True
) -> sa.ColumnElement[bool] | None:
    """Return what is true of the rows about *someone*, or None when the table holds nobody."""
    conditions = list(_conditions(SQLModel.metadata.tables[name], declared, someone))
    if colleagues:
        table = SQLModel.metadata.tables[name]
        conditions += [sa.func.lower(table.c[c]) == someone.address for c in declared.colleagues]
    return sa.or_(*conditions) if conditions else None


def _conditions(
    table: sa.Table, declared: Declared, someone: Someone
) -> Iterator[sa.ColumnElement[bool]]:
    match declared.found_by:
        case FoundBy.ADDRESS_KEY:
            yield table.c.address_key == someone.address_key
        case FoundBy.RECIPIENT | FoundBy.VOLUNTEER | FoundBy.MESSAGE:
            owner = SQLModel.metadata.tables[f"{declared.found_by.removesuffix('_id')}s"]
            theirs = sa.select(owner.c.id).where(owner.c.address_key == someone.address_key)
            yield table.c[declared.found_by].in_(theirs)
        case FoundBy.DETAILS:
            told = sa.cast(table.c.details, sa.String)
            yield told.contains(someone.address_key.hex())
