"""Exports of form tools for tests: the files beside this, and workbooks as Microsoft Forms has."""

import shutil
from datetime import datetime
from html import escape
from pathlib import Path

from tests.audience.workbook_files import worksheet, write_excel

FILES = Path(__file__).parent / "files"
YEAR = "2026"  # of every time in the files
LAST_YEAR = datetime.now().astimezone().year - 1
"""Commands read the clock: a file with fixed times would be too old one day."""
STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>'
    '<numFmt numFmtId="164" formatCode="m/d/yy h:mm:ss"/></numFmts><cellXfs>'
    '<xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)
MICROSOFT = ("ID", "Start time", "Completion time", "Email", "Name")
QUESTIONS = (
    "What is your name?",
    "What is your email address?",
    "Where do you work?",
    "What is your main role?",
    "How would you like to take part?",
    "Can we contact you about research?",
)


def microsoft_row(number, at, *answers):
    """Return a row as Microsoft Forms has it, of somebody who was not signed in."""
    return (number, at, at, "anonymous", "", *answers)


def write_microsoft(file, rows, questions=QUESTIONS):
    """Write a workbook as Microsoft Forms exports it: times are dates, not text; return it."""
    every = [(*MICROSOFT, *questions), *rows]
    write_excel(file, worksheet("".join(map(_row, every))), **{"xl/styles.xml": STYLES})
    return file


def last_year(file, folder):
    """Copy an export into *folder* with its times in last year; return the copy."""
    source, copy = FILES / file, folder / file
    if source.is_dir():
        shutil.copytree(source, copy)
    else:
        shutil.copy(source, copy)
    year = str(LAST_YEAR)
    for one in [copy] if copy.is_file() else copy.iterdir():
        content = one.read_bytes().replace(YEAR.encode(), year.encode())
        one.write_bytes(content.replace(b"/26 ", f"/{year[2:]} ".encode()))
    return copy


def _row(values):
    return f"<row>{''.join(map(_cell, values))}</row>"


def _cell(value):
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30, tzinfo=value.tzinfo)).total_seconds() / 86_400
        return f'<c s="1"><v>{days!r}</v></c>'
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
