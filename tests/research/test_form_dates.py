"""Dates in exports: read in one way only, in UTC, or refused with a reason."""

from datetime import UTC, datetime

import pytest

from postroom.research.form_dates import TwoReadings, only_reading, read_time

LONDON = "Europe/London"


def read(text, zone=LONDON, day_first=None):
    return read_time(text, zone=zone, day_first=day_first)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-20T10:00:00", (2026, 9, 20, 9)),  # summer: London is an hour ahead
        ("2026-01-20 10:00", (2026, 1, 20, 10)),
        ("2026-09-20T10:00:00+01:00", (2026, 9, 20, 9)),
        ("2026-09-20T10:00:00Z", (2026, 9, 20, 10)),
        ("2026/09/20 10:00:00 AM", (2026, 9, 20, 9)),
        ("2026/09/27 3:00:00 PM GMT+3", (2026, 9, 27, 12)),
        ("2026/10/04 10:15:00 AM GMT+5:30", (2026, 10, 4, 4, 45)),
        ("2026/09/27 3:00:00 PM UTC", (2026, 9, 27, 15)),
        ("2026/09/27 3:00:00 pm BST", (2026, 9, 27, 14)),
        ("2026/09/27 12:05 AM", (2026, 9, 26, 23, 5)),
        ("7/27/26 19:06:23", (2026, 7, 27, 18, 6, 23)),
        ("27/7/2026 19:06", (2026, 7, 27, 18, 6)),
        ("27.07.2026 19.06", (2026, 7, 27, 18, 6)),
        ("5/5/2026 09:15", (2026, 5, 5, 8, 15)),
        ("5 October 2026, 09:15", (2026, 10, 5, 8, 15)),
        ("Mon, 5 Oct 2026 09:15:10", (2026, 10, 5, 8, 15, 10)),
        ("Oct 5, 2026 9:15 am", (2026, 10, 5, 8, 15)),
        ("22 January 2024 at 9:05am", (2024, 1, 22, 9, 5)),  # as our own exports write it
        ("2026-09-20", (2026, 9, 19, 23)),
        ("9/27/2026 3:00\u202fPM", (2026, 9, 27, 14)),  # the space that newer tools put there
    ],
)
def test_a_time_that_can_be_meant_in_one_way_is_read_so(text, moment):
    assert read(text) == datetime(*moment, tzinfo=UTC)


def test_a_time_without_its_zone_is_in_the_zone_that_the_file_declares():
    assert read("2026-07-20 10:00", zone="America/Denver") == datetime(2026, 7, 20, 16, tzinfo=UTC)


def test_of_the_hour_that_comes_twice_the_first_is_taken():
    assert read("2026-10-25 01:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_date_with_two_readings_is_refused_with_both():
    with pytest.raises(TwoReadings, match="5 October or 10 May"):
        read("5/10/2026 09:15:00")


@pytest.mark.parametrize(("day_first", "month"), [(True, 10), (False, 5)])
def test_somebody_who_says_which_comes_first_is_believed(day_first, month):
    assert read("5/10/2026 09:15", day_first=day_first).month == month


@pytest.mark.parametrize(
    ("text", "day_first", "why"),
    [
        ("46285.39", None, "a number"),
        ("yesterday", None, "that can be read"),
        ("", None, "that can be read"),
        ("2026-02-30 10:00", None, "no such day"),
        ("7/27/26 19:06", True, "day_first"),
        ("30/30/2026", None, "no such day"),
        ("2026-02-20 13:00 PM", None, "no such hour"),
        ("5 Smarch 2026", None, "no such month"),
        ("2026-02-20 10:00 GMT+99", None, "no such day"),
        ("2026-02-20 10:00 EST", None, "that can be read"),
    ],
)
def test_what_is_no_time_is_refused_with_a_reason(text, day_first, why):
    with pytest.raises(ValueError, match=why):
        read(text, day_first=day_first)


@pytest.mark.parametrize(
    ("text", "first"),
    [("27/7/26", True), ("7/27/26", False), ("5/10/2026", None), ("2026-05-10", None)],
)
def test_a_date_tells_by_itself_whether_its_day_comes_first(text, first):
    assert only_reading(text) is first
