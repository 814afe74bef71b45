"""What a form tool exports, opened: a spreadsheet, or a folder of one CSV a response."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from postroom.audience import columns as list_columns
from postroom.audience.cells import MOST_COLUMNS
from postroom.audience.exports import as_it_was
from postroom.audience.spreadsheets import open_rows
from postroom.audience.text_files import ROWS_BEFORE_HEADINGS
from postroom.audience.workbook_dates import EXACTLY
from postroom.audience.workbooks import LeftOut
from postroom.content.form_mapping import FormMapping, Tool
from postroom.content.same_words import as_compared
from postroom.errors import AudienceError
from postroom.research import form_tools
from postroom.research.form_tools import Column, Shape

MOST_ROWS = 50_000  # of answers; a form that had more is not brought in by one command
MOST_FILES = 20_000
PART = 1 << 20  # bytes


@dataclass(frozen=True)
class Row:
    """A row of answers, and where it stands."""

    number: int
    """As the spreadsheet numbers it."""
    file: str
    """Its file's name, where there are several; else blank."""
    cells: list[str]

    @property
    def where(self) -> str:
        """As a person finds it: 7, or "2 of answer-8GZ4.csv"."""
        return f"{self.number} of {self.file}" if self.file else str(self.number)


@dataclass(frozen=True)
class Export:
    """An export that was read and not understood yet."""

    path: Path
    shape: Shape
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    width: int
    """How many cells a row has, where it has no more than there are headings."""
    format: str
    """In words: what kind of file it is, and how it was read."""
    sha256: str
    """Of the file, or of those in the folder, in the order of their names."""
    files: int = 1
    hidden: tuple[str, ...] = ()
    """What somebody hid in a workbook, in words: it was not read."""
    hidden_known: bool = True
    """Whether the format tells what is hidden: an .xls file does not."""
    passed_over: tuple[str, ...] = ()
    """Other files in the folder."""
    previews: tuple[str, ...] = ()
    """Where rows stand that nobody meant: tries of the form."""
    unfinished: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """What it looks like: "Looks like Microsoft Forms: 1 heading row, 38 answers"."""
        rows = self.shape.heading_rows
        heading_rows = f"{rows} heading row{'s' if rows > 1 else ''}"
        number = len(self.rows)
        answers = f"{number:,} answer{'s' if number != 1 else ''}"
        in_files = f" in {self.files:,} files" if self.files > 1 else ""
        return f"Looks like {self.shape.tool.in_words}: {heading_rows}, {answers}{in_files}"

    def called(self, heading: str) -> list[Column]:
        """Return the columns that *heading* names: one, where the file is as it should be."""
        by_id = [c for c in self.columns if as_compared(c.heading) == as_compared(heading)]
        return by_id or [column for column in self.columns if column.is_called(heading)]

    def answers(self, column: Column) -> list[str]:
        """Return each different answer in *column*, in file order."""
        told = (cell(row, column) for row in self.rows)
        return list(dict.fromkeys(filter(None, told)))


def cell(row: Row, column: Column) -> str:
    """Return what *row* says in *column*; where that is several, what each says, with ";"."""
    said = (row.cells[at] for at in column.at if at < len(row.cells))
    return ";".join(filter(None, said))


def read_export(path: Path, *, sheet: str = "", mapping: FormMapping | None = None) -> Export:
    """Return the export at *path*, whose headings are known by a tool's or by *mapping*.

    *sheet* is the one of a workbook. Raises `WhichSheet` when somebody must choose one, and
    `AudienceError` for what cannot be read.
    """
    files, passed_over = _files(path)
    sought = _sought(mapping)
    tables = [_read_table(file, sheet, mapping, sought) for file in files]
    export = _together(path, tables)
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            while part := content.read(PART):
                whole.update(part)
    return replace(_meant(export), sha256=whole.hexdigest(), passed_over=tuple(passed_over))


@dataclass(frozen=True)
class _Table:
    file: Path
    shape: Shape
    columns: list[Column]
    rows: list[tuple[int, list[str]]]
    width: int
    format: str
    hidden: list[str]
    hidden_known: bool


def _files(path: Path) -> tuple[list[Path], list[str]]:
    if not path.is_dir():
        return [path], []
    there = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    files = [file for file in there if file.suffix.lower() == ".csv" and file.is_file()]
    if not files:
        raise AudienceError(f"{path}: there is no .csv file in this folder.")
    if len(files) > MOST_FILES:
        raise AudienceError(f"{path}: there are more than {MOST_FILES:,} files in this folder.")
    return files, [file.name for file in there if file not in set(files)]


def _sought(mapping: FormMapping | None) -> Callable[[str], bool]:
    known = set(form_tools.signatures())
    if mapping is not None:
        known |= {as_compared(heading) for heading in mapping.headings.values()}
    return lambda text: as_compared(text) in known or list_columns.is_address(text)


