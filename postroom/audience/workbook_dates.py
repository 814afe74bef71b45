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
}
EXACTLY = "yyyy-mm-ddThh:mm:ss"
"""The format for dates that are to be read by a program: as ISO 8601 has it."""
LONG_DATE = re.compile(r"\[\$-F800\]", re.IGNORECASE)  # "as this machine writes a long date"
_part = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|(AM/PM|am/pm|y+|m+|d+|h+|s+)|(.)', re.IGNORECASE)

Moment = date | datetime | time


def is_of_dates(code: str) -> bool:
    """Return whether the number format *code* is one of dates or times."""
    return any(kind in "ymdhs" for _, kind in _parts(code) if kind)


def written(moment: Moment, code: str = "") -> str:
    """Return *moment* as the number format *code* shows it; without one, as 22/01/2024 09:30."""
    if code == EXACTLY:
        return _exactly(moment)
    code = code or _usual(moment)
    if not isinstance(moment, datetime | time):
        moment = datetime.combine(moment, time())  # midnight is a date to the library
    parts = list(_parts(code))
    hour = "%I" if any(kind == "a" for _, kind in parts) else "%H"
    return "".join(_shown(moment, text, kind, hour) if kind else text for text, kind in parts)


def _exactly(moment: Moment) -> str:
    if isinstance(moment, datetime):  # a workbook keeps parts of days: seconds come back askew
        return (moment + timedelta(milliseconds=500)).isoformat(timespec="seconds")
    return moment.isoformat()


def _usual(moment: Moment) -> str:
    if isinstance(moment, time):
        return "hh:mm"
    return "dd/mm/yyyy hh:mm" if isinstance(moment, datetime) else "dd/mm/yyyy"


def _parts(code: str) -> Iterator[tuple[str, str]]:
    """Yield each part of *code* and its kind: y, m, d, h, n (minutes), s, a (am or pm) or none."""
    if LONG_DATE.search(code):
        code = "d mmmm yyyy"
    before = ""
    matches = list(_part.finditer(code.partition(";")[0]))
    for at, match in enumerate(matches):
        quoted, escaped, token, literal = match.groups()
        if not token:
            yield quoted or escaped or literal or "", ""
            continue
        kind = token[0].lower()
        following = next((m[3][0].lower() for m in matches[at + 1 :] if m[3]), "")
        if kind == "m" and len(token) < 3 and (before == "h" or following == "s"):
            kind = "n"
        before = kind
        yield token, kind


def _shown(moment: Moment, token: str, kind: str, hour: str) -> str:
    names = {
        "y": "%y %y %Y",
        "m": "%m %m %b %B",
        "d": "%d %d %a %A",
        "h": hour,
        "n": "%M",
        "s": "%S",
        "a": "%p",
    }[kind].split()
    lacking = "ymd" if isinstance(moment, time) else "hnsa"
    if kind in lacking and not isinstance(moment, datetime):
        return ""
    shown = format(moment, names[min(len(token), len(names)) - 1])
    return shown.lstrip("0") or "0" if len(token) == 1 and kind != "y" else shown
