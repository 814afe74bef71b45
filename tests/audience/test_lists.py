"""Lists: what an import shows, that it is all or nothing, and that doing it again is safe."""

import time
import tracemalloc

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from postroom.audience import importing, lists, suppression
from postroom.audience.addresses import normalise
from postroom.errors import AudienceError, DatabaseError, NotPermitted
from postroom.tables import Event, Membership, Recipient, RecipientList, Scope
from tests.databases import TODAY

HEADINGS = "email address,school,urn,region\n"
OAK = "office@oak.example.com,Oak Primary,900001,London\n"
ELM = "office@elm.example.com,Elm Primary,900002,North West\n"


class Desk:
    """Reads and applies lists in one database, as the command does."""

    def __init__(self, database, keys, file, now):
        self.database, self.keys, self.file, self.now = database, keys, file, now

    def read(self, text, list_name="bpn"):
        self.file.write_text(text, encoding="utf-8")
        return self.reading(list_name)

    def reading(self, list_name="bpn"):
        return importing.read_import(
            self.database,
            self.keys,
            self.file,
            list_name=list_name,
            progress=lambda *_: None,
            today=TODAY,
        )

    def bring_in(self, text, list_name="bpn", **choices):
        choices = {"terms": lists.Terms(), "leave_out_bad": False, "replace": False} | choices
        with self.read(text, list_name) as found:
            return importing.apply(self.database, found, who="ana", now=self.now, **choices)

    def people(self, list_name="bpn"):
        with self.database.read() as session:
            rows = session.exec(
                select(Recipient.address, Membership.fields)
                .join(Membership)
                .join(RecipientList)
                .where(RecipientList.name == list_name)
            )
            return {address: fields["region"] for address, fields in rows}


@pytest.fixture
def desk(database, keys, tmp_path, now):
    return Desk(database, keys, tmp_path / "bpn.csv", now)


def test_reading_shows_what_was_understood_and_writes_nothing(desk):
    with desk.read(HEADINGS + OAK + ELM) as found:
        assert found.columns.names == ("region", "school", "urn")
        assert [(n, c.address) for n, c in found.first_rows] == [
            (2, "office@oak.example.com"),
            (3, "office@elm.example.com"),
        ]
        assert found.counts.new == 2

    assert desk.people() == {}
    with desk.database.read() as session:
        assert session.exec(select(Event)).all() == []


def test_an_import_puts_everybody_on_the_list_and_says_on_whose_terms(desk):
    terms = lists.Terms(owner="Ana", source="Register", lawful_basis="public task")

    desk.bring_in(HEADINGS + OAK + ELM, terms=terms)

    assert desk.people() == {
        "office@oak.example.com": "London",
        "office@elm.example.com": "North West",
    }
    with desk.database.read() as session:
        [summary] = lists.summaries(session)
        [event] = session.exec(select(Event))
    assert (summary.people, summary.schools, summary.terms.owner) == (2, 2, "Ana")
    assert (event.act, event.target, event.details["new"]) == ("imported", "bpn", 2)
    assert "example.com" not in str(event.details)


def test_importing_again_changes_what_changed_and_repeats_nothing(desk):
    desk.bring_in(HEADINGS + OAK + ELM, terms=lists.Terms(owner="Ana"))

    counts = desk.bring_in(HEADINGS + ELM.replace("North West", "North East") + OAK)

    assert (counts.new, counts.changed, counts.unchanged) == (0, 1, 1)
    assert desk.people()["office@elm.example.com"] == "North East"
    with desk.database.read() as session:
        assert len(session.exec(select(Recipient)).all()) == 2
        assert session.exec(select(RecipientList)).one().owner == "Ana"


def test_the_same_list_with_its_columns_in_another_order_is_unchanged(desk):
    desk.bring_in(HEADINGS + OAK)

    counts = desk.bring_in(
        "region,urn,school,E-mail address\nLondon,900001,Oak Primary,office@oak.example.com\n"
    )

    assert (counts.changed, counts.unchanged) == (0, 1)


def test_people_who_are_not_in_the_file_stay_unless_the_list_is_to_be_replaced(desk):
    desk.bring_in(HEADINGS + OAK + ELM)

    assert desk.bring_in(HEADINGS + OAK).elsewhere == 1
    assert len(desk.people()) == 2
    desk.bring_in(HEADINGS + OAK, replace=True)

    assert desk.people() == {"office@oak.example.com": "London"}


