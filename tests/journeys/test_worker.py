"""Sends set for a time, run by `outreach worker`; waves; and a stop from elsewhere."""

import signal
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.journeys.conftest import CAMPAIGN, PATIENCE
from tests.journeys.test_interrupted import QUICK

LONDON = ZoneInfo("Europe/London")
FAST = QUICK | {"OUTREACH_LEASE_SECONDS": "1"}


def in_london(**later):
    return f"{datetime.now(UTC).astimezone(LONDON) + timedelta(**later):%Y-%m-%d %H:%M}"


def make_due(place, *, ago=timedelta(seconds=1)):
    """Move the time that was set into the past: a test cannot wait for it."""
    start = datetime.now(UTC) - ago
    place.change(
        "UPDATE schedules SET start_at = ?, missed_after = ?",
        *(f"{moment:%Y-%m-%d %H:%M:%S.%f}" for moment in (start, start + timedelta(minutes=30))),
    )


@contextmanager
def working(place, **env):
    process = place.start("worker", **FAST, **env)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in err, err


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def state_of(place):
    return place.listed("status", CAMPAIGN)["schedule"]


def test_a_worker_sends_what_was_set_for_a_time_and_fetches_what_became_of_it(approved):
    said = approved.do("send", CAMPAIGN, "--at", in_london(hours=1), "--yes").said
    assert "50 emails" in said
    assert "No worker is running" in said
    assert state_of(approved)["state"] == "waiting"
    make_due(approved)

    with working(approved):
        until(lambda: len(approved.taken()) == 50)
        until(lambda: approved.listed("status", CAMPAIGN)["settled"])

    assert set(Counter(approved.taken()).values()) == {1}
    assert state_of(approved) is None
