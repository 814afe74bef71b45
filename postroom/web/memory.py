"""What visitors are in the middle of: in this process's memory, under a random id, for an hour.

Nothing of it is written anywhere. Several web processes need a proxy that sends each visitor to
the same one.
"""

import secrets
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from postroom.errors import PostroomError

LAST = timedelta(minutes=60)
"""How long something is kept after it was last used. Pages say so."""

MOST = 20_000  # visitors at once: at the longest answers, some 60 MB


class TooManyVisitors(PostroomError):
    """More people are at it at once than this machine can hold."""


Kept = TypeVar("Kept")


class Memory(Generic[Kept]):
    """What each visitor is in the middle of. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The longest unused first: when it was last used, and what it is.
        self._by_id: OrderedDict[str, tuple[datetime, Kept]] = OrderedDict()

    def begin(self, kept: Kept, now: datetime) -> str:
        """Keep *kept* and return its id: 256 random bits. Raises `TooManyVisitors`."""
        with self._lock:
            self._forget_old(now)
            if len(self._by_id) >= MOST:
                raise TooManyVisitors
            random_id = secrets.token_urlsafe(32)
            self._by_id[random_id] = (now, kept)
            return random_id

    def find(self, random_id: str, now: datetime) -> Kept | None:
        """Return what is kept, counting as used now, or None when it has ended."""
        with self._lock:
            self._forget_old(now)
            found = self._by_id.get(random_id)
            if found is None:
                return None
            self._by_id[random_id] = (now, found[1])
            self._by_id.move_to_end(random_id)
            return found[1]

    def end(self, random_id: str) -> None:
        """Forget it, if it is still known."""
        with self._lock:
            self._by_id.pop(random_id, None)

    def _forget_old(self, now: datetime) -> None:
        while self._by_id:
            used_at, _ = next(iter(self._by_id.values()))
            if used_at + LAST > now:
                return
            self._by_id.popitem(last=False)
