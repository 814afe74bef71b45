"""How many messages a second the local Notify accepts, so that it is never what slows a sender.

    python benchmarks/local_notify_throughput.py --senders 16 --latency 0
    python benchmarks/local_notify_throughput.py --senders 64 --latency 0.15

The senders are threads of one process, each with the official client; the local Notify is a
process of its own, its limit lifted. Every message it answered must be in its ledger.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from notifications_python_client.notifications import NotificationsAPIClient

from postroom.localnotify import KEYS, TEMPLATE_ID, read_ledger

ROOT = Path(__file__).resolve().parents[1]
BODY = "Dear colleague,\n\n" + "We would like to hear how mentoring goes at your school. " * 50


@contextmanager
def local_notify(database: Path, latency: float) -> Iterator[str]:
    """Run a local Notify for the block and lend its address."""
    command = [sys.executable, "-m", "postroom.localnotify", "--lift-limit"]
    command += ["--database", str(database), "--latency", str(latency)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.terminate()


def send(url: str, until: float, counts: list[int]) -> None:
    """Send one message after another until *until*, then add how many to *counts*."""
    client = NotificationsAPIClient(KEYS["live"], base_url=url)
    client.request_session.trust_env = False
    sent = 0
    while time.monotonic() < until:
        client.send_email_notification(
            "someone@example.com", TEMPLATE_ID, {"subject": "Mentoring", "body": BODY}
        )
        sent += 1
    counts.append(sent)


def measure(senders: int, latency: float, seconds: float) -> float:
    """Return messages accepted a second."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "notify.sqlite"
        counts: list[int] = []
        with local_notify(database, latency) as url:
            began = time.monotonic()
            threads = [
                threading.Thread(target=send, args=(url, began + seconds, counts))
                for _ in range(senders)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.monotonic() - began
        kept = len(read_ledger(database))
    assert kept == sum(counts), f"{sum(counts)} were answered and {kept} kept"
    return kept / took


def main() -> None:
    """Print one line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--senders", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    for _ in range(asked.runs):
        rate = measure(asked.senders, asked.latency, asked.seconds)
        print(f"{asked.senders} senders, {asked.latency * 1000:g} ms: {rate:.0f} a second")


if __name__ == "__main__":
    main()
