"""A file of faults that a person edits while the local Notify runs."""

import sys
import threading
from pathlib import Path

from postroom.localnotify.faults import BadFault, read_faults, replace_file_faults
from postroom.localnotify.store import Store

GLANCE = 0.1  # seconds between two looks at the file


class FaultsFile:
    """Keeps the rules in the store as the file has them. No file means no rules."""

    def __init__(self, path: Path, store: Store):
        self.path = path
        self.store = store
        self.seen: str | None = None

    def read(self) -> None:
        """Take over the file's rules, if it changed. Commits. Raises `BadFault`."""
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        if text == self.seen:
            return
        self.seen = text
        rules = read_faults(text)
        with self.store.writing() as connection:
            replace_file_faults(connection, rules)

    def follow(self, stopping: threading.Event) -> None:
        """Read the file whenever it changes, until *stopping* is set.

        A file that cannot be followed changes nothing; what is wrong with it is printed.
        """
        while not stopping.wait(GLANCE):
            try:
                self.read()
            except BadFault as error:
                print(f"{self.path}: {error}", file=sys.stderr, flush=True)