def test_one_person_on_two_lists_is_one_recipient(desk):
    desk.bring_in(HEADINGS + OAK)

    desk.bring_in(HEADINGS + OAK.replace("office", "OFFICE"), "niot")

    with desk.database.read() as session:
        assert session.exec(select(Recipient)).one().address == "office@oak.example.com"
        assert len(session.exec(select(Membership)).all()) == 2


def test_every_bad_row_is_reported_at_once_and_nothing_is_written(desk):
    text = HEADINGS + "nobody,X,,\n" + OAK + ",Y,,\noffice@ash.example.com,Ash,1,Leeds,extra\n"

    with desk.read(text) as found:
        assert [(row.number, row.value) for row in found.bad] == [
            (2, "nobody"),
            (4, ""),
            (5, "office@ash.example.com"),
        ]
        assert all(row.why and row.remedy for row in found.bad)
    with pytest.raises(NotPermitted, match="No row of"):
        desk.bring_in(HEADINGS + "nobody,X,,\n", leave_out_bad=True)
    with pytest.raises(NotPermitted, match="that need mending: 3"):
        desk.bring_in(text)
    assert desk.people() == {}


@pytest.mark.parametrize("rows", ["", "\n \n", ",,,\n"])
def test_headings_with_nobody_below_them_are_no_list(desk, rows):
    with pytest.raises(AudienceError, match=r"below its headings in row 1 there is no row\. Put"):
        desk.bring_in(HEADINGS + rows)

    with desk.database.read() as session:
        assert lists.summaries(session) == []


def test_bad_rows_are_left_out_when_somebody_chooses_so(desk):
    desk.bring_in(HEADINGS + "nobody,X,,\n" + OAK, leave_out_bad=True)

    assert list(desk.people()) == ["office@oak.example.com"]
    with desk.database.read() as session:
        assert session.exec(select(Event)).one().details["left_out"] == 1


def test_a_row_that_is_repeated_word_for_word_is_one_person(desk):
    with desk.read(HEADINGS + OAK + ELM + OAK.replace("office", "Office")) as found:
        assert [repeat.rows for repeat in found.repeats.first] == [(2, 4)]
        assert (found.repeats.rows, len(found.bad), found.counts.new) == (1, 0, 2)


def test_one_address_with_two_stories_is_a_problem_in_both_rows(desk):
    with desk.read(HEADINGS + OAK + ELM + OAK.replace("London", "Leeds")) as found:
        first, other = found.bad
        assert (first.number, other.number) == (2, 4)
        assert first.value == "office@oak.example.com"
        assert "row 4, with another region" in first.why
        assert found.counts.new == 1


def test_one_address_with_thousands_of_stories_is_told_in_few_words_a_row(desk):
    text = "email,mentors\n" + "".join(f"a@example.com,{n}\n" for n in range(3_000))
    began = time.process_time()

    with desk.read(text) as found:
        rows = list(found.bad)

    assert [row.number for row in rows] == list(range(2, 3_002))
    assert rows[0].why == "The address is also in rows 3, 4, 5 and 2,996 more, with other mentors."
    assert "rows 2, 3, 4 and" in rows[-1].why
    assert time.process_time() - began < 10


def test_many_columns_that_differ_are_not_all_named(desk):
    headings = ",".join(["email", *(f"c{n:02}" for n in range(30))])
    stories = ("a@example.com" + f",{said}" * 30 for said in ("x", "y"))

    with desk.read("\n".join([headings, *stories])) as found:
        (first, _) = found.bad

    assert first.why.endswith("with another c00, c01, c02, c03, c04 and 25 more.")


def test_the_suppressed_are_counted_and_stay_suppressed(desk):
    address_key = desk.keys.address_key(normalise("office@oak.example.com"))
    with desk.database.write() as session:
        suppression.add(
            session,
            address_key,
            scope=Scope.ANNOUNCEMENTS_AND_RESEARCH,
            reason="Asked by telephone",
            who="ana",
            now=desk.now,
        )

    counts = desk.bring_in(HEADINGS + OAK + ELM)

    assert (counts.new, counts.suppressed) == (2, 1)
    with desk.database.read() as session:
        assert suppression.suppressed(session, [address_key], "announcement", today=TODAY)


