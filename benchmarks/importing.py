"""What bringing in a long list costs, beside the usual ways of doing it.

    python benchmarks/importing.py [ROWS]

CSV into SQLite, with addresses checked, repeats settled and suppression asked, against
csv.DictReader + email-validator + `session.add`; reading XLSX against openpyxl read-only, which
comes by: pip install --no-deps -r requirements/benchmarks.txt. Each is measured in a process of
its own, in turns, by processor time of it and its children, so that a busy machine slows both. To
be reached: 7 times less for CSV, with at most 120 MB that do not grow with the rows, and 6 times
less for XLSX.
"""

import csv
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

HEADINGS = ["email address", "school", "urn", "name", "region", "mentors"]
TURNS = 3
NOW = datetime(2026, 1, 12, tzinfo=UTC)


def rows(number: int) -> Iterator[list[str]]:
    """Yield rows of which 1 in 100 is wrong and 1 in 50 says again what an earlier one did."""
    for n in range(number):
        of = n // 2 if n % 50 == 49 else n
        address = f"office.{of}@school{of % 9_000}.example.com"
        if n % 50 == 49:
            address = address.upper()
        if of % 100 == 7:
            address = f"office.{of} at school"
        yield [address, f"School {of}", str(100_000 + of), f"Reader {of}", "London", str(of % 7)]


@contextmanager
def import_ours(file: Path) -> Iterator[Callable[[], None]]:
    """Give what imports *file* as `recipients import --leave-out-bad` does."""
    from postroom.audience import importing, lists
    from postroom.database import open_database, upgrade_database
    from postroom.keys import Keys, new_secret
    from postroom.settings import read_settings
    from postroom.workspace import Workspace

    with tempfile.TemporaryDirectory() as folder:
        workspace, keys = Workspace(Path(folder)), Keys.read(new_secret())
        workspace.settings_file.write_text("", encoding="utf-8")
        settings = read_settings(workspace)
        upgrade_database(workspace, settings, keys, now=NOW)
        database = open_database(workspace, settings, keys)

        def work() -> None:
            with importing.read_import(
                database,
                keys,
                file,
                list_name="long",
                progress=lambda *_: None,
                today=NOW.date(),
            ) as found:
                choices = {"leave_out_bad": True, "replace": False}
                importing.apply(database, found, terms=lists.Terms(), who="me", now=NOW, **choices)

        yield work
        database.close()


@contextmanager
def import_usual(file: Path) -> Iterator[Callable[[], None]]:
    """Give what imports *file* row by row, as one would who had an afternoon for it."""
    from email_validator import EmailNotValidError, validate_email
    from sqlmodel import Field, Session, SQLModel, create_engine

    class Person(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)
        address: str = Field(unique=True)
        school: str
        urn: str
        name: str
        region: str
        mentors: str

    with tempfile.TemporaryDirectory() as folder, file.open(encoding="utf-8", newline="") as text:
        engine = create_engine(f"sqlite:///{folder}/usual.db")
        SQLModel.metadata.create_all(engine)

        def work() -> None:
            seen: set[str] = set()
            with Session(engine) as session:
                for row in csv.DictReader(text):
                    address = row.pop("email address").strip().lower()
                    try:
                        validate_email(address, check_deliverability=False)
                    except EmailNotValidError:
                        continue
                    if address not in seen:
                        seen.add(address)
                        session.add(Person(address=address, **row))
                session.commit()

        yield work
        engine.dispose()


@contextmanager
def read_ours(file: Path) -> Iterator[Callable[[], None]]:
    """Give what reads a workbook as an import does, in a process of its own."""
    from postroom.audience.columns import is_address
    from postroom.audience.spreadsheets import open_spreadsheet

    def work() -> None:
        with open_spreadsheet(file, is_sought=is_address, sought="an address") as opened:
            assert sum(1 for _ in opened.rows)

    yield work


@contextmanager
def read_usual(file: Path) -> Iterator[Callable[[], None]]:
    """Give what reads a workbook with openpyxl, which leaves hidden rows for others to find."""
    from openpyxl import load_workbook

    def work() -> None:
        sheet = load_workbook(file, read_only=True, data_only=True).active
        for row in sheet.iter_rows(values_only=True):
            assert ["" if cell is None else str(cell).strip() for cell in row]

    yield work


Work = Callable[[Path], AbstractContextManager[Callable[[], None]]]


def measure(way: Work, file: Path) -> tuple[float, float]:
    """Do *way* in a process of its own; return its processor seconds and most megabytes."""
    command = [sys.executable, __file__, way.__name__, str(file)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = json.loads(told.stdout.splitlines()[-1])
    return seconds, megabytes


def do(way: Work, file: Path) -> None:
    """Do *way* here and print what it cost: its children too, loading and an empty database not."""
    with way(file) as work:
        before = spent()
        work()
        seconds = spent() - before
    mine, theirs = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    sys.stdout.write(json.dumps([seconds, max(mine.ru_maxrss, theirs.ru_maxrss) / 1024]) + "\n")


def spent() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def compare(what: str, ours: Work, usual: Work, file: Path) -> None:
    """Measure both in turns and print the medians."""
    pairs = [(measure(ours, file), measure(usual, file)) for _ in range(TURNS)]
    our_seconds, usual_seconds = (median(pair[at][0] for pair in pairs) for at in (0, 1))
    our_memory, usual_memory = (median(pair[at][1] for pair in pairs) for at in (0, 1))
    ratio = median(usual[0] / ours[0] for ours, usual in pairs)
    sys.stdout.write(
        f"{what}: {our_seconds:.2f} s and {our_memory:.0f} MB; the usual way {usual_seconds:.2f} s "
        f"and {usual_memory:.0f} MB: {ratio:.1f} times less\n"
    )


def main(number: int) -> None:
    """Write lists of *number* rows, and measure."""
    from postroom.audience.exports import write_spreadsheet

    with tempfile.TemporaryDirectory() as folder:
        text, few, workbook = (Path(folder) / name for name in ("l.csv", "f.csv", "l.xlsx"))
        for file, some in ((text, number), (few, number // 10)):
            with file.open("w", encoding="utf-8", newline="") as content:
                writer = csv.writer(content)  # row by row: a child's peak begins at its parent's
                writer.writerow(HEADINGS)
                writer.writerows(rows(some))
        compare(f"CSV, {number:,} rows into SQLite", import_ours, import_usual, text)
        _, memory = measure(import_ours, few)
        sys.stdout.write(f"CSV, {number // 10:,} rows: {memory:.0f} MB\n")
        if importlib.util.find_spec("openpyxl") is None:
            sys.stdout.write(
                "XLSX was not measured: its peer is not installed. To have it: pip install "
                "--no-deps -r requirements/benchmarks.txt\n"
            )
            return
        write_spreadsheet(workbook, HEADINGS, rows(number))
        compare(f"XLSX, {number:,} rows read", read_ours, read_usual, workbook)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        do(globals()[sys.argv[1]], Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 250_000)
