"""Two machines on one PostgreSQL: a restore undoes no opt-out that came through the other one."""

import csv
import shutil

import pytest

from tests.databases import ServerPlace
from tests.journeys.conftest import CAMPAIGN, LIST


@pytest.fixture
def machines(made, tmp_path, postgresql_server):
    """Two workspaces over one database, which is backed up and then restored after an opt-out."""
    first = made.copy_to(tmp_path / "first")
    at = ServerPlace(postgresql_server, first.folder)
    first.do("db", "upgrade")
    first.do("recipients", "import", LIST, "--list", "example-bpn", "--yes")
    first.do("approve", CAMPAIGN, "--yes")
    second = made.copy_to(tmp_path / "second")
    shutil.copy(first.folder / ".env", second.folder)
    first.do("suppress", "add", "known@example.com", "--reason", "by telephone")
    at.back_up()
    yield first, second, at
    at.leave()


def refused(machine):
    """Let *machine* send in vain; return what it was told."""
    ended = machine.run("send", CAMPAIGN, "--yes")
    assert (ended.code, machine.taken()) == (1, [])
    return ended.said


def test_the_other_machine_sends_nothing_until_the_first_was_heard(machines):
    first, second, at = machines
    with (second.folder / LIST).open(encoding="utf-8") as file:
        someone = next(csv.DictReader(file))["email address"]
    first.do("suppress", "add", someone, "--reason", "by telephone")
    at.restore()

    said = refused(second)
    looked = second.run("doctor")

    assert "restored from a backup" in said
    assert f"{first.folder}" in said
    assert "outreach db replay" in looked.said
    assert "1 opt-out or erasure" in first.do("db", "replay").out
    assert "The database knows of every opt-out" in first.do("db", "replay").out
    second.do("send", CAMPAIGN, "--yes")
    assert len(second.taken()) == 49
    assert someone not in second.taken()


def test_a_journal_that_is_lost_is_given_up_with_a_reason(machines):
    first, second, at = machines
    at.restore()
    said = refused(second)
    name = said.partition(f"{first.folder} (")[2][:8]

    assert "--reason" in second.refused("db", "replay", "--without", name)
    second.do("db", "replay", "--without", name, "--reason", "its disk broke")

    second.do("send", CAMPAIGN, "--yes")


def test_a_copy_of_the_journal_is_as_good_as_the_machine(machines):
    first, second, at = machines
    at.restore()
    refused(second)
    copy = shutil.copy(first.folder / "opt-outs.journal", second.folder / "first.journal")

    second.do("db", "replay", "--journal", copy)

    second.do("send", CAMPAIGN, "--yes")


def test_somebody_can_say_that_the_database_was_restored(machines):
    first, second, _ = machines

    ended = second.run("db", "replay", "--restored")

    assert "Awaited: " in ended.err
    assert str(first.folder) in ended.err
