"""What a workbook's own XML says that the library reading it does not: what is hidden, and more.

Read as a stream with the standard library's parser. A file that declares a document type is
refused, so no entity can be expanded.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

from postroom.audience.workbook_dates import BY_NUMBER, is_of_dates

ROWS = 1_048_576  # of a sheet, in every program of today
COLUMNS = 16_384
ROWS_OF_HEADINGS = 100  # from the top: more is looked at by nobody
MOST_HIDDEN_TEXTS = 2_000
MOST_FORMATS = 255  # of dates in one sheet; a byte a cell
PIECE = 1 << 20  # bytes
TRUE = ("1", "true", "on")

_QUOTES = (b'"', b"'")
_SOUGHT: tuple[tuple[tuple[bytes, ...], re.Pattern[bytes]], ...] = (
    ((b"hidden",), re.compile(rb"hidden\s*=\s*[\"'](?:1|true|on)")),
    ((b'"e"', b"'e'"), re.compile(rb"\st\s*=\s*[\"']e[\"']")),
    ((b"<f", b":f"), re.compile(rb"[<:]f[\s/>]")),
)
_column_letters = re.compile(r"[A-Z]{1,3}")


class NotReadable(Exception):
    """A workbook that is not as its format says, or that holds what a list never does."""


@dataclass
class Marks:
    """What is marked in one sheet. Rows and columns count from 0."""

    hidden_rows: bytearray = field(default_factory=lambda: bytearray(ROWS))
    """One byte a row: 1 where it is hidden."""
    hidden_columns: set[int] = field(default_factory=set)
    hidden_with_text: set[int] = field(default_factory=set)
    """Those hidden columns in which something stands, once the rows were gone through."""
    hidden_texts: list[tuple[int, str, str]] = field(default_factory=list)
    """Of hidden cells near the top, where headings are: the row, the column, the text."""
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    """Cells by row and column whose shown text matters more than their value: errors, dates."""
    date_formats: dict[int, bytearray] = field(default_factory=dict)
    """By column: for each row the number of its cell's format in `date_codes`; 0 where none."""
    date_codes: list[str] = field(default_factory=lambda: [""])
    spans: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    """Merged cells: their first and last corner. Only where the library does not tell them."""

    def hide_rows(self, first: int, number: int) -> None:
        """Mark *number* rows from *first* on as hidden."""
        last = min(first + number, ROWS)
        self.hidden_rows[first:last] = b"\1" * max(last - first, 0)

    def note_hidden(self, row: int, column: str, text: str) -> None:
        """Keep what stands hidden in *row*; *column* is blank where it is the row that is hidden.

        *row* counts from 1.
        """
        if text and row <= ROWS_OF_HEADINGS and len(self.hidden_texts) < MOST_HIDDEN_TEXTS:
            self.hidden_texts.append((row, column, text[:40]))

    def note_date(self, row: int, column: int, code: str) -> None:
        """Mark the cell as one that shows its date as *code* says."""
        if row < 0:
            return
        if code not in self.date_codes:
            if len(self.date_codes) > MOST_FORMATS:
                return
            self.date_codes.append(code)
        rows = self.date_formats.setdefault(column, bytearray())
        rows.extend(bytes(max(row + 1 - len(rows), 0)))
        rows[row] = self.date_codes.index(code)

    def date_code(self, row: int, column: int) -> str:
        """Return the format in which the cell shows its date; blank when it is not known."""
        rows = self.date_formats.get(column, b"")
        return self.date_codes[rows[row]] if row < len(rows) else ""


def of_excel(file: Path, sheet: str) -> Marks:
    """Return the marks of *sheet* in the .xlsx or .xlsm *file*. Raises `NotReadable`."""
    with zipfile.ZipFile(file) as archive:
        formats = _date_formats(archive)
        part = _part_of_sheet(archive, sheet)
        if not _worth_parsing(archive, part, formats):
            return Marks()
        reader = _ExcelSheet(formats)
        _parse(archive, part, reader.started, reader.parser)
        return reader.marks


def of_open_document(file: Path, sheet: str) -> Marks:
    """Return the marks of *sheet* in the .ods *file*. Raises `NotReadable`."""
    with zipfile.ZipFile(file) as archive:
        reader = _OpenDocumentSheet(sheet)
        reader.parser.EndElementHandler = reader.ended
        _parse(archive, "content.xml", reader.started, reader.parser)
        return reader.marks


def column_of(reference: str) -> int:
    """Return the column of a cell like "AB12", from 0; of one without letters, -1."""
    letters = _column_letters.match(reference)
    number = 0
    for letter in letters[0] if letters else "":
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters_of(column: int) -> str:
    """Return what a spreadsheet program calls *column*, counted from 0."""
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name


