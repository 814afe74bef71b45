"""What an .xls file says that the library reading it does not: what its formulas came to.

The library gives nothing where a formula found no answer, and 0 where it came to a text. An .xls
file is a small file system (MS-CFB) in which one file holds the workbook as a run of records
(MS-XLS, BIFF8). Older ones, of before 1997, are left as the library reads them.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from postroom.audience.workbook_marks import Marks, NotReadable

END_OF_CHAIN = 0xFFFFFFFA  # and above: no sector
SMALL_STREAM = 4096  # bytes: a smaller file lies in sectors of another size
SMALL = 64
DIRECTORY_ENTRY = 128
IN_HEADER = 109  # sectors of the allocation table that the header itself names
BIFF8 = 0x0600

BOF, EOF, SHEET, FORMULA, STRING, ERROR, CONTINUE = 0x809, 0x0A, 0x85, 0x06, 0x207, 0x205, 0x3C
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}

DAMAGED = "it is damaged. Open it in your spreadsheet program and save it as .xlsx"

Record = tuple[int, bytes]


def of_old_excel(file: Path, sheet: str) -> Marks:
    """Return the marks of *sheet* in the .xls *file*. Raises `NotReadable`."""
    try:
        return _marks(_workbook(file.read_bytes()), sheet)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise NotReadable(DAMAGED) from error


def _marks(stream: bytes, sheet: str) -> Marks:
    marks = Marks()
    formula: tuple[int, int] | None = None  # whose text is still to come
    for kind, content in _of_sheet(stream, sheet):
        if kind == FORMULA:
            row, column, _, result = struct.unpack_from("<HHH8s", content)
            formula = None
            if result[6:] == b"\xff\xff":
                formula = (row, column) if result[0] == 0 else None
                if result[0] == 2:
                    marks.texts[row, column] = ERRORS.get(result[2], "#N/A")
        elif kind == STRING and formula:
            marks.texts[formula] = _text(content)
            formula = None
        elif kind == ERROR:
            row, column, _, value, is_error = struct.unpack_from("<HHHBB", content)
            if is_error:
                marks.texts[row, column] = ERRORS.get(value, "#N/A")
    return marks


def _of_sheet(stream: bytes, sheet: str) -> Iterator[Record]:
    """Yield the records of *sheet*; none when the file is of another kind or has no such sheet."""
    for kind, content in _records(stream, 0):
        if kind == BOF and struct.unpack_from("<H", content)[0] != BIFF8:
            return
        if kind == SHEET and _characters(content[7:], content[6]) == sheet:
            yield from _records(stream, struct.unpack_from("<I", content)[0])
            return


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """Yield the records from *at* to the end of that part, what continues one joined to it."""
    waiting: Record | None = None
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == CONTINUE and waiting:
            if waiting[0] == STRING:  # the rest of a text begins with its own width again
                waiting = waiting[0], waiting[1] + content[1:]
            continue
        if waiting:
            yield waiting
        if kind == EOF:
            return
        waiting = kind, content
    if waiting:
        yield waiting


def _text(content: bytes) -> str:
    return _characters(content[2:], struct.unpack_from("<H", content)[0])


def _characters(content: bytes, length: int) -> str:
    """Return a text of *length*: a byte that says how wide its letters are, then they."""
    wide = content[0] & 1
    letters = content[1 : 1 + length * (2 if wide else 1)]
    return letters.decode("utf-16-le" if wide else "latin-1")


def _workbook(whole: bytes) -> bytes:
    """Return the file of the workbook inside the file system that *whole* is."""
    container = _Container(whole)
    for name, start, size in container.files():
        if name in ("Workbook", "Book"):
            return container.content(start, size)
    raise NotReadable(DAMAGED)


class _Container:
    """A compound file: sectors, chained by an allocation table, and a directory of files."""

    def __init__(self, whole: bytes):
        self._whole = whole
        shift = struct.unpack_from("<H", whole, 30)[0]
        if shift not in (9, 12):
            raise NotReadable(DAMAGED)
        self._size = 1 << shift
        self._directory, _, _, self._small_table, _, more = struct.unpack_from("<IIIIII", whole, 48)
        self._next = self._numbers(self._table_sectors(more))

    def files(self) -> Iterator[tuple[str, int, int]]:
        """Yield each file's name, first sector and size; the first is the root."""
        listing = b"".join(map(self._sector, self._chain(self._directory, self._next)))
        for at in range(0, len(listing), DIRECTORY_ENTRY):
            entry = listing[at : at + DIRECTORY_ENTRY]
            length = struct.unpack_from("<H", entry, 64)[0]
            name = entry[: max(length - 2, 0)].decode("utf-16-le")
            start, size = struct.unpack_from("<II", entry, 116)
            yield name, start, size

    def content(self, start: int, size: int) -> bytes:
        """Return the file that begins in sector *start*; a small one lies in small sectors."""
        if size >= SMALL_STREAM:
            return b"".join(map(self._sector, self._chain(start, self._next)))[:size]
        _, first, whole_size = next(self.files(), ("", END_OF_CHAIN, 0))
        small = self.content(first, max(whole_size, SMALL_STREAM))
        next_small = self._numbers(self._chain(self._small_table, self._next))
        pieces = (small[at * SMALL : (at + 1) * SMALL] for at in self._chain(start, next_small))
        return b"".join(pieces)[:size]

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._whole[at : at + self._size]

    def _numbers(self, sectors: list[int]) -> list[int]:
        content = b"".join(map(self._sector, sectors))
        return list(struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4]))

    def _table_sectors(self, more: int) -> list[int]:
        """Return the sectors of the allocation table: the header names the first of them."""
        sectors = list(struct.unpack_from(f"<{IN_HEADER}I", self._whole, 76))
        for _ in range(len(self._whole) // self._size + 1):
            if more >= END_OF_CHAIN:
                break
            *named, more = self._numbers([more])
            sectors += named
        return [sector for sector in sectors if sector < END_OF_CHAIN]

    def _chain(self, sector: int, table: list[int]) -> list[int]:
        """Return the sectors from *sector* on; a chain that goes in circles is damage."""
        found: list[int] = []
        while sector < END_OF_CHAIN:
            if len(found) > len(table):
                raise NotReadable(DAMAGED)
            found.append(sector)
            sector = table[sector]
        return found
