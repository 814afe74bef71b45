"""Sends set for a time, run by `outreach worker`; waves; and a stop from elsewhere."""

import signal
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.journeys.conftest import CAMPAIGN, PATIENCE
from tests.journeys.test_interrupted import QUICK
from tests.waiting import until

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


def state_of(place):
    return place.listed("status", CAMPAIGN)["schedule"]


def test_a_time_that_was_set_is_over_once_everything_was_sent_by_hand(approved):
    approved.do("send", CAMPAIGN, "--at", in_london(hours=1), "--yes")

    approved.do("send", CAMPAIGN, "--wave", "5", "--yes", **QUICK)
    assert state_of(approved)["state"] == "waiting"
    approved.do("send", CAMPAIGN, "--yes", **QUICK)

    assert state_of(approved) is None
    assert "Scheduled" not in approved.do("status", CAMPAIGN).said


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


def test_two_workers_share_what_was_set_and_one_that_is_killed_is_taken_over(approved):
    approved.do("send", CAMPAIGN, "--at", in_london(hours=1), "--yes")
    slow = FAST | {"OUTREACH_RATE_PER_MINUTE": "600"}
    make_due(approved)

    first = approved.start("worker", **slow)
    killed = approved.kill_when_taken(first, 10, by=signal.SIGKILL)
    assert killed.code == -signal.SIGKILL
    assert state_of(approved)["state"] == "running"
    with working(approved), working(approved):
        until(lambda: approved.listed("status", CAMPAIGN)["settled"])

    assert set(Counter(approved.taken()).values()) == {1}
    assert len(approved.taken()) == 50


def test_a_worker_that_is_ended_in_mid_run_hands_over_to_the_next(approved):
    approved.do("send", CAMPAIGN, "--at", in_london(hours=1), "--yes")
    make_due(approved)
    slow = FAST | {"OUTREACH_RATE_PER_MINUTE": "600"}

    ended = approved.kill_when_taken(approved.start("worker", **slow), 10, by=signal.SIGTERM)
    assert (ended.code, "Ended." in ended.out) == (0, True)
    assert "claimed" not in approved.listed("status", CAMPAIGN)["counts"]
    with working(approved):
        until(lambda: approved.listed("status", CAMPAIGN)["finished"])

    assert sorted(Counter(approved.taken()).values()) == [1] * 50


def test_a_start_that_was_missed_asks_instead_of_sending(approved):
    approved.do("send", CAMPAIGN, "--at", in_london(hours=1), "--yes")
    make_due(approved, ago=timedelta(hours=2))

    with working(approved):
        until(lambda: state_of(approved)["state"] == "missed")
        assert "outreach send bpn-invite" in approved.do("status", CAMPAIGN).said

    assert approved.taken() == []
    approved.do("send", CAMPAIGN, "--yes")
    assert state_of(approved) is None
    assert len(approved.taken()) == 50


def test_what_changed_after_the_time_was_set_is_held_and_not_sent(approved):
    approved.do("send", CAMPAIGN, "--at", in_london(hours=1), "--yes")
    approved.edit("templates/email/bpn-invite.md", "claim", "apply")
    make_due(approved)

    with working(approved):
        until(lambda: state_of(approved)["state"] == "held")

    assert "was changed after the approval" in state_of(approved)["why"]
    assert approved.taken() == []


def test_stopping_calls_off_what_was_set_for_a_time(approved):
    approved.do("send", CAMPAIGN, "--at", in_london(hours=1), "--yes")

    assert "1 time set for it given up" in approved.do("stop", CAMPAIGN).said

    assert state_of(approved) is None


def test_a_time_that_cannot_be_is_refused_and_changes_nothing(approved):
    year = datetime.now(UTC).year + 1
    forward = max(day for day in range(25, 32) if datetime(year, 3, day, tzinfo=UTC).weekday() == 6)
    for wanted, words in (
        ("2020-01-14 09:30", "is past"),
        (f"{year}-03-{forward} 01:30", "There is no"),
    ):
        assert words in approved.refused("send", CAMPAIGN, "--at", wanted, "--yes")
    said = approved.refused("send", CAMPAIGN, "--at", "tomorrow", "--yes", code=2)
    assert "“tomorrow” is not a day and a time. Write it like" in said
    assert "2026-01-14 09:30" in said
    assert "%Y" not in said
    approved.refused("send", CAMPAIGN, "--at", in_london(hours=1), "--wave", "5", code=2)


def test_only_what_was_approved_can_be_set_for_a_time(office):
    said = office.refused(
        "send", CAMPAIGN, "--at", in_london(hours=1), "--mode", "team", "--yes", code=1
    )
    assert "NOTIFY_TEAM_KEY" in said


def test_a_pilot_is_sent_and_the_rest_waits_for_the_word(approved):
    said = approved.do("send", CAMPAIGN, "--wave", "5", "--yes").said
    assert "50 emails to send of 50 approved to 50 schools" in said
    assert "45 emails held" in said
    assert f"outreach send {CAMPAIGN}" in said
    assert len(approved.taken()) == 5
    assert not approved.listed("status", CAMPAIGN)["finished"]

    assert "more than the 45" in approved.refused("send", CAMPAIGN, "--wave", "46", "--yes")
    approved.refused("send", CAMPAIGN, "--wave", "0", "--yes", code=2)
    said = approved.do("send", CAMPAIGN, "--yes").said
    assert "45 emails to send of 50 approved to 45 schools" in said

    assert sorted(Counter(approved.taken()).values()) == [1] * 50


def test_a_stop_from_elsewhere_ends_a_running_send_long_before_its_letters_turn(approved):
    slow = QUICK | {"OUTREACH_RATE_PER_MINUTE": "60", "OUTREACH_LEASE_SECONDS": "30"}
    run = approved.start("send", CAMPAIGN, "--yes", **slow)
    until(lambda: len(approved.taken()) >= 2)

    approved.do("stop", CAMPAIGN, "--reason", "wrong figure")
    began = time.monotonic()
    out, err = run.communicate(timeout=PATIENCE)

    # A second or so on a quiet machine; the letter that waits last has 48 seconds to go.
    assert time.monotonic() - began < 20
    assert run.returncode == 1
    assert "it was stopped: wrong figure" in " ".join(err.split())
    assert f"outreach resume {CAMPAIGN}" in out
