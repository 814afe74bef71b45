"""Sign-ups: what is recorded, that one person stays one, and what a researcher reads."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from postroom.audience import suppression
from postroom.errors import AudienceError, InvalidAddress
from postroom.research import signups, volunteers
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.tables import (
    Edition,
    Event,
    Mailing,
    Membership,
    Message,
    Permission,
    Recipient,
    RecipientList,
    Scope,
    SignUp,
    Status,
    Volunteer,
)
from tests.databases import TODAY

ADA = Person("Ada.Bell@example.com", "Ada Bell", role="Headteacher", school_name="Oak Primary")
WORDS = Wording(
    "You can contact me about research on the invitation.",
    controller="Department of Examples",
    privacy_notice_url="https://www.example.com/privacy",
)


def through(campaign="bpn-invite", mode="local", method=Method.TELEPHONE):
    return Through(campaign, mode, "direct", method, evidence="note 12")


BY_TELEPHONE = through()


@pytest.fixture
def sign_up(database, keys, now):
    def record(person=ADA, *, through=BY_TELEPHONE, permissions=None, now=now):
        with database.write() as session:
            return signups.add_sign_up(
                session,
                keys,
                person,
                through=through,
                permissions={Purpose.THIS_SERVICE: WORDS} if permissions is None else permissions,
                recorded_by="ana",
                now=now,
            )

    return record


def everything(database, table):
    with database.read() as session:
        return session.exec(select(table)).all()


def test_a_sign_up_gets_a_reference_that_can_be_read_out(sign_up):
    reference = sign_up().reference

    assert re.fullmatch(r"UR-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", reference)


def test_the_permission_says_who_when_how_and_in_which_words(sign_up, database, now):
    sign_up()

    [permission] = everything(database, Permission)
    assert permission.statement_text == WORDS.statement
    assert permission.statement_sha256 == hashlib.sha256(WORDS.statement.encode()).hexdigest()
    assert permission.given_at == now
    assert permission.expires_at == datetime(2028, 1, 12, 9, 0, tzinfo=UTC)
    assert permission.withdrawn_at is None
    assert (permission.purpose, permission.method) == ("research-this-service", "telephone")
    assert (permission.controller, permission.recorded_by) == ("Department of Examples", "ana")
    assert permission.privacy_notice_url == "https://www.example.com/privacy"
    assert (permission.campaign, permission.route) == ("bpn-invite", "direct")
    assert permission.evidence == "note 12"


def test_each_purpose_is_a_permission_of_its_own(sign_up, database):
    sign_up(permissions={Purpose.THIS_SERVICE: WORDS, Purpose.SURVEY: WORDS})

    assert {p.purpose for p in everything(database, Permission)} == {
        "research-this-service",
        "survey",
    }


def test_signing_up_again_in_another_spelling_is_the_same_person(sign_up, database, now):
    first = sign_up()

    again = sign_up(Person(" ADA.bell@example.com", "Ada Bell-Jones"), now=now + timedelta(days=30))

    assert (again.reference, again.was_new) == (first.reference, False)
    [volunteer] = everything(database, Volunteer)
    assert (volunteer.name, volunteer.role) == ("Ada Bell-Jones", "Headteacher")
    assert len(everything(database, SignUp)) == 1
    assert len(everything(database, Permission)) == 2


def test_one_person_signs_up_through_two_campaigns(sign_up, database):
    sign_up()

    assert sign_up(through=through("survey")).was_new

    assert len(everything(database, Volunteer)) == 1
    assert len(everything(database, SignUp)) == 2


def test_a_rehearsal_does_not_count_as_a_real_sign_up(sign_up, database):
    sign_up(through=through(mode="local"))

    with database.read() as session:
        assert signups.listing(session, campaign=None, mode="live", today=TODAY) == []


def test_the_school_comes_from_the_list_when_nobody_says_it(sign_up, database, keys, now):
    with database.write() as session:
        session.add(RecipientList(id=1, name="bpn", imported_at=now))
        key = keys.address_key("ada.bell@example.com")
        session.add(Recipient(id=1, address="ada.bell@example.com", address_key=key))
        session.flush()
        session.add(
            Membership(
                list_id=1, recipient_id=1, row=2, school_urn="900001", school_name="Elm Primary"
            )
        )

    sign_up(Person("Ada.Bell@example.com", "Ada Bell"))

    [row] = everything(database, SignUp)
    assert (row.school_urn, row.school_name) == ("900001", "Elm Primary")


def test_a_fresh_sign_up_ends_an_earlier_stop_but_not_a_stop_of_everything(
    sign_up, database, keys, now
):
    key = keys.address_key("ada.bell@example.com")
    with database.write() as session:
        for scope in (Scope.ANNOUNCEMENTS_AND_RESEARCH, Scope.EVERYTHING):
            suppression.add(session, key, scope=scope, reason="asked", who="ana", now=now)

    recorded = sign_up()

    assert recorded.lifted == (Scope.ANNOUNCEMENTS_AND_RESEARCH,)
    assert recorded.still_held
    with database.read() as session:
        assert suppression.suppressed(session, [key], "service", today=TODAY)


@pytest.mark.parametrize(
    ("person", "permissions", "error"),
    [
        (Person("ada", "Ada"), None, InvalidAddress),
        (Person("ada@example.com", "  "), None, AudienceError),
        (ADA, {}, AudienceError),
    ],
)
def test_an_incomplete_sign_up_is_refused_and_nothing_is_kept(
    sign_up, database, person, permissions, error
):
    with pytest.raises(error):
        sign_up(person, permissions=permissions)

    assert everything(database, Volunteer) == []
    assert everything(database, Event) == []


def test_the_event_holds_no_personal_details(sign_up, database):
    sign_up()

    [event] = everything(database, Event)
    assert event.details["reference"].startswith("UR-")
    assert "Bell" not in str(event)
    assert "example.com" not in str(event)


def test_the_listing_gives_what_a_researcher_needs_in_order(sign_up, database, now):
    sign_up(through=through("survey"))
    sign_up(
        Person("ben@example.com", "Ben Cole"),
        permissions={Purpose.THIS_SERVICE: WORDS, Purpose.SURVEY: WORDS},
        now=now + timedelta(hours=1),
    )

    with database.read() as session:
        everyone = signups.listing(session, campaign=None, mode="local", today=TODAY)
        [line] = signups.listing(session, campaign="bpn-invite", mode="local", today=TODAY)

    assert [one.name for one in everyone] == ["Ada Bell", "Ben Cole"]
    assert (line.address, line.purposes) == (
        "ben@example.com",
        ("research-this-service", "survey"),
    )


def test_two_years_after_a_leap_day_is_the_28th():
    leap_day = datetime(2028, 2, 29, 12, tzinfo=UTC)

    assert volunteers.years_after(leap_day, 2) == datetime(2030, 2, 28, 12, tzinfo=UTC)


def test_a_rehearsal_sent_to_nobody_as_far_as_live_is_concerned(database, keys, now, sign_up):
    with database.write() as session:
        rehearsal = Mailing(campaign="bpn-invite", mode="local", made_at=now)
        edition = Edition(digest=b"any", files={}, made_at=now)
        session.add_all([rehearsal, edition])
        session.flush()
        session.add(
            Message(
                mailing_id=rehearsal.id,
                address_key=keys.address_key("ada.bell@example.com"),
                fields={},
                edition_id=edition.id,
                content_hash=b"any",
                reference="any",
                status=Status.CREATED,
                planned_at=now,
            )
        )

    for mode in ("local", "live"):
        sign_up(through=through(mode=mode, method=Method.WEB_FORM))

    forwarded = {one.mode: one.via_forward for one in everything(database, SignUp)}
    assert forwarded == {"local": False, "live": True}
