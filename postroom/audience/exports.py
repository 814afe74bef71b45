"""Spreadsheets written for people to open: CSV and XLSX, private, and with no live formula.

A spreadsheet program runs a cell that begins like a formula, whoever typed it. Such a cell gets an
apostrophe before it, which programs read as "this is text"; `as_it_was` takes it off again.
"""

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

from postroom.errors import AudienceError

BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_767  # characters that Excel takes in one cell
_not_in_xml = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Rows = Iterable[Sequence[str]]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    # Two styles: text (format 49, so that a long number stays as it is), and bold text.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="2">'
        '<font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2">'
        '<fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
        "<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs "
        'count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" '
        'applyNumberFormat="1" quotePrefix="1"/><xf numFmtId="49" fontId="1" fillId="0" '
        'borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>'
    ),
}
_SHEET = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
    '</sheetViews><sheetFormatPr defaultColWidth="24" defaultRowHeight="15"/><sheetData>'
)


def safe(cell: str) -> str:
    """Return *cell* as a spreadsheet program shows it and never runs it."""
    return f"'{cell}" if cell.lstrip(" '\u00a0").startswith(BEGIN_FORMULAS) else cell


def as_it_was(cell: str) -> str:
    """Return a cell that `safe` made harmless as it was before."""
    return cell[1:] if cell[:1] == "'" and safe(cell[1:]) == cell else cell


def write_spreadsheet(file: Path, headings: Sequence[str], rows: Rows) -> int:
    """Write *headings* and *rows* to *file*, .csv or .xlsx, for its owner only; return how many
    rows. Makes the folder; replaces the file. Raises `AudienceError` for another ending."""
    writers = {".csv": _write_csv, ".xlsx": _write_excel}
    writer = writers.get(file.suffix.lower())
    if writer is None:
        raise AudienceError(f"{file}: name a file that ends in .csv or .xlsx.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with _private(file) as content:
        return writer(content, headings, rows)


@contextmanager
def _private(file: Path) -> Iterator[IO[bytes]]:
    """Give a new file to write, which takes the place of *file* once it is whole."""
    unfinished = file.with_name(f".{file.name}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as content:
            yield content
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_csv(content: IO[bytes], headings: Sequence[str], rows: Rows) -> int:
    # With its mark at the beginning: else Excel reads UTF-8 as something else.
    text = io.TextIOWrapper(content, "utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow(map(safe, headings))
    number = 0
    for row in rows:
        writer.writerow(map(safe, row))
        number += 1
    text.flush()
    text.detach()
    return number


def _write_excel(content: IO[bytes], headings: Sequence[str], rows: Rows) -> int:
    number = 0
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in _PARTS.items():
            archive.writestr(name, part)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write((_SHEET + _row(headings, style=1)).encode())
            for row in rows:
                sheet.write(_row(row, style=0).encode("utf-8", "replace"))
                number += 1
            sheet.write(b"</sheetData></worksheet>")
    return number


def _row(cells: Sequence[str], style: int) -> str:
    inside = "".join(_cell(safe(cell), style) for cell in cells)
    return f"<row>{inside}</row>"


def _cell(text: str, style: int) -> str:
    if len(text) > LONGEST_CELL:
        raise AudienceError(
            f"A cell has {len(text):,} characters, more than Excel takes. Export it as .csv."
        )
    shown = escape(_not_in_xml.sub("\N{REPLACEMENT CHARACTER}", text))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
