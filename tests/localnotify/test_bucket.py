"""The token bucket and the daily limit, on a clock that is passed in."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest

from postroom.localnotify.bucket import (
    accepted_today,
    bucket_size,
    check_limits,
    count_accepted,
    take_token,
)
from postroom.localnotify.service import Service
from postroom.localnotify.store import connect

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def connection(database: Path) -> Iterator[Connection]:
    with closing(connect(database)) as opened:
        yield opened


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def passed(connection: Connection, moments: list[float], rate_limit: int) -> int:
    taken = (
        take_token(connection, "bucket", rate_limit=rate_limit, now=at(each)) for each in moments
    )
    return sum(taken)


def test_a_full_bucket_lets_999_go_at_once_at_3000_a_minute(connection):
    assert passed(connection, [0.0] * 1_100, 3_000) == 999


def test_a_full_bucket_lets_20_go_at_once_at_60_a_minute(connection):
    assert bucket_size(60) == 21
    assert passed(connection, [0.0] * 30, 60) == 20


def test_an_emptied_bucket_asked_at_its_refill_rate_never_lets_anything_through(connection):
    passed(connection, [0.0] * 30, 60)

    assert passed(connection, [1.0 + n for n in range(600)], 60) == 0


def test_an_emptied_bucket_asked_every_two_seconds_lets_everything_through(connection):
    passed(connection, [0.0] * 30, 60)

    assert passed(connection, [2.05 * n for n in range(1, 7)], 60) == 6


def test_hammering_an_emptied_bucket_gets_nothing_for_as_long_as_it_lasts(connection):
    passed(connection, [0.0] * 300, 600)

    assert passed(connection, [n * 0.002 for n in range(1, 21_500)], 600) == 0


def test_after_a_pause_a_pace_below_the_limit_is_never_refused(connection):
    passed(connection, [0.0] * 2_000, 3_000)

    assert passed(connection, [1 + n / 40 for n in range(2_400)], 3_000) == 2_400


def test_a_pace_just_below_the_limit_is_accepted_though_no_token_is_ever_whole(connection):
    passed(connection, [0.0] * 2_000, 3_000)

    assert passed(connection, [1 + n / 49 for n in range(2_940)], 3_000) >= 2_870


def test_a_bucket_never_holds_more_than_its_size(connection):
    passed(connection, [0.0], 60)

    assert passed(connection, [86_400.0] * 30, 60) == 20


def test_each_key_type_has_a_bucket_of_its_own(connection):
    service = Service(rate_limit=60)
    for _ in range(30):
        check_limits(connection, service, "live", now=START)

    assert check_limits(connection, service, "live", now=START)
    assert check_limits(connection, service, "team", now=START) is None


def test_live_and_team_share_one_daily_limit_and_test_has_none(connection):
    service = Service(daily_limit=2)
    for key_type in ("live", "team", "test"):
        count_accepted(connection, key_type, now=START)

    refused = check_limits(connection, service, "live", now=START)

    assert refused
    assert refused.errors == [
        {"error": "TooManyRequestsError", "message": "Exceeded send limits (email: 2) for today"}
    ]
    assert check_limits(connection, service, "team", now=START)
    assert check_limits(connection, service, "test", now=START) is None


def test_the_daily_limit_begins_anew_at_midnight_utc(connection):
    service = Service(daily_limit=1)
    late = datetime(2026, 7, 1, 23, 59, 59, tzinfo=UTC)  # 00:59:59 in London
    count_accepted(connection, "live", now=late)

    assert check_limits(connection, service, "live", now=late)
    midnight = late + timedelta(seconds=1)
    assert check_limits(connection, service, "live", now=midnight) is None
    assert accepted_today(connection, now=midnight) == 0
