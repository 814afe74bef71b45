"""How fast requests may leave: one row of the database that every sender advances.

Notify's limit is a token bucket (3,000 a minute refill 50 a second) in which a refused request
uses a token too, so that a sender who hammers an empty bucket is refused for ever. Hence: even
spacing below the limit, shared by every process, and silence for all of them after a refusal.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from postroom.tables import Pace

MICROSECONDS = 1_000_000
SILENCE = timedelta(seconds=1.5)
"""After a refusal nobody asks for this long: an emptied bucket is then well above one token."""
SLOWER_PERCENT = 104
"""After a refusal the spacing grows to this much of itself: somebody else shares the key."""
FURTHEST = timedelta(seconds=60)
"""A next time further ahead than this was written by a clock that has since been set back."""


def open_pace(session: Session, *, service: str, key_type: str, rate_per_minute: int) -> None:
    """Set the spacing for this service and key type, keeping the time already promised away."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    interval = round(60 * MICROSECONDS / rate_per_minute)
    row = insert(Pace).values(
        service=service, key_type=key_type, next_at=0, interval=interval, silent_until=0
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["service", "key_type"], set_={"interval": interval}
        )
    )


def reserve(
    session: Session, *, service: str, key_type: str, count: int, now: datetime
) -> list[datetime]:
    """Take the next *count* times at which a request may leave, in order, and return them (UTC)."""
    at = _microseconds(now)
    promised = sa.case(
        (Pace.next_at.between(at, at + _length(FURTHEST)), Pace.next_at),  # type: ignore[attr-defined]
        else_=at,
    )
    row = session.execute(
        sa.update(Pace)
        .where(col(Pace.service) == service, col(Pace.key_type) == key_type)
        .values(next_at=promised + col(Pace.interval) * count)
        .returning(col(Pace.next_at), col(Pace.interval))
    ).one()
    first = row.next_at - row.interval * count
    return [_time(first + row.interval * n) for n in range(count)]


def fall_silent(session: Session, *, service: str, key_type: str, now: datetime) -> None:
    """Make every sender wait, then go on more slowly. Saying it again while silent adds nothing.

    So the refusals of requests that were already on their way count as one.
    """
    at, end = _microseconds(now), _microseconds(now + SILENCE)
    session.execute(
        sa.update(Pace)
        .where(
            col(Pace.service) == service,
            col(Pace.key_type) == key_type,
            col(Pace.silent_until) <= at,
        )
        .values(
            silent_until=end,
            next_at=sa.case((col(Pace.next_at) > end, col(Pace.next_at)), else_=end),
            interval=col(Pace.interval) * SLOWER_PERCENT // 100,
        )
    )


def _microseconds(moment: datetime) -> int:
    return _length(moment - datetime(1970, 1, 1, tzinfo=UTC))


def _length(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)


def _time(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
