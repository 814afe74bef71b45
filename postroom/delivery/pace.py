"""How fast requests may leave: one row of the database that every sender advances.

Notify's limit is a token bucket (3,000 a minute refill 50 a second) in which a refused request
uses a token too, so that a sender who hammers an empty bucket is refused for ever. Hence: even
spacing below the limit, shared by every process, and silence for all of them after a refusal. Then
one request at a time tries whether Notify takes any again. The silence doubles with each refusal in
a row; the spacing grows a little and comes back by itself.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.tables import Pace
from postroom.tables.statements import insert_into

MICROSECONDS = 1_000_000
SILENCE = timedelta(seconds=1.5)
"""After a refusal nobody asks for this long: an emptied bucket is then well above one token."""
LONGEST_SILENCE = timedelta(seconds=24)
"""Each refusal in a row doubles the silence, up to this."""
TRY_EVERY = timedelta(seconds=1)
"""After a silence one request leaves in such a time, until Notify has accepted an email."""
IN_A_ROW = timedelta(seconds=60)
"""A refusal later than this after the last silence is not in a row with it."""
SLOWER_FOR = timedelta(seconds=30)
"""After a refusal the spacing is longer, and shortens again over this time."""
SLOWER_A_SECOND = 1_000
"""The spacing is longer by one such part of itself for each second of slowness still to go."""
SLOWEST = timedelta(seconds=SLOWER_A_SECOND)
"""No more slowness than this is saved up: the spacing at most doubles."""
FURTHEST = timedelta(seconds=90)
"""A next time further ahead than this was written by a clock that has since been set back.

Two machines whose clocks Notify takes differ by a minute at the most."""


@dataclass(frozen=True)
class Turns:
    """Turns that may be taken: the row of the pace stays locked until the transaction ends."""

    times: list[datetime]
    """When a request may leave (UTC), in order."""
    wait: timedelta
    """Where there is none: how long until the next comes within reach."""
    trying: bool
    """Whether Notify is being tried, one request at a time: an acceptance ends that early."""
    first: int
    spacing: int


@dataclass(frozen=True)
class Silence:
    """Nobody asks Notify for a while, because it refused for pace."""

    in_a_row: int
    """How many there were without an email accepted between, this one with them."""
    until: datetime  # UTC


_ROW = Pace.__table__  # type: ignore[attr-defined]


def open_pace(session: Session, *, service: str, key_type: str, rate_per_minute: int) -> None:
    """Set the spacing for this service and key type, keeping the time already promised away."""
    interval = round(60 * MICROSECONDS / rate_per_minute)
    row = insert_into(Pace, session.get_bind().dialect).values(
        service=service,
        key_type=key_type,
        next_at=0,
        interval=interval,
        silent_until=0,
        silences=0,
        slow_until=0,
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["service", "key_type"], set_={"interval": interval}
        )
    )


def turns(
    session: Session,
    *,
    service: str,
    key_type: str,
    most: int,
    within: timedelta,
    now: datetime,
) -> Turns:
    """Return up to *most* turns that come *within* so long, in order; none of them is taken yet.

    The turns that others have taken come first, so that nobody waits longer for a turn than the
    claim on its message holds. After a silence there is one, and only when it has come.
    """
    row, at = _locked(session, service, key_type), _microseconds(now)
    spacing = _length(TRY_EVERY) if row.silences else _spacing(row, at)
    first = row.next_at if at <= row.next_at <= at + _length(FURTHEST) else at
    last = at if row.silences else at + _length(within)
    number = min(most, (last - first) // spacing + 1) if first <= last else 0
    return Turns(
        times=[_time(first + spacing * n) for n in range(number)],
        wait=timedelta(microseconds=max(0, first - last)),
        trying=row.silences > 0,
        first=first,
        spacing=spacing,
    )


def take(session: Session, found: Turns, count: int, *, service: str, key_type: str) -> None:
    """Take the first *count* of the turns that were *found* in this very transaction."""
    _set(session, service, key_type, next_at=found.first + found.spacing * count)


def fall_silent(session: Session, *, service: str, key_type: str, now: datetime) -> Silence:
    """Make every sender wait, then go on more slowly; return the silence that holds then.

    Saying it again while silent adds nothing: so the refusals of requests that were already on
    their way count as one.
    """
    row, at = _locked(session, service, key_type), _microseconds(now)
    if at < row.silent_until <= at + _length(FURTHEST):
        return Silence(row.silences, _time(row.silent_until))
    in_a_row = at - row.silent_until <= _length(IN_A_ROW)
    silences = row.silences + 1 if in_a_row else 1
    end = at + _length(min(SILENCE * 2 ** (silences - 1), LONGEST_SILENCE))
    slow_until = max(row.slow_until, end) + _length(SLOWER_FOR)
    _set(
        session,
        service,
        key_type,
        silences=silences,
        silent_until=end,
        slow_until=min(slow_until, end + _length(SLOWEST)),
        next_at=max(row.next_at, end) if row.next_at <= at + _length(FURTHEST) else end,
    )
    return Silence(silences, _time(end))


def note_acceptance(session: Session, *, service: str, key_type: str, asked_at: datetime) -> None:
    """Notify took what was asked at *asked_at* (UTC): that ends the row of silences before.

    Everybody may go on at once, at the usual distance from that request.
    """
    session.execute(
        sa.update(Pace)
        .where(
            col(Pace.service) == service,
            col(Pace.key_type) == key_type,
            col(Pace.silences) > 0,
            col(Pace.silent_until) <= _microseconds(asked_at),
        )
        .values(silences=0, next_at=_microseconds(asked_at) + col(Pace.interval))
    )


def _locked(session: Session, service: str, key_type: str) -> Any:
    # Elsewhere than on SQLite, where one writes at a time, others wait here for this transaction.
    row = sa.select(_ROW).where(_ROW.c.service == service, _ROW.c.key_type == key_type)
    return session.execute(row.with_for_update()).one()


def _set(session: Session, service: str, key_type: str, **values: int) -> None:
    this = sa.and_(_ROW.c.service == service, _ROW.c.key_type == key_type)
    session.connection().execute(sa.update(_ROW).where(this).values(**values))


def _spacing(row: Any, at: int) -> int:
    interval: int = row.interval
    slow: int = min(max(0, row.slow_until - at), _length(SLOWEST))
    return interval + interval * slow // (SLOWER_A_SECOND * MICROSECONDS)


def _microseconds(moment: datetime) -> int:
    return _length(moment - datetime(1970, 1, 1, tzinfo=UTC))


def _length(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)


def _time(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
