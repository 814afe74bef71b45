"""The journal of opt-outs: nobody who opted out is forgotten with the database."""

import stat
from datetime import timedelta

import pytest
from sqlmodel import select

from postroom.audience import suppression
from postroom.database import open_database
from postroom.errors import DatabaseError
from postroom.journal import Act, Entry, Journal
from postroom.keys import Keys, new_secret
from postroom.research import people, replaying
from postroom.research.people import Someone
from postroom.settings import read_settings
from postroom.tables import Event, Recipient, Scope
from postroom.workspace import Workspace
from tests.databases import TODAY

SCOPE = Scope.ANNOUNCEMENTS_AND_RESEARCH
ADA, BEN = b"a" * 16, b"b" * 16


class Office:
    """A workspace whose database can be put back to what it was."""

    def __init__(self, workspace, keys, place, now):
        self.workspace, self.keys, self.place, self.now = workspace, keys, place, now
        self.database = self.opened()

    def suppress(self, key, scope=SCOPE, until=None):
        told = {"reason": "asked", "who": "themselves", "now": self.now, "until": until}
        with self.database.write() as session:
            suppression.add(session, key, scope=scope, **told)

    def lift(self, key):
        with self.database.write() as session:
            suppression.lift(session, key, reason="asked", who="themselves", now=self.now)

    def be_interrupted(self, key, *, once_written_down):
        """Begin to suppress; be killed before the commit."""
        with self.database.write() as session:
            suppression.add(
                session, key, scope=SCOPE, reason="asked", who="themselves", now=self.now
            )
            if once_written_down:
                self.database.journal.append(session.info["opt-outs"])
            raise KeyboardInterrupt

    def held(self):
        with self.database.read() as session:
            return {row.address_key for row in suppression.listing(session, today=TODAY)}

    def back_up(self):
        self.database.close()
        self.place.back_up()
        self.database = self.opened()

    def restore(self):
        self.database.close()
        self.place.restore()
        self.database = self.opened()

    def replay(self):
        return replaying.replay(self.database, now=self.now)

    @property
    def file(self):
        return self.workspace.journal_file

    def opened(self):
        return open_database(self.workspace, read_settings(self.workspace), self.keys)


@pytest.fixture
def office(tmp_path, database, keys, database_place, now):
    database.close()
    office = Office(Workspace(tmp_path), keys, database_place, now)
    yield office
    office.database.close()


def test_a_restored_database_learns_from_the_journal_who_opted_out_since(office):
    office.back_up()
    office.suppress(ADA)
    office.restore()
    assert office.held() == set()

    assert office.replay() == 1

    assert office.held() == {ADA}


def test_a_replay_done_twice_changes_nothing_more(office):
    office.back_up()
    office.suppress(ADA)
    office.restore()
    office.replay()
    before = office.file.read_bytes()

    assert office.replay() == 0

    assert office.file.read_bytes() == before


def test_a_database_that_lost_nothing_has_nothing_to_do_again(office):
    office.suppress(ADA)
    office.lift(ADA)

    assert office.replay() == 0
    assert office.held() == set()


def test_the_order_is_kept_of_opting_out_and_coming_back(office):
    office.back_up()
    office.suppress(ADA)
    office.lift(ADA)
    office.lift(BEN)
    office.suppress(BEN)
    office.restore()

    office.replay()

    assert office.held() == {BEN}


def test_an_old_lift_does_not_end_an_opt_out_that_came_after_it(office):
    office.suppress(ADA)
    office.back_up()
    office.lift(ADA)
    office.restore()
    with office.database.write() as session:
        suppression.lift(session, ADA, reason="asked", who="themselves", now=office.now)
    office.now = office.now.replace(hour=20)
    office.suppress(ADA)

    office.replay()

    assert office.held() == {ADA}


def test_an_entry_whose_commit_never_came_is_done_at_the_next_replay(office):
    with pytest.raises(KeyboardInterrupt):
        office.be_interrupted(ADA, once_written_down=True)
    assert office.held() == set()

    assert office.replay() == 1
    assert office.replay() == 0

    assert office.held() == {ADA}


