"""Rows of a list that cannot be imported, kept beside it in a temporary table: there can be many.

Their values are for the importer's eyes on the terminal, and for the spreadsheet to mend.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

ROWS_A_BATCH = 500
LONGEST_VALUE = 200  # characters shown of a cell; the spreadsheet to mend has all of it

_bad = sa.Table(
    "bad_rows",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("remedy", sa.String, nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be imported."""

    number: int
    value: str
    why: str
    remedy: str


class BadRows:
    """Every bad row of a list, in file order. Its length is known; going through it asks again."""

    def __init__(self, bench: sa.Connection):
        """Make the empty temporary table on *bench*."""
        self._bench = bench
        self._waiting: list[dict[str, Any]] = []
        self._number = 0
        _bad.create(bench)

    def note(self, row: BadRow) -> None:
        """Add *row*. A row has one fault: the first that was found."""
        shown = row.value[:LONGEST_VALUE]
        value = shown if shown == row.value else f"{shown}…"
        self._waiting.append(asdict(row) | {"value": value})
        self._number += 1
        if len(self._waiting) == ROWS_A_BATCH:
            self._write()

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[BadRow]:
        self._write()
        last = 0
        while some := self._after(last):
            yield from some
            last = some[-1].number

    def _after(self, number: int) -> list[BadRow]:
        page = sa.select(_bad).where(_bad.c.number > number).order_by(_bad.c.number)
        found = [BadRow(*row) for row in self._bench.execute(page.limit(ROWS_A_BATCH))]
        self._bench.commit()  # nothing stays open while a person reads
        return found

    def _write(self) -> None:
        if self._waiting:
            self._bench.execute(sa.insert(_bad), self._waiting)
            self._waiting = []
