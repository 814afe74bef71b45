"""Two machines on one PostgreSQL: after a restore neither sends before both journals were heard."""

import shutil

import pytest
import sqlalchemy as sa
from sqlmodel import select

from postroom import restored
from postroom.database import upgrade_database
from postroom.errors import DatabaseError
from postroom.journal import Journal
from postroom.research import replaying
from postroom.settings import read_settings
from postroom.tables import Event, KnownJournal
from postroom.workspace import Workspace
from tests.databases import ServerPlace, keys, now
from tests.research.test_journal import ADA, BEN, Office

__all__ = ["keys", "now"]

CY = b"c" * 16


@pytest.fixture
def machines(tmp_path, postgresql_server, keys, now):
    """Two machines that have both taken part."""
    folders = [tmp_path / "web", tmp_path / "desk"]
    for folder in folders:
        folder.mkdir()
        (folder / "outreach.toml").write_text("", encoding="ascii")
    place = ServerPlace(postgresql_server, folders[0])
    shutil.copy(folders[0] / ".env", folders[1])
    first = Workspace(folders[0])
    upgrade_database(first, read_settings(first), keys, now=now)
    machines = [Office(Workspace(folder), keys, place, now) for folder in folders]
    for machine in machines:
        machine.replay()
    yield machines
    for machine in machines:
        machine.database.close()
    place.leave()


def back_up(machines):
    machines[1].database.close()
    machines[0].back_up()


def restore(machines):
    """Put the database back, and open it anew on both."""
    machines[1].database.close()
    machines[0].restore()
    machines[1].database = machines[1].opened()


def unnoticed(machines):
    """Let the database believe that it always lay here: as a server's files put back do."""
    with machines[0].database.write() as session:
        session.execute(sa.text("UPDATE identity SET lives_at = ''"))


def awaited(machine):
    with machine.database.read() as session:
        return {known.place.rpartition("/")[2] for known in restored.unheard(session)}


def test_nothing_is_sent_after_a_restore_before_the_other_machine_was_heard(machines):
    web, desk = machines
    back_up(machines)
    web.suppress(ADA)
    restore(machines)

    with pytest.raises(DatabaseError, match="Nothing is sent until") as caught:
        desk.replay()

    assert f"Awaited: {web.database.journal.place}" in str(caught.value)
    assert web.replay() == 1
    desk.replay()
    assert desk.held() == {ADA}


def test_both_may_have_lost_something_and_neither_is_asked_twice(machines):
    web, desk = machines
    back_up(machines)
    web.suppress(ADA)
    desk.suppress(BEN)
    restore(machines)

    with pytest.raises(DatabaseError):
        desk.replay()
    web.replay()
    desk.replay()

    assert web.held() == {ADA, BEN}
    assert awaited(web) == set()


def test_a_journal_that_is_ahead_tells_of_a_restore_that_nothing_else_shows(machines):
    web, desk = machines
    back_up(machines)
    desk.suppress(BEN)
    web.suppress(ADA)
    restore(machines)
    unnoticed(machines)

    with pytest.raises(DatabaseError, match="Awaited"):
        desk.replay()
    web.replay()
    desk.replay()

    assert desk.held() == {ADA, BEN}


def test_a_restore_that_nothing_shows_can_be_said(machines, now):
    web, desk = machines
    with desk.database.write() as session:
        restored.await_all(session, why="said", who="us", now=now)

    with pytest.raises(DatabaseError, match="Awaited"):
        desk.replay()
    web.replay()
    desk.replay()


def test_what_was_never_restored_awaits_nobody(machines):
    web, desk = machines
    web.suppress(ADA)
    desk.lift(ADA)
    desk.suppress(BEN)

    assert (desk.replay(), web.replay()) == (0, 0)


def test_a_copy_of_a_journal_stands_for_a_machine_that_is_gone(machines, tmp_path, keys):
    web, desk = machines
    back_up(machines)
    web.suppress(ADA)
    restore(machines)
    copy = shutil.copy(web.file, tmp_path / "web.journal")
    with pytest.raises(DatabaseError):
        desk.replay()

    replaying.replay_copy(desk.database, Journal(copy, keys.check_value()), now=desk.now)

    desk.replay()
    assert desk.held() == {ADA}


def test_a_copy_that_is_older_than_the_backup_stands_for_nobody(machines, tmp_path, keys):
    web, desk = machines
    copy = shutil.copy(web.file, tmp_path / "web.journal")
    web.suppress(CY)
    back_up(machines)
    web.suppress(ADA)
    restore(machines)
    with pytest.raises(DatabaseError):
        desk.replay()

    replaying.replay_copy(desk.database, Journal(copy, keys.check_value()), now=desk.now)

    assert awaited(desk) == {"web"}


def test_a_copied_workspace_gets_a_journal_of_its_own(machines):
    web, desk = machines
    shutil.copy(web.file, desk.file)
    web.suppress(ADA)

    desk.suppress(BEN)
    web.suppress(CY)

    assert desk.database.journal.id() != web.database.journal.id()
    assert len(desk.database.journal.read().entries) == 1


def test_a_lost_journal_is_given_up_by_a_person_and_that_is_on_record(machines, now):
    web, desk = machines
    lost = web.database.journal.id()
    back_up(machines)
    restore(machines)
    with pytest.raises(DatabaseError):
        desk.replay()

    with desk.database.write() as session:
        assert not restored.give_up(session, "nobody's", why="gone", who="us", now=now)
        assert restored.give_up(session, lost[:8], why="gone", who="us", now=now)

    desk.replay()
    with desk.database.read() as session:
        assert session.get(KnownJournal, lost) is None
        event = session.exec(select(Event).where(Event.act == "gave up")).one()
        assert (event.who, event.why) == ("us", "gone")


def test_a_machine_is_known_from_its_first_opt_out_on(machines, tmp_path, keys, now):
    third = tmp_path / "third"
    third.mkdir()
    (third / "outreach.toml").write_text("", encoding="ascii")
    shutil.copy(machines[0].workspace.env_file, third)
    office = Office(Workspace(third), keys, None, now)
    office.suppress(CY)
    office.database.close()
    back_up(machines)
    restore(machines)

    with pytest.raises(DatabaseError):
        machines[0].replay()

    assert awaited(machines[0]) == {"desk", "third"}
