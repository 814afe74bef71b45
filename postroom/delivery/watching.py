"""What other processes have said since a run began: that it is stopped, or to be silent.

A run looks here several times a second, also while its letters wait for their turn, so that a
stop on another machine holds within a second or two and a refusal for pace is met by everybody.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from postroom.database import Database
from postroom.tables import Mailing, Pace

LOOK_EVERY = 0.25  # seconds


@dataclass(frozen=True)
class Seen:
    """What was seen at one look."""

    stopped_why: str | None  # None: the mailing is not stopped
    silent_for: timedelta  # nobody is to ask Notify for this long; zero: anybody may
    silences: int  # how many there were in a row, without an email accepted between


@dataclass(frozen=True)
class Watch:
    """Looks at one mailing and at the pace of one service and key type."""

    database: Database
    mailing_id: int
    service: str
    key_type: str

    def look(self, now: datetime) -> Seen:
        """Return what holds now. Read-only; one indexed query."""
        with self.database.read() as session:
            row = session.execute(
                sa.select(
                    col(Mailing.stopped_at),
                    col(Mailing.stopped_why),
                    col(Pace.silent_until),
                    col(Pace.silences),
                )
                .outerjoin(
                    Pace,
                    sa.and_(col(Pace.service) == self.service, col(Pace.key_type) == self.key_type),
                )
                .where(col(Mailing.id) == self.mailing_id)
            ).one()
        silent_until = datetime.fromtimestamp((row.silent_until or 0) / 1_000_000, UTC)
        return Seen(
            stopped_why=row.stopped_why if row.stopped_at is not None else None,
            silent_for=max(timedelta(0), silent_until - now),
            silences=row.silences or 0,
        )
