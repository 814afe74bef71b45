"""The pace, by arithmetic on a clock that the test holds."""

import heapq
import itertools
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from postroom.delivery import pace

SERVICE = {"service": "a-service", "key_type": "live"}
SPACING = timedelta(milliseconds=20)
HALF_A_LEASE = timedelta(seconds=15)
SLOWER = SPACING * (1 + pace.SLOWER_FOR.total_seconds() / pace.SLOWER_A_SECOND)


@pytest.fixture
def paced(database):
    return at_rate(database, 3_000)


def at_rate(database, rate_per_minute):
    with database.write() as session:
        pace.open_pace(session, **SERVICE, rate_per_minute=rate_per_minute)
    return database


def look(paced, most, now, within=HALF_A_LEASE):
    with paced.write() as session:
        return pace.turns(session, **SERVICE, most=most, within=within, now=now)


def take(paced, most, now, within=HALF_A_LEASE):
    """Take every turn there is, and return them."""
    with paced.write() as session:
        found = pace.turns(session, **SERVICE, most=most, within=within, now=now)
        pace.take(session, found, len(found.times), **SERVICE)
        return found.times


def refused(paced, now):
    with paced.write() as session:
        return pace.fall_silent(session, **SERVICE, now=now)


def accepted(paced, asked_at):
    with paced.write() as session:
        pace.note_acceptance(session, **SERVICE, asked_at=asked_at)


def test_requests_leave_evenly_spaced_below_the_limit(paced, now):
    assert take(paced, 4, now) == [now + SPACING * n for n in range(4)]


def test_two_senders_of_one_key_never_share_a_moment(paced, now):
    times = take(paced, 3, now) + take(paced, 3, now) + take(paced, 2, now)

    assert times == [now + SPACING * n for n in range(8)]


def test_a_turn_that_nobody_takes_is_the_next_ones(paced, now):
    look(paced, 5, now)
    with paced.write() as session:
        found = pace.turns(session, **SERVICE, most=5, within=HALF_A_LEASE, now=now)
        pace.take(session, found, 2, **SERVICE)

    assert take(paced, 1, now) == [now + SPACING * 2]


def test_a_quiet_spell_is_not_saved_up_into_a_burst(paced, now):
    take(paced, 1, now)
    later = now + timedelta(minutes=5)

    assert take(paced, 3, later) == [later + SPACING * n for n in range(3)]


def test_another_key_type_has_a_pace_of_its_own(paced, now):
    take(paced, 50, now)
    other = SERVICE | {"key_type": "test"}
    with paced.write() as session:
        pace.open_pace(session, **other, rate_per_minute=3_000)
        first = pace.turns(session, **other, most=1, within=HALF_A_LEASE, now=now)

    assert first.times == [now]


def test_a_new_run_keeps_the_times_already_promised(paced, now):
    take(paced, 10, now)
    at_rate(paced, 3_000)

    assert take(paced, 1, now) == [now + SPACING * 10]


def test_no_turn_is_given_that_would_come_later_than_the_claim_may_wait(database, now):
    paced = at_rate(database, 60)

    mine, theirs = take(paced, 48, now), look(paced, 48, now)

    assert mine == [now + timedelta(seconds=n) for n in range(16)]
    assert (theirs.times, theirs.wait) == ([], timedelta(seconds=1))
    assert look(paced, 48, now + theirs.wait).times == [now + timedelta(seconds=16)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.integers(1, 3_000),
    asking=st.lists(
        st.tuples(st.integers(1, 192), st.floats(0, 40, allow_nan=False)), min_size=1, max_size=12
    ),
)
def test_whoever_asks_when_told_to_gets_a_turn_in_time_and_in_nobody_elses_way(
    database, now, rate, asking
):
    """No run stands still for ever, however many ask and however slowly mail may go."""
    paced = at_rate(database, rate)
    now += timedelta(days=at_rate.days)  # each example has a time of its own
    at_rate.days += 1
    spacing = timedelta(microseconds=round(60_000_000 / rate))
    given_away = []
    for most, pause in asking:
        now += timedelta(seconds=pause)
        found = look(paced, most, now)
        if not found.times:
            now += found.wait
            assert found.wait <= max(spacing, timedelta(0)), "told to wait longer than a turn"
        times = take(paced, most, now)
        assert times, "told when to ask, and still no turn"
        assert max(times) <= now + HALF_A_LEASE
        given_away += times
    gaps = [later - earlier for earlier, later in itertools.pairwise(given_away)]
    assert all(gap >= spacing for gap in gaps)


at_rate.days = 0


