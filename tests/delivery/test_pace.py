"""The pace, by arithmetic on a clock that the test holds."""

from datetime import timedelta

import pytest

from postroom.delivery import pace

SERVICE = {"service": "a-service", "key_type": "live"}
SPACING = timedelta(milliseconds=20)


@pytest.fixture
def paced(database):
    with database.write() as session:
        pace.open_pace(session, **SERVICE, rate_per_minute=3_000)
    return database


def take(paced, count, now):
    with paced.write() as session:
        return pace.reserve(session, **SERVICE, count=count, now=now)


def test_requests_leave_evenly_spaced_below_the_limit(paced, now):
    times = take(paced, 4, now)

    assert times == [now + SPACING * n for n in range(4)]


def test_two_senders_of_one_key_never_share_a_moment(paced, now):
    times = take(paced, 3, now) + take(paced, 3, now) + take(paced, 2, now)

    assert times == [now + SPACING * n for n in range(8)]


def test_a_quiet_spell_is_not_saved_up_into_a_burst(paced, now):
    take(paced, 1, now)
    later = now + timedelta(minutes=5)

    assert take(paced, 3, later) == [later + SPACING * n for n in range(3)]


def test_another_key_type_has_a_pace_of_its_own(paced, now):
    take(paced, 50, now)
    with paced.write() as session:
        pace.open_pace(session, service="a-service", key_type="test", rate_per_minute=3_000)
        first = pace.reserve(session, service="a-service", key_type="test", count=1, now=now)

    assert first == [now]


def test_after_a_refusal_everyone_is_silent_and_then_slower(paced, now):
    with paced.write() as session:
        pace.fall_silent(session, **SERVICE, now=now)

    first, second = take(paced, 2, now)

    assert first == now + pace.SILENCE
    assert second - first == SPACING * pace.SLOWER_PERCENT / 100


def test_refusals_of_requests_already_on_their_way_do_not_slow_it_again(paced, now):
    for n in range(16):
        with paced.write() as session:
            pace.fall_silent(session, **SERVICE, now=now + timedelta(milliseconds=n))

    first, second = take(paced, 2, now)

    assert first <= now + pace.SILENCE + timedelta(milliseconds=15)
    assert second - first == SPACING * pace.SLOWER_PERCENT / 100


def test_a_clock_set_back_by_an_hour_does_not_stop_the_post(paced, now):
    take(paced, 5, now + timedelta(hours=1))

    assert take(paced, 1, now) == [now]


def test_a_new_run_keeps_the_times_already_promised(paced, now):
    take(paced, 10, now)
    with paced.write() as session:
        pace.open_pace(session, **SERVICE, rate_per_minute=3_000)

    assert take(paced, 1, now) == [now + SPACING * 10]
