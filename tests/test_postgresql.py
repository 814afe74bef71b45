"""PostgreSQL instead of SQLite: the same tables, and its troubles in words."""

import sys
import tomllib
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
