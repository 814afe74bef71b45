"""Doing again what the journal of opt-outs knows and a restored database does not."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from postroom import journal, restored
from postroom.audience import suppression
from postroom.database import Database
from postroom.errors import DatabaseError
from postroom.journal import Act, Entry, Journal
from postroom.research import people
from postroom.research.people import Someone
from postroom.restored import WHO
from postroom.tables import Event, KnownJournal, Scope

WHY = "asked before this database was restored from a backup"


def missing(database: Database) -> list[Entry]:
    """Return the journal's entries that the database does not know, in order. Read-only."""
    reading = database.journal.read()
    if not reading.entries:
        return []
    with database.read() as session:
        return journal.unknown(session, reading)


def replay(database: Database, *, now: datetime) -> int:
    """Do again, in their order, the acts that the database lost; return how many. Commits.

    To be done before anything is sent. Raises `DatabaseError` while another machine's journal has
    to be heard first, because the database was restored from a backup.
    """
    number = report(database, now=now)
    with database.read() as session:
        if awaited := restored.unheard(session):
            raise DatabaseError(*who_is_awaited(awaited))
    return number


def report(database: Database, *, now: datetime) -> int:
    """Let the database learn what it lost of this machine's journal; return how much. Commits.

    Doing so again changes nothing. Records an event when there was anything to do. A line that
    a crash cut short counts for nothing: nobody was told that it was done.
    """
    with database.read() as session:
        if restored.has_heard(session, database.journal) and not missing(database):
            return 0
    with database.write() as session:
        entries = journal.unknown(session, database.journal.read())
        restored.hear(session, database.journal, entries, now=now)
        _do_all_again(session, entries, now)
    return len(entries)


def replay_copy(database: Database, copy: Journal, *, now: datetime) -> int:
    """Do again what stands in a *copy* of another machine's journal; return how much. Commits."""
    with database.write() as session:
        entries = journal.unknown(session, copy.read())
        _do_all_again(session, entries, now)
        restored.hear_copy(session, copy)
    return len(entries)


def who_is_awaited(awaited: Sequence[KnownJournal]) -> list[str]:
    """Return, line by line, which journals are *awaited* and what to do."""
    why = (
        "The database was restored from a backup. Nothing is sent until the journal of opt-outs of "
        "each machine was replayed: who opted out there after the backup stands in it alone."
    )
    what = (
        "On each of these run: outreach db replay — or copy its opt-outs.journal to this one, "
        "under another name, and run: outreach db replay --journal FILE"
    )
    return [why, *(f"Awaited: {known.place} ({known.id[:8]})" for known in awaited), what]


def _do_all_again(session: Session, entries: Sequence[Entry], now: datetime) -> None:
    for entry in entries:
        _do_again(session, entry, now)
    journal.take_notes(session)  # it stands in the journal already
    journal.remember(session, entries)
    if entries:
        details = {"entries": len(entries)}
        session.add(Event(at=now, who=WHO, act="replayed", target="opt-outs", details=details))


def _do_again(session: Session, entry: Entry, now: datetime) -> None:
    match entry.act:
        case Act.SUPPRESS:
            for scope in entry.scopes:
                suppression.add(
                    session,
                    entry.address_key,
                    scope=Scope(scope),
                    reason=WHY,
                    who=WHO,
                    now=entry.at,
                    until=entry.until,
                )
        case Act.LIFT:
            # Whoever opted out again since the backup was restored did so after this entry.
            suppression.lift_older(
                session,
                entry.address_key,
                scopes=[Scope(scope) for scope in entry.scopes],
                than=entry.at,
                reason=WHY,
                who=WHO,
                now=entry.at,
            )
        case Act.ERASE:
            people.erase(session, Someone("", entry.address_key), why=WHY, who=WHO, now=now)
