"""A send that is broken off, gone on with, repeated, or rehearsed."""

import signal
from collections import Counter

from tests.journeys.conftest import CAMPAIGN

# Slow enough to be broken off half-way, with waits that a test can wait for.
SLOW = {
    "OUTREACH_RATE_PER_MINUTE": "600",
    "OUTREACH_REQUEST_SECONDS": "1",
    "OUTREACH_LANDING_SECONDS": "0.3",
    "OUTREACH_LEASE_SECONDS": "2",
}
QUICK = SLOW | {"OUTREACH_RATE_PER_MINUTE": "30000"}


def test_a_send_that_was_killed_and_run_again_reaches_everybody_once(approved):
    killed = approved.kill_when_taken(
        approved.start("send", CAMPAIGN, "--yes", **SLOW), 10, by=signal.SIGKILL
    )
    assert killed.code == -signal.SIGKILL
    assert 10 <= len(approved.taken()) < 50
    assert not approved.listed("status", CAMPAIGN)["finished"]

    approved.do("send", CAMPAIGN, "--yes", **QUICK)

    assert set(Counter(approved.taken()).values()) == {1}
    assert len(approved.taken()) == 50
    assert approved.listed("status", CAMPAIGN)["finished"]


def test_a_send_stopped_by_the_keyboard_says_how_far_it_came_and_goes_on_later(approved):
    stopped = approved.kill_when_taken(
        approved.start("send", CAMPAIGN, "--yes", **SLOW), 10, by=signal.SIGINT
    )
    sent = len(approved.taken())
    assert stopped.code == 1
    assert f"{sent} accepted by Notify" in stopped.said
    assert f"{50 - sent} waiting to be sent" in stopped.said
    assert "you stopped it" in stopped.said
    assert f"outreach send {CAMPAIGN} --mode local" in stopped.said

    approved.do("send", CAMPAIGN, "--yes", **QUICK)

    assert approved.listed("status", CAMPAIGN)["finished"]
    assert sorted(Counter(approved.taken()).values()) == [1] * 50


def test_a_finished_campaign_sends_nothing_again_and_says_so(approved, notify):
    approved.do("send", CAMPAIGN, "--yes")
    before = approved.state()

    again = approved.do("send", CAMPAIGN, "--yes")

    assert "is finished in local mode: nothing is left to send" in again.said
    assert approved.state() == before


def test_a_rehearsal_counts_in_its_own_mode_only(approved, notify):
    approved.do("send", CAMPAIGN, "--yes")

    approved.do("send", CAMPAIGN, "--mode", "test", "--yes", **approved.at(notify))

    assert len(approved.taken()) == 50
    arrived = notify.ledger()
    assert len({each.email_address for each in arrived}) == len(arrived) == 50
    assert {each.key_type for each in arrived} == {"test"}
    assert all(each.subject.startswith("[TEST] ") for each in arrived)
    modes = {each["mode"]: each["counts"] for each in approved.listed("status")}
    assert set(modes) == {"local", "test"}


def test_a_stopped_campaign_is_sent_only_after_it_is_let_go_on(approved):
    approved.do("stop", CAMPAIGN, "--reason", "wrong figure")
    said = approved.refused("send", CAMPAIGN, "--yes")
    assert "stopped in local mode (wrong figure)" in said
    assert f"outreach resume {CAMPAIGN}" in said

    approved.do("resume", CAMPAIGN)
    approved.do("send", CAMPAIGN, "--yes")

    assert len(approved.taken()) == 50


def test_what_is_not_running_cannot_be_stopped_and_a_second_stop_says_what_holds(approved):
    assert "never planned" in approved.refused("stop", "niot-invite", "--reason", "in error")
    approved.do("stop", CAMPAIGN, "--reason", "wrong figure")

    said = approved.refused("stop", CAMPAIGN, "--reason", "another")
    assert "is stopped in local mode already" in said
    assert "wrong figure" in said

    approved.do("resume", CAMPAIGN)
    approved.do("send", CAMPAIGN, "--yes")
    said = approved.refused("stop", CAMPAIGN, "--reason", "too late")
    assert "nothing of it waits or is being sent" in said
    assert not approved.listed("status", CAMPAIGN)["stopped"]
