"""Where people stand among all those of a campaign, as their spreadsheets count."""

from collections.abc import Iterator, Sequence
from typing import Self


class Place(int):
    """A number that nobody else of the campaign has, written as the spreadsheet's own row.

    Where people come from several spreadsheets two of them can be in row 2 of theirs. So the
    number counts on from one to the next, and what is written names the file: "2 of extra.csv".
    """

    row: int
    file: str

    def __new__(cls, number: int, row: int, file: str) -> Self:
        place = super().__new__(cls, number)
        place.row, place.file = row, file
        return place

    def __str__(self) -> str:
        return f"{self.row} of {self.file}"

    __repr__ = __str__


def places(found: Sequence[tuple[str, str, int]]) -> Iterator[int]:
    """Yield a place for each (list, file, row), which come in the order of these three.

    Where all come from one file the row itself is the place.
    """
    files = dict.fromkeys((name, file) for name, file, _ in found)
    if len(files) < 2:
        yield from (row for _, _, row in found)
        return
    names = {pair: pair[1] or pair[0] for pair in files}
    if len(set(names.values())) < len(names):
        names = {pair: f"{pair[1]} in {pair[0]}" for pair in files}
    before = last = 0
    current = None
    for name, file, row in found:
        if (name, file) != current:
            current, before = (name, file), last
        last = max(last, before + row)
        yield Place(before + row, row, names[name, file])
