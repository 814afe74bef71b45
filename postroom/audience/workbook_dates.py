"""Dates in workbooks, written out as their maker sees them."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

# What Excel shows in Britain for the formats it knows by number (ECMA-376 part 1, 18.8.30).
BY_NUMBER = {
    14: "dd/mm/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "hh:mm",
    21: "hh:mm:ss",
    22: "dd/mm/yyyy hh:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss",
}
EXACTLY = "yyyy-mm-ddThh:mm:ss"
"""The format for dates that are to be read by a program: as ISO 8601 has it."""
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # from which spreadsheets count; cells have no zone
LONG_DATE = re.compile(r"\[\$-F800\]", re.IGNORECASE)  # "as this machine writes a long date"
_part = re.compile(
    r'"([^"]*)"|\\(.)|(\[(?:h+|m+|s+)\])|\[[^\]]*\]|(AM/PM|am/pm|y+|m+|d+|h+|s+)|(.)',
    re.IGNORECASE,
)

Moment = date | datetime | time | timedelta


def is_of_dates(code: str) -> bool:
    """Return whether the number format *code* is one of dates or times."""
    return any(kind in "ymdhsHMS" for _, kind in _parts(code) if kind)


def written(moment: Moment, code: str = "") -> str:
    """Return *moment* as the number format *code* shows it; without one, as 22/01/2024 09:30.

    What a cell holds is a number of days, whatever the library made of it: midnight comes as a
    date, less than a day as a time.
    """
    if code == EXACTLY:
        return _exactly(moment)
    parts = list(_parts(code or _usual(moment)))
    elapsed = _elapsed(moment)
    hour = "%I" if any(kind == "a" for _, kind in parts) else "%H"
    return "".join(_shown(elapsed, text, kind, hour) if kind else text for text, kind in parts)


def _exactly(moment: Moment) -> str:
    if isinstance(moment, datetime):  # a workbook keeps parts of days: seconds come back askew
        return (moment + timedelta(milliseconds=500)).isoformat(timespec="seconds")
    return written(moment, "[h]:mm:ss") if isinstance(moment, timedelta) else moment.isoformat()


def _usual(moment: Moment) -> str:
    match moment:
        case time():
            return "hh:mm"
        case timedelta():
            return "[h]:mm"
        case datetime():
            return "dd/mm/yyyy hh:mm"
        case _:
            return "dd/mm/yyyy"


def _elapsed(moment: Moment) -> timedelta:
    """Return how far *moment* is from day zero, to the second: cells hold seconds askew."""
    match moment:
        case timedelta():
            elapsed = moment
        case time():
            elapsed = datetime.combine(DAY_ZERO, moment) - DAY_ZERO
        case datetime():
            elapsed = moment - DAY_ZERO
        case _:
            elapsed = datetime.combine(moment, time()) - DAY_ZERO
    return timedelta(seconds=round(elapsed.total_seconds()))


def _parts(code: str) -> Iterator[tuple[str, str]]:
    """Yield each part of *code* and its kind: y, m, d, h, n (minutes), s, a (am or pm) or none.

    H, M and S are hours, minutes and seconds in all: 26:00 is two hours into the second day.
    """
    if LONG_DATE.search(code):
        code = "d mmmm yyyy"
    before = ""
    matches = list(_part.finditer(code.partition(";")[0]))
    for at, match in enumerate(matches):
        quoted, escaped, in_all, token, literal = match.groups()
        if in_all:
            before = in_all[1].lower()
            yield in_all[1:-1], before.upper()
            continue
        if not token:
            yield quoted or escaped or literal or "", ""
            continue
        kind = token[0].lower()
        following = next((m[4][0].lower() for m in matches[at + 1 :] if m[4]), "")
        if kind == "m" and len(token) < 3 and (before == "h" or following == "s"):
            kind = "n"
        before = kind
        yield token, kind


def _shown(elapsed: timedelta, token: str, kind: str, hour: str) -> str:
    if kind in "HMS":
        number = int(elapsed.total_seconds()) // {"H": 3600, "M": 60, "S": 1}[kind]
        return f"{number:0{len(token)}}"
    names = {
        "y": "%y %y %Y",
        "m": "%m %m %b %B",
        "d": "%d %d %a %A",
        "h": hour,
        "n": "%M",
        "s": "%S",
        "a": "%p",
    }[kind].split()
    if elapsed.days == 0 and kind in "ymd":  # programs write it so: the day before the first
        first = {"y": "00 00 1900", "m": "01 01 Jan January", "d": "00 00 Sat Saturday"}[kind]
        shown = first.split()[min(len(token), len(names)) - 1]
    else:
        shown = format(DAY_ZERO + elapsed, names[min(len(token), len(names)) - 1])
    return shown.lstrip("0") or "0" if len(token) == 1 and kind != "y" else shown
