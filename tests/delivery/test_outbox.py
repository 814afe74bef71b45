"""One step of a message's life at a time, on a real database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from postroom.audience import suppression
from postroom.delivery import adopting, attempts, messages, outbox
from postroom.delivery.gateway import Accepted, Notification
from postroom.settings import Mode, Waits
from postroom.tables import Message, Scope, Status
from tests.delivery.conftest import addresses, clock

LATER = timedelta(minutes=1)
NO_WAITS = Waits(request=timedelta(0), landing=timedelta(0), lease=timedelta(0))


def claim(post, approval, *, limit=10, worker="one", lease=60, now=None):
    now = now or clock()
    with post.database.write() as session:
        return outbox.claim(
            session,
            approval,
            outbox.Claim(
                worker=worker,
                lease_until=now + timedelta(seconds=lease),
                service="s",
                key_type="live",
                base_url="http://127.0.0.1",
            ),
            kind="announcement",
            limit=limit,
            now=now,
        )


def notification(row, status="delivered"):
    return Notification(f"id-{row.id}", row.reference, status, clock(), None)


def test_one_address_in_two_spellings_is_one_message(post):
    post.add_people("Reader@Example.com")
    post.approve()
    post.approve()

    assert len(post.rows()) == 1


def test_a_message_claimed_by_one_sender_is_not_given_to_another(post):
    post.add_people(*addresses(5))
    approval = post.approve()

    first = claim(post, approval, limit=3)
    second = claim(post, approval, limit=10, worker="two")

    assert len(first) == 3
    assert {row.id for row in first}.isdisjoint({row.id for row in second})
    assert len(second) == 2


def test_whoever_was_erased_after_planning_is_skipped_even_if_nothing_holds_them_back(post):
    post.add_people(*addresses(2))
    approval = post.approve()
    with post.database.write() as session:
        erased = session.exec(select(Message).order_by(Message.id)).first()
        erased.address, erased.fields = None, {}

    claimed = claim(post, approval)

    assert len(claimed) == 1
    assert post.rows()[0].status is Status.SKIPPED
    assert "erased" in post.rows()[0].reason


def test_whoever_stops_after_planning_is_skipped_in_the_claim_and_says_why(post):
    post.add_people(*addresses(2))
    approval = post.approve()
    with post.database.write() as session:
        suppression.add(
            session,
            post.rows()[0].address_key,
            scope=Scope.ANNOUNCEMENTS_AND_RESEARCH,
            reason="asked by telephone",
            who="a colleague",
            now=clock(),
        )

    claimed = claim(post, approval)

    assert [row.address for row in claimed] == ["reader1@example.com"]
    assert post.statuses() == ["skipped", "claimed"]
    assert post.rows()[0].reason == "asked by telephone"


def test_nothing_without_this_approval_is_claimed(post):
    post.add_people(*addresses(1))
    old = post.approve()
    post.add_people("later@example.com")
    new = post.approve()

    assert claim(post, old) == []
    assert len(claim(post, new)) == 2


def test_a_stopped_mailing_gives_nothing_out(post):
    post.add_people(*addresses(1))
    approval = post.approve()
    with post.database.write() as session:
        mailing = messages.find_mailing(session, "cards", Mode.LOCAL)
        outbox.stop(mailing, why="wrong figure", now=clock())

    assert claim(post, approval) == []


def test_a_sender_whose_claim_was_taken_over_cannot_undo_it(post):
    post.add_people(*addresses(1))
    approval = post.approve()
    claim(post, approval, worker="slow", lease=-1)
    with post.database.write() as session:
        attempts.doubt_expired_claims(session, approval.mailing_id, waits=NO_WAITS, now=clock())
        attempts.return_to_planned(session, session.get(Message, post.rows()[0].id), now=clock())
    claim(post, approval, worker="quick")

    with post.database.write() as session:
        outbox.record_unsent(session, post.rows()[0].id, "slow")
        outbox.record_in_doubt(
            session, post.rows()[0].id, "slow", reason="late", doubt_until=clock()
        )
        outbox.record_refused(session, post.rows()[0].id, "slow", reason="late", now=clock())

    assert (post.statuses(), post.rows()[0].worker) == (["claimed"], "quick")


def test_an_acceptance_is_recorded_however_late_it_comes(post):
    post.add_people(*addresses(1))
    approval = post.approve()
    claim(post, approval, worker="slow", lease=-1)
    with post.database.write() as session:
        attempts.doubt_expired_claims(session, approval.mailing_id, waits=NO_WAITS, now=clock())
    with post.database.write() as session:
        outbox.record_accepted(
            session, [outbox.Taken(post.rows()[0].reference, Accepted("n"), clock())]
        )

    assert post.statuses() == ["created"]


@pytest.mark.parametrize("status", ["planned", "claimed", "in-doubt", "skipped", "created"])
def test_notifys_record_is_adopted_from_any_state_of_ours(post, status):
    post.add_people(*addresses(1))
    post.approve()
    with post.database.write() as session:
        row = session.get(Message, post.rows()[0].id)
        row.status = Status(status)
    with post.database.write() as session:
        adopting.adopt(session, [notification(post.rows()[0])], now=clock())

    assert post.statuses() == ["delivered"]


def test_notifys_final_word_is_never_replaced(post):
    post.add_people(*addresses(1))
    post.approve()
    for status in ("delivered", "sending", "permanent-failure"):
        with post.database.write() as session:
            adopting.adopt(session, [notification(post.rows()[0], status)], now=clock())

    assert post.statuses() == ["delivered"]


def test_whoever_is_off_the_list_when_it_is_planned_again_is_skipped_not_lost(post):
    post.add_people(*addresses(2))
    post.approve()
    with post.database.write() as session:
        mailing = messages.find_mailing(session, "cards", Mode.LOCAL)
        outbox.plan(session, mailing.id, edition_id=1, drafts=[], now=clock())

    assert post.statuses() == ["skipped", "skipped"]
    assert {row.reason for row in post.rows()} == {outbox.NO_LONGER_CHOSEN}


def test_what_was_sent_stays_sent_when_the_rest_is_planned_again(post):
    post.add_people(*addresses(2))
    approval = post.approve()
    (first,) = claim(post, approval, limit=1)
    with post.database.write() as session:
        outbox.record_accepted(session, [outbox.Taken(first.reference, Accepted("n"), clock())])
    post.add_people("later@example.com")

    post.approve()

    assert post.statuses() == ["created", "planned", "planned"]


def test_a_restored_database_plans_the_very_references_it_planned_before(post):
    post.add_people(*addresses(3))
    post.approve()
    before = [row.reference for row in post.rows()]
    with post.database.write() as session:
        for row in session.exec(select(Message)):
            session.delete(row)

    post.approve()

    assert [row.reference for row in post.rows()] == before


def test_a_status_that_is_new_to_us_does_not_stop_the_others_from_being_read(post):
    post.add_people(*addresses(2))
    post.approve()
    first, second = post.rows()
    with post.database.write() as session:
        found = [notification(first, "virus-scan-pending"), notification(second)]
        adopting.adopt(session, found, now=clock())

    assert post.statuses() == ["created", "delivered"]


def test_of_two_emails_under_one_reference_the_one_that_is_known_counts(post):
    post.add_people(*addresses(1))
    post.approve()
    (row,) = post.rows()
    first = replace(notification(row, "sending"), notify_id="first")
    second = replace(notification(row), notify_id="second", created_at=clock() + LATER)
    with post.database.write() as session:
        adopting.adopt(session, [second, first], now=clock())
    assert post.rows()[0].notify_id == "first", "the older one"

    with post.database.write() as session:
        adopting.adopt(session, [second, replace(first, status="delivered")], now=clock())

    assert (post.rows()[0].notify_id, post.statuses()) == ("first", ["delivered"])
