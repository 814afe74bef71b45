"""Where a spreadsheet's headings are: below the titles, above the first person."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, takewhile
from pathlib import Path

from postroom.audience import storeys
from postroom.audience.cells import MOST_COLUMNS
from postroom.audience.storeys import Across, IsSought, Row
from postroom.audience.text_files import ROWS_BEFORE_HEADINGS
from postroom.errors import AudienceError, WhichColumn

ROWS_LOOKED_AT = 2 * ROWS_BEFORE_HEADINGS
COLUMNS_NAMED = 40

NOTHING_MERGED: Across = {}

_like_an_address = re.compile(r"[^\s@]+@[^\s@]+").fullmatch


def find(
    file: Path,
    rows: Iterator[Row],
    is_sought: IsSought,
    sought: str,
    *,
    across: Across = NOTHING_MERGED,
) -> tuple[int, tuple[str, ...], Iterator[Row]]:
    """Return the number of the heading row, the headings, and the rows below.

    It is the first row with a heading that is sought, and never one with an address in it: that
    is somebody's. What stands over the headings belongs to them: *across* tells the cells of a
    workbook that are merged across several columns. Raises `WhichColumn` when there is none, and
    `AudienceError` for an empty file.
    """
    looked_at = list(islice(rows, ROWS_LOOKED_AT))
    if not looked_at:
        raise AudienceError(f"{file}: the file is empty.")
    for place in range(min(len(looked_at), ROWS_BEFORE_HEADINGS)):
        if _are_headings(looked_at, place, is_sought):
            lowest, cells = storeys.joined(looked_at, place, across, is_sought)
            if len(cells) > MOST_COLUMNS:
                raise AudienceError(
                    f"{file}: it has {len(cells):,} columns, and a list never has more than "
                    f"{MOST_COLUMNS:,}."
                )
            below = chain(looked_at[lowest + 1 :], rows)
            return looked_at[lowest][0], tuple(cells), below
    raise _which_column(file, [cells for _, cells in looked_at], sought)


def _are_headings(looked_at: Sequence[Row], place: int, is_sought: IsSought) -> bool:
    """Say whether the row at *place* holds headings.

    "Email" among the people can also be how somebody likes to be reached: then the addresses below
    stand in another column.
    """
    cells = looked_at[place][1]
    columns = [at for at, cell in enumerate(cells) if is_sought(cell)]
    if not columns or _has_address(cells):
        return False
    addresses = {
        at
        for _, below in looked_at[place + 1 :]
        for at, cell in enumerate(below)
        if _like_an_address(cell)
    }
    return place == 0 or not addresses or not addresses.isdisjoint(columns)


def _has_address(cells: Sequence[str]) -> bool:
    return any(_like_an_address(cell) for cell in cells)


def _which_column(file: Path, rows: list[list[str]], sought: str) -> AudienceError:
    addresses = [at for row in rows for at, cell in enumerate(row) if "@" in cell]
    above = list(takewhile(lambda row: not any("@" in cell for cell in row), rows))
    headings = max(above[:3], key=len, default=[])
    if not headings:
        return AudienceError(
            f"{file}: the columns have no headings. Put a row above the first one that names "
            f"them, with {sought} over the addresses."
        )
    likely = headings[addresses[0]] if addresses and addresses[0] < len(headings) else ""
    named = ", ".join(f"“{cell[:40]}”" for cell in headings[:COLUMNS_NAMED] if cell)
    advice = f"“{likely[:40]}” looks like it. " if likely else ""
    return WhichColumn(
        f"{file}: no column is headed {sought}. Its columns are: {named}. {advice}"
        f'Say which one it is with --column address="{likely[:40] or "…"}", or give it that '
        "heading.",
        headings=[heading for heading in headings if heading],
        likely=likely,
    )
