"""A sender that is killed: at every step of a message's life, and at random moments.

The local Notify holds what it is asked, or the pace is slow, until ledger and database show the
step; then the process is killed. There is no kill-point in our code.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial

import pytest

from postroom.localnotify import Fault, add_fault, clear_faults, wait_until_held
from postroom.reports.counts import standing
from postroom.settings import Mode
from tests.delivery.conftest import addresses
from tests.waiting import until

SEND = [sys.executable, "tests/delivery/send_cards.py"]
ROUNDS = 10
MOST_RUNS = 5  # until it must have ended
SLOW, QUICK = 150, 30_000  # emails a minute
FAULTS = (
    Fault(do="drop", when="after", chance=0.05, seed=1),
    Fault(do="answer", status=500, when="before", chance=0.05, seed=2),
    Fault(do="answer", status=500, when="after", chance=0.05, seed=3),
)


@pytest.fixture
def hurried(post):
    """The waits as short as they can be, for somebody has to wait for them."""
    set_pace(post, QUICK)
    return post


def set_pace(post, rate):
    post.workspace.settings_file.write_text(
        f"""
public_url = "https://outreach.example.com"
rate_per_minute = {rate}
workers = 8
request_seconds = 1.0
landing_seconds = 0.3
lease_seconds = 1.0
"""
    )


def start(post):
    return subprocess.Popen([*SEND, str(post.workspace.root), post.server.url])


def kill(run):
    run.send_signal(signal.SIGKILL)
    run.wait()


def wait_for(run, reached):
    def is_reached():
        if reached():
            return True
        assert run.poll() is None, "it ended before it came so far"
        return False

    until(is_reached, every=0.002)


def go_on_to_the_end(post):
    # After five failures in a row, say, a person runs it again.
    assert any(start(post).wait() == 0 for _ in range(MOST_RUNS))


def assert_everybody_has_it_once(post, people):
    assert Counter(post.arrived()) == Counter(addresses(people))
    with post.database.read() as session:
        found = standing(session, "cards", Mode.LOCAL)
    assert found.finished
    assert (found.total, found.accepted) == (people, people)
    assert sum(found.counts.values()) == people


@dataclass(frozen=True)
class Step:
    """A step of a message's life, and how a sender is caught in it."""

    rate: int = QUICK
    fault: Fault | None = None


STEPS = {
    "planned": Step(fault=Fault(do="hold", on="read", count=1)),
    "claimed": Step(rate=SLOW),
    "asked": Step(fault=Fault(do="hold", when="before", count=1)),
    "accepted": Step(fault=Fault(do="hold", when="after", count=1)),
    "recorded": Step(rate=SLOW),
}


def is_at(post, step):
    """Return whether some message is at *step*, and what is asserted of it holds."""
    rows, arrived = post.rows(), set(post.arrived())
    claimed = {row.address for row in rows if row.status == "claimed"}
    return {
        "planned": {row.status for row in rows} == {"planned"} and not arrived,
        "claimed": bool(claimed - arrived),
        "asked": bool(claimed - arrived),
        "accepted": bool(claimed & arrived),
        "recorded": any(row.status == "created" for row in rows),
    }[step]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_and_begun_again_nobody_gets_two_and_nobody_is_lost(hurried, step):
    post, caught = hurried, STEPS[step]
    post.add_people(*addresses(25))
    post.approve()
    set_pace(post, caught.rate)
    if caught.fault:
        add_fault(post.server.path, caught.fault)

    run = start(post)
    if caught.fault:
        wait_until_held(post.server.path)
    wait_for(run, partial(is_at, post, step))
    kill(run)
    assert is_at(post, step)
    clear_faults(post.server.path)
    set_pace(post, QUICK)

    go_on_to_the_end(post)
    assert_everybody_has_it_once(post, 25)


def test_killed_ten_times_at_random_moments_nobody_gets_two_and_nobody_is_lost(hurried):
    post, chance = hurried, random.Random(7)
    post.add_people(*addresses(200))
    post.approve()
    for fault in FAULTS:
        add_fault(post.server.path, fault)

    for _ in range(ROUNDS):
        enough = len(post.arrived()) + chance.randrange(20)
        run = start(post)
        while len(post.arrived()) < enough and run.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.05)
        kill(run)

    go_on_to_the_end(post)
    assert_everybody_has_it_once(post, 200)
