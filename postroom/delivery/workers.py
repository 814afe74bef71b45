"""Workers: which are running, which of them fetches statuses, and when that is worth while."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from postroom.settings import Waits
from postroom.tables import Mailing, Message, Schedule, ScheduleState, Status, Worker
from postroom.tables.outbox import MOVING

SOONEST = timedelta(seconds=5)
SELDOMEST = timedelta(hours=6)
"""Far inside the three days that Notify keeps a message at the least."""


def beat(session: Session, name: str, mode: str, *, lease: timedelta, now: datetime) -> None:
    """Note that the worker *name* runs, and is to be believed dead when *lease* has passed.

    Forgets those that died.
    """
    session.execute(
        sa.delete(Worker).where(col(Worker.alive_until) < now, col(Worker.name) != name)
    )
    known = session.get(Worker, name)
    if known is None:
        session.add(Worker(name=name, mode=mode, started_at=now, alive_until=now + lease))
    else:
        known.alive_until = now + lease


def leave(session: Session, name: str) -> None:
    """Note that the worker *name* has ended."""
    session.execute(sa.delete(Worker).where(col(Worker.name) == name))


def first_alive(session: Session, mode: str, *, now: datetime) -> str | None:
    """Return the name of the worker of *mode* that has run longest; None when none runs.

    Read-only.
    """
    return session.exec(_alive(mode, now)).first()


def first_at_leisure(session: Session, mode: str, *, now: datetime) -> str | None:
    """Return the name of the worker that has run longest of those that send nothing just now.

    That one fetches statuses for all, so that several do not ask Notify the same. A long send
    keeps nobody else from it. None when all are sending. Read-only.
    """
    sending = select(Schedule.worker).where(
        col(Schedule.state) == ScheduleState.RUNNING, col(Schedule.lease_until) > now
    )
    return session.exec(_alive(mode, now).where(col(Worker.name).not_in(sending))).first()


def _alive(mode: str, now: datetime) -> SelectOfScalar[str]:
    return (
        select(Worker.name)
        .where(Worker.mode == mode, col(Worker.alive_until) > now)
        .order_by(col(Worker.started_at), col(Worker.name))
        .limit(1)
    )


def sync_is_due(session: Session, mode: str, *, now: datetime) -> bool:
    """Return whether statuses are worth fetching: often right after a send, then less. Read-only.

    The pause is a quarter of the time since Notify last accepted a message, from 5 seconds to
    6 hours. While no message is moving there is nothing to fetch.
    """
    newest, synced = session.execute(
        sa.select(sa.func.max(col(Message.accepted_at)), sa.func.min(col(Mailing.synced_at)))
        .join_from(Message, Mailing, col(Message.mailing_id) == col(Mailing.id))
        .where(
            col(Mailing.mode) == mode,
            col(Message.status).in_(MOVING),
            col(Message.lost_track_at).is_(None),
        )
    ).one()
    if newest is None:
        return False
    if synced is None or synced < newest:
        return bool(synced is None or now - synced >= SOONEST)
    pause = min(max((now - newest) / 4, SOONEST), SELDOMEST)
    return bool(now - synced >= pause)


def doubts_due(
    session: Session, mode: str, *, waits: Waits, retention: timedelta, now: datetime
) -> list[int]:
    """Return the ids of mailings with a doubt that can be settled now. Read-only.

    That is: a claim whose lease has run out, or a doubt whose wait is over. Past Notify's
    *retention* a doubt waits for a person.
    """
    rows = session.execute(
        sa.select(col(Message.mailing_id))
        .join(Mailing, col(Message.mailing_id) == col(Mailing.id))
        .where(
            col(Mailing.mode) == mode,
            sa.or_(
                sa.and_(
                    col(Message.status) == Status.CLAIMED,
                    col(Message.lease_until) < now - waits.skew,
                ),
                sa.and_(
                    col(Message.status) == Status.IN_DOUBT,
                    col(Message.doubt_until) <= now,
                    col(Message.claimed_at) > now - retention,
                ),
            ),
        )
        .distinct()
    )
    return [int(mailing_id) for (mailing_id,) in rows]
