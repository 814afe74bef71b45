"""One row a message: what a colleague opens in a spreadsheet to see who was not reached.

Schools and statuses; a person's address only when it is asked for. Reads only.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from itertools import chain

from sqlmodel import Session, col, select

from postroom.audience.exports import safe
from postroom.delivery import messages
from postroom.reports.counts import MEANINGS
from postroom.tables import Message

COLUMNS = (
    "school",
    "urn",
    "status",
    "meaning",
    "reason",
    "attempt",
    "reference",
    "planned at (UTC)",
    "asked at (UTC)",
    "accepted at (UTC)",
    "ended at (UTC)",
    "in doubt until (UTC)",
    "lost track at (UTC)",
)
ADDRESS = "email address"


def rows(session: Session, campaign: str, mode: str) -> Iterator[tuple[str, ...]]:
    """Yield each message of *campaign* in *mode*, its address first, then as in COLUMNS."""
    mailing = messages.find_mailing(session, campaign, mode)
    found = select(Message).where(Message.mailing_id == (mailing.id if mailing else None))
    for message in session.exec(found.order_by(col(Message.id)).execution_options(yield_per=500)):
        yield (
            message.address or "",
            message.school_name,
            message.school_urn,
            message.status.value,
            MEANINGS[message.status],
            message.reason,
            str(message.attempt),
            message.reference,
            _time(message.planned_at),
            _time(message.claimed_at),
            _time(message.accepted_at),
            _time(message.completed_at),
            _time(message.doubt_until),
            _time(message.lost_track_at),
        )


def as_csv(found: Iterator[tuple[str, ...]], *, first: int) -> Iterator[str]:
    """Yield the lines of a CSV file: headings, then *found*, from the column *first* on.

    0 keeps the addresses and 1 leaves them out. No cell is a formula when a spreadsheet opens it.
    """
    for row in chain([(ADDRESS, *COLUMNS)], found):
        line = StringIO()
        csv.writer(line, lineterminator="\n").writerow(map(safe, row[first:]))
        yield line.getvalue()


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""
