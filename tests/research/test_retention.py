"""What must be gone: shown without being done, then done once, and nothing else with it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from postroom.research import retention
from postroom.tables import (
    Edition,
    Event,
    Mailing,
    Membership,
    Message,
    Permission,
    Recipient,
    RecipientList,
    SignUp,
    Status,
    Volunteer,
)

DAY = date(2026, 1, 12)


class Office:
    """A database in which people are on lists, were emailed, and signed up."""

    def __init__(self, database, keys, now):
        self.database, self.keys, self.now = database, keys, now
        with database.write() as session:
            session.add(Mailing(campaign="invite", mode="live", made_at=now))
            session.add(Edition(digest=b"d", files={}, made_at=now))

    def have_list(self, name, gone_by, *addresses):
        with self.database.write() as session:
            row = RecipientList(name=name, gone_by=gone_by, imported_at=self.now)
            session.add(row)
            session.flush()
            for number, address in enumerate(addresses, start=2):
                person = session.exec(select(Recipient).where(Recipient.address == address)).first()
                person = person or Recipient(address=address, address_key=self.key(address))
                session.add(person)
                session.flush()
                session.add(Membership(list_id=row.id, recipient_id=person.id, row=number))

    def have_message(self, address, status=Status.DELIVERED):
        with self.database.write() as session:
            session.add(
                Message(
                    mailing_id=1,
                    address_key=self.key(address),
                    address=address,
                    school_urn="900001",
                    school_name="Oak",
                    fields={"name": "Ana"},
                    edition_id=1,
                    content_hash=b"x",
                    reference=address,
                    status=status,
                    planned_at=self.now,
                )
            )

    def have_volunteer(self, address, *ends):
        with self.database.write() as session:
            row = Volunteer(
                address=address,
                address_key=self.key(address),
                name="Ana",
                first_signed_up_at=self.now,
            )
            session.add(row)
            session.flush()
            session.add(
                SignUp(
                    reference=address,
                    volunteer_id=row.id,
                    campaign="invite",
                    mode="live",
                    route="direct",
                    signed_up_at=self.now,
                )
            )
            for end in ends:
                session.add(
                    Permission(
                        volunteer_id=row.id,
                        purpose="this-service",
                        given_at=self.now - timedelta(days=800),
                        expires_at=end,
                        method="paper",
                        statement_text="Yes",
                        statement_sha256="0",
                        recorded_by="ana",
                    )
                )

    def key(self, address):
        return self.keys.address_key(address)

    def due(self):
        with self.database.read() as session:
            return retention.apply(session, who="", now=self.now)

    def apply(self, now=None):
        with self.database.write() as session:
            return retention.apply(session, who="ana", now=now or self.now)

    def all(self, column):
        with self.database.read() as session:
            return sorted(session.exec(select(column)).all(), key=str)


@pytest.fixture
def office(database, keys, now):
    return Office(database, keys, now)


def test_a_list_goes_on_its_day_with_those_who_are_on_no_other(office):
    office.have_list("old", DAY, "a@example.com", "b@example.com")
    office.have_list("new", DAY + timedelta(days=1), "b@example.com")
    office.have_list("endless", None, "c@example.com")

    done = office.apply()

    assert [(one.name, one.people) for one in done.lists] == [("old", 2)]
    assert done.people == 1
    assert office.all(RecipientList.name) == ["endless", "new"]
    assert office.all(Recipient.address) == ["b@example.com", "c@example.com"]


def test_whoever_was_taken_off_the_last_list_is_due_although_no_list_is(office):
    office.have_list("endless", None, "a@example.com", "b@example.com")
    office.have_message("a@example.com")
    with office.database.write() as session:
        session.delete(session.exec(select(Membership).where(Membership.row == 2)).one())

    assert (office.due().people, office.due().is_nothing) == (1, False)
    done = office.apply()

    assert (done.lists, done.people, done.messages) == ([], 1, 1)
    assert office.all(Recipient.address) == ["b@example.com"]
    assert office.apply().is_nothing


def test_the_day_is_londons(office):
    office.have_list("old", date(2026, 7, 2), "a@example.com")

    assert office.apply(datetime(2026, 7, 1, 22, 59, tzinfo=UTC)).lists == []
    assert len(office.apply(datetime(2026, 7, 1, 23, 1, tzinfo=UTC)).lists) == 1


def test_their_messages_keep_school_and_outcome_and_lose_the_person(office):
    office.have_list("old", DAY, "a@example.com")
    office.have_list("new", None, "b@example.com")
    office.have_message("a@example.com")
    office.have_message("b@example.com")

    assert office.apply().messages == 1

    with office.database.read() as session:
        gone = session.exec(select(Message).where(Message.reference == "a@example.com")).one()
    assert (gone.address, gone.fields) == (None, {})
    assert (gone.school_name, gone.status) == ("Oak", Status.DELIVERED)
    assert "b@example.com" in office.all(Message.address)


@pytest.mark.parametrize("status", [Status.PLANNED, Status.CLAIMED, Status.IN_DOUBT])
def test_a_message_that_may_still_leave_keeps_the_address_and_is_told_of(office, status):
    office.have_list("old", DAY, "a@example.com")
    office.have_message("a@example.com", status)

    done = office.apply()

    assert (done.messages, done.waiting) == (0, 1)
    assert office.all(Message.address) == ["a@example.com"]


def test_a_permission_goes_when_it_ends_and_the_volunteer_with_the_last(office):
    ended, holding = office.now - timedelta(days=1), office.now + timedelta(days=1)
    office.have_volunteer("a@example.com", ended, ended)
    office.have_volunteer("b@example.com", ended, holding)
    office.have_volunteer("c@example.com", holding)

    done = office.apply()

    assert (done.permissions, done.volunteers) == (3, 1)
    assert office.all(Volunteer.address) == ["b@example.com", "c@example.com"]
    assert office.all(SignUp.reference) == ["b@example.com", "c@example.com"]
    assert len(office.all(Permission.id)) == 2


def test_a_volunteer_who_is_on_no_list_keeps_their_messages(office):
    office.have_volunteer("a@example.com", office.now + timedelta(days=1))
    office.have_message("a@example.com")

    assert office.apply().messages == 0


def test_looking_does_nothing_and_tells_what_would_be_done(office):
    office.have_list("old", DAY, "a@example.com")
    office.have_message("a@example.com")
    office.have_volunteer("b@example.com", office.now)

    due = office.due()

    assert office.all(Recipient.address) == ["a@example.com"]
    assert office.all(Event.act) == []
    assert office.apply() == due


def test_doing_it_again_finds_nothing_and_records_nothing(office):
    office.have_list("old", DAY, "a@example.com")
    office.apply()

    assert office.apply().is_nothing
    [event] = office.all(Event.details)
    assert (event["lists"], event["people"]) == (["old"], 1)
