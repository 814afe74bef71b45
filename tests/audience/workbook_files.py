"""Workbooks for tests, written by hand as zip files, so that they can also be wrong."""

import struct
import zipfile
from itertools import chain

WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
ROOT_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
OPEN_DOCUMENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="List">{}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def worksheet(rows, before=""):
    """Return a worksheet's XML; *rows* is the inside of its sheetData."""
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"{before}<sheetData>{rows}</sheetData></worksheet>"
    )


def cells(*texts):
    """Return a row of cells that hold *texts*."""
    inside = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f"<row>{inside}</row>"


def write_excel(file, sheet, **others):
    """Write *sheet*, the XML of a worksheet, as the only one of an .xlsx file."""
    parts = {
        "_rels/.rels": ROOT_RELATIONS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": sheet,
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | others).items():
            write_part(archive, name, content)


def write_open_document(file, rows):
    """Write an .ods file with one table; *rows* is the XML inside it, whole or in pieces."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        before, after = OPEN_DOCUMENT.split("{}")
        rows = [rows] if isinstance(rows, str) else rows
        write_part(archive, "content.xml", chain([before], rows, [after]))


def write_part(archive, name, content):
    """Write a part of a workbook, whole or piece by piece: a bomb does not fit into memory."""
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in [content] if isinstance(content, str) else content:
            part.write(piece.encode())


def write_old_excel(file, *records):
    """Write an .xls file (BIFF8) with one sheet, "List", that consists of *records*."""
    begin = {kind: record(0x809, "HHHHII", 0x600, kind, 0x1DBB, 0x07CC, 0, 6) for kind in (5, 16)}
    sheet = begin[16] + b"".join(records) + record(0x0A, "")
    named = record(0x85, "IHBB4s", 0, 0, 4, 0, b"List")
    start = len(begin[5]) + len(named) + 4
    stream = begin[5] + record(0x85, "IHBB4s", start, 0, 4, 0, b"List") + record(0x0A, "") + sheet
    stream = stream.ljust(8 * 512, b"\0")
    sectors = [*range(1, 8), END, END, SECTOR_OF_TABLE]  # of the stream, the directory, this
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIII4xIIIII", 62, 3, 0xFFFE, 9, 6, 0, 1, 8, 4096, END, 0, END, 0)
    header += struct.pack("<109I", 9, *[FREE] * 108)
    directory = entry("Root Entry", 5, END, 0, child=1) + entry("Workbook", 2, 0, len(stream))
    table = struct.pack("<128I", *sectors, *[FREE] * (128 - len(sectors)))
    file.write_bytes(header + stream + directory.ljust(512, b"\0") + table)


END, FREE, SECTOR_OF_TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def record(kind, form, *values):
    """Return one record of an .xls file."""
    content = struct.pack(f"<{form}", *values)
    return struct.pack("<HH", kind, len(content)) + content


def label(row, column, text):
    """Return the record of a cell that holds *text*."""
    return record(0x204, f"HHHHB{len(text)}s", row, column, 0, len(text), 0, text.encode("latin-1"))


def formula(row, column, result):
    """Return the record of a formula with *result*, eight bytes as a cell keeps them."""
    return record(0x06, "HHH8sHIH", row, column, 0, result, 0, 0, 0)


def entry(name, kind, start, size, child=FREE):
    """Return an entry of the directory in an .xls file."""
    letters = name.encode("utf-16-le")
    named = letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters) + 2, kind, 1)
    return named + struct.pack("<III36xIQ", FREE, FREE, child, start, size)
