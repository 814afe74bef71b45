"""Read a spreadsheet row by row, as its maker meant it, without holding it in memory.

Rows are numbered as the spreadsheet numbers them: the first line of the file is row 1, and a cell
may hold several lines.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice, takewhile
from pathlib import Path

from postroom.audience import text_files, workbooks
from postroom.audience.text_files import ROWS_BEFORE_HEADINGS, SAMPLE_BYTES
from postroom.audience.workbooks import LeftOut
from postroom.errors import AudienceError, WhichColumn

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MOST_COLUMNS = 2_000
COLUMNS_NAMED = 40
NO_LIST = ((b"%PDF", "a PDF"), (b"\x89PNG", "a picture"), (b"{\\rtf", "a text document"))

Row = tuple[int, list[str]]


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
    left_out: LeftOut = field(default_factory=LeftOut)
    """What was hidden. Complete once all rows have been read."""


@contextmanager
def open_spreadsheet(
    file: Path, *, is_sought: Callable[[str], bool], sought: str, sheet: str = ""
) -> Iterator[Spreadsheet]:
    """Open *file* and find its headings: the first row with one for which *is_sought* is true.

    *sought* names that heading in words, for the error that lists the columns there are; *sheet*
    is the one of a workbook to read. Raises `WhichColumn` when no heading is sought, `WhichSheet`
    when a workbook has several, and `AudienceError` for a file that is missing, empty or not a
    spreadsheet, also while rows are read when one cannot be.
    """
    with open_rows(file, is_sought=is_sought, sheet=sheet) as opened:
        heading_row, headings, rows = _headings(file, opened.rows, is_sought, sought)
        yield replace(opened, heading_row=heading_row, headings=headings, rows=rows)


@contextmanager
def open_rows(
    file: Path, *, is_sought: Callable[[str], bool], sheet: str = "", dates: str = ""
) -> Iterator[Spreadsheet]:
    """Open *file* at its first row, for whoever finds the headings themselves.

    *is_sought* tells a heading, by which the separator of a text is known; *dates* is the format
    in which a workbook's dates are written, when not as their cells show them. Raises `WhichSheet`
    and `AudienceError` as `open_spreadsheet` does.
    """
    sample = _sample(file)
    if not workbooks.is_workbook(sample):
        with text_files.open_text(file, sample, is_sought=is_sought) as text:
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
            left_out=workbook.left_out,
        )


def _sample(file: Path) -> bytes:
    try:
        with file.open("rb") as content:
            sample = content.read(SAMPLE_BYTES)
    except FileNotFoundError:
        raise AudienceError(f"{file}: there is no such file.") from None
    except IsADirectoryError:
        raise AudienceError(f"{file}: this is a folder. Name a file in it.") from None
    except PermissionError:
        raise AudienceError(f"{file}: you may not read this file.") from None
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


def _headings(
    file: Path, rows: Iterator[Row], is_sought: Callable[[str], bool], sought: str
) -> tuple[int, tuple[str, ...], Iterator[Row]]:
    """Return the number of the heading row, the headings, and the rows below."""
    looked_at: list[list[str]] = []
    for number, cells in islice(rows, ROWS_BEFORE_HEADINGS):
        if any(is_sought(cell) for cell in cells):
            number, cells, rows = _lowest_storey(number, cells, rows, is_sought)
            if len(cells) > MOST_COLUMNS:
                raise AudienceError(
                    f"{file}: it has {len(cells):,} columns, and a list never has more than "
                    f"{MOST_COLUMNS:,}."
                )
            return number, tuple(cells), rows
        looked_at.append(cells)
    if not looked_at:
        raise AudienceError(f"{file}: the file is empty.")
    raise _which_column(file, looked_at, sought)


def _lowest_storey(
    number: int, cells: list[str], rows: Iterator[Row], is_sought: Callable[[str], bool]
) -> tuple[int, list[str], Iterator[Row]]:
    """Follow merged headings down: a cell that spans two rows heads the second one too."""
    upper = cells
    for below, under in rows:
        if not any(is_sought(cell) for cell in under):
            return number, cells, chain([(below, under)], rows)
        padded = under + [""] * (len(upper) - len(under))
        cells = [cell or (upper[at] if at < len(upper) else "") for at, cell in enumerate(padded)]
        number, upper = below, cells
    return number, cells, rows


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
