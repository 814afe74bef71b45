"""What became of messages: read from Notify's list, and from nothing else."""

from dataclasses import replace
from datetime import timedelta
from time import sleep

from pydantic import SecretStr

from postroom.content.rendering import Email
from postroom.delivery import adopting, attempts, messages, tracking
from postroom.delivery.gateway import Parcel
from postroom.delivery.sending import see_through
from postroom.localnotify import Fault, add_fault
from postroom.settings import FULL_WAITS, Mode, Settings
from postroom.tables import Message, Status
from tests.delivery.conftest import addresses, clock

WEEK = timedelta(days=7)
LATER = timedelta(seconds=10)  # by then the local Notify has said its last word


def send(post):
    see_through(post.sender(post.approve()), waiting=print)


def sync(post, now=None):
    return tracking.sync(
        post.database, post.notify(), post.keys, Mode.LOCAL, retention=WEEK, now=now or clock()
    )


def wait_for_last_words(post):

    for _ in range(40):
        sync(post)
        if not {"created", "sending"} & set(post.statuses()):
            return
        sleep(0.1)


def test_statuses_are_fetched_to_the_last_word(post):
    post.add_people(
        "reader@example.com", "perm-fail@simulator.notify", "temp-fail@simulator.notify"
    )
    send(post)

    wait_for_last_words(post)

    assert post.statuses() == ["delivered", "permanent-failure", "temporary-failure"]


def test_a_technical_failure_that_never_calls_back_is_fetched_too(post):
    post.add_people("odd@example.com")
    add_fault(post.server.path, Fault(do="end-as", status="technical-failure"))
    send(post)

    wait_for_last_words(post)

    assert post.statuses() == ["technical-failure"]


def test_what_notify_forgot_keeps_its_last_word_and_the_time_we_lost_track(post):
    post.add_people(*addresses(2))
    send(post)
    much_later = clock() + WEEK + LATER

    with post.database.write() as session:
        mailing = messages.find_mailing(session, "cards", Mode.LOCAL)
        lost = adopting.lose_track(
            session, mailing.id, accepted_before=much_later - WEEK, now=much_later
        )

    assert lost == 2
    assert set(post.statuses()) == {"created"}
    assert {row.lost_track_at for row in post.rows()} == {much_later}


def in_doubt(post, *, doubt_until, claimed_at):
    with post.database.write() as session:
        row = session.get(Message, post.rows()[0].id)
        row.status, row.service, row.key_type = Status.IN_DOUBT, post.notify().service, "live"
        row.doubt_until, row.claimed_at = doubt_until, claimed_at


def resolve(post, approval, now, notify=None):
    return tracking.resolve_doubts(
        post.database,
        notify or post.notify(),
        approval.mailing_id,
        waits=post.settings.waits(Mode.LOCAL),
        retention=WEEK,
        now=now,
    )


def test_an_empty_look_up_proves_nothing_before_its_time(post):
    post.add_people(*addresses(1))
    approval, now = post.approve(), clock()
    in_doubt(post, doubt_until=now + LATER, claimed_at=now)

    assert resolve(post, approval, now).again == LATER
    assert post.statuses() == ["in-doubt"]


def test_an_empty_look_up_after_its_time_means_it_is_sent_again(post):
    post.add_people(*addresses(1))
    approval, now = post.approve(), clock()
    in_doubt(post, doubt_until=now, claimed_at=now)

    assert resolve(post, approval, now + LATER).again is None
    assert post.statuses() == ["planned"]


def test_one_empty_look_up_of_what_notify_holds_is_not_believed(post):
    class Stumbling(type(post.notify())):
        stumbles = True

        def find(self, reference):
            stumbled, self.stumbles = self.stumbles, False
            return [] if stumbled else super().find(reference)

    post.add_people(*addresses(1))
    approval, now, notify = post.approve(), clock(), post.notify()
    (row,) = post.rows()
    notify.send(Parcel(row.address, row.reference, Email("S", "B")))
    in_doubt(post, doubt_until=now, claimed_at=now)
    notify.__class__ = Stumbling

    resolve(post, approval, now + LATER, notify)

    assert not {"in-doubt", "planned"} & set(post.statuses())


def test_past_notifys_memory_an_empty_look_up_waits_for_a_person(post):
    post.add_people(*addresses(1))
    approval, now = post.approve(), clock()
    in_doubt(post, doubt_until=now - WEEK, claimed_at=now - WEEK - LATER)

    assert resolve(post, approval, now).again is None
    assert post.statuses() == ["in-doubt"]


def test_a_doubt_that_another_sender_made_is_looked_up_when_its_clock_may_be_slow_too(post):
    post.add_people(*addresses(2))
    approval, now = post.approve(), clock()
    waits = replace(FULL_WAITS, skew=timedelta(seconds=60))
    ours, theirs = post.rows()
    with post.database.write() as session:
        for one, worker in ((ours, "us"), (theirs, "them")):
            row = session.get_one(Message, one.id)
            row.status, row.worker, row.claimed_at = Status.IN_DOUBT, worker, now
            row.service, row.key_type = post.notify().service, "live"
            row.doubt_until = now + waits.landing + waits.skew

    learnt = tracking.resolve_doubts(
        post.database,
        post.notify(),
        approval.mailing_id,
        waits=waits,
        retention=WEEK,
        now=now + waits.landing,
        own=tracking.Own("us", {ours.id: timedelta(0), theirs.id: timedelta(0)}),
    )

    assert (learnt.not_taken, learnt.again) == ([ours.id], waits.skew)
    assert post.statuses() == ["planned", "in-doubt"]


def test_a_claim_is_taken_over_when_its_senders_clock_may_be_slow_too(post):
    post.add_people(*addresses(1))
    approval, now = post.approve(), clock()
    waits = replace(FULL_WAITS, skew=timedelta(seconds=60))
    with post.database.write() as session:
        row = session.get_one(Message, post.rows()[0].id)
        row.status, row.worker, row.claimed_at = Status.CLAIMED, "them", now
        row.lease_until = now

    def expired(later):
        with post.database.write() as session:
            at = now + later
            return attempts.doubt_expired_claims(session, approval.mailing_id, waits=waits, now=at)

    assert expired(timedelta(seconds=60)) == 0
    assert expired(timedelta(seconds=61)) == 1
    assert post.rows()[0].doubt_until == now + timedelta(seconds=40 + 35 + 60)


def test_only_where_machines_share_a_database_may_their_clocks_differ():
    shared = Settings(database_url=SecretStr("postgresql://db.example.com/outreach"))

    assert Settings().waits(Mode.LIVE).skew == timedelta(0)
    assert shared.waits(Mode.LIVE).skew == timedelta(seconds=60)
    assert shared.waits(Mode.LOCAL).skew == timedelta(0), "local mode never leaves this machine"
