"""Checks: dates exist, agree with their weekday, are not past, and the day is one to send on."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from postroom.content.checks.deadlines import is_deadline
from postroom.content.checks.kinds import Brief, Check, Rank
from postroom.content.checks.passages import Passage
from postroom.content.dates import WEEKDAYS, DateMention, misspelt_months_in
from postroom.content.editions import Edition
from postroom.content.facts import PeriodKind

_NO_TIME = re.compile(
    r"(?<![\d:.£])\d{1,2}[:.][6-9]\d ?[ap]m\b|(?<![\d:.£])(?:1[3-9]|[2-9]\d)[:.]\d\d ?[ap]m\b"
    r"|(?<=\b(?:at|by) )(?:2[5-9]|[3-9]\d):\d\d\b|(?<=\bfrom )(?:2[5-9]|[3-9]\d):\d\d\b"
)
_A_MONTH = timedelta(days=31)  # a deadline without a year is past if it was so lately


def _no_such_date(passage: Passage, _: Brief) -> Iterator[str]:
    for mention in passage.dates:
        # 29 February needs its year; without one it is taken to be in a leap year.
        if mention.on(mention.year or 2024) is None:
            yield f"There is no {mention.words}. Correct the date."


def _month_misspelt(passage: Passage, _: Brief) -> Iterator[str]:
    for words in misspelt_months_in(passage.shown):
        yield f"“{words}” is no date: the month is misspelt. Correct it."


def _no_such_time(passage: Passage, _: Brief) -> Iterator[str]:
    for match in _NO_TIME.finditer(passage.shown):
        yield f"There is no time “{match[0]}”. Correct it."


def _weekday_wrong(passage: Passage, brief: Brief) -> Iterator[str]:
    for mention in passage.dates:
        days = [day for day in _possible(mention, brief) if day]
        if mention.weekday is None or not days:
            continue
        if all(day.weekday() != mention.weekday for day in days):
            day = days[0]
            yield (
                f"“{mention.words}” is a {WEEKDAYS[day.weekday()].title()}"
                f"{'' if mention.year else f' in {day.year}'}. Correct the day or the date."
            )


def _possible(mention: DateMention, brief: Brief) -> list[date | None]:
    """Return the dates a reader could take *mention* for, the likeliest first.

    Where it gives no year and a fact states that day with one, that is the year.
    """
    if mention.year:
        return [mention.on(mention.year)]
    near = brief.campaign.send_on
    same_day = (stated for stated in brief.dates if stated[:2] == (mention.day, mention.month))
    years = sorted({year for _, _, year in same_day if year})
    days = [mention.on(year) for year in years or (near.year - 1, near.year, near.year + 1)]
    return sorted(days, key=lambda day: abs(day - near) if day else timedelta.max)[:2]


def _deadline_past(passage: Passage, brief: Brief) -> Iterator[str]:
    send_on = brief.campaign.send_on
    judged_on = max(send_on, brief.live_on or send_on)
    for mention in passage.dates:
        day = _possible(mention, brief)[0]
        if day is None or day >= judged_on or not is_deadline(passage.shown, mention):
            continue
        if mention.year or judged_on - day <= _A_MONTH:
            # The day of sending is not quoted: a reason given for this text is to hold tomorrow.
            since = f"on send_on, {_worded(send_on)}" if day < send_on else "on the day of sending"
            yield (f"The deadline “{mention.words}” is past {since}. Correct the date, or send_on.")


def _worded(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _sending_day(brief: Brief) -> date:
    return brief.live_on or brief.campaign.send_on


def _pre_election(_: Edition, brief: Brief) -> Iterator[str]:
    yield from _in_period(
        brief,
        PeriodKind.PRE_ELECTION,
        "Ask who approves announcements then, or choose another day.",
        called="the pre-election period before ",
    )


def _school_holiday(_: Edition, brief: Brief) -> Iterator[str]:
    yield from _in_period(
        brief, PeriodKind.SCHOOL_HOLIDAY, "Few will read it: choose a day in term."
    )


def _in_period(brief: Brief, kind: PeriodKind, advice: str, called: str = "") -> Iterator[str]:
    day = _sending_day(brief)
    for period in brief.shared.periods:
        if period.kind is kind and period.first_day <= day <= period.last_day:
            yield f"{_worded(day)} is in {called}{period.name}. {advice}"


def _weekend(_: Edition, brief: Brief) -> Iterator[str]:
    day = _sending_day(brief)
    if day.weekday() >= 5:
        yield (
            f"{_worded(day)} is a {WEEKDAYS[day.weekday()].title()}. School offices read their "
            "mail from Monday to Friday."
        )


def _send_on_passed(_: Edition, brief: Brief) -> Iterator[str]:
    send_on = brief.campaign.send_on
    if send_on < (brief.live_on or brief.today):
        yield (
            f"send_on is {_worded(send_on)}, which has passed. Dates in the text were judged by "
            "it: change it if you mean to send later."
        )


PASSAGE_CHECKS = (
    Check[Passage](
        "month-misspelt",
        Rank.WARN,
        "A word after a day's number is nearly a month, such as 22 Janurary. No other check of "
        "dates sees it.",
        "Correct it.",
        _month_misspelt,
    ),
    Check[Passage](
        "no-such-time",
        Rank.WARN,
        "A time is not on the clock, such as 25:00 or 12:60pm.",
        "Correct it.",
        _no_such_time,
    ),
    Check[Passage](
        "no-such-date",
        Rank.STOP,
        "A date is not in the calendar, such as 31 June.",
        "Correct it.",
        _no_such_date,
    ),
    Check[Passage](
        "weekday-wrong",
        Rank.STOP,
        "A weekday and its date do not agree. Where the year is not said, the two nearest the "
        "campaign's send_on are tried.",
        "Correct the day or the date.",
        _weekday_wrong,
    ),
    Check[Passage](
        "deadline-past",
        Rank.STOP,
        "A date after “by”, “before”, “until”, “closes” or “deadline” is before the campaign's "
        "send_on, or, at a live send, before that day.",
        "Correct the date, or send_on.",
        _deadline_past,
    ),
)
CAMPAIGN_CHECKS = (
    Check[Edition](
        "pre-election-period",
        Rank.WARN,
        "The day of sending is in a pre-election period of facts/calendar.toml.",
        "Ask who approves announcements then, or choose another day.",
        _pre_election,
    ),
    Check[Edition](
        "school-holiday",
        Rank.ADVICE,
        "The day of sending is in a school holiday of facts/calendar.toml.",
        "Choose a day in term.",
        _school_holiday,
    ),
    Check[Edition](
        "weekend",
        Rank.ADVICE,
        "The day of sending is a Saturday or Sunday.",
        "Choose a day from Monday to Friday.",
        _weekend,
    ),
    Check[Edition](
        "send-on-passed",
        Rank.ADVICE,
        "The campaign's send_on is before today, so the dates in its text were judged as of then.",
        "Change send_on if the campaign is still to be sent.",
        _send_on_passed,
    ),
)
