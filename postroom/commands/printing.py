"""How commands speak: messages on standard error, results on standard output, times in London."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

LONDON = ZoneInfo("Europe/London")
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """Print a message for the person at the keyboard, on standard error."""
    _err.print(text, markup=False)


def warn(text: str) -> None:
    """Print something that must not be overlooked, on standard error."""
    _err.print(text, style="yellow", markup=False)


def show(text: str = "") -> None:
    """Print a result, on standard output."""
    _out.print(text, markup=False)


def show_json(value: Any) -> None:
    """Print *value* as JSON and nothing else, on standard output. Times in UTC, ISO 8601."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_as_text) + "\n")


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table, on standard output."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    _out.print(table)


def ask(question: str, *, yes: bool) -> bool:
    """Ask a yes-or-no question; *yes* answers it for a script. No terminal and no yes: no."""
    if yes:
        return True
    if not sys.stdin.isatty():
        say(f"{question} Nobody is here to answer: run it in a terminal, or give --yes.")
        return False
    return typer.confirm(question, err=True)


def london(moment: datetime) -> str:
    """Return a UTC time as a reader in London would write it: 22 January 2024 at 9:05am."""
    local = moment.astimezone(LONDON)
    half = "am" if local.hour < 12 else "pm"
    return f"{local.day} {local:%B %Y} at {local.hour % 12 or 12}:{local:%M}{half}"


def plural(number: int, noun: str, several: str = "") -> str:
    """Return "1 email", "2 emails"."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def write_privately(path: Path, text: str) -> None:
    """Write *text* to *path*, readable by its owner only; makes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


class Bar:
    """A progress bar that knows how far it is."""

    def __init__(self, progress: Progress, task: TaskID):
        self._progress = progress
        self._task = task

    def reach(self, done: int, note: str = "") -> None:
        """Show that *done* are done, with a short *note* behind."""
        self._progress.update(self._task, completed=done, note=note)


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Bar]:
    """Show a progress bar on standard error; nothing at all when that is not a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=_err, disable=not sys.stderr.isatty()) as progress:
        yield Bar(progress, progress.add_task(what, total=total, note=""))


def _plain(cell: object) -> str:
    text = london(cell) if isinstance(cell, datetime) else str(cell)
    # Rich reads [words] as its own markup; what people typed must come out as they typed it.
    return text.replace("[", r"\[")


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
