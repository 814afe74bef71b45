"""How commands speak: messages on standard error, results on standard output, times in London."""

import json
import re
import shlex
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from postroom.errors import NotPermitted
from postroom.london import london as london  # commands take it from here, beside `show`
from postroom.workspace import as_typed

SHORT = 20  # letters: a column no wider than this is never broken over lines
BETWEEN = 2  # spaces between two columns
WIDE = 1_000  # letters: a table that a program reads is broken over lines only beyond this
A_MOMENT = 3.0  # seconds
UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal would obey instead of showing: control characters, and changes of direction."""

_out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """Print a message for the person at the keyboard, on standard error."""
    _err.print(_harmless(text), markup=False)


def warn(text: str) -> None:
    """Print something that must not be overlooked, on standard error."""
    _err.print(_harmless(text), style="yellow", markup=False)


def show(text: str = "") -> None:
    """Print a result, on standard output."""
    _out.print(_harmless(text), markup=False)


def show_point(begins: str, text: str) -> None:
    """Print *text* behind *begins*, on standard output, its later lines under its first.

    Where that is not a terminal a point is one line, so that a program can find it.
    """
    show(_hanging(text, begins=begins, width=_out.width if _out.is_terminal else sys.maxsize))


def show_json(value: Any) -> None:
    """Print *value* as JSON and nothing else, on standard output. Times in UTC, ISO 8601."""
    sys.stdout.write(as_json_text(value))


def as_json_text(value: Any) -> str:
    """Return *value* as `show_json` prints it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=_as_text) + "\n"


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table, on standard output; as one block a row where it is too wide for that."""
    cells = [[_plain(cell) for cell in row] for row in rows]
    if not fits(headings, cells):
        _show_blocks(headings, cells)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, column in _columns(headings, cells):
        short = _widest(column) <= SHORT
        table.add_column(heading, no_wrap=short, min_width=_longest_word(column), overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    _out.print(table)


def fits(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> bool:
    """Return whether a table of these would fit the terminal without breaking a word."""
    if not _out.is_terminal:
        return True
    cells = [[_plain(cell) for cell in row] for row in rows]
    widths = (
        widest if (widest := _widest(column)) <= SHORT else max(SHORT, _longest_word(column))
        for _, column in _columns(headings, cells)
    )
    return sum(width + BETWEEN for width in widths) - BETWEEN <= _out.width


def show_by_source(facts: Iterable[tuple[str, str, str]]) -> None:
    """Print facts, each given as name, value and source, under the source they share."""
    by_source: dict[str, list[tuple[str, str]]] = {}
    for name, value, source in facts:
        by_source.setdefault(source, []).append((name, value))
    widest = max((len(name) for pairs in by_source.values() for name, _ in pairs), default=0)
    for source, pairs in by_source.items():
        show(f"From: {source}")
        for name, value in pairs:
            show_point(f"  {name:{widest}}  ", value)


def ask(question: str, *, yes: bool) -> bool:
    """Ask a yes-or-no question; *yes* answers it for a script. No terminal and no yes: no."""
    if yes:
        return True
    if not sys.stdin.isatty():
        say(f"{question} Nobody is here to answer: run it in a terminal, or give --yes.")
        return False
    return typer.confirm(question, err=True)


def choose(question: str, options: Sequence[str], likely: str = "") -> str:
    """Ask which of *options*, by its number."""
    for number, option in enumerate(options, start=1):
        say(f"{number:4}  {option}")
    usual = options.index(likely) + 1 if likely in options else None
    while True:
        answer: int = typer.prompt(question, type=int, default=usual, err=True)
        if 1 <= answer <= len(options):
            return options[answer - 1]
        say(f"Give a number from 1 to {len(options)}.")


@contextmanager
def saying_if_slow(what: str) -> Iterator[None]:
    """Say *what* is waited for, on standard error, once it takes longer than a moment."""
    timer = threading.Timer(A_MOMENT, say, [what])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def plural(number: int, noun: str, several: str = "") -> str:
    """Return "1 email", "2 emails"."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def to_schools(number: int) -> str:
    """Return " to 50 schools"; nothing where no school is known, as on a list of other people."""
    return f" to {plural(number, 'school')}" if number else ""


def make_private(path: Path) -> None:
    """Make *path* a file that its owner only can read, empty if it is new; makes the folder.

    Raises `NotPermitted` where it is a folder.
    """
    if path.is_dir():
        raise NotPermitted(f"{path} is a folder. Name a file in it, such as {path / 'page.html'}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    if path.is_file():  # the bin and the screen are everybody's: /dev/null, /dev/stdout
        path.chmod(0o600)


def write_privately(path: Path, text: str) -> None:
    """Write *text* to *path*, readable by its owner only; makes the folder.

    Raises `OSError` that names the file, also where the disk is full; a new file is then gone.
    """
    is_new = not path.exists()
    make_private(path)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        if is_new:
            path.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error


def say_how_to_type(wrapper: Path) -> None:
    """Say what to type for `outreach` in a checkout, where nothing of that name is installed."""
    if wrapper.is_file():
        alias = shlex.quote(as_typed(wrapper))  # typed once now, and once by the alias itself
        say(f"Here `outreach` is {wrapper}. To type less: alias outreach={alias}")


class Bar:
    """A progress bar that knows how far it is."""

    def __init__(self, progress: Progress, task: TaskID):
        self._progress = progress
        self._task = task

    def reach(self, done: int, note: str = "") -> None:
        """Show that *done* are done, with a short *note* behind."""
        self._progress.update(self._task, completed=done, note=note)


class _RateColumn(ProgressColumn):
    """How many are done a second, of late."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.{1 if speed < 10 else 0}f}/s")


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Bar]:
    """Show a progress bar on standard error; nothing at all when that is not a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=_err, disable=not sys.stderr.isatty()) as progress:
        yield Bar(progress, progress.add_task(what, total=total, note=""))


PATIENCE = 1.0  # seconds: what takes no longer needs no bar


@contextmanager
def slow_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give what is told how many of how many are done; after a second it shows a progress bar.

    On standard error, and nothing at all when that is not a terminal.
    """
    began = time.monotonic()
    with ExitStack() as stack:
        bars: list[Bar] = []

        def reach(done: int, total: int) -> None:
            if not bars and time.monotonic() - began > PATIENCE:
                bars.append(stack.enter_context(progress_bar(what, total)))
            for bar in bars:
                bar.reach(done)

        yield reach


def _plain(cell: object) -> str:
    return london(cell) if isinstance(cell, datetime) else _harmless(str(cell))


def _harmless(text: str) -> str:
    return UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _hanging(text: str, *, begins: str, width: int) -> str:
    """Return *text* behind *begins*, its later lines under its first; no word is broken."""
    lines = textwrap.wrap(
        text, width=max(SHORT, width - len(begins)), break_long_words=False, break_on_hyphens=False
    )
    return begins + ("\n" + " " * len(begins)).join(lines)


def _columns(
    headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[tuple[str, list[str]]]:
    for place, heading in enumerate(headings):
        yield heading, [heading, *(row[place] for row in rows)]


def _widest(column: Sequence[str]) -> int:
    return max(map(cell_len, column))


def _longest_word(column: Sequence[str]) -> int:
    return max((cell_len(word) for cell in column for word in cell.split()), default=0)


def _show_blocks(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widest = max(map(len, headings))
    for place, row in enumerate(rows):
        if place:
            show()
        for heading, cell in zip(headings, row, strict=True):
            show_point(f"{heading:{widest}}  ", cell)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
