"""What became of messages: read from Notify's list, and from nothing else."""

from datetime import timedelta
from time import sleep

from postroom.delivery import adopting, messages, tracking
from postroom.delivery.sending import see_through
from postroom.localnotify import Fault, add_fault
from postroom.settings import Mode
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


def resolve(post, approval, now):
    return tracking.resolve_doubts(
        post.database,
        post.notify(),
        approval.mailing_id,
        waits=post.settings.waits(Mode.LOCAL),
        retention=WEEK,
        now=now,
    )


def test_an_empty_look_up_proves_nothing_before_its_time(post):
    post.add_people(*addresses(1))
    approval, now = post.approve(), clock()
    in_doubt(post, doubt_until=now + LATER, claimed_at=now)

    look_again = resolve(post, approval, now)

    assert look_again == now + LATER
    assert post.statuses() == ["in-doubt"]


def test_an_empty_look_up_after_its_time_means_it_is_sent_again(post):
    post.add_people(*addresses(1))
    approval, now = post.approve(), clock()
    in_doubt(post, doubt_until=now, claimed_at=now)

    assert resolve(post, approval, now + LATER) is None
    assert post.statuses() == ["planned"]


def test_past_notifys_memory_an_empty_look_up_waits_for_a_person(post):
    post.add_people(*addresses(1))
    approval, now = post.approve(), clock()
    in_doubt(post, doubt_until=now - WEEK, claimed_at=now - WEEK - LATER)

    assert resolve(post, approval, now) is None
    assert post.statuses() == ["in-doubt"]
