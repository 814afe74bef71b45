"""A message that failed for the moment, sent once more: the same words, a reference of its own."""

from datetime import timedelta

import pytest
from sqlmodel import select

from postroom.delivery import attempts, messages, tracking
from postroom.delivery.sending import see_through
from postroom.errors import NotPermitted
from postroom.localnotify import end_notification
from postroom.settings import Mode
from postroom.tables import Approval, Attempt, Message, Status
from tests.delivery.conftest import IMPATIENT, addresses, clock


@pytest.fixture
def failed(post):
    """Three were sent to; the second's mailbox was full."""
    post.add_people(*addresses(3))
    approval = post.approve()
    see_through(post.sender(approval), waiting=print)
    sent = {found.email_address: found.id for found in post.server.ledger()}
    for address, status in zip(
        addresses(3), ("delivered", "temporary-failure", "permanent-failure"), strict=True
    ):
        end_notification(post.server.path, sent[address], status, at=clock())
    tracking.sync(
        post.database,
        post.notify(),
        post.keys,
        Mode.LOCAL,
        retention=timedelta(days=7),
        now=clock(),
    )
    assert post.statuses() == ["delivered", "temporary-failure", "permanent-failure"]
    return approval


def begin_again(post, mailing_id, ended=Status.TEMPORARY_FAILURE):
    with post.database.write() as session:
        for message in attempts.ended_as(session, mailing_id, ended):
            attempts.begin_again(session, message, post.keys, now=clock())


def test_only_who_failed_for_the_moment_gets_the_same_words_once_more(post, failed):
    before = {row.id: row.content_hash for row in post.rows()}
    begin_again(post, failed.mailing_id)

    run = see_through(post.sender(failed), waiting=print)

    assert not run.ended_because
    assert sorted(post.arrived()) == sorted([*addresses(3), addresses(3)[1]])
    assert {row.id: row.content_hash for row in post.rows()} == before
    first, second = (
        found for found in post.server.ledger() if found.email_address == addresses(3)[1]
    )
    assert first.personalisation == second.personalisation
    assert first.reference != second.reference


def test_whom_notify_refused_gets_the_same_words_once_it_takes_the_address(post):
    post.add_people(*addresses(3))
    approval = post.approve()
    see_through(post.sender(approval, notify=post.notify("team")), waiting=print)
    assert post.statuses() == 3 * ["refused"]
    before = {row.id: row.content_hash for row in post.rows()}

    begin_again(post, approval.mailing_id, Status.REFUSED)
    run = see_through(post.sender(approval), waiting=print)

    assert not run.ended_because
    assert sorted(post.arrived()) == sorted(addresses(3))
    assert {row.id: row.content_hash for row in post.rows()} == before


def test_the_attempt_that_failed_is_kept(post, failed):
    old = post.rows()[1]
    begin_again(post, failed.mailing_id)

    with post.database.read() as session:
        kept = session.exec(select(Attempt)).one()
    row = post.rows()[1]
    assert (kept.attempt, kept.status, kept.reference) == (1, "temporary-failure", old.reference)
    assert kept.notify_id == old.notify_id
    assert (row.attempt, row.status, row.notify_id) == (2, Status.PLANNED, None)
    assert row.approval_id == failed.id
    assert len(post.rows()) == 3


def test_a_second_attempt_that_a_restored_database_forgot_is_not_made_twice(post, failed):
    post.settings = post.settings.model_copy(update=IMPATIENT)
    begin_again(post, failed.mailing_id)
    see_through(post.sender(failed), waiting=print)
    with post.database.write() as session:  # as the database was before the second attempt
        row = session.get_one(Message, post.rows()[1].id)
        first = session.exec(select(Attempt)).one()
        row.attempt, row.reference, row.notify_id = 1, first.reference, first.notify_id
        row.status = Status.TEMPORARY_FAILURE
        session.delete(first)

    begin_again(post, failed.mailing_id)
    see_through(post.sender(failed), waiting=print)

    assert post.arrived().count(addresses(3)[1]) == 2


def test_the_stop_link_of_an_earlier_email_still_finds_its_message(post, failed):
    old = post.rows()[1].reference
    begin_again(post, failed.mailing_id)

    with post.database.read() as session:
        assert attempts.first_attempt(session, old).id == post.rows()[1].id
        assert attempts.first_attempt(session, post.rows()[0].reference).id == post.rows()[0].id
        assert attempts.first_attempt(session, "unknown") is None


def test_words_that_changed_since_are_not_sent_again(post, failed):
    begin_again(post, failed.mailing_id)
    with post.database.write() as session:
        session.get_one(Message, post.rows()[1].id).fields = {"name": "Somebody else"}

    with pytest.raises(NotPermitted, match="would not say what was approved"):
        see_through(post.sender(failed), waiting=print)

    assert len(post.arrived()) == 3


def test_a_doubt_that_another_process_settled_meanwhile_is_left_to_it(post):
    post.add_people(*addresses(1))
    post.approve()
    notify = post.notify()
    with post.database.write() as session:
        row = session.get_one(Message, post.rows()[0].id)
        row.status, row.claimed_at, row.doubt_until = Status.IN_DOUBT, clock(), clock()
        row.service, row.key_type = notify.service, notify.key_type

    class Overtaken(type(notify)):
        """While this one asks Notify, another process settles the doubt and claims anew."""

        def find(self, reference):
            found = super().find(reference)
            if Status.CLAIMED in post.statuses():
                return found
            with post.database.write() as session:
                row = messages.in_doubt(session, "cards", "local", reference)
                row.status, row.claimed_at, row.worker = Status.CLAIMED, clock(), "another"
                row.lease_until = clock() + timedelta(minutes=5)
            return found

    notify.__class__ = Overtaken
    tracking.resolve_doubts(
        post.database,
        notify,
        post.rows()[0].mailing_id,
        waits=post.settings.waits(Mode.LOCAL),
        retention=timedelta(days=7),
        now=clock(),
    )

    assert post.statuses() == ["claimed"]
    assert post.rows()[0].worker == "another"


def test_a_second_attempt_goes_by_the_approval_of_the_first_though_it_has_ended(post, failed):
    with post.database.write() as session:
        session.get_one(Approval, failed.id).ended_at = clock()
    begin_again(post, failed.mailing_id)

    run = see_through(post.sender(failed), waiting=print)

    assert (run.ended_because, len(post.arrived())) == ("", 4)
