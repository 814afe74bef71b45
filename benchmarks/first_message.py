"""Begin to send a workspace and stop: `first_message.py WORKSPACE URL`. Prints time and memory."""

import re
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench_post import clock, notify_at
from postroom.content.editions import load_edition
from postroom.database import open_database
from postroom.delivery import approval as approvals
from postroom.delivery.letters import CampaignWriter
from postroom.delivery.preparing import Office
from postroom.delivery.runs import Run
from postroom.delivery.sending import Sender
from postroom.keys import Keys
from postroom.settings import Mode, read_settings
from postroom.workspace import Workspace

ENOUGH = 1_000


def main(root: str, url: str) -> None:
    workspace = Workspace(Path(root))
    settings = read_settings(workspace)
    keys = Keys.read(workspace.secret_file.read_text())
    began, first = time.perf_counter(), 0.0
    interrupted = threading.Event()

    def progress(run: Run) -> None:
        nonlocal first
        first = first or time.perf_counter() - began
        if run.tally["accepted"] >= ENOUGH:
            interrupted.set()

    database = open_database(workspace, settings, keys)
    with database.read() as session:
        approval = approvals.standing_approval(session, "cards", Mode.LOCAL)
    assert approval is not None
    sender = Sender(
        database=database,
        notify=notify_at(url),
        office=Office(settings, keys, Mode.LOCAL),
        approval=approval,
        writer=CampaignWriter(
            load_edition(workspace.root, "cards"), Office(settings, keys, Mode.LOCAL)
        ),
        clock=clock,
        interrupted=interrupted,
        progress=progress,
    )
    sender.resolve_doubts()
    sender.send()
    print(f"first answers after {first:.2f} s, peak {_peak():.0f} MB")


def _peak() -> float:
    """Return this process's own peak memory in MB: getrusage's is inherited from the parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


main(*sys.argv[1:])
