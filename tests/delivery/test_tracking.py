"""What became of messages: read from Notify's list, and from nothing else."""

from datetime import timedelta
from time import sleep

from sqlmodel import select

from postroom.content.rendering import Email
from postroom.database import open_database
from postroom.delivery import attempts, messages, outbox, tracking
from postroom.delivery.gateway import Parcel
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
        post.database, post.notify(), Mode.LOCAL, retention=WEEK, now=now or clock()
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


def test_a_sync_with_nothing_moving_asks_nothing_of_notify(post):
    post.add_people(*addresses(2))
    add_fault(post.server.path, Fault(do="drop", on="any"))

    assert sync(post) == 0


def test_a_database_restored_from_a_backup_learns_what_was_sent_after_it(post, database_place):
    post.add_people(*addresses(10))
    approval = post.approve()
    post.database.close()
    database_place.back_up()
    see_through(post.sender(approval), waiting=print)
    post.database.close()
    database_place.restore()
    post.database = open_database(post.workspace, post.settings, post.keys)
    assert set(post.statuses()) == {"planned"}

    tracking.read_back(post.database, post.notify(), now=clock())
    see_through(post.sender(approval), waiting=print)

    assert post.arrived() == sorted(addresses(10))
    assert Status.PLANNED not in post.statuses()


def test_a_receipt_that_comes_first_does_not_cut_the_reading_back_short(post, database_place):
    post.add_people(*addresses(260))  # more than a page of Notify's list
    approval = post.approve()
    post.database.close()
    database_place.back_up()
    see_through(post.sender(approval), waiting=print)
    post.database.close()
    database_place.restore()
    post.database = open_database(post.workspace, post.settings, post.keys)
    newest = next(post.notify().pages())[:1]
    with post.database.write() as session:
        outbox.adopt(session, newest, now=clock())

    tracking.read_back(post.database, post.notify(), now=clock())

    assert Status.PLANNED not in post.statuses()


def test_what_notify_forgot_keeps_its_last_word_and_the_time_we_lost_track(post):
    post.add_people(*addresses(2))
    send(post)
    much_later = clock() + WEEK + LATER

    with post.database.write() as session:
        mailing = messages.find_mailing(session, "cards", Mode.LOCAL)
        lost = outbox.lose_track(
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

    with post.database.write() as session:
        message = messages.in_doubt(session, "cards", Mode.LOCAL, post.rows()[0].reference)
        attempts.settle_by_hand(session, message, was_sent=True, reason="seen", now=now)

    assert post.statuses() == ["created"]


def test_a_campaign_that_a_restore_took_away_and_that_is_planned_again_is_not_sent_again(post):
    post.add_people(*addresses(3))
    send(post)
    with post.database.write() as session:  # planned and sent after the backup: nothing is left
        for row in session.exec(select(Message)):
            session.delete(row)
    newest = [
        post.notify().send(Parcel("other@example.com", f"other-{n}", Email("S", "B")))
        for n in range(251)
    ][-1]
    approval = post.approve()
    known_here(post, newest.notify_id, accepted_at=clock() - timedelta(hours=1))

    tracking.read_back(post.database, post.notify(), now=clock())
    see_through(post.sender(approval), waiting=print)

    assert [each for each in post.arrived() if each != "other@example.com"] == addresses(3)


def known_here(post, notify_id, *, accepted_at):
    with post.database.write() as session:
        other = outbox.mailing_for(session, "other", Mode.LOCAL, now=clock())
        row = session.exec(select(Message)).first()
        session.add(
            Message(
                mailing_id=other.id,
                address_key=b"other",
                fields={},
                edition_id=row.edition_id,
                content_hash=b"",
                reference="other-250",
                status=Status.SENDING,
                planned_at=accepted_at,
                service=post.notify().service,
                key_type="live",
                notify_id=notify_id,
                accepted_at=accepted_at,
            )
        )
