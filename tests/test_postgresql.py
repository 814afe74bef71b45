"""PostgreSQL instead of SQLite: the same tables, and its troubles in words."""

import sys
import time
import tomllib
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlmodel import SQLModel

from postroom.database import database_version, open_database, upgrade_database
from postroom.errors import DatabaseError, SettingsError
from postroom.settings import Settings, read_settings
from postroom.tables import JournalEntry
from postroom.workspace import Workspace
from tests.databases import database, database_place, keys, now

__all__ = ["database", "database_place", "keys", "now"]

ROOT = Path(__file__).parents[1]


def open_at(url, tmp_path, keys):
    return open_database(Workspace(tmp_path), Settings(database_url=SecretStr(url)), keys)


def test_the_migrations_make_the_very_tables_the_code_works_with(database):
    with database.engine.connect() as connection:
        # Our Enum and JSON types are plain text and JSONB there, so types are not compared.
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_every_column_has_the_type_the_code_works_with(database):
    there = sa.MetaData()
    there.reflect(database.engine)
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            found = there.tables[table.name].c[column.name]
            dialect = database.engine.dialect
            assert found.type.compile(dialect) == column.type.compile(dialect), column


def test_a_missing_driver_is_named_in_the_version_that_is_tested(tmp_path, keys, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as where it is not installed
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    with pytest.raises(DatabaseError) as refused:
        open_at("postgresql://db.example.com/outreach", tmp_path, keys)

    assert f"pip install '{project['optional-dependencies']['postgres'][0]}'" in str(refused.value)


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(database, tmp_path, keys, now):
    workspace = Workspace(tmp_path)

    before, after = upgrade_database(workspace, read_settings(workspace), keys, now=now)

    assert before == after


def test_the_address_of_the_database_is_not_taken_from_a_file_kept_in_git(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.settings_file.write_text('database_url = "postgresql://a:b@localhost/c"\n')

    with pytest.raises(SettingsError, match=r"Move it to \.env as OUTREACH_DATABASE_URL"):
        read_settings(workspace)


def test_the_password_of_the_database_shows_nowhere(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.settings_file.write_text("")
    (tmp_path / ".env").write_text("OUTREACH_DATABASE_URL=postgresql://a:opensesame@localhost/c\n")

    assert "opensesame" not in repr(read_settings(workspace))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://localhost/outreach", "must begin with postgresql://"),
        ("opensesame", "not a database address"),
        ("postgresql://a:opensesame@127.0.0.1:1/outreach", "does not answer"),
    ],
    ids=["another kind", "no address", "nobody there"],
)
def test_a_database_address_that_cannot_work_is_said_without_its_password(
    url, said, tmp_path, keys
):
    with pytest.raises(DatabaseError, match=said) as caught:
        open_at(url, tmp_path, keys)

    assert "opensesame" not in str(caught.value)
    assert "opensesame" not in repr(caught.value.__cause__)


def test_a_server_without_that_database_is_said_to_have_none(postgresql_server, tmp_path, keys):
    url = postgresql_server.url("nowhere")

    with pytest.raises(DatabaseError, match="no account or no database of that name"):
        open_at(url, tmp_path, keys)
    with pytest.raises(DatabaseError, match="no account or no database of that name"):
        database_version(Workspace(tmp_path), Settings(database_url=SecretStr(url)))


class OnServer:
    """A database on the server, and a way round our own code to make trouble in it."""

    def __init__(self, server, folder, keys, now):
        self.server, self.keys, self.now = server, keys, now
        self.name = f"trouble_{uuid.uuid4().hex}"
        self.workspace = Workspace(folder)
        server.copy(self.name)
        upgrade_database(self.workspace, self.settings(), keys, now=now)

    def settings(self, role=None):
        url = sa.make_url(self.server.url(self.name))
        url = url.set(username=role) if role else url
        return Settings(database_url=SecretStr(url.render_as_string(hide_password=False)))

    def open(self, role=None):
        return open_database(self.workspace, self.settings(role), self.keys)

    def set(self, what):
        self.server.do(f"ALTER DATABASE {self.name} SET {what}")
        self.server.throw_out(self.name)

    def do(self, database, *statements, pause=0):
        with database.write() as session:
            for statement in statements:
                session.connection().exec_driver_sql(statement)
                time.sleep(pause)

    def write(self, database, said="1"):
        with database.write() as session:
            session.add(JournalEntry(id=said, at=self.now))


@pytest.fixture
def on_server(postgresql_server, tmp_path, keys, now):
    on_server = OnServer(postgresql_server, tmp_path, keys, now)
    yield on_server
    postgresql_server.drop(on_server.name)


@pytest.fixture
def stranger(postgresql_server, on_server):
    """An account that may use the database and owns nothing in it."""
    role = f"stranger_{uuid.uuid4().hex}"
    postgresql_server.do(f"CREATE ROLE {role} LOGIN")
    postgresql_server.do(f"GRANT ALL ON DATABASE {on_server.name} TO {role}")
    yield role
    postgresql_server.do(f"REVOKE ALL ON DATABASE {on_server.name} FROM {role}")
    postgresql_server.do(f"DROP ROLE {role}")


def test_a_server_that_went_read_only_is_said_to_be_and_written_to_once_it_is_not(on_server):
    database = on_server.open()
    on_server.set("default_transaction_read_only = on")

    with pytest.raises(DatabaseError, match="takes no changes at present"):
        on_server.write(database)

    # The connection itself goes on for as long as it is kept: another may lead elsewhere.
    on_server.server.do(f"ALTER DATABASE {on_server.name} RESET default_transaction_read_only")
    on_server.write(database)
    database.close()


def test_a_writer_that_stood_idle_too_long_is_told_so(on_server):
    database = on_server.open()

    with pytest.raises(DatabaseError, match="stood idle"):
        on_server.do(
            database, "SET idle_in_transaction_session_timeout = '20ms'", "SELECT 1", pause=0.5
        )
    on_server.write(database)
    database.close()


def test_a_statement_that_the_server_broke_off_is_told_so(on_server):
    database = on_server.open()

    with pytest.raises(DatabaseError, match="statement_timeout"):
        on_server.do(database, "SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(5)")
    database.close()


def test_an_account_that_may_not_use_the_tables_is_told_what_it_needs(on_server, stranger):
    with pytest.raises(DatabaseError, match="own the database and every table"):
        on_server.open(stranger)
    settings = on_server.settings(stranger)
    with pytest.raises(DatabaseError, match="own the database and every table"):
        upgrade_database(on_server.workspace, settings, on_server.keys, now=on_server.now)
    with pytest.raises(DatabaseError, match="own the database and every table"):
        database_version(on_server.workspace, settings)


def test_an_account_that_may_make_no_tables_is_told_what_it_needs(on_server, stranger):
    on_server.server.drop(on_server.name)
    on_server.server.do(f"CREATE DATABASE {on_server.name}")
    settings = on_server.settings(stranger)

    with pytest.raises(DatabaseError, match="own the database"):
        upgrade_database(on_server.workspace, settings, on_server.keys, now=on_server.now)


def test_a_trouble_of_the_server_that_nobody_foresaw_is_named_by_its_code_alone(on_server):
    database = on_server.open()

    trouble = "DO $$ BEGIN RAISE 'about a@b.example.com' USING ERRCODE = 'io_error'; END $$"
    with pytest.raises(DatabaseError, match="its code: 58030") as caught:
        on_server.do(database, trouble)
    database.close()

    assert "@" not in str(caught.value)


def test_a_mistake_of_ours_stays_a_mistake_of_ours(on_server):
    database = on_server.open()
    on_server.write(database, "1")

    with pytest.raises(sa.exc.IntegrityError):
        on_server.write(database, "1")
    with pytest.raises(sa.exc.ProgrammingError):
        on_server.do(database, "SELECT no_column FROM identity")
    database.close()