class Process:
    """A sender as the pace sees it: so many threads, and a while until Notify answers."""

    def __init__(self, workers, latency):
        self.free = [timedelta(0)] * workers  # when each thread is
        self.workers, self.latency = workers, latency
        self.waiting = []  # when each claimed message is done
        self.rest_until = timedelta(0)

    def look(self, paced, began, at):
        """Do what a pass does in one turn of its loop; return when its new messages leave."""
        self.waiting = [done for done in self.waiting if done > at]
        room = 3 * self.workers - len(self.waiting)
        if room < self.workers or at < self.rest_until:
            return []
        found = look(paced, room, began + at)
        if not found.times:
            self.rest_until = at + found.wait
            return []
        left = []
        for turn in take(paced, room, began + at):
            leaves = max(turn - began, heapq.heappop(self.free))
            heapq.heappush(self.free, leaves + self.latency)
            self.waiting.append(leaves + self.latency)
            left.append((at, leaves))
        return left


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize(
    ("rate", "workers", "latency"),
    [
        (10, 1, 0.15),
        (10, 64, 0.3),
        (60, 16, 0.15),
        (150, 16, 0.3),
        (288, 64, 0.15),
        (600, 4, 0.15),
        (2_970, 16, 0.15),
        (2_970, 16, 0.3),
        (3_000, 64, 0.3),
    ],
)
def test_however_many_send_they_keep_the_rate_and_no_message_outlives_its_lease(
    database, now, processes, rate, workers, latency
):
    paced, step = at_rate(database, rate), timedelta(seconds=0.05)
    lasting = timedelta(seconds=max(20, 600 / rate))
    senders = [Process(workers, timedelta(seconds=latency)) for _ in range(processes)]
    left, at = [], timedelta(0)
    while at < lasting:
        for sender in senders:
            left += sender.look(paced, now, at)
        at += step

    assert all(leaves - claimed <= 2 * HALF_A_LEASE for claimed, leaves in left)
    in_time = sum(leaves < lasting for _, leaves in left)
    assert in_time >= 0.98 * rate * lasting / timedelta(minutes=1) - 1


def test_after_a_refusal_everyone_is_silent_and_then_one_email_tries(paced, now):
    refused(paced, now)
    end = now + pace.SILENCE

    assert take(paced, 48, end - timedelta(milliseconds=1)) == []
    assert take(paced, 48, end) == [end]
    assert take(paced, 48, end) == []


def test_whoever_waits_for_the_silence_to_end_is_told_how_long_that_is(paced, now):
    refused(paced, now)

    assert look(paced, 48, now).wait == pace.SILENCE


def test_until_one_is_accepted_one_email_tries_at_a_time_however_many_send(paced, now):
    end = refused(paced, now).until
    later = [end + timedelta(seconds=0.1) * n for n in range(31)]

    tried = [turn for at in later for _ in range(4) for turn in take(paced, 48, at)]

    assert tried == [end + pace.TRY_EVERY * n for n in range(4)]


def test_once_one_is_accepted_everybody_goes_on_at_once_a_little_slower(paced, now):
    end = refused(paced, now).until
    take(paced, 48, end)
    accepted(paced, asked_at=end)
    heard = end + timedelta(milliseconds=150)

    first, second = take(paced, 2, heard)

    assert first == heard
    assert SPACING * 1.02 < second - first < SLOWER


def test_one_accepted_in_no_time_is_no_reason_to_follow_it_at_once(paced, now):
    end = refused(paced, now).until
    take(paced, 48, end)
    accepted(paced, asked_at=end)

    assert take(paced, 1, end) == [end + SPACING]


def test_refusals_of_requests_already_on_their_way_do_not_slow_it_again(paced, now):
    for n in range(16):
        refused(paced, now + timedelta(milliseconds=n))
    end = now + pace.SILENCE
    assert take(paced, 48, end) == [end]
    accepted(paced, asked_at=end)

    first, second = take(paced, 2, end + timedelta(seconds=1))

    assert second - first < SLOWER * 1.01


def test_the_pace_comes_back_by_itself(paced, now):
    accepted(paced, asked_at=refused(paced, now).until)
    later = now + pace.SILENCE + pace.SLOWER_FOR / 2
    half, full = take(paced, 2, later), take(paced, 2, later + pace.SLOWER_FOR)

    assert half[1] - half[0] < SLOWER
    assert full[1] - full[0] == SPACING


def test_a_drained_bucket_costs_less_than_a_twentieth_of_the_next_minute(paced, now):
    """One refusal, or two in a row: what leaves in the minute after the last silence."""
    for refusals in (1, 2):
        now += timedelta(hours=1)
        for _ in range(refusals):
            now = refused(paced, now).until
        (tries,) = take(paced, 48, now)
        accepted(paced, asked_at=tries)
        at, left = now + timedelta(seconds=0.5), 1  # when that was heard
        while at < now + timedelta(minutes=1):
            left += len([t for t in take(paced, 48, at) if t < now + timedelta(minutes=1)])
            at += timedelta(seconds=0.5)
        assert left >= 0.95 * 3_000


def test_each_refusal_in_a_row_doubles_the_silence(paced, now):
    lengths = []
    for _ in range(6):
        silence = refused(paced, now)
        lengths.append((silence.until - now).total_seconds())
        now = silence.until + timedelta(milliseconds=150)

    assert lengths == [1.5, 3, 6, 12, 24, 24]


def test_an_email_that_is_accepted_ends_the_row(paced, now):
    for _ in range(3):
        silence = refused(paced, now)
        now = silence.until + timedelta(milliseconds=150)
    accepted(paced, asked_at=now)

    assert refused(paced, now + timedelta(seconds=1)).in_a_row == 1


def test_one_that_was_asked_for_before_the_silence_does_not(paced, now):
    refused(paced, now)
    accepted(paced, asked_at=now - timedelta(milliseconds=50))

    assert refused(paced, now + pace.SILENCE).in_a_row == 2


def test_a_refusal_long_after_the_last_is_the_first_of_a_new_row(paced, now):
    refused(paced, now)

    assert refused(paced, now + timedelta(minutes=5)).in_a_row == 1


def test_a_clock_set_back_by_an_hour_does_not_stop_the_post(paced, now):
    refused(paced, now + timedelta(hours=1))
    take(paced, 5, now + timedelta(hours=1))

    assert take(paced, 1, now) == [now]
    assert refused(paced, now).until == now + pace.SILENCE * 2
