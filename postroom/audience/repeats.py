"""One address on several rows of a list: one person when they say the same, else bad rows.

Gone through a page at a time, and by the database: a list can say one thing a million times.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from postroom.audience.bad_rows import BadRow, BadRows
from postroom.audience.staging import staged

ADDRESSES_SHOWN = 10
ROWS_NAMED = 3
COLUMNS_NAMED = 5
ROWS_A_PAGE = 500

_repeated = sa.Table(
    "repeated_addresses",
    sa.MetaData(),
    sa.Column("address_key", sa.LargeBinary, primary_key=True),
    sa.Column("first", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
_contradicted = sa.Table(
    "contradicted_addresses",
    sa.MetaData(),
    sa.Column("address_key", sa.LargeBinary, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("first_rows", sa.JSON),
    sa.Column("differing", sa.String),
    prefixes=["TEMPORARY"],
)
_with_contradicted = staged.join(_contradicted, _contradicted.c.address_key == staged.c.address_key)


@dataclass(frozen=True)
class Repeat:
    """One address on several rows that say the same."""

    rows: tuple[int, ...]
    """The first of them."""
    number: int


@dataclass(frozen=True)
class Repeats:
    """Rows that say again, word for word, what an earlier row says: one person, written once."""

    rows: int = 0
    """How many are left out because of that."""
    addresses: int = 0
    first: list[Repeat] = field(default_factory=list)
    """In file order."""


def settle(bench: sa.Connection, bad: BadRows) -> Repeats:
    """Leave one staged row of those that say the same; note those that contradict as *bad*."""
    _contradicted.create(bench)
    _repeated.create(bench)
    first, number = sa.func.min(staged.c.row), sa.func.count()
    several = _by_address(first, number).having(number > 1)  # the index tells it: no row is read
    bench.execute(sa.insert(_repeated).from_select(["address_key", "first", "number"], several))
    of_those = _by_address(number).where(
        staged.c.address_key.in_(sa.select(_repeated.c.address_key))
    )
    differ = of_those.having(sa.func.count(staged.c.fields.distinct()) > 1)
    bench.execute(sa.insert(_contradicted).from_select(["address_key", "number"], differ))
    _say_in_what_they_differ(bench)
    _note_contradictions(bench, bad)
    contradicted = sa.select(_contradicted.c.address_key)
    for table in (staged, _repeated):
        bench.execute(sa.delete(table).where(table.c.address_key.in_(contradicted)))
    return _leave_one_each(bench)


def _by_address(*counted: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(staged.c.address_key, *counted).group_by(staged.c.address_key)


def _leave_one_each(bench: sa.Connection) -> Repeats:
    total = sa.select(sa.func.count(), sa.func.sum(_repeated.c.number))
    addresses, rows = bench.execute(total).one()
    if not addresses:
        return Repeats()
    in_order = sa.select(_repeated).order_by(_repeated.c.first).limit(ADDRESSES_SHOWN)
    shown = bench.execute(in_order).all()
    first = [Repeat(_first_rows(bench, row.address_key), row.number) for row in shown]
    again = sa.and_(
        staged.c.address_key.in_(sa.select(_repeated.c.address_key)),
        staged.c.row.not_in(sa.select(_repeated.c.first)),
    )
    bench.execute(sa.delete(staged).where(again))
    return Repeats(int(rows) - addresses, addresses, first)


def _first_rows(bench: sa.Connection, address_key: bytes) -> tuple[int, ...]:
    rows = sa.select(staged.c.row).where(staged.c.address_key == address_key)
    return tuple(bench.scalars(rows.order_by(staged.c.row).limit(ADDRESSES_SHOWN)))


def _say_in_what_they_differ(bench: sa.Connection) -> None:
    """Put beside each contradicted address its first rows and the columns that differ."""
    said: list[dict[str, Any]] = []
    for address_key, rows in groupby(_contradicting(bench), lambda row: bytes(row.address_key)):
        said.append({"key": address_key} | _difference(rows))
        if len(said) == ROWS_A_PAGE:
            _write_differences(bench, said)
            said = []
    _write_differences(bench, said)


def _contradicting(bench: sa.Connection) -> Iterator[Any]:
    place = sa.tuple_(staged.c.address_key, staged.c.row)
    page = (
        sa.select(staged.c.address_key, staged.c.row, staged.c.fields)
        .select_from(_with_contradicted)
        .order_by(staged.c.address_key, staged.c.row)
        .limit(ROWS_A_PAGE)
    )
    rows = bench.execute(page).all()
    while rows:
        yield from rows
        last = sa.tuple_(
            sa.literal(bytes(rows[-1].address_key), sa.LargeBinary), sa.literal(rows[-1].row)
        )
        rows = bench.execute(page.where(place > last)).all()


def _difference(rows: Iterator[Any]) -> dict[str, Any]:
    first = next(rows)
    numbers, differing = [first.row], set[str]()
    for row in rows:
        if len(numbers) <= ROWS_NAMED:
            numbers.append(row.row)
        differing.update(n for n, said in row.fields.items() if first.fields.get(n) != said)
    return {"first": numbers, "said": _in_words(sorted(differing))}


def _in_words(names: list[str]) -> str:
    more = len(names) - COLUMNS_NAMED
    return ", ".join(names[:COLUMNS_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _write_differences(bench: sa.Connection, said: list[dict[str, Any]]) -> None:
    if said:
        update = sa.update(_contradicted).values(
            first_rows=sa.bindparam("first"), differing=sa.bindparam("said")
        )
        bench.execute(update.where(_contradicted.c.address_key == sa.bindparam("key")), said)


def _note_contradictions(bench: sa.Connection, bad: BadRows) -> None:
    page = (
        sa.select(staged.c.row, staged.c.address, *_contradicted.c)
        .select_from(_with_contradicted)
        .order_by(staged.c.row)
        .limit(ROWS_A_PAGE)
    )
    rows = bench.execute(page).all()
    while rows:
        for row in rows:
            bad.note(_bad_row(row))
        rows = bench.execute(page.where(staged.c.row > rows[-1].row)).all()


def _bad_row(row: Any) -> BadRow:
    others = [number for number in row.first_rows if number != row.row][:ROWS_NAMED]
    if row.number == 2:
        why = f"The address is also in row {others[0]}, with another {row.differing}."
        remedy = "Keep the row that is right and delete the other."
        return BadRow(row.row, row.address, why, remedy)
    more = row.number - 1 - len(others)
    *named, last = [*map(str, others), *([f"{more:,} more"] if more else [])]
    why = f"The address is also in rows {', '.join(named)} and {last}, with other {row.differing}."
    return BadRow(row.row, row.address, why, "Keep the row that is right and delete the others.")
