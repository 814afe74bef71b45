"""Work that goes by itself: sends set for a time, and the workers that run them."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from postroom.tables.columns import words


class ScheduleState(StrEnum):
    """How a send that was set for a time stands."""

    WAITING = "waiting"  # for its time, or for a worker
    RUNNING = "running"  # a worker has it, until its lease ends
    DONE = "done"
    MISSED = "missed"  # its time passed without a worker: a person says what now
    HELD = "held"  # it may not or could not go on, for the reason given: a person says what now
    CANCELLED = "cancelled"


OPEN = (ScheduleState.WAITING, ScheduleState.RUNNING, ScheduleState.MISSED, ScheduleState.HELD)
"""What still asks something of a worker or of a person."""


class Schedule(SQLModel, table=True):
    """One send of an approved mailing, set for a time."""

    __tablename__ = "schedules"

    id: int | None = Field(default=None, primary_key=True)
    mailing_id: int = Field(foreign_key="mailings.id", index=True)
    approval_id: int = Field(foreign_key="approvals.id")
    start_at: datetime
    missed_after: datetime  # a worker that comes later than this asks instead of sending
    scheduled_by: str
    scheduled_at: datetime
    state: ScheduleState = Field(sa_column=sa.Column(words(ScheduleState), nullable=False))
    why: str = ""
    worker: str = ""
    lease_until: datetime | None = None
    ended_at: datetime | None = None


class Worker(SQLModel, table=True):
    """A running `outreach worker`, as long as it goes on saying so."""

    __tablename__ = "workers"

    name: str = Field(primary_key=True)
    mode: str
    started_at: datetime
    alive_until: datetime  # it says so anew well before; not heard by then, it has ended
