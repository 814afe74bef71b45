"""Times as Notify writes them: UTC, microseconds, a Z at the end. They sort as text."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time now, UTC-aware."""
    return datetime.now(UTC)


def as_text(moment: datetime) -> str:
    """Return *moment* (UTC-aware) as Notify writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def from_text(text: str) -> datetime:
    """Return the UTC-aware time that `as_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
