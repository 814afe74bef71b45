"""Sends set for a time: London's clocks, one worker at a time, and too late asks a person."""

from datetime import UTC, datetime, timedelta

import pytest

from postroom.delivery import schedules, workers
from postroom.errors import NotPermitted
from postroom.settings import Mode
from postroom.tables import Mailing, Message, Schedule, ScheduleState, Status
from tests.delivery.conftest import addresses, clock

LEASE = timedelta(seconds=30)
GRACE = timedelta(minutes=30)
START = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
BEFORE = START - timedelta(days=1)


@pytest.fixture
def approval(post):
    post.add_people(*addresses(3))
    return post.approve()


def set_time(post, approval, start_at=START):
    with post.database.write() as session:
        return schedules.set_time(
            session,
            approval,
            start_at=start_at,
            grace=GRACE,
            who="sender@example.com",
            now=BEFORE,
        )


def take(post, worker, now):
    with post.database.write() as session:
        missed = schedules.note_missed(session, "local", now=now)
        return schedules.take(session, "local", worker, lease=LEASE, now=now), missed


def state(post, schedule):
    with post.database.read() as session:
        return session.get_one(Schedule, schedule.id).state


@pytest.mark.parametrize(
    ("wanted", "utc"),
    [
        (datetime.fromisoformat("2026-01-14 09:30"), datetime(2026, 1, 14, 9, 30, tzinfo=UTC)),
        (datetime.fromisoformat("2026-07-14 09:30"), datetime(2026, 7, 14, 8, 30, tzinfo=UTC)),
        (datetime.fromisoformat("2026-03-29 02:00"), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
    ids=["winter", "summer", "just after the clocks went forward"],
)
def test_a_time_is_londons(wanted, utc):
    assert schedules.london_time(wanted, now=datetime(2026, 1, 1, tzinfo=UTC)) == utc


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (datetime.fromisoformat("2026-03-29 01:30"), "There is no 2026-03-29 01:30 in London"),
        (datetime.fromisoformat("2026-10-25 01:30"), "comes twice in London"),
        (datetime.fromisoformat("2025-12-31 09:30"), "is past"),
        (datetime.fromisoformat("2026-01-01 00:00"), "is past"),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(wanted, words):
    with pytest.raises(NotPermitted, match=words):
        schedules.london_time(wanted, now=datetime(2026, 1, 1, tzinfo=UTC))


def test_nothing_is_due_before_its_time_and_one_worker_gets_it_then(post, approval):
    schedule = set_time(post, approval)

    assert take(post, "a", START - timedelta(seconds=1))[0] is None
    assert take(post, "a", START)[0].id == schedule.id
    assert take(post, "b", START)[0] is None


def test_a_worker_that_dies_is_taken_over_after_its_lease(post, approval):
    set_time(post, approval)
    held, _ = take(post, "a", START)
    with post.database.write() as session:
        schedules.extend(session, held, lease=LEASE, now=START + LEASE / 2)

    assert take(post, "b", START + LEASE)[0] is None
    taken, _ = take(post, "b", START + LEASE * 2)

    assert taken.worker == "b"


def test_a_worker_that_was_taken_over_no_longer_says_how_it_ended(post, approval):
    set_time(post, approval)
    first, _ = take(post, "a", START)
    second, _ = take(post, "b", START + LEASE * 2)

    with post.database.write() as session:
        schedules.end(session, first, ScheduleState.HELD, why="it fell over", now=START)
        schedules.end(session, second, ScheduleState.DONE, why="", now=START)

    assert state(post, second) is ScheduleState.DONE


@pytest.mark.parametrize("begun", [False, True], ids=["never begun", "died half-way"])
def test_what_is_found_too_late_asks_a_person_instead_of_firing(post, approval, begun):
    schedule = set_time(post, approval)
    if begun:
        take(post, "a", START)
    late = START + GRACE + LEASE + timedelta(seconds=1)

    taken, missed = take(post, "b", late)

    assert taken is None
    assert [each.id for each in missed] == [schedule.id]
    assert state(post, schedule) is ScheduleState.MISSED
    assert take(post, "b", late) == (None, [])


def test_another_time_gives_up_the_one_before(post, approval):
    first = set_time(post, approval)
    set_time(post, approval, START + timedelta(days=1))

    assert state(post, first) is ScheduleState.CANCELLED
    assert take(post, "a", START)[0] is None


def test_what_was_cancelled_is_never_taken(post, approval):
    set_time(post, approval)
    with post.database.write() as session:
        assert schedules.cancel(session, approval.mailing_id, why="stopped", now=BEFORE) == 1

    assert take(post, "a", START) == (None, [])


def beat(post, name, mode="local", *, now):
    with post.database.write() as session:
        workers.beat(session, name, mode, lease=LEASE, now=now)


def fetching(post, now):
    with post.database.read() as session:
        return workers.first_at_leisure(session, "local", now=now)


def test_a_worker_that_sends_leaves_the_fetching_to_another(post, approval):
    set_time(post, approval)
    for name in ("a", "b"):
        beat(post, name, now=START)
    assert fetching(post, START) == "a"

    take(post, "a", START)

    assert fetching(post, START) == "b"


def test_the_first_worker_alive_fetches_statuses_for_all(post):
    now = clock()

    def beat_later(name, mode="local", *, after):
        beat(post, name, mode, now=now + after)

    def first(*, after):
        return fetching(post, now + after)

    second = timedelta(seconds=1)
    beat_later("a", after=0 * second)
    beat_later("b", after=second)
    beat_later("c", "test", after=-second)
    assert first(after=2 * second) == "a"

    beat_later("b", after=LEASE)  # and "a" was killed: nobody waits longer for it than it promised
    assert first(after=LEASE) == "b"

    with post.database.write() as session:
        workers.leave(session, "b")
    assert first(after=LEASE) is None


@pytest.mark.parametrize(
    ("accepted_ago", "synced_ago", "due"),
    [
        (timedelta(seconds=4), None, True),
        (timedelta(seconds=20), timedelta(seconds=4), False),
        (timedelta(seconds=20), timedelta(seconds=5), True),
        (timedelta(hours=1), timedelta(minutes=14), False),
        (timedelta(hours=1), timedelta(minutes=15), True),
        (timedelta(days=2), timedelta(hours=5), False),
        (timedelta(days=2), timedelta(hours=6), True),
    ],
)
def test_statuses_are_fetched_often_after_a_send_and_then_less(
    post, approval, accepted_ago, synced_ago, due
):
    now = clock()
    with post.database.write() as session:
        row = session.get_one(Message, post.rows()[0].id)
        row.status, row.accepted_at = Status.SENDING, now - accepted_ago
        mailing = session.get_one(Mailing, approval.mailing_id)
        mailing.synced_at = now - synced_ago if synced_ago else None

    with post.database.read() as session:
        assert workers.sync_is_due(session, Mode.LOCAL, now=now) is due


def test_with_nothing_moving_nothing_is_fetched(post, approval):
    with post.database.read() as session:
        assert not workers.sync_is_due(session, Mode.LOCAL, now=clock())
