"""Notify's word for a message, written over ours: from its list, a look-up or a receipt.

With `outbox` and `attempts` the only writer of a message's status. Each function expects a session
that holds the write lock.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.delivery import arrivals
from postroom.delivery.gateway import Notification
from postroom.keys import Keys
from postroom.tables import Attempt, Message, Status, Stray
from postroom.tables.outbox import ACCEPTED, MOVING, STILL_OURS

STRAYS_AT_ONCE = 500

Adopted = tuple[Status, Notification]
"""The status that a message had here, and what Notify has of it."""


def adopt(session: Session, found: Sequence[Notification], *, now: datetime) -> list[Adopted]:
    """Write Notify's own statuses over ours for every notification that is of a message here.

    Returns one pair a message. Works from any state of ours, so it serves look-ups, polling and a
    database restored from a backup alike. Notify's final word is never replaced, nor its id by
    another: what has the reference of one message and the id of another is of neither.
    """
    by_reference: dict[str, list[Notification]] = defaultdict(list)
    for record in found:
        if record.reference:
            by_reference[record.reference].append(record)
    if not by_reference:
        return []
    rows = session.exec(select(Message).where(col(Message.reference).in_(by_reference))).all()
    of_others = _ids_in_use(session, rows, by_reference)
    adopted: list[Adopted] = []
    became: dict[tuple[int, Status], list[bytes]] = defaultdict(list)
    for row in rows:
        theirs = _record_of(row, by_reference[row.reference], of_others)
        if theirs is None:
            continue
        before = row.status
        _adopt_one(row, theirs, now)
        adopted.append((before, theirs))
        if row.status is not before:
            became[row.mailing_id, row.status].append(row.address_key)
    session.flush()
    arrivals.tell_the_lists(session, became, now=now)
    return adopted


def _ids_in_use(
    session: Session, rows: Sequence[Message], by_reference: Mapping[str, list[Notification]]
) -> set[str]:
    """Return which ids of Notify's, of those that *rows* would get now, are some message's."""
    wanted = [
        record.notify_id
        for row in rows
        if row.notify_id is None
        for record in by_reference[row.reference]
    ]
    if not wanted:
        return set()
    ids = sa.select(col(Message.notify_id)).where(col(Message.notify_id).in_(wanted))
    return {known for known in session.scalars(ids) if known}


def _record_of(
    row: Message, found: Sequence[Notification], of_others: Collection[str]
) -> Notification | None:
    """Return which of those *found* under its reference is Notify's record of *row*, if any."""
    if row.notify_id is not None:
        return next((record for record in found if record.notify_id == row.notify_id), None)
    free = [record for record in found if record.notify_id not in of_others]
    return min(free, key=lambda record: record.created_at, default=None)


def keep_strays(session: Session, found: Iterable[Notification], keys: Keys) -> list[Notification]:
    """Keep what was *found* for no message here and under a reference of ours; return what is new.

    It was sent in a time that a restore took away, and its message may be planned again later.
    """
    ours = {record.reference: record for record in found if keys.made(record.reference)}
    for table in (Message, Attempt, Stray) if ours else ():
        known = sa.select(col(table.reference)).where(col(table.reference).in_(list(ours)))
        for reference in session.scalars(known).all():
            ours.pop(reference, None)
    for record in ours.values():
        session.add(Stray(**asdict(record)))
    session.flush()
    return list(ours.values())


def adopt_strays(session: Session, references: Collection[str], *, now: datetime) -> set[str]:
    """Adopt the strays under *references*, each that of a message here; return theirs."""
    strays = session.exec(select(Stray).where(col(Stray.reference).in_(references))).all()
    if not strays:
        return set()
    found = [Notification(**stray.model_dump()) for stray in strays]
    adopt(session, found, now=now)
    for stray in strays:
        session.delete(stray)
    session.flush()
    return {stray.reference for stray in strays}


def adopt_all_strays(session: Session, *, now: datetime) -> None:
    """Adopt every stray whose message is here by now."""
    theirs = (
        sa.select(col(Stray.reference))
        .join_from(Stray, Message, col(Message.reference) == col(Stray.reference))
        .limit(STRAYS_AT_ONCE)
    )
    while references := session.scalars(theirs).all():
        adopt_strays(session, references, now=now)


def lose_track(
    session: Session, mailing_id: int, *, accepted_before: datetime, now: datetime
) -> int:
    """Note, on messages without a final status that Notify has forgotten, when we lost track."""
    result = session.execute(
        sa.update(Message)
        .where(
            col(Message.mailing_id) == mailing_id,
            col(Message.status).in_(MOVING),
            col(Message.accepted_at) < accepted_before,
            col(Message.lost_track_at).is_(None),
        )
        .values(lost_track_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


_STATUSES: Mapping[str, Status] = {status.value: status for status in ACCEPTED}


def _adopt_one(row: Message, record: Notification, now: datetime) -> None:
    if row.status not in STILL_OURS | MOVING:
        return
    # A word that is new to us still says that Notify has it: the rest of the page must be read.
    row.status = _STATUSES.get(record.status, Status.CREATED)
    row.reason = ""
    row.notify_id = record.notify_id
    row.accepted_at = row.accepted_at or record.created_at
    row.completed_at = record.completed_at
    row.doubt_until = None
    row.lost_track_at = None
    row.claimed_at = row.claimed_at or now
