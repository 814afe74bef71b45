"""Lists as text: CSV and TSV, in the encodings and separators that office programs write."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from charset_normalizer import from_bytes

from postroom.audience import encodings
from postroom.audience.cells import UNSEEN_AT_ENDS
from postroom.errors import AudienceError

SAMPLE_BYTES = 256 * 1024
LONGEST_LINE = 4_000_000  # characters: beyond that it is not a list of people
ROWS_BEFORE_HEADINGS = 20  # titles and notes that people put above their table
SEPARATORS = ",;\t|"

# Unaided, the guess for a short cp1252 file is another code page that renders £ and ’ wrongly.
ENCODINGS = ["ascii", "utf_8", "utf_16", "utf_16_le", "utf_16_be", "cp1252"]
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_control_characters = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class TextFile:
    """A list opened as text. `rows` can be gone through once, in file order."""

    encoding: str
    separator: str
    rows: Iterator[tuple[int, list[str]]]
    position: Callable[[], int]
    """How many bytes have been read."""


@contextmanager
def open_text(
    file: Path, sample: bytes, *, is_sought: Callable[[str], bool], encoding: str = ""
) -> Iterator[TextFile]:
    """Open *file*, which begins with *sample*, as text with columns.

    The separator is the one under which a heading is sought; *encoding* is what somebody said it
    is. Raises `WhichEncoding` when somebody must say, and `AudienceError` for what is not text, and
    while rows are read when one cannot be.
    """
    encoding = encodings.named(encoding) if encoding else _encoding(file, sample)
    separator = _separator(_decoded(file, sample, encoding), is_sought)
    with (
        file.open("rb") as content,
        io.TextIOWrapper(content, encoding=encoding, newline="") as text,
    ):
        yield TextFile(encoding, separator, _rows(file, text, separator), content.tell)


def _encoding(file: Path, sample: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if sample.startswith(mark):
            return encoding
    if sample.count(0) > len(sample) // 10:  # every other byte: UTF-16 without its mark
        return _guessed(file, sample)
    around_fault = _first_not_utf8(file)
    if around_fault is None:
        return "utf-8"
    if len(_control_characters.findall(around_fault.decode("latin-1"))) > len(around_fault) // 100:
        raise _not_text(file)
    return encodings.of_text(file, around_fault)


def _first_not_utf8(file: Path) -> bytes | None:
    """Return the part of *file* where it stops being UTF-8, or None when it never does."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as content:
        while part := content.read(SAMPLE_BYTES):
            try:
                decoder.decode(part)
            except UnicodeDecodeError:
                return part
    return None


def _guessed(file: Path, part: bytes) -> str:
    best = from_bytes(part, cp_isolation=ENCODINGS).best()
    if best is None:
        raise _not_text(file)
    return best.encoding


def _decoded(file: Path, sample: bytes, encoding: str) -> str:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        raise _not_text(file) from None
    if len(_control_characters.findall(text)) > len(text) // 100:
        raise _not_text(file)
    return text


def _not_text(file: Path) -> AudienceError:
    return AudienceError(
        f"{file}: this is not text that can be read. Open the list in your spreadsheet program "
        "and save it as “CSV UTF-8”."
    )


def _separator(text: str, is_sought: Callable[[str], bool]) -> str:
    """Return the separator under which a sought heading stands among the most columns."""
    widths = {separator: _heading_width(text, separator, is_sought) for separator in SEPARATORS}
    best = max(widths, key=widths.__getitem__)
    if widths[best]:
        return best
    try:
        return csv.Sniffer().sniff(text, SEPARATORS).delimiter
    except csv.Error:
        return ","


def _heading_width(text: str, separator: str, is_sought: Callable[[str], bool]) -> int:
    lines = text.replace("\0", "").splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        for cells in islice(filter(any, reader), ROWS_BEFORE_HEADINGS):
            if any(is_sought(cell.strip(UNSEEN_AT_ENDS)) for cell in cells):
                return len(cells)
    except csv.Error:
        pass
    return 0


def _rows(file: Path, text: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        # Strict: a stray quotation mark would otherwise swallow the rows that follow it. Spaces
        # before one count as nothing, as they do for Notify.
        reader = csv.reader(
            _lines(file, text), delimiter=separator, skipinitialspace=True, strict=True
        )
        for number, cells in enumerate(reader, start=1):
            row = [cell.strip(UNSEEN_AT_ENDS) for cell in cells]
            if any(row):
                yield number, row
    except csv.Error as error:
        raise AudienceError(
            f"{file}, row {number + 1}: {_in_words(error)} Mend the row, or open the list in "
            "your spreadsheet program and save it as CSV again."
        ) from error
    except UnicodeDecodeError as error:
        raise AudienceError(
            f"{file}, after row {number}: a character cannot be read. Open the list in your "
            "spreadsheet program and save it as “CSV UTF-8”."
        ) from error


def _in_words(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "a cell is too long, or a quotation mark that opens it never closes."
    return "a quotation mark stands where it should not, or never closes."


def _lines(file: Path, text: TextIO) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise AudienceError(f"{file}: a line is too long to be a row of a list.")
        yield line.replace("\0", "")
