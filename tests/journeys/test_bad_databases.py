"""Databases that cannot be used, secrets that do not fit, folders that are no workspace."""

import sqlite3
from contextlib import closing

from postroom.database import BUSY_SECONDS
from tests.journeys.conftest import CAMPAIGN


def test_a_lost_database_is_not_silently_begun_again(office):
    (office.folder / "outreach.db").unlink()

    said = office.refused("status")

    assert "no database" in said
    assert "restore it" in said
    assert "outreach db upgrade" in said
    assert not (office.folder / "outreach.db").exists()


def test_a_database_of_a_newer_version_is_left_alone(office):
    with closing(sqlite3.connect(office.folder / "outreach.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    for words in (("status",), ("db", "upgrade")):
        said = office.refused(*words)
        assert "9999" in said
        assert "newer Outreach" in said
    assert list(office.folder.glob("outreach-before-*")) == []


def test_a_database_without_its_secret_is_not_copied_either(office):
    with closing(sqlite3.connect(office.folder / "outreach.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    (office.folder / "outreach.secret").unlink()

    assert "There is no secret" in office.refused("db", "upgrade")
    assert list(office.folder.glob("outreach-before-*")) == []


def test_a_file_that_is_not_a_database_is_said_to_be_none(office):
    (office.folder / "outreach.db").write_text("email address\n" * 1_000, encoding="ascii")

    for words in (("status",), ("db", "upgrade"), ("send", CAMPAIGN, "--yes")):
        ended = office.run(*words)
        assert ended.code == 1
        assert "not a database" in ended.err
        assert "backup" in ended.err


def test_a_database_that_another_program_holds_is_waited_for_and_then_named(office):
    holder = sqlite3.connect(office.folder / "outreach.db", isolation_level=None)
    with closing(holder):
        holder.execute("BEGIN IMMEDIATE")
        before = list(holder.iterdump())

        ended = office.run("suppress", "add", "a@example.com", "--reason", "asked")

        assert ended.code == 1
        assert f"more than {BUSY_SECONDS} seconds" in ended.err
        assert "Nothing was changed" in ended.err
        assert "@" not in ended.err
        assert list(holder.iterdump()) == before


def test_another_secret_is_refused_and_so_is_none(office):
    secret = office.folder / "outreach.secret"
    said = office.refused("send", CAMPAIGN, "--yes", OUTREACH_SECRET=f"1:{'ab' * 32}")
    assert "made under another secret" in said

    secret.write_text("gibberish", encoding="ascii")
    said = office.refused("status")
    assert "outreach.secret" in said
    assert "gibberish" not in said

    secret.unlink()
    said = office.refused("status")
    assert "There is no secret" in said
    said = office.refused("init", ".")
    assert "Restore the secret" in said


def test_a_folder_that_is_no_workspace_is_named_with_the_way_to_make_it_one(tmp_path, made):
    outside = made.copy_to(tmp_path / "office")
    outside.folder = tmp_path

    assert "outreach init" in outside.refused("status")
    said = outside.refused("--workspace", "elsewhere", "status")
    assert "elsewhere is not a workspace" in said


def test_init_makes_no_workspace_of_a_file_or_where_it_may_not_write(tmp_path, made):
    person = made.copy_to(tmp_path / "office")
    person.write("notes", "mine")
    said = person.refused("init", "notes")
    assert "notes is a file" in said
    assert (person.folder / "notes").read_text() == "mine"

    said = person.refused("init", "notes/office")
    assert "notes/office: Not a directory" in said


def test_a_folder_in_the_place_of_the_database_is_no_traceback(office):
    (office.folder / "outreach.db").unlink()
    (office.folder / "outreach.db").mkdir()

    ended = office.run("status")

    assert ended.code == 1
    assert "outreach.db" in ended.err


def test_init_over_a_workspace_changes_nothing_of_the_persons_own(office):
    office.edit("outreach.toml", "# mode", "# my mode")
    office.write("templates/email/base.md", "mine")
    (office.folder / "campaigns" / "niot-invite.toml").unlink()
    secret = (office.folder / "outreach.secret").read_bytes()
    before = office.state()

    office.do("init", ".")

    assert "# my mode" in (office.folder / "outreach.toml").read_text()
    assert (office.folder / "templates" / "email" / "base.md").read_text() == "mine"
    assert (office.folder / "outreach.secret").read_bytes() == secret
    assert office.state() == before
    assert (office.folder / "campaigns" / "niot-invite.toml").exists()
