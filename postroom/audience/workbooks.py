"""Workbooks (.xlsx, .xlsm, .xls, .ods), read row by row from a process with limits."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from postroom.errors import AudienceError, WhichSheet

BEGINNINGS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # zip; the container of .xls
SECONDS_TO_BEGIN = 180  # the reader has a limit of its own on processor time, but on Windows

_READER = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from postroom.audience.workbook_reader import main; main(*sys.argv[1:])"
)
_ROOT = str(Path(__file__).resolve().parents[2])
_KINDS = {"xlsx": "Excel", "xls": "older Excel", "ods": "OpenDocument"}


@dataclass
class LeftOut:
    """What somebody hid in a workbook, and which was therefore not read."""

    sheets: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    """By their letters; only those in which something stands."""
    rows: int = 0
    """Only those in which something stands. Complete once all rows have been read."""
    texts: list[tuple[int, str, str]] = field(default_factory=list)
    """Of what is hidden near the top: the row, the column unless the row is hidden, the text."""
    known: bool = True
    """Whether the format tells which rows and columns are hidden: an .xls file does not."""


@dataclass
class Workbook:
    """A workbook opened at one of its sheets. `rows` can be gone through once, in order."""

    sheet: str
    kind: str
    """In words: Excel, older Excel, OpenDocument."""
    height: int
    """Rows from the first line of the sheet to the last in which something stands."""
    across: Mapping[int, Sequence[tuple[int, int]]]
    """By row, near the top: the first and last column of each cell merged across several."""
    rows: Iterator[tuple[int, list[str]]]
    left_out: LeftOut


def is_workbook(sample: bytes) -> bool:
    """Return whether a file that begins with *sample* is to be read as a workbook."""
    return sample.startswith(BEGINNINGS)


@contextmanager
def open_workbook(file: Path, sheet: str = "", dates: str = "") -> Iterator[Workbook]:
    """Open *sheet* of the workbook *file*, or the only one that is not blank.

    *dates* is the format in which dates are written; when blank, each as its cell shows it.
    Raises `WhichSheet` when somebody must choose one, and `AudienceError` for a workbook that
    cannot be read, also while its rows are gone through.
    """
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER, _ROOT, str(file), sheet, dates],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a library's own words for a file that broke it
    )
    assert reader.stdout is not None  # noqa: S101  # asked for above
    try:
        first = _first_answer(file, reader, reader.stdout)
        left_out = LeftOut()
        yield Workbook(
            sheet=first["sheet"],
            kind=_KINDS[first["kind"]],
            height=first["rows"],
            across=dict(first["across"]),
            rows=_rows(file, reader.stdout, left_out),
            left_out=left_out,
        )
    finally:
        reader.kill()
        reader.stdout.close()
        reader.wait()


def _first_answer(file: Path, reader: "subprocess.Popen[bytes]", answers: IO[bytes]) -> Any:
    end = threading.Timer(SECONDS_TO_BEGIN, reader.kill)
    end.daemon = True
    end.start()
    try:
        answer = _answer(file, answers)
    finally:
        end.cancel()
    if "which" in answer:
        raise _which_sheet(file, answer["which"], answer.get("unknown", ""))
    return answer


def _answer(file: Path, answers: IO[bytes]) -> Any:
    line = answers.readline()
    if not line.endswith(b"\n"):
        raise AudienceError(
            f"{file}: this workbook could not be read to its end: it needs more time or memory "
            "than a list ever does, or it is damaged. Copy the list alone into a new workbook, or "
            "save it as CSV."
        )
    answer = json.loads(line)
    if "refused" in answer:
        raise AudienceError(f"{file}: this workbook cannot be read: {answer['refused']}.")
    return answer


def _which_sheet(file: Path, sheets: list[str], unknown: str) -> WhichSheet:
    named = ", ".join(f"“{name}”" for name in sheets)
    what = f"there is no sheet “{unknown}”" if unknown else "more than one sheet holds something"
    return WhichSheet(
        f"{file}: {what}. Say which one is the list, with --sheet. There are: {named}.",
        sheets=sheets,
    )


def _rows(file: Path, answers: IO[bytes], left_out: LeftOut) -> Iterator[tuple[int, list[str]]]:
    while isinstance(answer := _answer(file, answers), list):
        yield from ((number, cells) for number, cells in answer)
    left_out.sheets = answer["hidden_sheets"]
    left_out.columns = answer["hidden_columns"]
    left_out.rows = answer["hidden_rows"]
    left_out.texts = [(row, column, text) for row, column, text in answer["hidden_texts"]]
    left_out.known = answer["hidden_known"]
