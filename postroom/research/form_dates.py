"""When somebody answered a form, as its export writes it: read only in one way, or not at all."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from postroom.content.same_words import as_typed

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_ZONES = {"z": 0, "gmt": 0, "utc": 0, "bst": 1}
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
_DATES = (
    r"(?P<y1>\d{4})[-/.](?P<m1>\d{1,2})[-/.](?P<d1>\d{1,2})",
    r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<y2>\d{4}|\d{2})",
    r"(?P<d3>\d{1,2})(?:st|nd|rd|th)?[ -](?P<m3>[a-z]{3,9})\.?,?[ -](?P<y3>\d{4})",
    r"(?P<m4>[a-z]{3,9})\.? (?P<d4>\d{1,2})(?:st|nd|rd|th)?,? (?P<y4>\d{4})",
)
_TIME = (
    r"(?:(?:t|,? at |,? )(?P<hour>\d{1,2})[:.](?P<minute>\d{2})"
    r"(?:[:.](?P<second>\d{2})(?:\.\d+)?)?(?: ?(?P<half>[ap])\.?m\.?)?"
    r"(?: ?(?P<zone>z|bst|(?:gmt|utc)?"
    r"(?:(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?))?)?"
)
_WRITTEN = re.compile(f"{_DAY}(?:{'|'.join(_DATES)}){_TIME}")


class TwoReadings(ValueError):
    """A date that is one day with the day first, and another with the month first."""

    def __init__(self, day_first: datetime, month_first: datetime):
        self.day_first, self.month_first = day_first, month_first
        super().__init__(
            f"It can be {day_first.day} {day_first:%B} or {month_first.day} {month_first:%B}."
        )


def read_time(text: str, *, zone: str, day_first: bool | None) -> datetime:
    """Return the moment that *text* says, in UTC.

    Without an offset of its own it is a time in *zone*; of an hour that comes twice, when clocks
    go back, it is the first. Raises `TwoReadings` when day and month could be either and
    *day_first* does not say, and `ValueError` with a reason when it is no time.
    """
    said = as_typed(text).lower()
    if re.fullmatch(r"\d+(?:\.\d+)?", said):
        raise ValueError("It is a number, not a date. Format the column as dates and export again.")
    match = _WRITTEN.fullmatch(said)
    if match is None:
        raise ValueError("It is not a date and time that can be read, like 2026-09-20 10:00.")
    readings = _readings(match, day_first=day_first)
    moments = [_at(match, year, month, day, zone) for year, month, day in readings]
    if len(moments) > 1:
        raise TwoReadings(*moments)
    return moments[0].astimezone(UTC)


def only_reading(text: str) -> bool | None:
    """Return whether the day comes first in *text*, or None where that cannot be seen from it."""
    match = _WRITTEN.fullmatch(as_typed(text).lower())
    if match is None or match["one"] is None:
        return None
    first, second = int(match["one"]), int(match["two"])
    if first > 12 >= second:
        return True
    return False if second > 12 >= first else None


def _readings(match: re.Match[str], *, day_first: bool | None) -> list[tuple[int, int, int]]:
    """Return the (year, month, day) that the date can be: one, or the day first and then not."""
    if match["y1"]:
        return [(int(match["y1"]), int(match["m1"]), int(match["d1"]))]
    for written in ("3", "4"):
        if match[f"y{written}"]:
            name = match[f"m{written}"]
            if name[:3] not in MONTHS:
                raise ValueError("There is no such month.")
            month = MONTHS.index(name[:3]) + 1
            return [(int(match[f"y{written}"]), month, int(match[f"d{written}"]))]
    first, second = int(match["one"]), int(match["two"])
    year = int(match["y2"]) + (2000 if len(match["y2"]) == 2 else 0)
    with_day_first, with_month_first = (year, second, first), (year, first, second)
    if day_first is not None:
        return [with_day_first if day_first else with_month_first]
    if first > 12:
        return [with_day_first]
    if second > 12 or first == second:
        return [with_month_first]
    return [with_day_first, with_month_first]


def _at(match: re.Match[str], year: int, month: int, day: int, zone: str) -> datetime:
    hour, minute = int(match["hour"] or 0), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("There is no such hour before or after noon.")
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    try:
        return datetime(
            year, month, day, hour, minute, int(match["second"] or 0), tzinfo=_zone(match, zone)
        )
    except (ValueError, OverflowError):
        raise ValueError(_no_such_day(match)) from None


def _no_such_day(match: re.Match[str]) -> str:
    if match["one"]:
        return "There is no such day and time. Is day_first in the mapping file as it should be?"
    return "There is no such day and time."


def _zone(match: re.Match[str], zone: str) -> timezone | ZoneInfo:
    if match["sign"]:
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        return timezone(timedelta(minutes=-minutes if match["sign"] == "-" else minutes))
    if match["zone"]:
        return timezone(timedelta(hours=_NAMED_ZONES[match["zone"]]))
    return ZoneInfo(zone)
