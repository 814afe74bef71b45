"""Carrying out the faults: waiting, holding, dropping the connection, answering with an error."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from postroom.localnotify import faults
from postroom.localnotify.answers import Refusal
from postroom.localnotify.bucket import rate_refusal
from postroom.localnotify.clock import as_text, utc_now
from postroom.localnotify.faults import Asked, Fault
from postroom.localnotify.store import Store

GLANCE = 0.02  # seconds between two looks at whether a held request may go on


class Dropped(Exception):
    """The connection is to be closed without an answer."""


class Stricken(Exception):
    """The answer of something in front of Notify, which writes no JSON."""

    def __init__(self, status: int):
        self.status = status
        super().__init__(status)


class Trouble:
    """Carries out what the faults say for one server. `stopping` ends every wait.

    A request that still waits when the server stops is dropped: before acceptance nothing is
    stored, after it the message is.
    """

    def __init__(self, store: Store, *, latency: float, rate_limit: int | None):
        self.store = store
        self.latency = latency  # seconds that every call of the API takes at least
        self.rate_limit = rate_limit
        self.stopping = threading.Event()

    def strike(self, stage: str, asked: Asked, key_type: str) -> None:
        """Do what the faults say at this stage of the request.

        Returns when it may go on. Raises `Dropped`, `Stricken` or `Refusal` when it may not.
        """
        if stage == "before" and self.latency:
            self._wait(self.latency)
        for number, fault in faults.strike(self.store, stage, asked):
            self._carry_out(number, fault, asked, key_type)

    def outcome(self, asked: Asked) -> str | None:
        """Return the status that a fault wants this message to end with, or None."""
        for _, fault in faults.strike(self.store, "end", asked):
            return str(fault.status)
        return None

    def receipt_delay(self, asked: Asked) -> timedelta:
        """Return how much later than its time the receipt of this message is to be posted."""
        late = (fault.seconds for _, fault in faults.strike(self.store, "delay", asked))
        return timedelta(seconds=sum(late))

    def _carry_out(self, number: int, fault: Fault, asked: Asked, key_type: str) -> None:
        if fault.do == "wait":
            self._wait(fault.seconds)
        elif fault.do == "drop":
            raise Dropped
        elif fault.do == "answer":
            raise self._error(int(fault.status), key_type)
        elif fault.do == "hold":
            self._hold(number, fault.when, asked)

    def _wait(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise Dropped

    def _hold(self, number: int, stage: str, asked: Asked) -> None:
        with self._shown_as_held(number, stage, asked, utc_now()):
            while faults.is_set(self.store, number):
                self._wait(GLANCE)

    @contextmanager
    def _shown_as_held(
        self, number: int, stage: str, asked: Asked, since: datetime
    ) -> Iterator[None]:
        with self.store.writing() as connection:
            row = connection.execute(
                "INSERT INTO held (fault_id, stage, reference, since) VALUES (?, ?, ?, ?)"
                " RETURNING id",
                (number, stage, asked.reference, as_text(since)),
            ).fetchone()
        try:
            yield
        finally:
            with self.store.writing() as connection:
                connection.execute("DELETE FROM held WHERE id = ?", (row[0],))

    def _error(self, status: int, key_type: str) -> Exception:
        if status == 429:
            return rate_refusal(key_type, self.rate_limit or 3_000)
        if status == 500:
            return Refusal(500, "InterfaceError", "Internal server error")
        if status == 504:
            return Refusal(504, "SoftEventletTimeout", "Timeout serving request")
        return Stricken(status)