def _parse(
    archive: zipfile.ZipFile, part: str, started: Callable[[str, dict[str, str]], None], parser: Any
) -> None:
    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        for piece in _pieces(archive, part):
            parser.Parse(piece)
        parser.Parse(b"", 1)
    except expat.ExpatError as error:
        raise NotReadable("its XML is damaged") from error


def _refuse_document_type(*_: object) -> None:
    raise NotReadable("its XML declares a document type, which no spreadsheet program writes")


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    try:
        with archive.open(part) as stream:
            while piece := stream.read(PIECE):
                yield piece
    except KeyError:
        raise NotReadable(f"it has no {part}") from None


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    """Return the name, without its prefix, and the attributes of every element of a small part."""
    found: list[tuple[str, dict[str, str]]] = []
    _parse(
        archive,
        part,
        lambda name, said: found.append((name.rpartition(":")[2], said)),
        expat.ParserCreate(),
    )
    return found


def _part_of_sheet(archive: zipfile.ZipFile, sheet: str) -> str:
    ids = [
        value
        for name, said in _elements(archive, "xl/workbook.xml")
        if name == "sheet" and said.get("name") == sheet
        for key, value in said.items()
        if key.rpartition(":")[2] == "id"
    ]
    for name, said in _elements(archive, "xl/_rels/workbook.xml.rels"):
        if name == "Relationship" and ids and said.get("Id") == ids[0]:
            return normpath(join("/xl", said["Target"])).lstrip("/")
    raise NotReadable(f"its sheet “{sheet}” cannot be found")