def hold(desk, address, scope):
    with desk.database.write() as session:
        suppression.add(
            session,
            desk.keys.address_key(address),
            scope=scope,
            reason="Asked",
            who="ana",
            now=desk.now,
        )


def test_who_asked_for_no_research_only_is_not_counted_as_left_out(desk):
    hold(desk, "office@oak.example.com", Scope.RESEARCH)
    hold(desk, "office@elm.example.com", Scope.EVERYTHING)

    counts = desk.bring_in(HEADINGS + OAK + ELM)

    assert (counts.suppressed, counts.no_research) == (1, 1)


def test_whose_details_were_deleted_is_not_stored_again_and_the_importer_is_told(desk):
    hold(desk, "office@oak.example.com", Scope.ERASED)

    with desk.read(HEADINGS + OAK + ELM) as found:
        assert (found.erased.number, found.erased.rows) == (1, (2,))
        assert found.counts.new == 1
    desk.bring_in(HEADINGS + OAK + ELM)

    assert list(desk.people()) == ["office@elm.example.com"]
    with desk.database.read() as session:
        assert len(session.exec(select(Recipient)).all()) == 1


def test_whoever_is_erased_while_the_importer_thinks_is_not_stored_either(desk):
    with desk.read(HEADINGS + OAK + ELM) as found:
        hold(desk, "office@oak.example.com", Scope.ERASED)
        choices = {"terms": lists.Terms(), "leave_out_bad": False, "replace": False}
        importing.apply(desk.database, found, who="ana", now=desk.now, **choices)

    assert list(desk.people()) == ["office@elm.example.com"]


def test_a_failure_while_writing_leaves_everything_as_it_was(desk):
    desk.bring_in(HEADINGS + OAK)
    with desk.database.write() as session:
        session.connection().exec_driver_sql("DROP TABLE events")  # what is written last

    with pytest.raises((DBAPIError, DatabaseError), match=r"events|table is missing"):
        desk.bring_in(HEADINGS + OAK.replace("London", "Leeds") + ELM)

    assert desk.people() == {"office@oak.example.com": "London"}


def test_however_many_rows_are_bad_each_is_told_and_the_others_can_be_imported(desk):
    text = HEADINGS + OAK + "Oak Primary,,,\n" * 10_100

    with desk.read(text) as found:
        assert len(found.bad) == 10_100
        assert [row.number for row in found.bad][-1] == 10_102
        _, rows = importing.to_mend(found)
        assert sum(1 for _ in rows) == 10_100

    assert desk.bring_in(text, leave_out_bad=True).new == 1


def test_memory_does_not_grow_with_rows_that_are_bad_or_said_again(desk):
    few, many = most_memory(desk, 1_500), most_memory(desk, 12_000)

    assert many < few + 1_000_000


def most_memory(desk, number):
    """Return the most bytes that reading *number* rows takes: bad, repeated, contradictory."""
    lines = ("nobody,X,,\n", OAK, ELM.replace("\n", "{}\n"))
    text = HEADINGS + "".join(lines[n % 3].format(n) for n in range(number))
    desk.file.write_text(text, encoding="utf-8")
    del text
    tracemalloc.start()
    with desk.reading() as found:
        assert all(row.why for row in found.bad)
        most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_an_unknown_list_is_answered_with_the_lists_there_are(desk):
    with desk.database.read() as session, pytest.raises(AudienceError, match="nor any other"):
        lists.list_named(session, "bpm")
    desk.bring_in(HEADINGS + OAK)

    said = r"lists are: bpn\. Bring it in with: outreach recipients import FILE --list bpm"
    with desk.database.read() as session, pytest.raises(AudienceError, match=said):
        lists.list_named(session, "bpm")


def test_others_can_write_while_the_importer_thinks(desk):
    with desk.read(HEADINGS + OAK) as found:
        desk_of_a_colleague = desk.database
        with desk_of_a_colleague.write() as session:
            suppression.add(
                session, b"k" * 16, scope=Scope.RESEARCH, reason="x", who="ben", now=desk.now
            )
        importing.apply(
            desk.database,
            found,
            terms=lists.Terms(),
            leave_out_bad=False,
            replace=False,
            who="ana",
            now=desk.now,
        )

    assert len(desk.people()) == 1
