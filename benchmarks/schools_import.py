"""How long a whole extract of the register of schools takes to import, and how much memory.

    python benchmarks/schools_import.py [SCHOOLS] [COLUMNS]

The limits are 30 seconds and 250 MB for 50,000 schools of 140 columns, on two cores. The extract
is invented; it is imported twice, as a first time and as a newer one.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from postroom.audience import schools
from postroom.database import open_database, upgrade_database
from postroom.keys import Keys, new_secret
from postroom.settings import read_settings
from postroom.workspace import Workspace
from tests.audience import gias

MOST_SECONDS = 30
MOST_MEGABYTES = 250


def import_twice(folder: Path, file: Path) -> None:
    """Import *file* into a new database in *folder*, twice; print how it went."""
    workspace, keys = Workspace(folder), Keys.read(new_secret())
    workspace.settings_file.write_text("", encoding="utf-8")
    settings, now = read_settings(workspace), datetime.now(UTC)
    upgrade_database(workspace, settings, keys, now=now)
    database = open_database(workspace, settings, keys)
    for what in ("first", "again"):
        began = time.perf_counter()
        reading = schools.read_register(database, file, None, progress=lambda *_: None)
        with reading as (bench, understood):
            changes = schools.apply(database, bench, understood, who="benchmark", now=now)
        seconds = time.perf_counter() - began
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        verdict = "ok" if seconds <= MOST_SECONDS and megabytes <= MOST_MEGABYTES else "TOO MUCH"
        print(f"{what}: {seconds:.1f} s, at most {megabytes:.0f} MB, {changes}: {verdict}")


def main() -> None:
    """Write an extract, then import it in a process of its own, whose memory is measured."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    columns = int(sys.argv[2]) if len(sys.argv) > 2 else gias.WHOLE
    with tempfile.TemporaryDirectory() as folder:
        file = gias.write_whole(Path(folder, "edubasealldata.csv"), rows, columns)
        print(f"{rows:,} schools × {columns} columns, {file.stat().st_size / 1e6:.0f} MB")
        importing = multiprocessing.get_context("spawn").Process(
            target=import_twice, args=(Path(folder), file)
        )
        importing.start()
        importing.join()


if __name__ == "__main__":
    main()
