"""Dates that a text mentions, in the ways in which people write them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, partial

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" if month[3:] else month for month in MONTHS)
_MONTH = _MONTH.replace("sep(?:tember)?", "sept?(?:ember)?")
# Short names are words too ("they sat 15 exams"): they count with their capital only.
_WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)}|(?-i:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?)"
_BEFORE = rf"(?:\b(?P<weekday>{_WEEKDAY}),?\s+(?:the\s+)?)?"
_AFTER = rf"(?:\s*\((?P<after>{_WEEKDAY})\)|,\s+(?P<after2>{_WEEKDAY})\b(?!,?\s+(?:the\s+)?\d))?"
_ORDINAL = r"(?:st|nd|rd|th)"
_WAYS = (
    # 19 January 2024, the 19th of January
    (
        rf"{_BEFORE}\b(?P<day>\d{{1,2}}){_ORDINAL}?\s+(?:of\s+)?(?P<month>{_MONTH})\b"
        rf"(?:,?\s+(?P<year>\d{{4}})\b)?{_AFTER}"
    ),
    # January 19, 2024; without a year only where nothing else can be counted: January 19th.
    (
        rf"{_BEFORE}\b(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})"
        rf"(?:{_ORDINAL}\b(?:,?\s+(?P<year>\d{{4}})\b)?|,?\s+(?P<year2>\d{{4}})\b"
        rf"|(?=[.,;:!?)]?(?:\s|$))(?!,?\s+\w)){_AFTER}"
    ),
    # 19/01/2024, 19/1/24, 19.01.2024, 19-01-2024
    (
        rf"{_BEFORE}(?<![\d/.-])(?P<day>\d{{1,2}})(?P<mark>[/.-])(?P<month>\d{{1,2}})(?P=mark)"
        rf"(?P<year>\d{{4}}|(?<=/)\d\d)(?![\d/-]|\.\d){_AFTER}"
    ),
    # 2024-01-19
    rf"{_BEFORE}(?<![\d/.-])(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-]){_AFTER}",
)
_DIGIT = re.compile(r"\d")
_MONTH_AND_YEAR = rf"\b(?P<month>{_MONTH})\s+(?P<year>\d{{4}})\b"
_DAY_AND_WORD = rf"\b\d{{1,2}}{_ORDINAL}?\s+(?:of\s+)?(?P<word>[^\W\d_]{{5,10}})\b"
_NO_SLIPS = {*MONTHS, "mayor", "mayors", "marches", "marched"}
_any_case = cache(partial(re.compile, flags=re.IGNORECASE))
"""Compiled when first needed: most commands look for no date, and it takes longer than they do."""


@dataclass(frozen=True)
class DateMention:
    """A date as a text gives it; without `year`, the reader supplies one; `day` 0 is a month."""

    words: str
    start: int
    day: int
    month: int
    year: int | None
    weekday: int | None  # Monday is 0

    def on(self, year: int) -> date | None:
        """Return the date in *year*, or None where the calendar has no such day."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


def dates_in(text: str) -> Iterator[DateMention]:
    """Yield every date in *text* with a day, in no particular order."""
    if not _DIGIT.search(text):
        return
    taken: list[tuple[int, int]] = []
    for way in _WAYS:
        for match in _any_case(way).finditer(text):
            if not _overlaps(match, taken):
                taken.append(match.span())
                yield _date_mention(match)


def misspelt_months_in(text: str) -> Iterator[str]:
    """Yield each word after a day's number that is nearly, and not quite, a month."""
    for match in _any_case(_DAY_AND_WORD).finditer(text):
        word = match["word"].lower()
        if word not in _NO_SLIPS and get_close_matches(word, MONTHS, 1, 0.8):
            yield match[0]


def months_in(text: str, dates: Iterable[DateMention] | None = None) -> Iterator[DateMention]:
    """Yield every month with a year in *text* that is not part of one of its whole *dates*."""
    whole = dates_in(text) if dates is None else dates
    taken = [(mention.start, mention.start + len(mention.words)) for mention in whole]
    for match in _any_case(_MONTH_AND_YEAR).finditer(text):
        if not _overlaps(match, taken):
            month, year = _month(match["month"]), int(match["year"])
            yield DateMention(match[0], match.start(), 0, month, year, None)


def _overlaps(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in taken)


def _date_mention(match: re.Match[str]) -> DateMention:
    parts = match.groupdict()
    year = parts["year"] or parts.get("year2")
    weekday = parts["weekday"] or parts["after"] or parts["after2"]
    return DateMention(
        words=match[0],
        start=match.start(),
        day=int(match["day"]),
        month=_month(match["month"]),
        year=None if year is None else int(year) + (2000 if len(year) == 2 else 0),
        weekday=None if weekday is None else _weekday(weekday),
    )


def _month(name: str) -> int:
    if name.isdigit():
        return int(name)
    return next(n for n, month in enumerate(MONTHS, 1) if month.startswith(name.lower()[:3]))


def _weekday(name: str) -> int:
    return next(n for n, day in enumerate(WEEKDAYS) if day.startswith(name.lower()[:3]))
