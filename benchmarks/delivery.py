"""What exact delivery costs and reaches, each figure beside its peer in the same run.

    python benchmarks/delivery.py            all of it, some minutes
    python benchmarks/delivery.py naive pool the named parts only

Peers: `naive`, the loop of Notify's own documentation (a CSV, one client, one request after
another); `pool`, a bare thread pool with one client a thread that records nothing. The local
Notify runs as a process of its own, so processor time here is the sender's alone.
"""

import csv
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from notifications_python_client.notifications import NotificationsAPIClient

from benchmarks import first_message
from benchmarks.bench_post import (
    Post,
    address,
    clock,
    notify_at,
    notify_server,
    post_for,
    start_command,
)
from postroom.delivery import tracking
from postroom.delivery.gateway import Notification, Notify
from postroom.delivery.sending import see_through
from postroom.localnotify import KEYS, TEMPLATE_ID, read_ledger
from postroom.localnotify import Notification as Arrived
from postroom.settings import Mode

PAIRS = 5
DRAIN = "drain@example.com"
START_UP = 0.7  # seconds that the command takes until it sends
FREE = ("--lift-limit", "--final-after", "3600")


@contextmanager
def fresh() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
        yield Path(folder)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds by the clock and of this process's processor that *work* takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def client(url: str) -> NotificationsAPIClient:
    return NotificationsAPIClient(KEYS["live"], base_url=url, timeout=40)


def ask(one: NotificationsAPIClient, to: str, name: str) -> None:
    body = f"Dear {name},\n\nA card costs £4."
    one.send_email_notification(to, TEMPLATE_ID, {"subject": f"Your card, {name}", "body": body})


def naive(url: str, people: int, folder: Path) -> None:
    """Send as Notify's documentation shows: read a CSV, ask once a row."""
    file = folder / "people.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows((address(n), f"Reader {n}") for n in range(1, people + 1))
    one = client(url)
    with file.open(newline="", encoding="utf-8") as rows:
        for to, name in csv.reader(rows):
            ask(one, to, name)


def pool(url: str, people: int, workers: int) -> None:
    """Send from a thread pool that records nothing."""
    held = threading.local()

    def one(number: int) -> None:
        if not hasattr(held, "client"):
            held.client = client(url)
        ask(held.client, address(number), f"Reader {number}")

    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(one, range(1, people + 1)))


def send(post: Post) -> None:
    run = see_through(post.sender(), waiting=lambda _until, _why: None)
    assert not run.ended_because, run.ended_because


def ready(folder: Path, people: int, url: str, **settings: object) -> Post:
    """Return a workspace that has read Notify's list back: what the peer sent is read once."""
    post = post_for(folder, people, url, **settings)
    post.sender().read_back(lambda _until, _why: None)
    return post


def bench_naive() -> None:
    """16 workers with everything recorded, against the naive loop, at 150 ms."""
    ratios = []
    with fresh() as folder, notify_server(folder, *FREE, "--latency", "0.15") as url:
        for pair in range(PAIRS):
            slow, _ = timed(lambda: naive(url, 40, folder))
            post = ready(folder / f"w{pair}", 640, url)
            quick, _ = timed(lambda post=post: send(post))
            ratios.append((640 / quick) / (40 / slow))
    print(f"16 workers, 150 ms, recorded / naive loop: {median(ratios):.1f} x (goal 14)")


def bench_pool() -> None:
    """The cost of recording: rate and processor time against a bare pool of 32, at 150 ms."""
    rates, costs = [], []
    with fresh() as folder, notify_server(folder, *FREE, "--latency", "0.15") as url:
        for pair in range(PAIRS):
            bare, bare_cpu = timed(lambda: pool(url, 1_500, 32))
            sender = post_for(folder / f"w{pair}", 1_500, url, workers=32).sender()
            sender.read_back(lambda _until, _why: None)  # once a run, however many there are
            ours, our_cpu = timed(sender.send_planned)
            rates.append(bare / ours)
            costs.append(our_cpu / bare_cpu)
    print(f"recorded / bare pool, rate: {median(rates):.2f} (goal 0.97)")
    print(f"recorded / bare pool, processor time: {median(costs):.2f} x (goal 1.25)")


