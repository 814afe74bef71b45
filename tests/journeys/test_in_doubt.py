"""What a person is told of emails in doubt, and what they can do about one."""

from datetime import UTC, datetime, timedelta

import pytest

from postroom.localnotify import Fault, add_fault
from tests.journeys.conftest import CAMPAIGN
from tests.journeys.test_confirmations import VOLUNTEER
from tests.journeys.test_interrupted import QUICK

LONG_AGO = timedelta(days=9)


def stored(moment):
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


@pytest.fixture
def doubted(approved):
    """Fifty were sent to, and of one the answer is said to be lost."""
    approved.env |= QUICK
    approved.do("send", CAMPAIGN, "--yes")
    taken = approved.taken()[-1]
    approved.change(
        "UPDATE messages SET status = 'in-doubt', notify_id = NULL, accepted_at = NULL, "
        "reason = 'no answer came from Notify', doubt_until = ? WHERE address = ?",
        stored(datetime.now(UTC) + timedelta(minutes=1)),
        taken,
    )
    return approved


def age(place):
    """Let what is in doubt be of a time that Notify has forgotten, reference and all."""
    then = datetime.now(UTC) - LONG_AGO
    place.change(
        "UPDATE messages SET claimed_at = ?, doubt_until = ?, "
        "reference = '00000000' || substr(reference, 9) WHERE status = 'in-doubt'",
        stored(then),
        stored(then),
    )


def reference(place):
    [line] = [line for line in place.do("status", CAMPAIGN).out.splitlines() if "no answer" in line]
    return line.strip().partition(":")[0]


def test_while_notify_knows_status_says_until_when_and_which_command_settles_it(doubted):
    said = doubted.do("status", CAMPAIGN).said

    assert "1 email in doubt until" in said
    assert "`outreach sync --mode local` settles it" in said
    assert "outreach settle" not in said
    assert doubted.listed("status", CAMPAIGN)["for_a_person"] == 0


def test_a_hasty_word_is_refused_and_what_notify_holds_counts(doubted):
    words = ("settle", CAMPAIGN, "--reference", reference(doubted), "--as", "not-sent")

    said = doubted.do(*words, "--reason", "not in the list when I looked").said

    assert "Notify holds message" in said
    assert "in-doubt" not in doubted.listed("status", CAMPAIGN)["counts"]
    assert len(doubted.taken()) == 50


def test_past_notifys_memory_status_and_sync_name_settle_and_nothing_else(doubted):
    age(doubted)

    said = doubted.do("status", CAMPAIGN).said
    assert "1 email in doubt for longer than Notify remembers" in said
    assert f"outreach settle {CAMPAIGN} --mode local --reference" in said
    assert "settles it" not in said
    assert doubted.listed("status", CAMPAIGN)["for_a_person"] == 1
    synced = doubted.do("sync").said
    assert "can no longer be looked up" in synced
    assert "run this again later" not in synced

    words = ("settle", CAMPAIGN, "--reference", reference(doubted), "--as", "sent")
    assert "by your word" in doubted.do(*words, "--reason", "the school has it").said
    assert doubted.listed("status", CAMPAIGN)["finished"]


def test_a_send_that_leaves_one_for_a_person_says_so_and_is_not_done(doubted):
    age(doubted)

    ended = doubted.run("send", CAMPAIGN, "--yes")

    assert ended.code == 1
    assert "Still in doubt: 1 email." in ended.said
    assert f"outreach status {CAMPAIGN} --mode local" in ended.said


def test_a_confirmation_in_doubt_is_shown_with_its_campaign_and_settled_like_any_other(office):
    office.do("signups", "add", CAMPAIGN, *VOLUNTEER)
    moment = datetime.now(UTC)
    office.change(
        "UPDATE messages SET status = 'in-doubt', reason = 'no answer came from Notify', "
        "claimed_at = ?, doubt_until = ?",
        stored(moment),
        stored(moment + timedelta(minutes=1)),
    )

    said = office.do("status", CAMPAIGN).said
    assert "1 email in doubt until" in said
    assert "(a confirmation): no answer came" in said
    assert "then `outreach sync --mode local` settles it" in said
    age(office)
    [line] = [
        line for line in office.do("status", CAMPAIGN).out.splitlines() if "asked for" in line
    ]
    settle = ("settle", CAMPAIGN, "--reference", line.split()[0], "--as", "sent")
    office.do(*settle, "--reason", "they told us that it came")

    assert "in doubt" not in office.do("status", CAMPAIGN).said


def test_when_notify_forgets_is_counted_from_what_still_moves(doubted):
    long_ago = datetime.now(UTC) - timedelta(days=6)
    doubted.do("sync")
    doubted.change(
        "UPDATE messages SET status = 'delivered', accepted_at = ? WHERE id % 2", stored(long_ago)
    )
    doubted.change("UPDATE messages SET status = 'sending' WHERE id % 2 = 0")

    said = doubted.do("status", CAMPAIGN).said

    week_from_now = datetime.now(UTC) + timedelta(days=7)
    assert f"{week_from_now.day} {week_from_now:%B}" in said


def test_the_date_on_which_track_was_lost_is_told(doubted):
    doubted.do("sync")
    doubted.change(
        "UPDATE messages SET status = 'sending', lost_track_at = ? WHERE id < 4",
        "2026-03-03 10:00:00.000000",
    )

    said, standing = doubted.do("status", CAMPAIGN).said, doubted.listed("status", CAMPAIGN)

    assert "3 emails forgotten by Notify before its last word: track was lost on 3 March" in said
    assert (standing["lost_track"], standing["lost_track_at"][:10]) == (3, "2026-03-03")


def test_what_was_asked_for_in_vain_waits_with_what_notify_said(approved, notify):
    always = Fault(do="answer", status=500, when="before", address="office@larkwhistle.example.com")
    add_fault(notify.path, always)
    approved.env |= QUICK | {"NOTIFY_BASE_URL": notify.url}

    ended = approved.run("send", CAMPAIGN, "--yes")

    assert ended.code == 1
    assert "for 1 of the emails no usable answer came" in ended.said
    assert "Waiting until" in ended.said
    assert "Notify said 500" in ended.said
    said = approved.do("status", CAMPAIGN).said
    assert "asked for before, and waiting: 1, Notify said 500" in said
    assert sum(approved.listed("status", CAMPAIGN)["tried"].values()) == 1
