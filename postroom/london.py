"""London's clocks: times are stored in UTC, and shown to people as they read them there."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london(moment: datetime) -> str:
    """Return a UTC time as a reader in London would write it: 22 January 2024 at 9:05am."""
    local = moment.astimezone(LONDON)
    half = "am" if local.hour < 12 else "pm"
    return f"{local.day} {local:%B %Y} at {local.hour % 12 or 12}:{local:%M}{half}"


def london_day(moment: datetime) -> date:
    """Return the day it is in London at a UTC time: a deadline is over when London's day is."""
    return moment.astimezone(LONDON).date()