def test_what_is_undone_before_it_is_confirmed_is_not_written_down(office):
    with pytest.raises(KeyboardInterrupt):
        office.be_interrupted(ADA, once_written_down=False)

    assert not office.file.exists()


def test_a_line_cut_short_is_said_and_the_others_count(office):
    office.back_up()
    office.suppress(ADA)
    with office.file.open("ab") as file:
        file.write(b'{"id": "12", "at": "2026-0')
    office.suppress(BEN)
    office.restore()

    reading = office.database.journal.read()
    office.replay()

    assert reading.unreadable == (3,)
    assert office.held() == {ADA, BEN}


def test_who_was_erased_is_erased_from_a_restored_database_too(office):
    with office.database.write() as session:
        session.add(Recipient(address="ada@example.com", address_key=ADA))
    office.back_up()
    with office.database.write() as session:
        people.erase(session, Someone("", ADA), why="asked", who="us", now=office.now)
    office.restore()

    office.replay()

    with office.database.read() as session:
        assert session.exec(select(Recipient)).all() == []
        assert suppression.suppressed(session, [ADA], "service", today=TODAY)


def test_a_pause_that_a_restore_lost_still_ends_on_its_day(office):
    office.back_up()
    office.suppress(ADA, Scope.RESEARCH, until=TODAY + timedelta(days=30))
    office.restore()

    office.replay()

    with office.database.read() as session:
        [hold] = suppression.listing(session, today=TODAY)
    assert hold.until == TODAY + timedelta(days=30)


def test_a_replay_is_on_record(office):
    office.back_up()
    office.suppress(ADA)
    office.restore()

    office.replay()

    with office.database.read() as session:
        (event,) = session.exec(select(Event).where(Event.act == "replayed"))
        assert event.details == {"entries": 1}


def test_the_file_is_its_owners_only_and_names_nobody(office):
    key = office.keys.address_key("ada@example.com")

    office.suppress(key)

    assert stat.S_IMODE(office.file.stat().st_mode) == 0o600
    assert b"@" not in office.file.read_bytes()
    assert b"asked" not in office.file.read_bytes()


def test_an_opt_out_that_cannot_be_written_down_is_not_confirmed(office):
    office.file.mkdir()

    with pytest.raises(DatabaseError, match="not recorded"):
        office.suppress(ADA)

    assert office.held() == set()


def test_an_opt_out_of_which_only_a_part_fits_on_the_disk_is_not_confirmed(office):
    resource = pytest.importorskip("resource")  # Windows has none
    office.suppress(ADA)
    [entry] = office.database.journal.read().entries
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (office.file.stat().st_size + 20, before[1]))

    try:
        with pytest.raises(DatabaseError, match="cannot be written"):
            office.database.journal.append([entry])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert office.database.journal.read().unreadable == (3,)


@pytest.mark.parametrize("room", [0, 10, 60])
def test_a_journal_that_began_on_a_full_disk_still_says_whose_it_is(office, room):
    resource = pytest.importorskip("resource")  # Windows has none
    journal = Journal(office.workspace.root / "begun.journal", office.keys.check_value())
    entry = Entry("1", office.now, Act.SUPPRESS, ADA, ("everything",))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(DatabaseError, match="cannot be written"):
            journal.begin("one")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert journal.id() == ""

    journal.begin("two")
    journal.append([entry])

    assert journal.id() == "two"
    assert journal.read().entries == (entry,)
    with pytest.raises(DatabaseError, match="another secret"):
        Journal(journal.path, Keys.read(new_secret()).check_value()).read()


def test_a_journal_of_another_secret_is_refused(office):
    office.suppress(ADA)
    lines = office.file.read_text().splitlines()
    other = Keys.read(new_secret()).check_value().hex()
    office.file.write_text("\n".join([f'{{"secret_check": "{other}"}}', *lines[1:], ""]))

    with pytest.raises(DatabaseError, match="another secret"):
        office.replay()
