"""The journal of opt-outs: a file beside the database, for the day the database is restored.

A backup an hour old has forgotten who opted out in that hour. So each opt-out, its end and each
erasure is also a line of `opt-outs.journal`, on the disk before anybody is told that it is done:
a JSON object with an id, the time, the act, the keyed hash of the address and the scopes. The
database keeps the ids; whichever is missing there has to be done again (`research.replaying`).
"""

import errno
import json
import os
import socket
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from sqlmodel import Session, select

from postroom.errors import DatabaseError
from postroom.tables import JournalEntry

HEAD = b'"secret_check": "'
NOTES = "opt-outs"  # where a session keeps what is to be written down


class Act(StrEnum):
    """What was done about an address."""

    SUPPRESS = "suppress"
    LIFT = "lift"
    ERASE = "erase"


@dataclass(frozen=True)
class Entry:
    """One line of the journal. Of a person it knows the keyed hash, and nothing else."""

    id: str
    at: datetime
    act: Act
    address_key: bytes
    scopes: tuple[str, ...] = ()
    until: date | None = None
    """The day on which a wish ends by itself; None: it does not."""


@dataclass(frozen=True)
class Reading:
    """A journal as read: its entries in order, and the lines that make no sense."""

    entries: tuple[Entry, ...]
    unreadable: tuple[int, ...]
    """Numbers from 1. A line cut short by a crash is one of these: nobody was told it was done."""


class Journal:
    """The journal of one workspace on this machine. Nothing is touched until it is used."""

    def __init__(self, path: Path, secret_check: bytes):
        self.path = path
        self._secret_check = secret_check.hex()

    def read(self) -> Reading:
        """Return what the journal holds; nothing where there is none yet.

        Raises `DatabaseError` when it was written under another secret: its hashes are then of
        no use, and somebody who opted out could be emailed.
        """
        entries: list[Entry] = []
        unreadable: list[int] = []
        for number, line in enumerate(self._lines(), start=1):
            try:
                self._read_line(line, entries)
            except (ValueError, KeyError, TypeError):
                unreadable.append(number)
        return Reading(tuple(entries), tuple(unreadable))

    @property
    def place(self) -> str:
        """Which machine and folder it is of, for people to find it."""
        return f"{socket.gethostname()}:{self.path.parent}"

    def id(self) -> str:
        """Return the name by which the database knows this journal; nothing before it has one."""
        names = self.ids()
        return names[-1] if names else ""

    def ids(self) -> list[str]:
        """Return every name that it has had: a copy of another machine's goes on under its own."""
        heads = (json.loads(line) for line in self._lines() if HEAD in line and line[-1:] == b"}")
        return [str(head["journal"]) for head in heads if "journal" in head]

    def holds(self, entry_id: str) -> bool:
        """Return whether an entry stands in it."""
        wanted = f'"id": "{entry_id}"'.encode("ascii")
        return any(wanted in line for line in self._lines())

    def begin(self, name: str) -> None:
        """Write down *name* as its own from now on. Raises `DatabaseError`."""
        head = {"secret_check": self._secret_check, "journal": name}
        self._write([json.dumps(head)])

    def append(self, entries: Sequence[Entry]) -> None:
        """Write *entries* down; returns once they are on the disk. Raises `DatabaseError`."""
        self._write([_line(entry) for entry in entries])

    def _write(self, lines: Sequence[str]) -> None:
        text = "".join(f"{line}\n" for line in lines).encode("ascii")
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                is_new = os.lseek(file, 0, os.SEEK_END) == 0
                # One write: a crash can cut the last line short and do no other harm.
                whole = b"\n" + text if _is_cut_short(file) else text
                if os.write(file, whole) < len(whole):  # a disk that fills up takes a part
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file)
            finally:
                os.close(file)
            if is_new:
                _sync_folder(self.path.parent)
        except OSError as error:
            raise DatabaseError(
                f"{self.path.name} cannot be written ({error.strerror}), so the wish not to be "
                "emailed was not recorded. Make room or make the file yours, and try again."
            ) from error

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines() if self.path.is_file() else []

    def _read_line(self, line: bytes, entries: list[Entry]) -> None:
        told = json.loads(line)
        if "secret_check" in told:
            if told["secret_check"] != self._secret_check:
                raise DatabaseError(
                    f"{self.path.name} was written under another secret, so nobody in it can be "
                    "recognised. Restore the outreach.secret that belongs to it."
                )
            return
        entries.append(
            Entry(
                id=str(told["id"]),
                at=datetime.fromisoformat(told["at"]),
                act=Act(told["act"]),
                address_key=bytes.fromhex(told["key"]),
                scopes=tuple(map(str, told["scopes"])),
                until=date.fromisoformat(told["until"]) if told.get("until") else None,
            )
        )


def note(
    session: Session,
    act: Act,
    address_key: bytes,
    scopes: Iterable[str],
    *,
    now: datetime,
    until: date | None = None,
) -> None:
    """Let *session* write this down when it commits: in the journal first, then the database."""
    entry = Entry(uuid.uuid4().hex, now, act, address_key, tuple(map(str, scopes)), until)
    session.info.setdefault(NOTES, []).append(entry)


def take_notes(session: Session) -> list[Entry]:
    """Return what was noted in *session*, and forget it there."""
    noted: list[Entry] = session.info.pop(NOTES, [])
    return noted


def remember(session: Session, entries: Iterable[Entry]) -> None:
    """Keep in the database that it knows *entries*. Does not commit."""
    session.add_all([JournalEntry(id=entry.id, at=entry.at) for entry in entries])
    session.flush()


def unknown(session: Session, reading: Reading) -> list[Entry]:
    """Return, in order, the entries that the database knows nothing of. Read-only."""
    known = set(session.exec(select(JournalEntry.id)))
    return [entry for entry in reading.entries if entry.id not in known]


def _line(entry: Entry) -> str:
    return json.dumps(
        {
            "id": entry.id,
            "at": entry.at.isoformat(),
            "act": entry.act,
            "key": entry.address_key.hex(),
            "scopes": entry.scopes,
            **({"until": entry.until.isoformat()} if entry.until else {}),
        }
    )


def _is_cut_short(file: int) -> bool:
    end = os.lseek(file, 0, os.SEEK_END)
    if end == 0:
        return False
    os.lseek(file, end - 1, os.SEEK_SET)
    return os.read(file, 1) != b"\n"


def _sync_folder(folder: Path) -> None:
    """Let the new file's name survive a power cut as well. Windows opens no folders."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
