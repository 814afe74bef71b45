"""Doing again what the journal of opt-outs knows and a restored database does not."""

from datetime import datetime

from sqlmodel import Session

from postroom import journal
from postroom.audience import suppression
from postroom.database import Database
from postroom.journal import Act, Entry
from postroom.research import people
from postroom.research.people import Someone
from postroom.tables import Event, Scope

WHO = "the journal of opt-outs"
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

    Doing so again changes nothing. Records an event when there was anything to do. A line that
    a crash cut short counts for nothing: nobody was told that it was done.
    """
    if not missing(database):
        return 0
    with database.write() as session:
        entries = journal.unknown(session, database.journal.read())
        for entry in entries:
            _do_again(session, entry, now)
        journal.take_notes(session)  # it stands in the journal already
        journal.remember(session, entries)
        details = {"entries": len(entries)}
        session.add(Event(at=now, who=WHO, act="replayed", target="opt-outs", details=details))
    return len(entries)


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