def bench_pace(seconds: int = 60) -> None:
    """The exact bucket at 150 and 300 ms, for *seconds*, with a second's worth of tokens in it.

    A full bucket lets a thousand through beyond the rate: no pace below 66 a second would show.
    """
    for latency in ("0.15", "0.3"):
        with fresh() as folder, notify_server(folder, "--latency", latency) as url:
            post = post_for(folder / "w", 70 * seconds, url, rate_per_minute=2_970)
            with another_program(url):
                time.sleep(8)
            time.sleep(1)
            _, refused = _send_for(post, seconds + 4)  # it first reads what the other one sent
            share = len(_arrived(folder, timedelta(seconds=seconds))) / (50 * seconds)
            print(f"pace at {latency} s for {seconds} s: {share:.3f} of the limit, {refused} 429s")


@contextmanager
def another_program(url: str) -> Iterator[None]:
    """Let another program ask under the same key meanwhile, far above the limit."""
    over = threading.Event()

    def hammer(_n: int) -> None:
        one = client(url)
        while not over.is_set():
            _swallow(one)

    with ThreadPoolExecutor(64) as threads:
        running = threads.map(hammer, range(64))
        try:
            yield
        finally:
            over.set()
            list(running)


def bench_two() -> None:
    """Two processes under one key, at 150 ms, for 60 s once both send."""
    with fresh() as folder, notify_server(folder, "--latency", "0.15") as url:
        post = post_for(folder / "w", 4_500, url, rate_per_minute=2_970)
        runs = [_sender_process(post) for _ in range(2)]
        while len(read_ledger(folder / "notify.db")) < 250:
            time.sleep(0.2)
        began = clock()
        time.sleep(61)
        for run in runs:
            run.send_signal(signal.SIGKILL)
            run.wait()
        arrived = _arrived(folder, timedelta(seconds=60), since=began)
        print(f"two processes, one key: {len(arrived) / 3_000:.3f} of the limit")


def bench_drained() -> None:
    """Start on a bucket that another program has emptied, and while it keeps it empty 3 s more."""
    for goes_on in (0, 3):
        _drained(goes_on)


def _drained(goes_on: float) -> None:
    with fresh() as folder, notify_server(folder, "--latency", "0.15") as url:
        post = post_for(folder / "w", 4_000, url, rate_per_minute=2_970)
        with ThreadPoolExecutor(1) as beside:
            with another_program(url):
                time.sleep(8)
                if goes_on:
                    run = beside.submit(_send_for, post, 60 + goes_on)
                    time.sleep(goes_on)
            ended = clock()
            if not goes_on:
                run = beside.submit(_send_for, post, 60)
            _, refused = run.result()
        later = _arrived(folder, timedelta(seconds=60), since=ended)
        print(
            f"bucket emptied by another program, which goes on for {goes_on} s: {refused} 429s "
            f"(16 in flight), then {len(later) / 3_000:.3f} of the limit in the 60 s after it ended"
        )


def bench_memory() -> None:
    """The command's first email when it goes on with a campaign, and its memory."""
    for people in (1_000, 250_000):
        with fresh() as folder, notify_server(folder, *FREE) as url:
            post = post_for(folder / "w", people, url)
            found = first_message.measure(post.root, url, folder / "notify.db", after=500)
            size = (post.root / "outreach.db").stat().st_size
        beyond = found.first.clock - found.imports.clock
        print(
            f"{people:,} planned: first email {found.first.clock:.2f} s after the command's start, "
            f"{beyond:.2f} s beyond its imports (goal 1), peak {found.peak:.0f} MB, "
            f"{size / people:.0f} bytes each on disk, list and all"
        )


def bench_sync() -> None:
    """Requests that fetching 5,000 statuses takes."""
    with fresh() as folder, notify_server(folder, "--lift-limit", "--final-after", "1") as url:
        post = post_for(folder / "w", 5_000, url, workers=32)
        send(post)
        time.sleep(2)
        notify = _Counting(notify_at(url))
        week = timedelta(days=7)
        tracking.sync(
            post.database,
            notify,  # type: ignore[arg-type]
            post.keys,
            Mode.LOCAL,
            retention=week,
            now=clock(),
        )
        print(f"sync of 5,000: {notify.asked} requests (goal {int(5_000 / 250 * 1.1 + 2)})")


