"""A run of `send`: what it works with, what Notify answered, and how it goes."""

import os
import secrets
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
TRIES = 3
"""A message for which no usable answer came so often in one run waits for the next one."""
GIVEN_UP = (
    "for {number} of the emails no usable answer came, though each was asked for {tries} times: "
    "{said}. They were not sent and wait; the others were not held up by them. If it is the same "
    "the next time, look at what these emails say."
)
INTERRUPTED = "you stopped it"
STOPPED = "it was stopped: {why}"


@dataclass(frozen=True)
class Answer:
    """What became of one letter."""

    letter: Letter
    outcome: Accepted | NotifyError | None  # None: no request left
    asked_at: datetime
    at: datetime
    heard: float  # the same moment on the monotonic clock

    @property
    def taken(self) -> outbox.Taken | None:
        """What to record when Notify accepted it; None otherwise."""
        if isinstance(self.outcome, Accepted):
            return outbox.Taken(self.letter.parcel.reference, self.outcome, self.at)
        return None


@dataclass
class Run:
    """How a run is going, through all its passes."""

    tally: Counter[str] = field(default_factory=Counter)
    """Counts by what happened."""
    ended_because: str = ""
    worker: str = field(default_factory=lambda: f"{os.getpid()}-{secrets.token_hex(4)}")
    """Under which name it claims."""
    doubts: Counter[int] = field(default_factory=Counter)
    """How often each message was asked for and no usable answer came."""
    open_doubts: dict[int, float] = field(default_factory=dict)
    """Those of which it is still to be seen what became, each with the moment (monotonic) from
    which an empty look-up means that Notify did not take it."""
    last_doubt: str = ""
    set_aside: frozenset[int] = frozenset()
    """Messages that are left for a later run."""
    last_said: str = ""
    """Why the last answer was no acceptance; empty when it was one."""
    said_in_a_row: int = 0
    """By how many answers in a row."""

    def note_said(self, said: str) -> int:
        """Note why an answer was no acceptance, or that it was one; return `said_in_a_row`."""
        if said != self.last_said:
            self.last_said, self.said_in_a_row = said, 0
        if said:
            self.said_in_a_row += 1
        return self.said_in_a_row

    @property
    def given_up(self) -> set[int]:
        """The messages that this run asks for no more, lest one keep it from ever ending."""
        return {message for message, times in self.doubts.items() if times >= TRIES}


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
    run: Run = field(default_factory=Run)

    def watch(self) -> Watch:
        """Return what tells this run what other processes have said."""
        return Watch(
            self.database, self.approval.mailing_id, self.notify.service, self.notify.key_type
        )