def _date_formats(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the date format of each cell style that has one, by the style's number."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    codes = {str(number): code for number, code in BY_NUMBER.items()}
    formats: dict[str, str] = {}
    in_cells, style = False, 0
    for name, said in _elements(archive, "xl/styles.xml"):
        if name == "numFmt":
            codes[said.get("numFmtId", "")] = said.get("formatCode", "")
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles"):
            in_cells = name == "cellXfs"
        elif name == "xf" and in_cells:
            code = codes.get(said.get("numFmtId", ""), "")
            if is_of_dates(code):
                formats[str(style)] = code
            style += 1
    return formats


def _worth_parsing(archive: zipfile.ZipFile, part: str, formats: dict[str, str]) -> bool:
    """Say whether anything in the sheet can be marked: most sheets have nothing, and searching
    them is ten times as quick as parsing them.

    Each pattern is tried only where a part of it stands that is found much faster.
    """
    sought = list(_SOUGHT)
    if formats:
        styles = b"|".join(style.encode() for style in formats)
        tokens = tuple(quote + style.encode() + quote for style in formats for quote in _QUOTES)
        sought.append((tokens, re.compile(rb"\ss\s*=\s*[\"'](?:" + styles + rb")[\"']")))
    end_of_last = b""
    for piece in _pieces(archive, part):
        if b"\0" in piece[:64]:  # not UTF-8: the search would find nothing
            return True
        both = end_of_last + piece
        if any(any(t in both for t in tokens) and wanted.search(both) for tokens, wanted in sought):
            return True
        end_of_last = piece[-64:]
    return False


class _ExcelSheet:
    """Gathers the marks of a worksheet's part as its elements begin."""

    def __init__(self, formats: dict[str, str]):
        self.marks = Marks()
        self.parser = expat.ParserCreate()
        self._formats = formats
        self._row = self._column = -1
        self._type = ""

    def started(self, tag: str, said: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "c":
                self._begin_cell(said)
            case "f" if self._type != "str":  # such a one came to a text, if a blank one
                self._follow_value(["f"])
            case "row":
                self._begin_row(said)
            case "col" if said.get("hidden") in TRUE:
                first, last = (_number(said.get(end, "0"), COLUMNS) for end in ("min", "max"))
                self.marks.hidden_columns.update(range(first - 1, last))

    def _begin_row(self, said: dict[str, str]) -> None:
        self._row = _number(said["r"], ROWS) - 1 if "r" in said else self._row + 1
        self._column = -1
        if said.get("hidden") in TRUE:
            self.marks.hide_rows(self._row, 1)

    def _begin_cell(self, said: dict[str, str]) -> None:
        self._column = column_of(said["r"]) if "r" in said else self._column + 1
        self._type = said.get("t", "n")
        if self._type == "e":
            self._follow_value([])
        elif self._type == "n" and said.get("s") in self._formats:
            self.marks.note_date(self._row, self._column, self._formats[said["s"]])

    def _follow_value(self, inside: list[str]) -> None:
        """Follow a cell to its end, from *inside* its elements: its error, or that it has none."""
        place = (self._row, self._column)
        value: list[str] = []

        def begun(tag: str, _: dict[str, str]) -> None:
            inside.append(tag.rpartition(":")[2])

        def read(text: str) -> None:
            if inside and inside[-1] == "v":
                value.append(text)

        def ended(_: str) -> None:
            if inside:
                inside.pop()
                return
            if self._type == "e":
                self.marks.texts[place] = "".join(value)
            elif not "".join(value).strip():
                self.marks.texts[place] = UNCALCULATED
            self.parser.StartElementHandler = self.started
            self.parser.CharacterDataHandler = self.parser.EndElementHandler = None

        self.parser.StartElementHandler = begun
        self.parser.CharacterDataHandler = read
        self.parser.EndElementHandler = ended


class _OpenDocumentSheet:
    """Gathers the marks of one table of an OpenDocument's content as its elements pass."""

    def __init__(self, sheet: str):
        self.marks = Marks()
        self.parser = expat.ParserCreate()
        self._sheet = sheet
        self._depth = 0  # 0 outside our table, 1 inside it, more inside what stands in a cell
        self._unseen_groups: list[bool] = []
        self._row = self._rows = self._column = self._columns = self._described = 0
        self._is_date = False
        self._text: list[str] | None = None

    def started(self, tag: str, said: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "table":
            if self._depth or said.get("table:name") == self._sheet:
                self._depth += 1
        elif self._depth == 1:
            self._inside(name, said)

    def _inside(self, name: str, said: dict[str, str]) -> None:
        match name:
            case "table-cell" | "covered-table-cell":
                self._begin_cell(said)
            case "p" if self._text is None:
                self._text = []
                self.parser.CharacterDataHandler = self._text.append
            case "table-row":
                self._begin_row(said)
            case "annotation":  # somebody's comment on a cell holds text of its own
                self._depth += 1
            case "table-row-group" | "table-column-group":
                self._unseen_groups.append(said.get("table:display") == "false")
            case "table-column":
                self._describe_columns(said)

    def _begin_row(self, said: dict[str, str]) -> None:
        self._row += self._rows
        self._rows = _number(said.get("table:number-rows-repeated", "1"), ROWS)
        self._column = self._columns = 0
        if self._is_unseen(said):
            self.marks.hide_rows(self._row, self._rows)

    def _describe_columns(self, said: dict[str, str]) -> None:
        repeated = _number(said.get("table:number-columns-repeated", "1"), COLUMNS)
        if self._is_unseen(said):
            last = min(self._described + repeated, COLUMNS)
            self.marks.hidden_columns.update(range(self._described, last))
        self._described += repeated

    def _is_unseen(self, said: dict[str, str]) -> bool:
        return any(self._unseen_groups) or said.get("table:visibility", "visible") != "visible"

    def _begin_cell(self, said: dict[str, str]) -> None:
        self._column += self._columns
        self._columns = _number(said.get("table:number-columns-repeated", "1"), COLUMNS)
        self._is_date = said.get("office:value-type") in ("date", "time")
        self._text = None
        down = _number(said.get("table:number-rows-spanned", "1"), ROWS)
        across = _number(said.get("table:number-columns-spanned", "1"), COLUMNS)
        if down > 1 or across > 1:
            corner = (self._row + down - 1, self._column + across - 1)
            self.marks.spans.append(((self._row, self._column), corner))

    def ended(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("table", "annotation") and self._depth:
            self._depth -= 1
        elif self._depth == 1 and name in ("table-row-group", "table-column-group"):
            self._unseen_groups.pop()
        elif self._depth == 1 and name == "p" and self._text is not None:
            self.parser.CharacterDataHandler = None
            text = "".join(self._text)
            if self._is_date or is_error(text):
                self._note(text)

    def _note(self, text: str) -> None:
        for row in range(self._row, min(self._row + self._rows, self._row + 1_000)):
            for column in range(self._column, self._column + min(self._columns, 100)):
                self.marks.texts[row, column] = text


UNCALCULATED = "#NOT CALCULATED!"
"""Where a formula stands whose answer is not in the file: programs that write files leave it so."""
ERRORS = (
    UNCALCULATED,
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
)


def is_error(text: str) -> bool:
    """Return whether *text* is what a spreadsheet shows where a formula found no answer."""
    return text in ERRORS or (text.startswith("Err:5") and text[4:].isdigit())


def _number(text: str, most: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise NotReadable("a number in it is none") from None
    if not 0 <= number <= most:
        raise NotReadable("it says that it has more rows or columns than a sheet can have")
    return number
