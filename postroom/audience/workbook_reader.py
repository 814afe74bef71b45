"""Reads one sheet of a workbook, in a process of its own with limits, and writes its rows out.

Whoever made the file may be careless or worse, and the libraries that unpack it are not ours. What
goes wrong here ends this process, never the one that asked. Answers are JSON, one a line: first
about the workbook, then rows in batches, then what was left out.
"""

import json
import sys
import zipfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine as calamine

from postroom.audience import workbook_marks as marks
from postroom.audience.cells import MOST_COLUMNS, UNSEEN_AT_ENDS
from postroom.audience.workbook_dates import written
from postroom.audience.workbook_marks import ROWS_OF_HEADINGS, Marks, NotReadable, letters_of
from postroom.audience.workbook_old import of_old_excel

MEMORY_BYTES = 380 * 1024**2  # of address space; the promise is 500 MB with whoever asks
CPU_SECONDS = 120
UNPACKED_BYTES = 1024**3
PARTS = 10_000
ROWS_A_LINE = 500
LONGEST_CELL = 131_072  # characters: as in a CSV file

Row = list[str]


def main(file: str, sheet: str, dates: str = "") -> None:
    """Read *sheet* of *file*, or the only one worth reading when that is blank, to stdout.

    *dates* is the format in which dates are written; when blank, each as its cell shows it.
    """
    _limit()
    try:
        _read(Path(file), sheet, dates)
    except (NotReadable, MemoryError, calamine.CalamineError, zipfile.BadZipFile) as error:
        _say({"refused": _in_words(error)})


def _limit() -> None:
    if sys.platform == "win32":
        return  # has no such limits: there the asking process ends this one after a time
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    if sys.platform != "darwin":  # macOS refuses it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=True, separators=(",", ":")) + "\n")


def _in_words(error: BaseException) -> str:
    match error:
        case NotReadable():
            return str(error)
        case MemoryError():
            return "it needs more memory than a list ever does"
        case calamine.PasswordError():
            return "it is locked with a password. Open it and save it without one"
        case _:
            return "it is damaged, or it is another kind of file than its name says"


def _read(file: Path, sheet: str, dates: str) -> None:
    kind = _kind(file)
    with calamine.load_workbook(str(file)) as workbook:
        about = {one.name: one.visible for one in workbook.sheets_metadata if _has_cells(one)}
        shown = calamine.SheetVisibleEnum.Visible
        hidden = [name for name, visible in about.items() if visible != shown]
        visible = [name for name in about if name not in hidden]
        chosen = _choose(workbook, sheet, list(about), visible)
        if chosen is None:
            return
        cells = workbook.get_sheet_by_name(chosen)
        found = _marks(file, kind, chosen)
        if dates and kind != "xls":  # what cells show matters only where it is an error
            found.date_formats = {}
            found.texts = {at: text for at, text in found.texts.items() if marks.is_error(text)}
        about_sheet = {"sheet": chosen, "kind": kind, "rows": cells.total_height + 1}
        _say({**about_sheet, "across": list(_merged_across(cells, found))})
        _write_rows(cells, found, dates)
        left_out = [name for name in hidden if name != chosen]
        _say({"hidden_sheets": left_out, "hidden_known": kind != "xls", **found_hidden(found)})


def _kind(file: Path) -> str:
    """Return xlsx, ods or xls, by what the file holds. Raises `NotReadable` for other zip files."""
    with file.open("rb") as content:
        if content.read(4) != b"PK\3\4":
            return "xls"
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
            raise NotReadable("it unpacks to more than a list ever holds")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise NotReadable("it is not an .xlsx, .xlsm, .xls or .ods workbook. Save it as one of those")


def _has_cells(sheet: calamine.SheetMetadata) -> bool:
    return sheet.typ == calamine.SheetTypeEnum.WorkSheet


def _choose(
    workbook: calamine.CalamineWorkbook, asked: str, names: Sequence[str], visible: Sequence[str]
) -> str | None:
    """Return the sheet to read; None after saying between which somebody must choose."""
    if asked:
        same = [name for name in names if name.strip().casefold() == asked.strip().casefold()]
        if same:
            return same[0]
        _say({"which": list(visible), "unknown": asked})
        return None
    candidates = list(visible)
    if len(candidates) > 1:
        candidates = [name for name in visible if workbook.get_sheet_by_name(name).height]
    if len(candidates) > 1:
        _say({"which": candidates})
        return None
    if not candidates:
        raise NotReadable("it has nothing in any sheet that can be seen")
    return candidates[0]


def _marks(file: Path, kind: str, sheet: str) -> Marks:
    if kind == "xlsx":
        return marks.of_excel(file, sheet)
    return marks.of_open_document(file, sheet) if kind == "ods" else of_old_excel(file, sheet)