def _read_table(
    file: Path, sheet: str, mapping: FormMapping | None, sought: Callable[[str], bool]
) -> _Table:
    with open_rows(file, is_sought=sought, sheet=sheet, dates=EXACTLY) as opened:
        rows = []
        for number, cells in opened.rows:
            rows.append((number, [as_it_was(cell) for cell in cells]))
            if len(rows) > MOST_ROWS:
                raise AudienceError(f"{file}: it has more than {MOST_ROWS:,} rows.")
        at, shape = _find_headings(file, [said for _, said in rows], mapping, sought)
        below = at + shape.heading_rows
        headings = [said for _, said in rows[at:below]]
        if len(headings[0]) > MOST_COLUMNS:
            raise AudienceError(f"{file}: it has more columns than a form has questions.")
        found = list(form_tools.columns(shape, headings))
        return _Table(
            file=file,
            shape=shape,
            columns=found,
            rows=rows[below:],
            width=max(map(len, headings)),
            format=opened.format,
            hidden=list(_hidden(opened.left_out)),
            hidden_known=opened.left_out.known,
        )


def _hidden(left_out: LeftOut) -> Iterator[str]:
    if left_out.rows:
        yield f"{left_out.rows:,} row{'s' if left_out.rows > 1 else ''}"
    yield from (f"column {letters}" for letters in left_out.columns)
    yield from (f"sheet “{name}”" for name in left_out.sheets)


def _find_headings(
    file: Path,
    rows: Sequence[list[str]],
    mapping: FormMapping | None,
    sought: Callable[[str], bool],
) -> tuple[int, Shape]:
    """Return which of *rows* is the first with headings, and the shape of what is below."""
    if not rows:
        raise AudienceError(f"{file}: the file is empty.")
    recognised = _recognised(rows)
    if mapping is not None and (recognised is None or mapping.tool is Tool.OTHER):
        recognised = _as_mapped(rows, mapping) or recognised
    if recognised is None:
        with_one = (at for at, cells in enumerate(rows) if any(map(sought, cells)))
        with_several = (at for at, cells in enumerate(rows) if sum(map(bool, cells)) > 1)
        return next(with_one, next(with_several, 0)), Shape(Tool.OTHER)
    tool = recognised[1].tool
    if mapping is not None and mapping.tool not in (tool, Tool.OTHER):
        raise AudienceError(
            f"{file}: this looks like {tool.in_words}, and the mapping file of {mapping.form} is "
            f"for {mapping.tool.in_words}. Is it another form? Then give it a name of its own with "
            "--form."
        )
    return recognised


def _recognised(rows: Sequence[list[str]]) -> tuple[int, Shape] | None:
    """Return where the headings of a tool that we know begin."""
    for at in range(min(len(rows), ROWS_BEFORE_HEADINGS)):
        if shape := form_tools.recognise(rows[at:]):
            return at, shape
    return None


def _as_mapped(rows: Sequence[list[str]], mapping: FormMapping) -> tuple[int, Shape] | None:
    """Return where the headings begin among which is that of the addresses."""
    shape = Shape(mapping.tool, mapping.heading_rows or 1)
    for at in range(min(len(rows), ROWS_BEFORE_HEADINGS)):
        headings = form_tools.columns(shape, rows[at : at + shape.heading_rows])
        if any(column.is_called(mapping.columns.email) for column in headings):
            return at, shape
    return None


def _together(path: Path, tables: list[_Table]) -> Export:
    """Return one export of all *tables*: a form that branches gives them different columns."""
    first = tables[0]
    if len(tables) == 1:
        rows = tuple(Row(number, "", cells) for number, cells in first.rows)
        columns, width = tuple(first.columns), first.width
    else:
        columns, rows = _united(tables)
        width = len(columns)
    return Export(
        path=path,
        shape=first.shape,
        columns=columns,
        rows=rows,
        width=width,
        format=first.format,
        sha256="",
        files=len(tables),
        hidden=tuple(first.hidden),
        hidden_known=first.hidden_known,
    )


def _united(tables: Iterable[_Table]) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    places: dict[tuple[str, int], int] = {}  # a heading, and which of its kind → the place
    columns: list[Column] = []
    found: list[tuple[Row, dict[int, str]]] = []  # rows with what is beyond their headings, rest
    shape = None
    for table in tables:
        shape = shape or table.shape
        if table.shape != shape:
            raise AudienceError(
                f"{table.file}: this looks like {table.shape.tool.in_words}, and the files before "
                f"it like {shape.tool.in_words}. Put each form's files in a folder of their own."
            )
        new_places: dict[int, int] = {}
        seen: dict[str, int] = {}
        for column in table.columns:
            known_as = as_compared(column.heading)
            seen[known_as] = seen.get(known_as, 0) + 1
            key = (known_as, seen[known_as])
            if key not in places:
                places[key] = len(columns)
                columns.append(replace(column, at=(places[key],)))
            new_places[column.at[0]] = places[key]
        for number, cells in table.rows:
            moved = {new_places[at]: said for at, said in enumerate(cells) if at in new_places}
            beyond = cells[table.width :]
            found.append((Row(number, table.file.name, beyond), moved))
    rows = tuple(
        replace(row, cells=[*(moved.get(at, "") for at in range(len(columns))), *row.cells])
        for row, moved in found
    )
    return tuple(columns), rows


def _meant(export: Export) -> Export:
    """Return *export* without the rows that nobody meant or finished, which are kept apart."""
    rows, previews, unfinished = [], [], []
    heads = [(column.compressed, column) for column in export.columns]
    for row in export.rows:
        said = {name: cell(row, column) for name, column in heads}
        if form_tools.was_not_meant(export.shape, said):
            previews.append(row.where)
        elif form_tools.was_not_finished(export.shape, said):
            unfinished.append(row.where)
        else:
            rows.append(row)
    return replace(export, rows=tuple(rows), previews=tuple(previews), unfinished=tuple(unfinished))
