"""Whether the database came from a backup, and whose journals it has not heard since.

Each machine that shares a database keeps a journal of opt-outs of its own. A restored database has
to hear them all before anything is sent: whoever opted out through another machine after the
backup stands in that machine's journal alone. So the database keeps which journals there are, and
where it lies itself; when it finds itself elsewhere, or behind a journal, it awaits every one.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from postroom.journal import Entry, Journal
from postroom.tables import Event, Identity, KnownJournal

WHO = "the journal of opt-outs"
PLACE = """
    SELECT concat_ws('/',
        (SELECT system_identifier FROM pg_control_system()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        'identity'::regclass::oid)
"""
"""Which server, which branch of its history, which database, which table. A dump that is loaded
changes the latter two, a return to an earlier moment or a stand-by that takes over the second, a
copy of the server's files that is put back nothing: then only a journal, or a person, can tell."""


def place(session: Session) -> str:
    """Return where the database lies; nothing where that cannot be told. Read-only.

    A SQLite file has one journal, which is all that it must hear.
    """
    if not _is_shared(session):
        return ""
    try:
        with session.begin_nested():
            return str(session.connection().exec_driver_sql(PLACE).scalar_one())
    except DBAPIError:  # a stand-by, or a server that does not tell everybody
        return ""


def is_elsewhere(session: Session) -> bool:
    """Return whether the database lies where it did not when that was last noted. Read-only."""
    noted = session.get_one(Identity, 1).lives_at
    return bool(noted) and not _is_noted(noted, place(session))


def has_heard(session: Session, journal: Journal) -> bool:
    """Return whether nothing is to be noted of this *journal* or of a restore. Read-only."""
    own = session.get(KnownJournal, journal.id())
    return (
        own is not None
        and not own.awaited
        and _is_whole(own, journal)
        and _is_noted(session.get_one(Identity, 1).lives_at, place(session))
    )


def own_row(session: Session, journal: Journal) -> KnownJournal:
    """Return the database's row of this *journal*; both begin one where there is none.

    Expects the write lock. Does not commit.
    """
    name = journal.id()
    own = session.get(KnownJournal, name) if name else None
    if not name or (own is not None and not _is_whole(own, journal)):
        # None yet; or lines of it are missing here: it is another machine's, or an older copy.
        name, own = uuid.uuid4().hex, None
        journal.begin(name)
    if own is None:
        own = KnownJournal(id=name, place=journal.place)
        session.add(own)
        session.flush()
    return own


def hear(session: Session, journal: Journal, lost: Sequence[Entry], *, now: datetime) -> None:
    """Note that the database now knows all of *journal*, of which it had *lost* some.

    Awaits all the others where that, or its place, says that the database was restored. Expects
    the write lock. Does not commit. Records an event when it was restored.
    """
    own = own_row(session, journal)
    if is_elsewhere(session) or (lost and not own.awaited and _is_shared(session)):
        await_all(session, why="it was restored from a backup", who=WHO, now=now)
    session.get_one(Identity, 1).lives_at = place(session) or session.get_one(Identity, 1).lives_at
    session.refresh(own)
    own.awaited = False
    if lost:
        own.last_entry = lost[-1].id


def hear_copy(session: Session, copy: Journal) -> None:
    """Note that the database knows all of a *copy* of journals brought from elsewhere."""
    for name in copy.ids():
        known = session.get(KnownJournal, name)
        if known is not None and _is_whole(known, copy):
            known.awaited = False


def await_all(session: Session, *, why: str, who: str, now: datetime) -> None:
    """Let nothing be sent until each journal was heard again. Does not commit."""
    session.execute(sa.update(KnownJournal).values(awaited=True))
    session.add(Event(at=now, who=who, act="awaited", target="every journal of opt-outs", why=why))


def give_up(session: Session, name: str, *, why: str, who: str, now: datetime) -> bool:
    """Await the journal *name* no longer, for it is lost; return whether it was awaited.

    Does not commit. Records an event.
    """
    for known in unheard(session):
        if name and known.id.startswith(name):
            session.delete(known)
            target = f"the journal of opt-outs of {known.place}"
            session.add(Event(at=now, who=who, act="gave up", target=target, why=why))
            return True
    return False


def unheard(session: Session) -> list[KnownJournal]:
    """Return the journals that are awaited. Read-only."""
    awaited = select(KnownJournal).where(col(KnownJournal.awaited))
    return list(session.exec(awaited.order_by(col(KnownJournal.place), col(KnownJournal.id))))


def _is_shared(session: Session) -> bool:
    """Return whether other machines may use the database: a SQLite file is one workspace's."""
    return session.get_bind().dialect.name != "sqlite"


def _is_whole(known: KnownJournal, journal: Journal) -> bool:
    return not known.last_entry or journal.holds(known.last_entry)


def _is_noted(noted: str, here: str) -> bool:
    return not here or here == noted
