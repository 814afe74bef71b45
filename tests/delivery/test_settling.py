"""A doubt that a person wants to close: Notify is asked first, and knows better while it knows."""

from datetime import timedelta

import pytest
from sqlmodel import select

from postroom.delivery import settling
from postroom.delivery.sending import see_through
from postroom.errors import NotPermitted
from postroom.localnotify import Fault, add_fault, clear_faults
from postroom.settings import Mode
from postroom.tables import Event, Message, Status
from tests.delivery.conftest import IMPATIENT, addresses, clock

WEEK = timedelta(days=7)


@pytest.fixture
def doubted(post):
    """One person; the answer to their request was lost before Notify took it."""
    return in_doubt(post, Fault(do="drop", when="before", count=1))


def in_doubt(post, fault):
    post.add_people(*addresses(1))
    approval = post.approve()
    add_fault(post.server.path, fault)
    post.sender(approval).send()
    assert post.statuses() == ["in-doubt"]
    return approval


def settle(post, word="not-sent", *, now=None, notify=None):
    said = settling.Word(
        "cards", Mode.LOCAL, post.rows()[0].reference, word == "sent", "I looked", "a colleague"
    )
    return settling.settle(
        post.database,
        notify or post.notify(),
        said,
        waits=post.settings.waits(Mode.LOCAL),
        retention=WEEK,
        now=now or clock(),
    )


def acts(post):
    with post.database.read() as session:
        return [event.act for event in session.exec(select(Event))]


@pytest.mark.parametrize("word", ["sent", "not-sent"])
def test_nobodys_word_counts_while_the_request_may_still_land(post, doubted, word):
    with pytest.raises(NotPermitted, match="may still reach Notify, until"):
        settle(post, word, now=clock() - timedelta(seconds=5))

    assert post.statuses() == ["in-doubt"]


def test_a_request_that_lands_late_is_not_sent_again_by_a_hasty_word(post):
    # Our side waits 2 s; it lands after 4, within the 3 s that it may.
    post.settings = post.settings.model_copy(update={**IMPATIENT, "landing_seconds": 3.0})
    approval = in_doubt(post, Fault(do="wait", seconds=4.0, when="before", count=1))

    with pytest.raises(NotPermitted, match="may still reach Notify"):
        settle(post)
    see_through(post.sender(approval), waiting=print)

    assert post.arrived() == addresses(1)


@pytest.mark.parametrize("word", ["sent", "not-sent"])
@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=3)])
def test_what_notify_holds_was_sent_whatever_anybody_says(post, word, later):
    in_doubt(post, Fault(do="drop", when="after", count=1))

    said = settle(post, word, now=clock() + later)

    assert "Notify holds message" in said
    assert post.rows()[0].status in {Status.CREATED, Status.SENDING, Status.DELIVERED}
    assert post.arrived() == addresses(1)
    assert "looked up" in acts(post)


def test_what_notify_does_not_hold_after_the_wait_is_planned_again(post, doubted):
    said = settle(post, now=clock() + timedelta(seconds=10))

    assert "Notify does not hold message" in said
    assert post.statuses() == ["planned"]
    see_through(post.sender(doubted), waiting=print)
    assert post.arrived() == addresses(1)


def test_nobody_can_call_sent_what_notify_never_took(post, doubted):
    with pytest.raises(NotPermitted, match="it was not sent"):
        settle(post, "sent", now=clock() + timedelta(seconds=10))

    assert post.statuses() == ["in-doubt"]


@pytest.mark.parametrize(("word", "becomes"), [("sent", "created"), ("not-sent", "planned")])
def test_once_notify_has_forgotten_a_persons_word_counts(post, doubted, word, becomes):
    said = settle(post, word, now=clock() + WEEK + timedelta(seconds=10))

    assert "by your word" in said
    assert post.statuses() == [becomes]
    assert f"settled as {word}" in acts(post)


def test_while_notify_knows_and_does_not_answer_nobodys_word_counts(post, doubted):
    add_fault(post.server.path, Fault(do="answer", status=500, on="read"))

    with pytest.raises(NotPermitted, match="could not be asked"):
        settle(post, now=clock() + timedelta(days=1))
    assert post.statuses() == ["in-doubt"]
    settle(post, now=clock() + WEEK + timedelta(seconds=10))

    assert post.statuses() == ["planned"]
    clear_faults(post.server.path)


def test_under_the_key_of_another_service_notify_cannot_be_asked_and_a_word_counts(post, doubted):
    other = post.notify()
    other.service = "00000000-0000-4000-8000-000000000000"

    with pytest.raises(NotPermitted, match="may still reach"):
        settle(post, notify=other, now=clock() - timedelta(seconds=5))
    settle(post, notify=other, now=clock() + timedelta(seconds=10))

    assert post.statuses() == ["planned"]


def test_a_claim_that_a_crash_left_is_settled_like_any_doubt(post):
    post.add_people(*addresses(1))
    post.approve()
    now = clock()
    with post.database.write() as session:
        row = session.exec(select(Message)).one()
        row.status, row.claimed_at, row.lease_until = Status.CLAIMED, now, now
        row.service, row.key_type = post.notify().service, "live"

    with pytest.raises(NotPermitted, match="may still reach"):
        settle(post, now=now + timedelta(seconds=1))
    settle(post, now=now + timedelta(seconds=10))

    assert post.statuses() == ["planned"]


def test_a_message_that_is_in_no_doubt_is_left_alone(post):
    post.add_people(*addresses(1))
    post.approve()

    with pytest.raises(NotPermitted, match="in doubt"):
        settle(post)

    assert post.statuses() == ["planned"]
