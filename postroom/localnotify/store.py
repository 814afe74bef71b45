"""The local Notify's own SQLite file: its tables, and transactions on it."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

BUSY_TIMEOUT = 20.0  # seconds that one process waits for another to end its transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS template (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT,
    archived INTEGER NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE IF NOT EXISTS notification (
    id TEXT PRIMARY KEY,
    reference TEXT,
    email_address TEXT NOT NULL,       -- as the client wrote it
    sent_to TEXT NOT NULL,             -- as Notify's rule normalises it
    key_type TEXT NOT NULL,
    template_id TEXT NOT NULL,
    template_version INTEGER NOT NULL,
    personalisation TEXT NOT NULL,     -- JSON, every key that came
    subject TEXT NOT NULL,             -- filled in
    body TEXT NOT NULL,                -- filled in, Markdown
    one_click_unsubscribe_url TEXT,
    email_reply_to_id TEXT,
    reply_to TEXT,
    sanitise_content_for TEXT,         -- JSON
    scheduled_for TEXT,
    created_at TEXT NOT NULL,
    sending_at TEXT,                   -- null: it is never handed over
    final_at TEXT NOT NULL,
    final_status TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS notification_listed ON notification (key_type, created_at);
CREATE INDEX IF NOT EXISTS notification_created ON notification (created_at);
CREATE INDEX IF NOT EXISTS notification_reference ON notification (reference);
CREATE TABLE IF NOT EXISTS bucket (
    name TEXT PRIMARY KEY,
    tokens INTEGER NOT NULL,
    replenished REAL NOT NULL          -- seconds since 1970
);
CREATE TABLE IF NOT EXISTS sent_today (
    day TEXT PRIMARY KEY,              -- the UTC date
    accepted INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a held request knows its rule by it: never again
    source TEXT NOT NULL,              -- who asked for it: 'file' or 'call'
    rule TEXT NOT NULL,                -- JSON
    draws INTEGER NOT NULL DEFAULT 0,
    remaining INTEGER                  -- null: without end
);
CREATE TABLE IF NOT EXISTS follower (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a server that follows a faults file
    until REAL NOT NULL                -- seconds since 1970: by then it says again that it lives
);
CREATE TABLE IF NOT EXISTS held (
    id INTEGER PRIMARY KEY,
    fault_id INTEGER NOT NULL,
    stage TEXT NOT NULL,
    reference TEXT,
    since TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS callback (
    notification_id TEXT PRIMARY KEY,
    due_at TEXT NOT NULL,
    tries INTEGER NOT NULL,
    outcome TEXT                       -- null: not finished with
);
CREATE INDEX IF NOT EXISTS callback_due ON callback (due_at) WHERE outcome IS NULL;
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file at *path*, made with its tables if need be. Threads may hand it round."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    try:
        _use_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous = NORMAL")  # survives kill -9, if not a power cut
        connection.executescript(SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # Of several that open a new file at once, SQLite refuses all but one here without waiting.
    end = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Run the block in one IMMEDIATE transaction: committed at its end, undone by an exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file at *path* for the block, in one transaction that is committed at its end."""
    with closing(connect(path)) as connection, transaction(connection):
        yield connection


class Store:
    """The file as one server uses it: one connection that writes, several that read.

    Threads of this process queue for the writer on a lock, which is fair and quick; SQLite's own
    waiting, which sleeps and tries again, is only for other processes.
    """

    def __init__(self, path: Path):
        self.path = path
        self._lock = threading.Lock()
        self._readers: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writer = connect(path)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run the block in one transaction, committed when the block ends."""
        with self._lock, transaction(self._writer) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection on which every statement sees what is committed by then."""
        try:
            connection = self._readers.get_nowait()
        except Empty:
            connection = connect(self.path)
        try:
            yield connection
        finally:
            self._readers.put(connection)

    def close(self) -> None:
        """Close every connection. No request may be under way."""
        with self._lock:
            self._writer.close()
        while not self._readers.empty():
            self._readers.get_nowait().close()
