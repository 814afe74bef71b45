"""The workspace's database: opened safely, written in short transactions, kept up to date.

SQLite by default, one file; PostgreSQL through OUTREACH_DATABASE_URL. `read()` and `write()` give
sessions; a writing transaction takes its lock at once (BEGIN IMMEDIATE, or PostgreSQL's advisory
lock), so two writers queue instead of overwriting each other, and must never span a question or a
request.
"""

import sqlite3
import uuid
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from postroom import journal, postgresql, restored
from postroom.errors import DatabaseError
from postroom.journal import Journal
from postroom.keys import Keys
from postroom.settings import Settings
from postroom.tables import Identity
from postroom.workspace import Workspace

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10
LOCKED = ("locked", "busy", "lock timeout")  # as SQLite and PostgreSQL say it
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"}
)
FILE_TROUBLES = {  # what SQLite says, and what to do
    "readonly database": "Make outreach.db and its folder yours to write to. Nothing was changed.",
    "unable to open": "Look whether outreach.db is a file and its folder is yours to write to.",
    "disk is full": "Make room on the disk and run this again: it goes on from where it was.",
    "malformed": "The file is damaged. Restore a backup.",
    "disk I/O error": "Look after the disk first; then, if need be, restore a backup.",
}


class Database:
    """An open database. Share one across threads; take a session for each piece of work."""

    def __init__(self, engine: Engine, journal: Journal, *, busy_seconds: float = BUSY_SECONDS):
        self.engine = engine
        self.journal = journal
        self.busy_seconds = busy_seconds
        weakref.finalize(self, engine.dispose)  # a command ends without saying goodbye
        self._writing = engine.execution_options(outreach_writing=postgresql.ALONE)
        self._beside = engine.execution_options(outreach_writing=postgresql.BESIDE)
        # SQLite's readers see one moment throughout; elsewhere that has to be asked for.
        self._reading = (
            engine
            if engine.dialect.name == "sqlite"
            else engine.execution_options(isolation_level="REPEATABLE READ")
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session to read with: one moment of the database. Changes are thrown away."""
        with _locked_in_words(self.busy_seconds), Session(self._reading) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that holds the write lock; commits at the end, undoes on any error."""
        with self._write(self._writing) as session:
            yield session

    @contextmanager
    def write_beside(self) -> Iterator[Session]:
        """Give a writing session beside which, on PostgreSQL, others of its kind may write.

        For senders only: they lock the rows they go by, and change no row they have not locked.
        Whoever uses `write` waits for them, and they for it. On SQLite it is the same as `write`.
        """
        with self._write(self._beside) as session:
            yield session

    @contextmanager
    def workbench(self) -> Iterator[sa.Connection]:
        """Give a connection of its own, for temporary tables: they end with it.

        Reads on it need an end (`commit`) before a question is asked; write with `writing_on`.
        """
        with _locked_in_words(self.busy_seconds), self.engine.connect() as connection:
            connection.detach()  # closed for good afterwards, and its temporary tables with it
            yield connection

    @contextmanager
    def writing_on(self, workbench: sa.Connection) -> Iterator[None]:
        """Hold the write lock on a workbench; commits at the end, undoes on any error."""
        workbench.execution_options(outreach_writing=postgresql.ALONE)
        try:
            with workbench.begin():
                yield
        finally:
            workbench.execution_options(outreach_writing=None)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _write(self, engine: Engine) -> Iterator[Session]:
        with (
            _locked_in_words(self.busy_seconds),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection()  # takes the lock now, not at the first statement
            yield session
            self._write_down(session)

    def _write_down(self, session: Session) -> None:
        """Put opt-outs on the disk before the commit that confirms them."""
        if entries := journal.take_notes(session):
            restored.own_row(session, self.journal).last_entry = entries[-1].id
            journal.remember(session, entries)  # flushes: what can still fail, fails here
            self.journal.append(entries)


def open_database(
    workspace: Workspace, settings: Settings, keys: Keys, *, busy_seconds: float = BUSY_SECONDS
) -> Database:
    """Open the workspace's database; a writer waits *busy_seconds* for another one.

    Raises `DatabaseError` when there is none, when it is older or newer than this program, was
    made under another secret, is locked, or lies on a network file system.
    """
    if not settings.database_url and not workspace.database_file.exists():
        raise DatabaseError(
            f"There is no database at {workspace.database_file}. If there was one, restore it "
            "first: without it nobody knows who has been emailed. If this workspace is new, make "
            "one with: outreach db upgrade"
        )
    database = _database(workspace, settings, keys, busy_seconds)
    try:
        with _locked_in_words(busy_seconds):
            _refuse_other_versions(database.engine)
            _refuse_other_secrets(database, keys)
    except DatabaseError:
        database.close()
        raise
    return database


def upgrade_database(
    workspace: Workspace, settings: Settings, keys: Keys, *, now: datetime
) -> tuple[str | None, str]:
    """Make or upgrade the database; return the version it had (None: new) and the one it has.

    Commits. Safe to run again. Raises `DatabaseError` for a database newer than this program.
    """
    database = _database(workspace, settings, keys)
    engine = database.engine
    with _locked_in_words():
        if not settings.database_url:
            workspace.database_file.touch(mode=0o600)  # it will hold people's addresses
        before = _version(engine)
        refuse_newer(before)
        alone = engine.execution_options(outreach_writing=postgresql.ALONE)
        with alone.begin() as connection:  # two machines may upgrade at once
            _migrate(connection)
        with database.write() as session:
            identity = session.get(Identity, 1)
            if identity is None:
                name, check = uuid.uuid4().hex, keys.check_value()
                identity = Identity(database_id=name, secret_check=check, made_at=now)
                session.add(identity)
                session.flush()
            identity.lives_at = identity.lives_at or restored.place(session)
        _refuse_other_secrets(database, keys)
    database.close()
    return before, versions()[-1]


def database_version(workspace: Workspace, settings: Settings) -> tuple[str | None, str]:
    """Return the database's version (None: empty or none) and the one this program expects."""
    newest = versions()[-1]
    if not settings.database_url and not workspace.database_file.exists():
        return None, newest
    engine = _engine(workspace, settings)
    try:
        with _locked_in_words():
            return _version(engine), newest
    finally:
        engine.dispose()


def refuse_newer(version: str | None) -> None:
    """Raise `DatabaseError` for a *version* that this program does not know."""
    if version is not None and version not in versions():
        raise DatabaseError(
            f"The database is at version {version}, which a newer Outreach made. "
            "Install that version of Outreach. Nothing was changed."
        )


def back_up(workspace: Workspace, *, label: str) -> Path:
    """Copy the SQLite database to a file beside it, readable by its owner only; return its path.

    Taken through SQLite itself, so the copy is whole even while others write.
    """
    copy = workspace.database_file.with_name(f"outreach-before-{label}.db")
    copy.touch(mode=0o600)
    with (
        closing(sqlite3.connect(workspace.database_file)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    return copy


def _database(
    workspace: Workspace, settings: Settings, keys: Keys, busy_seconds: float = BUSY_SECONDS
) -> Database:
    journal_file = Journal(workspace.journal_file, keys.check_value())
    engine = _engine(workspace, settings, busy_seconds)
    return Database(engine, journal_file, busy_seconds=busy_seconds)


def _engine(workspace: Workspace, settings: Settings, busy_seconds: float = BUSY_SECONDS) -> Engine:
    if settings.database_url:
        return postgresql.open_engine(settings.database_url, busy_seconds=busy_seconds)
    _refuse_network_file_system(workspace.database_file)
    engine = sa.create_engine(
        f"sqlite:///{workspace.database_file}",
        connect_args={"timeout": busy_seconds},
        hide_parameters=True,  # an error must not show whom it was about
    )
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, in _begin_sqlite
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a commit survives a power cut
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten, not only unlinked
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("outreach_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _locked_in_words(busy_seconds: float = BUSY_SECONDS) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if words := _trouble_in_words(error, busy_seconds):
            raise DatabaseError(words) from error
        raise


def _trouble_in_words(error: DBAPIError, busy_seconds: float) -> str | None:
    """Return what *error* means and what to do, or None for a mistake of ours."""
    said = str(error.orig)
    if isinstance(error, OperationalError) and any(words in said for words in LOCKED):
        return (
            f"Another program has held the database for more than {busy_seconds:g} seconds. "
            "Let it finish, or end it, and run this again. Nothing was changed."
        )
    if not isinstance(error.orig, sqlite3.Error):
        return postgresql.trouble_in_words(error)
    for trouble, remedy in FILE_TROUBLES.items():
        if trouble in said:
            return f"The database cannot be used: {said}. {remedy}"
    return None


def _refuse_other_versions(engine: Engine) -> None:
    version, newest = _version(engine), versions()[-1]
    refuse_newer(version)
    if version != newest:
        raise DatabaseError(
            f"The database is at version {version or 'none'}; this program needs "
            f"{newest}. Make a copy of it, then run: outreach db upgrade"
        )


def _refuse_other_secrets(database: Database, keys: Keys) -> None:
    with database.read() as session:
        identity = session.get(Identity, 1)
    if identity is None:
        raise DatabaseError("The database has no identity row. Run: outreach db upgrade")
    if identity.secret_check != keys.check_value():
        raise DatabaseError(
            "The database was made under another secret: with this one nobody in it would be "
            "recognised, and people could be emailed twice. Restore the outreach.secret (or "
            "OUTREACH_SECRET) that belongs to it."
        )


def _version(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            row = connection.execute(sa.text("SELECT version_num FROM alembic_version")).first()
            return str(row[0]) if row else None
    except sa.exc.DatabaseError as error:
        if "not a database" in str(error.orig):
            raise DatabaseError(
                "The database file is damaged or is not a database. Restore it from a backup."
            ) from error
        raise


def versions() -> list[str]:
    """Return every version a database can have, oldest first: the numbers of the migrations."""
    return sorted(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _migrate(connection: sa.Connection) -> None:
    # Imported here: a third of a second that only an upgrade needs, and every command would pay.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_network_file_system(file: Path) -> None:
    """SQLite's locks do not hold on network drives: two senders could both claim a message."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return  # Windows and macOS have no such list; their mapped drives are named in the docs
    folder = str(file.parent.resolve())
    kinds = (line.split(" ")[1:3] for line in mounts.read_text().splitlines())
    holding = [
        (at, kind) for at, kind in kinds if folder == at or folder.startswith(f"{at.rstrip('/')}/")
    ]
    if holding and max(holding, key=lambda mount: len(mount[0]))[1] in NETWORK_FILE_SYSTEMS:
        raise DatabaseError(
            f"{file.parent} is on a network drive, where SQLite cannot keep two programs apart. "
            "Put the workspace on this machine's own disk, or use PostgreSQL."
        )
