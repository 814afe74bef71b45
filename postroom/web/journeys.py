"""Answers in progress: in this process's memory, under a random id, and gone after an hour.

Nothing is written anywhere until "Sign up". Several web processes need a proxy that sends each
visitor to the same one.
"""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from postroom.errors import PostroomError

LAST = timedelta(minutes=60)
"""How long answers are kept after the last page. Pages say so."""

MOST = 20_000  # journeys at once: at the longest answers, some 60 MB


class TooManyJourneys(PostroomError):
    """More people are filling in the form at once than this machine can hold."""


@dataclass
class Journey:
    """One visitor's answers to one campaign's form, so far."""

    campaign: str
    answers: dict[str, list[str]] = field(default_factory=dict)
    """A step's key → what was answered; an optional step that was passed over has an empty list."""
    used_at: datetime = datetime.min  # noqa: DTZ901  # set when it is kept
    reference: str = ""  # once signed up; the answers are gone then
    signing_up: threading.Lock = field(default_factory=threading.Lock)


class Journeys:
    """Every journey in progress. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: OrderedDict[str, Journey] = OrderedDict()  # the longest unused first

    def begin(self, journey: Journey, now: datetime) -> str:
        """Keep *journey* and return its id: 256 random bits. Raises `TooManyJourneys`."""
        with self._lock:
            self._forget_old(now)
            if len(self._by_id) >= MOST:
                raise TooManyJourneys
            journey_id = secrets.token_urlsafe(32)
            journey.used_at = now
            self._by_id[journey_id] = journey
            return journey_id

    def find(self, journey_id: str, now: datetime) -> Journey | None:
        """Return the journey, counting as used now, or None when it has ended."""
        with self._lock:
            self._forget_old(now)
            journey = self._by_id.get(journey_id)
            if journey is not None:
                journey.used_at = now
                self._by_id.move_to_end(journey_id)
            return journey

    def end(self, journey_id: str) -> None:
        """Forget the journey, if it is still known."""
        with self._lock:
            self._by_id.pop(journey_id, None)

    def _forget_old(self, now: datetime) -> None:
        while self._by_id:
            oldest = next(iter(self._by_id.values()))
            if oldest.used_at + LAST > now:
                return
            self._by_id.popitem(last=False)
