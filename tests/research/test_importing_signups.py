"""Answers of other forms brought in: once, newest first, and nobody who asked us to stop."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from postroom.audience import schools, suppression
from postroom.london import london_day
from postroom.research import importing_signups, people, retention, school_queue, signups
from postroom.research.import_plan import Outcome, Source, make_plan
from postroom.research.matching_schools import Register
from postroom.research.people import Someone
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.tables import (
    Event,
    ImportedAnswer,
    Permission,
    Scope,
    SignUp,
    SupportNeed,
    Volunteer,
)
from tests.audience import gias
from tests.research.forms import ADA, BEN, MAPPING, NOW, campaign, understood, write

SURVEY = """
[permissions.survey]
column = "Survey"
accepted = ["Yes"]
"""
WITH_SURVEY = MAPPING + SURVEY
HEADINGS = (*ADA, "Telephone", "Support", "Survey")
SEPTEMBER = datetime(2026, 9, 21, 8, tzinfo=UTC)


class Form:
    """A form whose answers are brought in, one export after the other."""

    def __init__(self, database, keys, folder):
        self.database, self.keys, self.folder = database, keys, folder

    def bring_in(self, *rows, mapping=WITH_SURVEY, mode="local", now=NOW, the_campaign=None):
        """Import an export with *rows*; return the plan, by outcome."""
        file = write(self.folder / "answers.csv", *rows, headings=HEADINGS)
        the_campaign = the_campaign or campaign()
        export, made, reading = understood(file, mapping, now, the_campaign)
        source = Source(made, the_campaign, mode, export.sha256)
        with self.database.read() as session:
            register = Register(session)
            planned = make_plan(
                session, self.keys, source, reading, register, today=london_day(now)
            )
        done = importing_signups.apply(
            self.database,
            self.keys,
            source,
            reading,
            register,
            left_out=0,
            who="ana",
            now=now,
        )
        assert done.plan.counts == planned.counts
        self.bad, self.to_match = planned.bad, done.to_match
        return dict(done.plan.counts)

    def key(self, address):
        return self.keys.address_key(address)

    def every(self, table):
        with self.database.read() as session:
            return session.exec(select(table).order_by(col(table.id))).all()

    def dump(self):
        """Return everything the database holds."""
        with self.database.read() as session:
            return {
                name: [tuple(row) for row in session.execute(sa.select(table))]
                for name, table in SQLModel.metadata.tables.items()
            }


@pytest.fixture
def form(database, keys, tmp_path):
    return Form(database, keys, tmp_path)


def test_an_answer_becomes_a_sign_up_with_all_it_says(form):
    counts = form.bring_in(ADA | {"Telephone": "01632 960001", "Support": "Large print"})

    [volunteer], [sign_up], [need] = (form.every(one) for one in (Volunteer, SignUp, SupportNeed))
    assert counts == {Outcome.NEW: 1}
    assert (volunteer.name, volunteer.role, volunteer.phone) == (
        "Ada Bell",
        "General mentor",
        "01632 960001",
    )
    assert (volunteer.first_signed_up_at, sign_up.signed_up_at) == (SEPTEMBER, SEPTEMBER)
    assert (sign_up.campaign, sign_up.mode, sign_up.route) == ("invite", "local", "open")
    assert sign_up.answers == {"role": ["General mentor"], "way": ["Survey"]}
    assert not sign_up.via_forward
    assert need.text == "Large print"


def test_the_permission_says_who_when_how_and_in_which_words(form):
    form.bring_in(ADA)

    [permission] = form.every(Permission)
    assert (permission.purpose, permission.method) == ("research-this-service", "import")
    assert permission.given_at == SEPTEMBER
    assert permission.expires_at == SEPTEMBER.replace(year=2028)
    assert permission.statement_text == "You can contact me about research."
    assert len(permission.statement_version) == 12
    assert permission.evidence == "Form volunteers (Google Forms), response 1"
    assert permission.controller == "the Department of Examples"
    assert permission.privacy_notice_url == "https://www.example.com/privacy"
    assert permission.recorded_by == "ana"


def test_the_event_says_what_was_done_and_names_nobody(form):
    form.bring_in(ADA, BEN | {"Contact": "No"})

    [event] = form.every(Event)
    assert (event.act, event.target, event.who) == ("imported sign-ups", "invite", "ana")
    assert event.details["counts"] == {"new": 1}
    assert len(event.details["sha256"]) == 64
    assert event.details["form"] == "volunteers"
    told = str(event)
    assert "Bell" not in told
    assert "example.com" not in told
    assert "answers.csv" not in told


def test_the_same_file_again_changes_nothing(form):
    form.bring_in(ADA, BEN, ADA | {"Id": "", "Email": "cy@example.com"})
    before = form.dump()

    counts = form.bring_in(ADA, BEN, ADA | {"Id": "", "Email": "cy@example.com"})

    assert counts == {Outcome.UNCHANGED: 3}
    assert form.dump() == before


def test_the_same_answers_with_other_times_of_day_written_otherwise_are_the_same(form):
    form.bring_in(ADA)
    before = form.dump()

    form.bring_in(ADA | {"Timestamp": "2026/09/21 8:00:00 AM GMT", "Email": "ADA@example.com"})

    assert form.dump() == before


WITHOUT_IDS = WITH_SURVEY.replace('response_id = "Id"\n', "")


def test_without_ids_of_the_tools_an_answer_is_known_by_who_gave_it_and_when(form):
    form.bring_in(ADA, BEN, mapping=WITHOUT_IDS)

    counts = form.bring_in(ADA | {"Role": "Headteacher"}, BEN, mapping=WITHOUT_IDS)

    assert counts == {Outcome.CHANGED: 1, Outcome.UNCHANGED: 1}
    assert len(form.every(Permission)) == 2


def test_without_ids_two_answers_of_one_moment_are_two(form):
    rows = (ADA, ADA | {"Role": "Headteacher"})
    form.bring_in(*rows, mapping=WITHOUT_IDS)
    before = form.dump()

    assert form.bring_in(*rows, mapping=WITHOUT_IDS) == {Outcome.UNCHANGED: 2}
    assert form.dump() == before
    assert len(form.every(ImportedAnswer)) == 2


def test_no_address_can_be_read_from_an_id_of_ours(form):
    form.bring_in(ADA, mapping=WITHOUT_IDS)

    [row] = form.every(ImportedAnswer)
    assert len(row.response_id) == len("row-") + 32
    assert "ada" not in row.response_id


def test_more_answers_of_the_same_form_come_in_beside_those_that_are_there(form):
    form.bring_in(ADA)

    assert form.bring_in(ADA, BEN) == {Outcome.UNCHANGED: 1, Outcome.NEW: 1}


def test_a_response_that_was_changed_counts_as_it_is_now(form):
    form.bring_in(ADA)

    counts = form.bring_in(ADA | {"Role": "Headteacher", "Way": "Video call", "Survey": "Yes"})

    [volunteer], [sign_up] = form.every(Volunteer), form.every(SignUp)
    assert counts == {Outcome.CHANGED: 1}
    assert volunteer.role == "Headteacher"
    assert sign_up.answers == {"role": ["Headteacher"], "way": ["Video call"]}
    assert [one.purpose for one in form.every(Permission)] == ["research-this-service", "survey"]
    assert len(form.every(ImportedAnswer)) == 1


def test_a_yes_that_was_taken_out_of_a_response_ends(form):
    form.bring_in(ADA | {"Survey": "Yes"})

    form.bring_in(ADA)

    in_force = [one.purpose for one in form.every(Permission) if one.withdrawn_at is None]
    assert in_force == ["research-this-service"]


def test_a_response_that_no_longer_says_yes_at_all_ends_its_permissions_once(form):
    form.bring_in(ADA | {"Survey": "Yes"})

    first = form.bring_in(ADA | {"Contact": "No"})
    before = form.dump()
    again = form.bring_in(ADA | {"Contact": "No"})

    assert (first, again) == ({Outcome.NO_LONGER: 1}, {})
    assert all(one.withdrawn_at == NOW for one in form.every(Permission))
    assert form.dump() == before


def test_a_corrected_address_gets_the_sign_up_and_the_old_one_loses_its_permission(form):
    form.bring_in(ADA)

    counts = form.bring_in(ADA | {"Email": "ada.bell@example.com"})

    old, new = form.every(Volunteer)
    standing = [one for one in form.every(Permission) if one.withdrawn_at is None]
    assert counts == {Outcome.CHANGED: 1}
    assert (old.address, new.address) == ("ada@example.com", "ada.bell@example.com")
    assert [one.volunteer_id for one in standing] == [new.id]
    assert form.every(ImportedAnswer)[0].volunteer_id == new.id


def test_an_id_that_was_somebody_elses_at_another_time_is_another_form(form):
    form.bring_in(ADA)
    before = form.dump()

    form.bring_in(BEN | {"Id": "1", "Timestamp": "2026-10-01 09:00"})

    [bad] = form.bad
    assert (bad.where, bad.field) == ("2", "response_id")
    assert "--form name of its own" in bad.remedy
    assert form.dump() == before


def test_two_rows_of_one_id_that_differ_are_both_wrong_and_the_same_row_twice_is_one(form):
    counts = form.bring_in(ADA, BEN, BEN, ADA | {"Name": "Ada Bellamy"})

    assert [bad.where for bad in form.bad] == ["2", "5"]
    assert counts == {Outcome.NEW: 1, Outcome.UNCHANGED: 1}


def test_one_person_in_two_rows_is_one_volunteer_with_the_newest_answers(form):
    later = ADA | {"Id": "9", "Timestamp": "2026-09-30 09:00", "Role": "Headteacher"}

    counts = form.bring_in(later | {"Email": "ADA@Example.com"}, ADA | {"Survey": "Yes"})

    [volunteer], [sign_up] = form.every(Volunteer), form.every(SignUp)
    assert counts == {Outcome.NEW: 1, Outcome.MERGED: 1}
    assert (volunteer.role, sign_up.answers["role"]) == ("Headteacher", ["Headteacher"])
    assert sign_up.signed_up_at == SEPTEMBER
    assert len(form.every(Permission)) == 3
    assert len(form.every(ImportedAnswer)) == 2


def sign_up_on_the_web(form, at, person=None, answers=None):
    with form.database.write() as session:
        return signups.add_sign_up(
            session,
            form.keys,
            person or Person("ada@example.com", "Ada B.", role="Head"),
            through=Through("invite", "local", "open", Method.WEB_FORM),
            permissions={Purpose.UPDATES: Wording("News, yes")},
            recorded_by="self",
            now=at,
            answers=answers or {"role": ["Head"], "other": ["kept"]},
        )


def test_whoever_has_signed_up_on_the_web_since_keeps_their_newer_answers(form):
    person = Person("ada@example.com", "Ada B.", role="Head", school_name="Elm", support="Quiet")
    sign_up_on_the_web(form, SEPTEMBER + timedelta(days=1), person)

    counts = form.bring_in(ADA | {"Telephone": "01632 960001", "Support": "Large print"})

    [volunteer], [sign_up] = form.every(Volunteer), form.every(SignUp)
    assert counts == {Outcome.MERGED: 1}
    assert (volunteer.name, volunteer.role, volunteer.phone) == ("Ada B.", "Head", "")
    assert sign_up.school_name == "Elm"
    assert sign_up.answers == {"role": ["Head"], "other": ["kept"], "way": ["Survey"]}
    assert form.every(SupportNeed)[0].text == "Quiet"
    assert {one.purpose for one in form.every(Permission)} == {"updates", "research-this-service"}


def test_newer_answers_of_a_form_count_over_those_of_the_web(form):
    sign_up_on_the_web(form, SEPTEMBER - timedelta(days=1))

    form.bring_in(ADA)

    [volunteer], [sign_up] = form.every(Volunteer), form.every(SignUp)
    assert (volunteer.name, volunteer.role) == ("Ada Bell", "General mentor")
    assert sign_up.answers == {"role": ["General mentor"], "other": ["kept"], "way": ["Survey"]}


@pytest.mark.parametrize("scope", list(Scope))
def test_whoever_asked_not_to_be_emailed_about_research_is_not_brought_in(form, scope):
    with form.database.write() as session:
        suppression.add(
            session, form.key("ada@example.com"), scope=scope, reason="asked", who="ana", now=NOW
        )

    counts = form.bring_in(ADA, BEN)

    assert counts == {Outcome.ASKED_NOT: 1, Outcome.NEW: 1}
    assert [one.name for one in form.every(Volunteer)] == ["Ben Cole"]


def test_a_wish_that_came_while_somebody_was_asked_is_still_kept(form, tmp_path):
    file = write(tmp_path / "answers.csv", ADA, headings=HEADINGS)
    export, made, reading = understood(file, WITH_SURVEY)
    source = Source(made, campaign(), "local", export.sha256)
    with form.database.write() as session:
        key = form.key("ada@example.com")
        suppression.add(session, key, scope=Scope.EVERYTHING, reason="asked", who="ana", now=NOW)
    before = form.dump()

    with form.database.read() as session:
        register = Register(session)
    importing_signups.apply(
        form.database, form.keys, source, reading, register, left_out=0, who="ana", now=NOW
    )

    assert form.dump() == before


def test_the_erased_are_not_brought_in_again(form):
    form.bring_in(ADA, BEN)
    with form.database.write() as session:
        someone = Someone.at("ada@example.com", form.keys)
        people.erase(session, someone, why="asked", who="ana", now=NOW)

    counts = form.bring_in(ADA, BEN)

    assert counts == {Outcome.ASKED_NOT: 1, Outcome.UNCHANGED: 1}
    assert [one.response_id for one in form.every(ImportedAnswer)] == ["2"]
    assert [one.name for one in form.every(Volunteer)] == ["Ben Cole"]


def test_what_somebody_took_back_later_is_not_given_again_by_an_older_answer(form):
    form.bring_in(ADA | {"Survey": "Yes"})
    with form.database.write() as session:
        taken = session.exec(select(Permission).where(Permission.purpose == "survey")).one()
        taken.withdrawn_at = SEPTEMBER + timedelta(days=3)
        session.add(taken)

    form.bring_in(ADA | {"Id": "7", "Survey": "Yes", "Timestamp": "2026-09-22 09:00"})

    standing = [one for one in form.every(Permission) if one.withdrawn_at is None]
    assert [one.purpose for one in standing] == ["research-this-service"] * 2


def test_whoever_took_everything_back_later_stays_out(form):
    form.bring_in(ADA)
    with form.database.write() as session:
        [taken] = session.exec(select(Permission))
        taken.withdrawn_at = SEPTEMBER + timedelta(days=3)
        session.add(taken)

    assert form.bring_in(ADA | {"Id": "7"}) == {Outcome.ASKED_NOT: 1}


def test_an_answer_older_than_a_wish_to_stop_stays_out_though_the_wish_was_lifted_since(form):
    key, asked = form.key("ada@example.com"), SEPTEMBER + timedelta(days=3)
    with form.database.write() as session:
        how = {"scope": Scope.RESEARCH, "reason": "asked", "who": "ana"}
        suppression.add(session, key, **how, now=asked)
        suppression.lift(session, key, reason="asked", who="ana", now=asked + timedelta(days=1))

    assert form.bring_in(ADA) == {Outcome.ASKED_NOT: 1}
    assert form.bring_in(ADA | {"Timestamp": "2026-09-30 09:00"}) == {Outcome.NEW: 1}


def test_whoever_only_paused_comes_in_once_the_pause_is_over(form):
    with form.database.write() as session:
        suppression.add(
            session,
            form.key("ada@example.com"),
            scope=Scope.RESEARCH,
            reason="paused",
            who="self",
            now=SEPTEMBER + timedelta(days=3),
            until=date(2026, 12, 1),
        )

    assert form.bring_in(ADA) == {Outcome.ASKED_NOT: 1}
    assert form.bring_in(ADA, now=datetime(2026, 12, 1, 9, tzinfo=UTC)) == {Outcome.NEW: 1}


def test_a_no_of_another_forms_response_of_the_same_id_ends_nobodys_permission(form):
    form.bring_in(ADA)
    before = form.dump()
    no = BEN | {"Id": "1", "Contact": "No", "Timestamp": "2026-10-01 09:00"}

    assert form.bring_in(no) == {}
    assert form.bring_in(no | {"Email": "", "Timestamp": ""}) == {}
    assert form.dump() == before


def test_what_is_imported_in_one_mode_is_not_there_in_another(form):
    form.bring_in(ADA)

    assert form.bring_in(ADA, mode="live") == {Outcome.NEW: 1}
    assert {one.mode for one in form.every(SignUp)} == {"local", "live"}
    assert len(form.every(Volunteer)) == 1


def test_what_was_imported_goes_with_the_last_permission(form):
    form.bring_in(ADA)

    with form.database.write() as session:
        retention.apply(session, who="ana", now=SEPTEMBER.replace(year=2028))

    assert form.every(ImportedAnswer) == form.every(SignUp) == []


@pytest.fixture
def register(form, tmp_path):
    file = gias.write(tmp_path / "register.csv", [gias.OAK, gias.school(900002, name="Elm")])
    reading = schools.read_register(form.database, file, None, progress=lambda *_: None)
    with reading as (bench, found):
        schools.apply(form.database, bench, found, who="ana", now=NOW)


def test_a_school_that_is_not_certain_waits_for_a_person(form, register):
    form.bring_in(ADA, BEN | {"School": "Elm 900002"})

    ada, ben = form.every(SignUp)
    assert (ada.school_urn, ada.school_name, ada.school_to_match) == ("", "Oak Primary", True)
    assert (ben.school_urn, ben.school_name, ben.school_to_match) == ("900002", "Elm", False)
    assert form.to_match == (ada.reference,)


def settle(form, urn):
    with form.database.write() as session:
        reference = session.exec(select(SignUp.reference)).one()
        school_queue.settle(session, reference, urn=urn, who="ana", now=NOW)


def test_a_school_that_somebody_matched_stays_when_the_rest_of_the_answer_changes(form, register):
    form.bring_in(ADA)
    settle(form, "900001")

    form.bring_in(ADA | {"Role": "Headteacher"})

    [sign_up], [volunteer] = form.every(SignUp), form.every(Volunteer)
    assert (sign_up.school_urn, volunteer.school_urn) == ("900001", "900001")
    assert not sign_up.school_to_match
    assert form.to_match == ()


def test_another_school_is_to_be_matched_anew(form, register):
    form.bring_in(ADA)
    settle(form, "900001")

    form.bring_in(ADA | {"School": "Yew"})

    [sign_up] = form.every(SignUp)
    assert (sign_up.school_urn, sign_up.school_name) == ("", "Yew")
    assert sign_up.school_to_match


def test_a_sign_up_that_waits_goes_on_waiting_while_nothing_new_is_said_of_the_school(
    form, register
):
    form.bring_in(ADA)

    form.bring_in(ADA, ADA | {"Id": "8", "School": "", "Timestamp": "2026-09-28 09:00"})

    [sign_up] = form.every(SignUp)
    assert (sign_up.school_name, sign_up.school_to_match) == ("Oak Primary", True)


def test_whoever_signs_up_on_the_web_waits_no_longer(form, register):
    form.bring_in(ADA)

    sign_up_on_the_web(
        form, NOW, Person("ada@example.com", "Ada", school_urn="900001", school_name="St Ann’s")
    )

    [sign_up] = form.every(SignUp)
    assert (sign_up.school_urn, sign_up.school_to_match) == ("900001", False)


def test_support_that_is_no_longer_needed_is_forgotten(form):
    form.bring_in(ADA | {"Support": "Large print"})

    form.bring_in(ADA)

    assert form.every(SupportNeed) == []


def test_support_named_and_taken_back_in_one_file_is_not_kept(form):
    form.bring_in(
        ADA | {"Support": "Large print"}, ADA | {"Id": "5", "Timestamp": "2026-09-28 09:00"}
    )

    assert form.every(SupportNeed) == []


def test_whatever_goes_wrong_half_way_nothing_is_written(form, tmp_path):
    before = form.dump()
    file = write(tmp_path / "answers.csv", ADA, BEN, headings=HEADINGS)
    export, made, reading = understood(file, WITH_SURVEY)
    source = Source(made, campaign(), "local", export.sha256)
    with form.database.read() as session:
        register = Register(session)

    with pytest.raises(sa.exc.SQLAlchemyError):
        importing_signups.apply(
            form.database,
            form.keys,
            source,
            reading,
            register,
            left_out=0,
            who=None,  # who did it must be said: the database refuses the event
            now=NOW,
        )

    assert form.dump() == before
