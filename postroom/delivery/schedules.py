"""Sends set for a time: planned by a person, taken by one worker at a time, missed if too late.

A worker holds a schedule by a lease that it extends while it works, so that another takes over
when it dies. Each function expects a session that holds the write lock, unless it only reads.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from postroom.errors import NotPermitted
from postroom.london import LONDON
from postroom.tables import Approval, Mailing, Schedule, ScheduleState
from postroom.tables.work import OPEN

TIME_FORMAT = "%Y-%m-%d %H:%M"
MISSED = "no worker could begin it in time"


def london_time(wanted: datetime, *, now: datetime) -> datetime:
    """Return the moment (UTC) that clocks in London show *wanted*, given without a time zone.

    Raises `NotPermitted` for a time that is past, that clocks skip or that they show twice.
    """
    first = wanted.replace(tzinfo=LONDON)
    second = first.replace(fold=1)
    text = f"{wanted:{TIME_FORMAT}}"
    if first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != wanted:
        raise NotPermitted(
            f"There is no {text} in London: clocks go forward over that hour. Nothing was "
            "scheduled. Choose a time before 01:00 or from 02:00 on."
        )
    if first.utcoffset() != second.utcoffset():
        raise NotPermitted(
            f"{text} comes twice in London: clocks go back over that hour. Nothing was "
            "scheduled. Choose a time before 01:00 or from 02:00 on."
        )
    if first <= now:
        raise NotPermitted(
            f"{text} in London is past: it is {now.astimezone(LONDON):{TIME_FORMAT}} there. "
            "Nothing was scheduled. Choose a later time, or send without --at."
        )
    return first.astimezone(UTC)


def set_time(
    session: Session,
    approval: Approval,
    *,
    start_at: datetime,
    grace: timedelta,
    who: str,
    now: datetime,
) -> Schedule:
    """Set what *approval* covers to be sent at *start_at* (UTC); return the schedule.

    An earlier time of the same mailing is given up. A worker that comes more than *grace* late
    asks a person instead of sending.
    """
    cancel(session, approval.mailing_id, why="another time was set", now=now)
    assert approval.id is not None  # noqa: S101  # it was read from the database
    schedule = Schedule(
        mailing_id=approval.mailing_id,
        approval_id=approval.id,
        start_at=start_at,
        missed_after=start_at + grace,
        scheduled_by=who,
        scheduled_at=now,
        state=ScheduleState.WAITING,
    )
    session.add(schedule)
    session.flush()
    return schedule


def cancel(session: Session, mailing_id: int, *, why: str, now: datetime) -> int:
    """Give up every open schedule of a mailing; return how many there were."""
    return _close(session, mailing_id, OPEN, why=why, now=now)


def answer(session: Session, mailing_id: int, *, now: datetime) -> int:
    """A person sends by hand: what waited for their word, missed or held, is answered."""
    waiting_for_a_person = (ScheduleState.MISSED, ScheduleState.HELD)
    return _close(session, mailing_id, waiting_for_a_person, why="sent by hand", now=now)


def end_with_nothing_left(session: Session, mailing_id: int, *, now: datetime) -> int:
    """A person has sent all there was: give up a time that was set and has not come."""
    not_begun = (ScheduleState.WAITING,)
    return _close(session, mailing_id, not_begun, why="all was sent by hand", now=now)


def open_schedule(session: Session, campaign: str, mode: str) -> Schedule | None:
    """Return the schedule of *campaign* in *mode* that is not over, or None. Read-only."""
    return session.exec(
        select(Schedule)
        .join(Mailing)
        .where(Mailing.campaign == campaign, Mailing.mode == mode, col(Schedule.state).in_(OPEN))
        .order_by(col(Schedule.id).desc())
    ).first()


def any_due(session: Session, mode: str, *, now: datetime) -> bool:
    """Return whether a schedule of *mode* waits for a worker now. Read-only."""
    return session.exec(_due(mode, now).limit(1)).first() is not None


def note_missed(session: Session, mode: str, *, now: datetime) -> list[Schedule]:
    """Mark what no worker began, or took over, in time; return those schedules."""
    missed = [
        schedule
        for schedule in session.exec(_due(mode, now).with_for_update(skip_locked=True, of=Schedule))
        if now > (schedule.lease_until or schedule.start_at) + _grace(schedule)
    ]
    for schedule in missed:
        schedule.state, schedule.why = ScheduleState.MISSED, MISSED
    session.flush()
    return missed


def take(
    session: Session, mode: str, worker: str, *, lease: timedelta, now: datetime
) -> Schedule | None:
    """Take the schedule that has been due longest, for *lease*; None when there is none.

    One whose worker died is due again once its lease has run out.
    """
    schedule = session.exec(
        _due(mode, now).limit(1).with_for_update(skip_locked=True, of=Schedule)
    ).first()
    if schedule is not None:
        schedule.state, schedule.worker = ScheduleState.RUNNING, worker
        schedule.lease_until = now + lease
        session.flush()
    return schedule


def extend(session: Session, schedule: Schedule, *, lease: timedelta, now: datetime) -> None:
    """Hold *schedule* for *lease* longer, unless it was cancelled or taken over meanwhile."""
    _change(session, schedule, lease_until=now + lease)


def end(
    session: Session, schedule: Schedule, state: ScheduleState, *, why: str, now: datetime
) -> None:
    """Record how the run of *schedule* ended, unless it was cancelled or taken over meanwhile."""
    _change(session, schedule, state=state, why=why, ended_at=now)


def hand_back(session: Session, schedule: Schedule, *, now: datetime) -> None:
    """Let another worker go on with *schedule* at once: this one is ending."""
    _change(session, schedule, lease_until=now, worker="")


def put_off(session: Session, schedule: Schedule) -> None:
    """Let it be begun again: Notify or the database gave no answer. It can still be missed."""
    _change(session, schedule, state=ScheduleState.WAITING, lease_until=None, worker="")


def _due(mode: str, now: datetime) -> SelectOfScalar[Schedule]:
    return (
        select(Schedule)
        .join(Mailing)
        .where(
            Mailing.mode == mode,
            sa.or_(
                sa.and_(
                    col(Schedule.state) == ScheduleState.WAITING, col(Schedule.start_at) <= now
                ),
                sa.and_(
                    col(Schedule.state) == ScheduleState.RUNNING, col(Schedule.lease_until) <= now
                ),
            ),
        )
        .order_by(col(Schedule.start_at), col(Schedule.id))
    )


def _grace(schedule: Schedule) -> timedelta:
    return schedule.missed_after - schedule.start_at


def _change(session: Session, schedule: Schedule, **values: object) -> None:
    session.execute(
        sa.update(Schedule)
        .where(
            col(Schedule.id) == schedule.id,
            col(Schedule.state) == ScheduleState.RUNNING,
            col(Schedule.worker) == schedule.worker,
        )
        .values(**values)
    )


def _close(
    session: Session,
    mailing_id: int,
    states: tuple[ScheduleState, ...],
    *,
    why: str,
    now: datetime,
) -> int:
    result = session.execute(
        sa.update(Schedule)
        .where(col(Schedule.mailing_id) == mailing_id, col(Schedule.state).in_(states))
        .values(state=ScheduleState.CANCELLED, why=why, ended_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
