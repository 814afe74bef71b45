"""How long `outreach send` takes to its first message when it goes on with a campaign, and how
much memory: the real command, in a process of its own, after another that was killed.
"""

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench_post import start_command
from postroom.localnotify import read_ledger

BEFORE = 200  # emails sent before the kill
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of the processor."""

    clock: float
    processor: float


@dataclass(frozen=True)
class Start:
    """How one run of the command began."""

    imports: Spent
    """What the same command takes to load all it needs and to print its help."""
    first: Spent
    """From its start to the first email that Notify took."""
    peak: float
    """Its peak memory in MB, once it had sent the rest."""


def measure(root: Path, url: str, ledger: Path, *, after: int) -> Start:
    """Send a little of the approved campaign in *root*, kill that, and measure the next run.

    That one is let send *after* emails.
    """
    killed = start_command(root, url, "send", "cards", "--yes")
    _wait_for(killed, ledger, BEFORE)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    time.sleep(1)  # what it had asked for has arrived by then
    taken, began = len(read_ledger(ledger)), time.perf_counter()
    run = start_command(root, url, "send", "cards", "--yes")
    _wait_for(run, ledger, taken + 1, pause=0.005)
    first = Spent(time.perf_counter() - began, _processor(run.pid))
    _wait_for(run, ledger, taken + after)
    peak = _peak(run.pid)
    run.send_signal(signal.SIGINT)
    run.wait()
    return Start(_imports(root, url), first, peak)


def _wait_for(
    run: subprocess.Popen[bytes], ledger: Path, enough: int, *, pause: float = 0.05
) -> None:
    while len(read_ledger(ledger)) < enough:
        assert run.poll() is None, "it ended before it had sent so many"
        time.sleep(pause)


def _imports(root: Path, url: str) -> Spent:
    best = Spent(float("inf"), float("inf"))
    for _ in range(5):
        began, before = time.perf_counter(), os.times()
        start_command(root, url, "send", "--help").communicate()
        now = os.times()
        used = now.children_user + now.children_system
        used -= before.children_user + before.children_system
        spent = Spent(time.perf_counter() - began, used)
        best = min(best, spent, key=lambda one: one.processor)
    return best


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _peak(pid: int) -> float:
    """Return the peak memory of a process in MB: what `wait` would tell begins at its parent's."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]
