"""What a text mentions that could be wrong: dates, addresses and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" if month[3:] else month for month in MONTHS)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WORDED = re.compile(
    rf"(?:\b(?P<weekday>{'|'.join(WEEKDAYS)}),?\s+(?:the\s+)?)?"
    rf"\b{_DAY}\s+(?:of\s+)?(?P<month>{_MONTH})\b(?:,?\s+(?P<year>\d{{4}})\b)?",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(?<![\d/.-])(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})(?![\d/])")
_ISO = re.compile(r"(?<![\d/.-])(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-])")
_MONTH_AND_YEAR = re.compile(rf"\b(?P<month>{_MONTH})\s+(?P<year>\d{{4}})\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.+%/:'-])[\w.+%'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LONGEST_TARGET = 2_000  # characters: no browser takes more of an address
_BARE_LINK = re.compile(r"https?://[^\s<>\[\]\"“”]+", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?P<image>!?)\[(?P<label>(?:\\.|[^\[\]\\]|\[[^\[\]]{0,200}\]){0,500})\]\((?=[^)\n])"
)


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


@dataclass(frozen=True)
class LinkMention:
    """A link as its author meant it; `label` is empty for an address that stands bare."""

    label: str
    target: str
    start: int
    end: int  # just after its last character


def dates_in(text: str) -> Iterator[DateMention]:
    """Yield every date in *text* with a day, in no particular order."""
    for match in _WORDED.finditer(text):
        weekday = match["weekday"]
        yield _date_mention(match, WEEKDAYS.index(weekday.lower()) if weekday else None)
    for pattern in (_SLASHED, _ISO):
        for match in pattern.finditer(text):
            yield _date_mention(match, None)


def months_in(text: str) -> Iterator[DateMention]:
    """Yield every month with a year in *text* that is not part of a whole date."""
    taken = [(match.start(), match.end()) for match in _WORDED.finditer(text)]
    for match in _MONTH_AND_YEAR.finditer(text):
        if not any(start <= match.start() < end for start, end in taken):
            yield DateMention(
                match[0], match.start(), 0, _month(match["month"]), int(match["year"]), None
            )


def _date_mention(match: re.Match[str], weekday: int | None) -> DateMention:
    year = match["year"]
    return DateMention(
        words=match[0],
        start=match.start(),
        day=int(match["day"]),
        month=_month(match["month"]),
        year=int(year) if year else None,
        weekday=weekday,
    )


def _month(name: str) -> int:
    if name.isdigit():
        return int(name)
    return next(n for n, month in enumerate(MONTHS, 1) if month.startswith(name.lower()[:3]))


def addresses_in(text: str) -> Iterator[str]:
    """Yield each email address in *text*."""
    for match in _ADDRESS.finditer(text):
        yield match[0].rstrip(".")


def links_in(source: str) -> Iterator[LinkMention]:
    """Yield each link of the Markdown *source* as its author meant it: brackets in pairs."""
    taken: list[tuple[int, int]] = []
    for match in _LABELLED.finditer(source):
        end = _closing_bracket(source, match.end())
        if end:
            taken.append((match.start(), end))
            target = re.split(r"\s+[\"'(]", source[match.end() : end].strip())[0]
            if not match["image"]:
                yield LinkMention(match["label"].strip(), target, match.start(), end + 1)
    for match in _BARE_LINK.finditer(source):
        if not any(start <= match.start() < end for start, end in taken):
            target = _without_full_stop(match[0])
            yield LinkMention("", target, match.start(), match.start() + len(target))


def _closing_bracket(source: str, start: int) -> int:
    depth = 1
    for place in range(start, min(len(source), start + _LONGEST_TARGET)):
        match source[place]:
            case "(":
                depth += 1
            case ")":
                depth -= 1
            case "\n":
                return 0
        if depth == 0:
            return place
    return 0


def _without_full_stop(link: str) -> str:
    link = link.rstrip(".,:;!?'’*_…")
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1].rstrip(".,:;!?'’*_…")
    return link
