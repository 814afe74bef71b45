"""Headings of several storeys: "School" over "Name" and "URN", "Contact" over "Name" and "Email".

In a workbook the upper cells are merged across; as text, and in many a workbook, they stand over
the first of their columns.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from postroom.audience.columns import matched, meaning_of

MOST_STOREYS = 4
ENOUGH_ALONE = ("address", "urn", "school")
"""What a heading means whatever stands over it; a "Name" can be anybody's."""

Row = tuple[int, list[str]]
Across = Mapping[int, Sequence[tuple[int, int]]]
"""By row: the first and the last column of each cell that is merged across several."""
IsSought = Callable[[str], bool]


def joined(
    looked_at: Sequence[Row], place: int, across: Across, is_sought: IsSought
) -> tuple[int, list[str]]:
    """Return the place of the lowest heading row, and what each column is headed.

    *place* is that of the row with the heading that is sought.
    """
    lowest = place
    while lowest + 1 < len(looked_at) and _goes_on(looked_at, lowest, across, is_sought):
        lowest += 1
    cells = looked_at[lowest][1]
    for upper in range(lowest - 1, max(lowest - MOST_STOREYS, -1), -1):
        if looked_at[upper][0] != looked_at[upper + 1][0] - 1:
            break  # a blank row between: a title, or a note
        over = _over(looked_at[upper], across)
        if upper < place and not _is_storey(looked_at[upper][1]):
            break
        cells = list(_read_together(looked_at[upper][1], over, cells))
    return lowest, cells


def _goes_on(looked_at: Sequence[Row], place: int, across: Across, is_sought: IsSought) -> bool:
    """Say whether the row below heads columns too: under one cell merged down, or across."""
    (number, cells), (below, under) = looked_at[place : place + 2]
    if below != number + 1 or any("@" in cell for cell in under):
        return False
    both = zip(cells, under, strict=False)
    if any(is_sought(cell) and cell == lower for cell, lower in both):
        return True
    return any(
        sum(1 for cell in under[first : last + 1] if cell) > 1
        for first, last in across.get(number, ())
    )


def _over(row: Row, across: Across) -> dict[int, str]:
    """Return what of an upper row stands over each column by being merged across it."""
    number, cells = row
    return {
        column: cells[first]
        for first, last in across.get(number, ())
        if first < len(cells) and cells[first]
        for column in range(first, last + 1)
    }


def _is_storey(cells: Sequence[str]) -> bool:
    """Say whether a row above the headings belongs to them: a title stands alone in its row."""
    filled = [cell for cell in cells if cell]
    return len(filled) > 1 or any(meaning_of(cell) for cell in filled)


def _read_together(
    upper: Sequence[str], over: Mapping[int, str], lower: Sequence[str]
) -> Iterator[str]:
    times = Counter(matched(cell) for cell in lower if cell)
    first_of_group = ""
    for column in range(max(len(lower), len(upper))):
        above = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        first_of_group = above or first_of_group
        repeated = times[matched(below)] > 1
        group = over.get(column) or (first_of_group if repeated else "")
        yield _together(group, below, repeated=repeated) if below else above


def _together(group: str, heading: str, *, repeated: bool) -> str:
    whole = f"{group} {heading}"
    if not group or matched(heading).startswith(matched(group)):
        return heading
    if repeated:
        return whole
    alone, together = meaning_of(heading), meaning_of(whole)
    return heading if alone == together or alone in ENOUGH_ALONE else whole
