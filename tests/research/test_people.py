"""A person found, exported and erased over every table, and nobody else."""

from datetime import timedelta

import pytest
from sqlmodel import SQLModel, select

from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.research import people
from postroom.research.people import Someone
from postroom.research.personal_columns import DECLARED, Erased, FoundBy
from postroom.tables import (
    Approval,
    Attempt,
    AwaitedSignUp,
    Edition,
    Event,
    ImportedAnswer,
    Mailing,
    Membership,
    Message,
    Permission,
    Recipient,
    RecipientList,
    Scope,
    SignUp,
    Status,
    SupportNeed,
    Suppression,
    Volunteer,
)
from tests.databases import TODAY

ANA, BEN = "ana@oak.example.com", "ben@elm.example.com"


@pytest.mark.parametrize("name", sorted(SQLModel.metadata.tables))
def test_every_column_says_how_it_is_shown_erased_and_aged(name):
    declared = DECLARED[name]
    said = [*declared.shown, *declared.ours]

    assert sorted(said) == sorted(SQLModel.metadata.tables[name].columns.keys())
    assert declared.aged
    assert set(declared.emptied) <= set(said)
    assert set(declared.colleagues) <= set(said)
    assert (declared.erased is Erased.EMPTIED) == bool(declared.emptied)


def test_nothing_is_declared_that_is_no_table():
    assert set(DECLARED) == set(SQLModel.metadata.tables)


@pytest.mark.parametrize("name", sorted(SQLModel.metadata.tables))
def test_a_column_that_looks_like_a_persons_belongs_to_somebody_who_can_be_found(name):
    columns = set(SQLModel.metadata.tables[name].columns.keys())
    telling = {"address", "address_key", "recipient_id", "volunteer_id", "message_id", "phone"}

    assert not columns & telling or DECLARED[name].found_by is not FoundBy.NOBODY


def someone(keys, address):
    return Someone.at(address, keys)


def have_person(session, keys, address, now, *, name):
    key = keys.address_key(normalise(address))
    volunteer = Volunteer(
        address=address,
        address_key=key,
        name=name,
        role="Headteacher",
        phone="01632 960001",
        first_signed_up_at=now,
    )
    recipient = Recipient(address=address, address_key=key)
    session.add_all([volunteer, recipient])
    session.flush()
    session.add(
        Membership(
            list_id=1, recipient_id=recipient.id, row=2, fields={"street": "Oak lane", "name": name}
        )
    )
    message = Message(
        mailing_id=1,
        address_key=key,
        address=address,
        school_urn="900001",
        school_name="Oak Primary",
        fields={"name": name},
        edition_id=1,
        content_hash=b"x",
        reference=f"ref-{name}",
        status=Status.DELIVERED,
        planned_at=now,
    )
    session.add(message)
    session.flush()
    session.add_all(
        [
            Attempt(
                message_id=message.id,
                attempt=1,
                reference=f"first-{name}",
                status="refused",
                ended_at=now,
            ),
            SignUp(
                reference=f"UR-{name}",
                volunteer_id=volunteer.id,
                campaign="invite",
                mode="live",
                route="direct",
                signed_up_at=now,
            ),
            SupportNeed(volunteer_id=volunteer.id, text="large print", given_at=now),
            AwaitedSignUp(
                reference=f"UR-awaited-{name}",
                address_key=key,
                campaign="invite",
                mode="live",
                said={"address": address, "name": name},
                signed_up_at=now,
                delete_at=now + timedelta(days=14),
            ),
            ImportedAnswer(
                mode="live",
                form="volunteers",
                response_id=f"answer-{name}",
                volunteer_id=volunteer.id,
                answers_key=b"any",
                school_key=b"any",
                submitted_at=now,
                imported_at=now,
            ),
            Permission(
                volunteer_id=volunteer.id,
                purpose="this-service",
                given_at=now,
                expires_at=now + timedelta(days=730),
                method="web-form",
                statement_text="Yes",
                statement_sha256="0",
                recorded_by="carl@example.com",
            ),
        ]
    )


@pytest.fixture
def two_people(database, keys, now):
    with database.write() as session:
        session.add_all(
            [
                RecipientList(name="bpn", imported_at=now),
                Mailing(campaign="invite", mode="live", made_at=now),
                Edition(digest=b"d", files={}, made_at=now),
            ]
        )
        session.flush()
        have_person(session, keys, ANA, now, name="ana")
        have_person(session, keys, BEN, now, name="ben")
        suppression.add(
            session,
            keys.address_key(BEN),
            scope=Scope.RESEARCH,
            reason="asked",
            who="carl@example.com",
            now=now,
        )
    return database


def erase(database, keys, now, address=ANA):
    with database.write() as session:
        return people.erase(session, someone(keys, address), why="asked", who="carl", now=now)


def held(database, keys, address):
    with database.read() as session:
        return people.held(session, someone(keys, address))


def every_cell(database):
    with database.read() as session:
        return [
            str(cell)
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(table.select())
            for cell in row
        ]