class _Counting:
    """Notify's list, counted: each page is one request, and so is the empty one after the last."""

    def __init__(self, notify: Notify):
        self._notify = notify
        self.service, self.key_type = notify.service, notify.key_type
        self.asked = 0

    def pages(self) -> Iterator[list[Notification]]:
        for page in self._notify.pages():
            self.asked += 1
            yield page
        self.asked += 1


def bench_kills(rounds: int = 100) -> None:
    """kill -9 at random moments over one campaign of 1,000; then once more with faults."""
    faults = {
        "a Notify that answers": [],
        "losing 5 %, failing 5 % before and after": [
            '{"do":"drop","when":"after","chance":0.05,"seed":1}',
            '{"do":"answer","status":500,"when":"before","chance":0.05,"seed":2}',
            '{"do":"answer","status":500,"when":"after","chance":0.05,"seed":3}',
        ],
    }
    for name, rules in faults.items():
        with fresh() as folder:
            file = folder / "faults.json"
            file.write_text(f"[{','.join(rules)}]", encoding="utf-8")
            with notify_server(folder, "--lift-limit", "--faults", str(file)) as url:
                killed, found = _kill_rounds(folder, url, rounds)
                arrived = [sent.email_address for sent in read_ledger(folder / "notify.db")]
        assert sorted(arrived) == sorted(map(address, range(1, 1_001))), "repeated, or lost"
        assert sum(found["counts"].values()) == found["total"] == 1_000, found
        assert found["finished"], found
        assert not {"refused", "skipped"} & set(found["counts"]), found
        print(f"{killed} kills, {name}: 1,000 accepted, each once, and status adds up to 1,000")


def _kill_rounds(folder: Path, url: str, rounds: int) -> tuple[int, dict[str, Any]]:
    """Kill `outreach send` as often, then let it end; return how often it was, and the status."""
    post = post_for(
        folder / "w",
        1_000,
        url,
        rate_per_minute=900,  # so that it takes as many rounds
        request_seconds=2,
        landing_seconds=0.5,
        lease_seconds=1,
    )
    chance = random.Random(7)  # repeatable, not secret
    send_it = partial(start_command, post.root, url, "send", "cards", "--yes")
    killed = 0
    for _ in range(rounds):
        run = send_it()
        try:
            run.wait(timeout=START_UP + chance.random() * 0.8)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            killed += 1
    while send_it().wait() != 0:
        pass
    said, _ = start_command(post.root, url, "status", "cards", "--json").communicate()
    return killed, json.loads(said)


def _sender_process(post: Post) -> subprocess.Popen[bytes]:
    script = Path(__file__).parents[1] / "tests" / "delivery" / "send_cards.py"
    return subprocess.Popen(  # ourselves
        [sys.executable, str(script), str(post.root), post.url], stdout=subprocess.DEVNULL
    )


def _send_for(post: Post, seconds: int) -> tuple[int, int]:
    """Send for so long; return how many were accepted and how often Notify said 429."""
    interrupted = threading.Event()
    threading.Timer(seconds, interrupted.set).start()
    run = post.sender(interrupted).send()
    return run.tally["accepted"], run.tally["asked to slow down"]


def _arrived(folder: Path, during: timedelta, *, since: datetime | None = None) -> list[Arrived]:
    """Return what the local Notify took of ours in that time, without *since* from the first on."""
    ours = [
        (datetime.fromisoformat(one.created_at), one)
        for one in read_ledger(folder / "notify.db")
        if one.email_address != DRAIN
    ]
    since = since or min(moment for moment, _ in ours)
    return [one for moment, one in ours if since <= moment < since + during]


def _swallow(one: NotificationsAPIClient) -> None:
    try:
        ask(one, DRAIN, "Drain")
    except Exception:  # noqa: BLE001  # another program, hammering: its refusals are the point
        return


PARTS = {
    name.removeprefix("bench_"): work
    for name, work in list(globals().items())
    if name.startswith("bench_")
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"(this process peaked at {peak} MB)")
