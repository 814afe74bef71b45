"""A file of faults that a person edits while the local Notify runs."""

import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from postroom.localnotify.faults import (
    BadFault,
    forget_dead_followers,
    read_faults,
    replace_file_faults,
)
from postroom.localnotify.store import Store

GLANCE = 0.1  # seconds between two looks at the file
SIGN_OF_LIFE = 1.0  # seconds between two signs that this server lives
LEASE = 4.0  # seconds without one, after which the file's rules hold no more


class FaultsFile:
    """Keeps the rules in the store as the file has them, for as long as the block lasts.

    The rules stand in the store, so that every server over it follows them. They end with this
    one: at the end of the block, or within `LEASE` when it was killed. While it runs, no file
    means no rules.
    """

    def __init__(self, path: Path, store: Store):
        self.path = path
        self.store = store
        self.seen: str | None = None
        self._number: int | None = None
        self._due = 0.0  # when the next sign of life is

    def __enter__(self) -> Self:
        """Take over the file's rules. Commits. Raises `BadFault`, also when there is no file."""
        if not self.path.is_file():
            raise BadFault(f"{self.path}: there is no such file")
        self._live()
        try:
            self.read()
        except BadFault:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the rules away, unless another server follows a file too. Commits."""
        self._leave()

    def read(self) -> None:
        """Take over the file's rules, if it changed. Commits. Raises `BadFault`."""
        text = self._text()
        if text == self.seen:
            return
        self.seen = text
        try:
            rules = read_faults(text)
        except BadFault as error:
            raise BadFault(f"{self.path}: {error}") from error
        with self.store.writing() as connection:
            replace_file_faults(connection, rules)

    def follow(self, stopping: threading.Event) -> None:
        """Read the file whenever it changes, until *stopping* is set.

        A file that cannot be followed changes nothing; what is wrong with it is printed.
        """
        said = ""
        while not stopping.wait(GLANCE):
            try:
                if time.time() >= self._due:
                    self._live()
                self.read()
            except BadFault as error:
                if str(error) != said:
                    print(error, file=sys.stderr, flush=True)
                said = str(error)

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8-sig") if self.path.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            # An editor may be half-way through writing it: the next look will do.
            raise BadFault(f"{self.path}: it cannot be read as text in UTF-8") from error

    def _live(self) -> None:
        """Say that this server lives. One that was thought dead takes its rules over again."""
        now = time.time()
        with self.store.writing() as connection:
            forget_dead_followers(connection, now=now)
            lives = connection.execute(
                "UPDATE follower SET until = ? WHERE id = ?", (now + LEASE, self._number)
            )
            if not lives.rowcount:
                row = connection.execute(
                    "INSERT INTO follower (until) VALUES (?) RETURNING id", (now + LEASE,)
                ).fetchone()
                self._number, self.seen = int(row[0]), None
        self._due = now + SIGN_OF_LIFE

    def _leave(self) -> None:
        with self.store.writing() as connection:
            connection.execute("DELETE FROM follower WHERE id = ?", (self._number,))
            forget_dead_followers(connection, now=time.time())