def found_hidden(found: Marks) -> dict[str, object]:
    """Return how much that holds something was left out, once all rows were gone through."""
    return {
        "hidden_rows": found.hidden_rows.count(2),
        "hidden_texts": found.hidden_texts,
        "hidden_columns": [letters_of(column) for column in sorted(found.hidden_with_text)],
    }


def _merged_across(
    sheet: calamine.CalamineSheet, found: Marks
) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield the rows near the top in which cells are merged across columns that can be seen."""
    hidden = sorted(found.hidden_columns)
    by_row: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (_, right) in found.spans or sheet.merged_cell_ranges or []:
        if top >= ROWS_OF_HEADINGS:
            continue
        first, end = left - bisect_left(hidden, left), right + 1 - bisect_left(hidden, right + 1)
        if end - first > 1:
            by_row.setdefault(top + 1, []).append((first, min(end, MOST_COLUMNS) - 1))
    yield from by_row.items()


def _write_rows(sheet: calamine.CalamineSheet, found: Marks, dates: str) -> None:
    batch: list[tuple[int, Row]] = []
    shown = _shown_rows(sheet, found, dates)
    for number, row in enumerate(_merged(sheet, found, shown), start=1):
        if found.hidden_columns:
            _drop_hidden(row, found, number)
        while row and not row[-1]:
            row.pop()
        if not row:
            continue
        if found.hidden_rows[number - 1]:
            found.hidden_rows[number - 1] = 2
            for text in row:
                found.note_hidden(number, "", text)
            continue
        if len(row) > MOST_COLUMNS:
            raise NotReadable(f"row {number} has more than {MOST_COLUMNS:,} columns")
        batch.append((number, row))
        if len(batch) == ROWS_A_LINE:
            _say(batch)
            batch = []
    if batch:
        _say(batch)


def _drop_hidden(row: Row, found: Marks, number: int) -> None:
    """Take the hidden columns out of *row*, noting which of them hold something."""
    for column in sorted(found.hidden_columns, reverse=True):
        if column < len(row) and (text := row.pop(column)):
            found.hidden_with_text.add(column)
            found.note_hidden(number, letters_of(column), text)


def _shown_rows(sheet: calamine.CalamineSheet, found: Marks, dates: str) -> Iterator[Row]:
    """Yield every row of *sheet* from its first line on, each cell as text."""
    before = [""] * (sheet.start or (0, 0))[1]  # the library begins at the first column in use
    for at, cells in enumerate(sheet.iter_rows()):
        row = before + [
            cell.strip(UNSEEN_AT_ENDS)
            if type(cell) is str
            else _text(cell, dates or found.date_code(at, column))
            for column, cell in enumerate(cells, start=len(before))
        ]
        if found.texts:
            row = [found.texts.get((at, column), text) for column, text in enumerate(row)]
        if max(map(len, row), default=0) > LONGEST_CELL:
            raise NotReadable(f"a cell in row {at + 1} is too long for a list")
        yield row


def _text(cell: Any, date_format: str) -> str:
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))  # the library gives whole numbers as 900001.0
        case date() | datetime() | time() | timedelta():
            return written(cell, date_format)
        case _:
            return str(cell).strip(UNSEEN_AT_ENDS)


def _merged(sheet: calamine.CalamineSheet, found: Marks, rows: Iterator[Row]) -> Iterator[Row]:
    """Yield *rows* with the value of a merged cell in each of its rows, in its first column that
    can be seen; a row in which nothing else stands stays blank."""
    spans = sorted(found.spans or sheet.merged_cell_ranges or [], reverse=True)
    going_on: list[tuple[int, int, str]] = []  # last row, column, value
    for at, row in enumerate(rows):
        going_on = [one for one in going_on if one[0] >= at]
        if any(row):
            for _, column, value in going_on:
                if column < len(row) and not row[column]:
                    row[column] = value
        while spans and spans[-1][0][0] <= at:
            (top, left), (bottom, right) = spans.pop()
            if top == at and left < len(row) and row[left]:
                seen = _first_seen(left, right, found)
                if seen < len(row):
                    row[seen] = row[left]
                going_on.append((bottom, seen, row[left]))
                if len(going_on) > MOST_COLUMNS:
                    raise NotReadable(f"merged cells lie over each other in row {at + 1}")
        yield row


def _first_seen(left: int, right: int, found: Marks) -> int:
    """Return the first column from *left* to *right* that is not hidden, else *left*."""
    return next((c for c in range(left, right + 1) if c not in found.hidden_columns), left)


if __name__ == "__main__":
    main(*sys.argv[1:])
