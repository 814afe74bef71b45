"""Read a spreadsheet row by row, as its maker meant it, without holding it in memory.

Rows are numbered as the spreadsheet numbers them: the first line of the file is row 1, and a cell
may hold several lines.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from postroom.audience import headings, text_files, workbooks
from postroom.audience.opening import in_words
from postroom.audience.storeys import Across, Row
from postroom.audience.text_files import SAMPLE_BYTES
from postroom.audience.workbooks import LeftOut
from postroom.errors import AudienceError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
NO_LIST = ((b"%PDF", "a PDF"), (b"\x89PNG", "a picture"), (b"{\\rtf", "a text document"))


@dataclass(frozen=True)
class Spreadsheet:
    """A spreadsheet opened at its headings, or at its first row, where it has none yet.

    `rows` can be gone through once, in file order.
    """

    file: Path
    format: str
    """In words: what kind of file it is, and how it was read."""
    headings: tuple[str, ...]
    heading_row: int
    rows: Iterator[Row]
    """Row number and cells, outer white space gone; wholly blank rows are passed over."""
    size: int
    """How much there is to read: bytes of text, rows of a workbook."""
    position: Callable[[], int]
    """How much of that has been read."""
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    across: Across = field(default_factory=dict)
    """Of a workbook, near its top: by row, the columns that each cell merged across has."""
    left_out: LeftOut = field(default_factory=LeftOut)
    """What was hidden. Complete once all rows have been read."""


@contextmanager
def open_spreadsheet(
    file: Path,
    *,
    is_sought: Callable[[str], bool],
    sought: str,
    sheet: str = "",
    encoding: str = "",
) -> Iterator[Spreadsheet]:
    """Open *file* and find its headings: the first row with one for which *is_sought* is true.

    *sought* names that heading in words, for the error that lists the columns there are; *sheet*
    is the one of a workbook to read, *encoding* that of a text, where somebody said it. Raises
    `WhichColumn` when no heading is sought, `WhichSheet` when a workbook has several,
    `WhichEncoding` when a text may be in one of several, and `AudienceError` for a file that is
    missing, empty or not a spreadsheet, also while rows are read when one cannot be.
    """
    with open_rows(file, is_sought=is_sought, sheet=sheet, encoding=encoding) as opened:
        try:
            heading_row, found, rows = headings.find(
                file, opened.rows, is_sought, sought, across=opened.across
            )
        except AudienceError as error:
            if hidden := _hidden(opened, is_sought):
                raise AudienceError(
                    f"{file}: {hidden}, and what is hidden is not read. Show it, save the "
                    "workbook, and import it again."
                ) from error
            raise
        yield replace(opened, heading_row=heading_row, headings=found, rows=rows)


@contextmanager
def open_rows(
    file: Path,
    *,
    is_sought: Callable[[str], bool],
    sheet: str = "",
    dates: str = "",
    encoding: str = "",
) -> Iterator[Spreadsheet]:
    """Open *file* at its first row, for whoever finds the headings themselves.

    *is_sought* tells a heading, by which the separator of a text is known; *dates* is the format
    in which a workbook's dates are written, when not as their cells show them. Raises
    `WhichSheet`, `WhichEncoding` and `AudienceError` as `open_spreadsheet` does.
    """
    sample = _sample(file)
    if not workbooks.is_workbook(sample):
        with text_files.open_text(file, sample, is_sought=is_sought, encoding=encoding) as text:
            yield Spreadsheet(
                file=file,
                format=f"text in {text.encoding}, with {SEPARATORS[text.separator]} "
                "between the columns",
                headings=(),
                heading_row=0,
                rows=text.rows,
                size=file.stat().st_size,
                position=text.position,
                encoding=text.encoding,
                separator=text.separator,
            )
        return
    with workbooks.open_workbook(file, sheet, dates) as workbook:
        reached = [0]
        yield Spreadsheet(
            file=file,
            format=f"sheet “{workbook.sheet}” of an {workbook.kind} workbook",
            headings=(),
            heading_row=0,
            rows=_counting(workbook.rows, reached),
            size=max(workbook.height, 1),
            position=lambda: reached[0],
            sheet=workbook.sheet,
            across=workbook.across,
            left_out=workbook.left_out,
        )


def _hidden(opened: Spreadsheet, is_sought: Callable[[str], bool]) -> str:
    """Return in words what of the headings that were not found is hidden, or nothing."""
    for _ in opened.rows:  # what is hidden is known at the end
        pass
    for row, column, text in opened.left_out.texts:
        if is_sought(text):
            where = f"Column {column}, headed" if column else f"Row {row}, with the heading"
            return f"{where} “{text}”, is hidden"
    return "everything in it is hidden" if opened.left_out.rows and not opened.position() else ""


def _sample(file: Path) -> bytes:
    with in_words(file), file.open("rb") as content:
        sample = content.read(SAMPLE_BYTES)
    if not sample.strip():
        raise AudienceError(f"{file}: the file is empty.")
    for beginning, what in NO_LIST:
        if sample.startswith(beginning):
            raise AudienceError(
                f"{file}: this is {what}. Open it in its program and save it as a spreadsheet."
            )
    return sample


def _counting(rows: Iterator[Row], reached: list[int]) -> Iterator[Row]:
    for number, cells in rows:
        reached[0] = number
        yield number, cells
