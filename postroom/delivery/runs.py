"""A run of `send`: what it works with, what Notify answered, and how it goes."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from postroom.database import Database
from postroom.delivery import outbox
from postroom.delivery.gateway import Accepted, Notify
from postroom.delivery.letters import Letter, Writer
from postroom.delivery.preparing import Office
from postroom.delivery.watching import Watch
from postroom.errors import NotifyError
from postroom.tables import Approval

Clock = Callable[[], datetime]
Waiting = Callable[[datetime, str], None]
"""Told, before a pause, until when (UTC) and what for, in a sentence."""
INTERRUPTED = "you stopped it"
STOPPED = "it was stopped: {why}"


@dataclass(frozen=True)
class Answer:
    """What became of one letter."""

    letter: Letter
    outcome: Accepted | NotifyError | None  # None: no request left
    asked_at: datetime
    at: datetime

    @property
    def taken(self) -> outbox.Taken | None:
        """What to record when Notify accepted it; None otherwise."""
        if isinstance(self.outcome, Accepted):
            return outbox.Taken(self.letter.parcel.reference, self.outcome, self.at)
        return None


@dataclass
class Run:
    """How a run is going: counts by what happened, and why it ended."""

    tally: Counter[str] = field(default_factory=Counter)
    ended_because: str = ""


@dataclass(frozen=True)
class Errand:
    """Everything one run works with."""

    database: Database
    notify: Notify
    office: Office
    approval: Approval
    writer: Writer
    clock: Clock
    interrupted: threading.Event
    progress: Callable[[Run], None]
    last_id: int | None = None
    """Of a wave: the last message that is in it. None: every approved one."""

    def watch(self) -> Watch:
        """Return what tells this run what other processes have said."""
        return Watch(
            self.database, self.approval.mailing_id, self.notify.service, self.notify.key_type
        )