def test_everything_about_a_person_is_found_in_any_spelling_of_the_address(two_people, keys):
    found = held(two_people, keys, " ANA@oak.example.com")

    assert set(found.rows) == {
        "recipients",
        "memberships",
        "messages",
        "attempts",
        "volunteers",
        "signups",
        "permissions",
        "support_needs",
        "awaited_signups",
        "imported_answers",
    }
    assert all(number == 1 for number in found.counts.values())
    assert found.rows["volunteers"][0]["phone"] == "01632 960001"


def test_each_email_is_shown_with_its_campaign_and_each_list_with_its_source(two_people, keys):
    found = held(two_people, keys, ANA)

    assert found.rows["messages"][0]["mailing_campaign"] == "invite"
    assert found.rows["memberships"][0]["list_name"] == "bpn"
    assert "list_source" in found.rows["memberships"][0]


def test_nobody_else_is_in_it_and_colleagues_are_not_named(two_people, keys):
    told = str(held(two_people, keys, BEN).rows)

    assert "ana" not in told
    assert "carl@example.com" not in told
    assert people.COLLEAGUE in told


def test_a_colleague_is_shown_what_names_them(two_people, keys):
    found = held(two_people, keys, "Carl@example.com")

    assert set(found.rows) == {"permissions", "suppressions", "events"}
    assert found.rows["suppressions"][0]["who"] == "carl@example.com"


def test_who_is_not_held_is_answered_with_nothing(two_people, keys):
    assert held(two_people, keys, "nobody@example.com").rows == {}


def test_an_erasure_leaves_the_keyed_hash_and_no_word_of_the_person(two_people, keys, now):
    gone = erase(two_people, keys, now)

    left = [cell for cell in every_cell(two_people) if ANA in cell or "'ana'" in cell]
    assert left == []
    theirs = ("imported_answers", "support_needs", "permissions", "awaited_signups", "signups")
    theirs = (*theirs, "volunteers", "memberships", "recipients")
    assert gone.deleted == dict.fromkeys(theirs, 1)
    assert gone.emptied == {"messages": 1}


def test_an_erased_persons_message_keeps_school_and_outcome(two_people, keys, now):
    erase(two_people, keys, now)

    with two_people.read() as session:
        message = session.exec(select(Message).where(Message.reference == "ref-ana")).one()
    assert (message.address, message.fields) == (None, {})
    assert (message.school_name, message.status) == ("Oak Primary", Status.DELIVERED)
    assert message.address_key == keys.address_key(ANA)


def test_the_erased_are_held_back_from_every_kind_of_email(two_people, keys, now):
    erase(two_people, keys, now)

    with two_people.read() as session:
        for kind in ("announcement", "research", "service"):
            assert suppression.suppressed(session, [keys.address_key(ANA)], kind, today=TODAY)


def test_somebody_we_never_met_can_be_erased_in_advance(two_people, keys, now):
    erase(two_people, keys, now, "new@example.com")

    with two_people.read() as session:
        key = keys.address_key("new@example.com")
        assert suppression.suppressed(session, [key], "service", today=TODAY)


def test_the_other_person_is_untouched(two_people, keys, now):
    before = held(two_people, keys, BEN).counts

    erase(two_people, keys, now)

    assert held(two_people, keys, BEN).counts == before


def test_erasing_again_changes_nothing_more(two_people, keys, now):
    erase(two_people, keys, now)
    gone = erase(two_people, keys, now)

    assert set(gone.deleted.values()) == {0}
    assert gone.emptied == {"messages": 0}
    with two_people.read() as session:
        mine = Suppression.address_key == keys.address_key(ANA)
        assert len(session.exec(select(Suppression).where(mine)).all()) == 1


def test_an_erasure_that_fails_half_way_erases_nothing(two_people, keys, now):
    before = every_cell(two_people)

    def erase_and_fail():
        with two_people.write() as session:
            people.erase(session, someone(keys, ANA), why="asked", who="carl", now=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        erase_and_fail()

    assert every_cell(two_people) == before


def test_the_event_names_the_keyed_hash_and_never_the_person(two_people, keys, now):
    erase(two_people, keys, now)

    with two_people.read() as session:
        event = session.exec(select(Event).where(Event.act == "erased")).one()
    assert (event.who, event.why, event.target) == ("carl", "asked", "a person")
    assert event.details["address_key"] == keys.address_key(ANA).hex()
    assert ANA not in str(event.details)


def test_an_approval_names_its_approver_for_good(two_people, keys, now):
    with two_people.write() as session:
        session.add(
            Approval(
                mailing_id=1,
                edition_id=1,
                set_digest=b"x",
                count=1,
                terms={},
                approved_by=ANA,
                recorded_by="carl",
                approved_at=now,
            )
        )
    assert held(two_people, keys, ANA).rows["approvals"][0]["approved_by"] == ANA

    erase(two_people, keys, now)

    with two_people.read() as session:
        assert session.exec(select(Approval)).one().approved_by == ANA


def test_looking_is_noted_without_the_address(two_people, keys, now):
    with two_people.write() as session:
        ana = someone(keys, ANA)
        found = people.held(session, ana)
        people.note_look(session, ana, found, "looked", who="carl", now=now)

    assert held(two_people, keys, ANA).rows["events"][0]["act"] == "looked"
