"""What people type of their school: matched exactly with the register, or left to a person."""

import pytest
from sqlmodel import select

from postroom.audience import schools
from postroom.errors import AudienceError
from postroom.research import school_queue
from postroom.research.matching_schools import Place, Register, SchoolAnswer
from postroom.research.signups import add_sign_up
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.tables import Event, SignUp, Volunteer
from tests.audience import gias

OAK = Place("900003", "Oak Primary School")
REGISTER = [
    gias.OAK | {"Town": "London"},  # 900001, St Ann’s Primary, ZZ1 1AA
    gias.school(900002, name="Elm Academy", town="Leeds", postcode="ZZ2 2BB"),
    gias.school(900003, name="Oak Primary School", town="Leeds", postcode="ZZ3 3CC"),
    gias.school(900004, name="Ash School", town="Leeds", postcode="ZZ4 4DD"),
    gias.school(900005, name="Ash School", town="Leeds", postcode="ZZ5 5EE"),
    gias.school(900006, name="Yew School", town="York", postcode="ZZ6 6FF", status_code="2"),
    gias.school(900007, name="St Mary’s, Ely", town="Ely", postcode="ZZ7 7GG"),
]


@pytest.fixture
def register(database, tmp_path, now):
    file = gias.write(tmp_path / "register.csv", REGISTER)
    with schools.read_register(database, file, None, progress=lambda *_: None) as (bench, found):
        schools.apply(database, bench, found, who="ana", now=now)
    with database.read() as session:
        return Register(session)


@pytest.mark.parametrize(
    ("answer", "urn"),
    [
        (SchoolAnswer("900003"), "900003"),
        (SchoolAnswer("900 003"), "900003"),
        (SchoolAnswer("Our school (URN: 900003)"), "900003"),
        (SchoolAnswer("Oak", urn="900003"), "900003"),
        (SchoolAnswer("Oak Primary School, ZZ3 3CC"), "900003"),
        (SchoolAnswer("oak primary school zz33cc"), "900003"),
        (SchoolAnswer("Oak Primary School", postcode="zz3 3cc"), "900003"),
        (SchoolAnswer("Saint Anns  Primary", postcode="ZZ1 1AA"), "900001"),
        (SchoolAnswer("Oak Primary School, Leeds"), "900003"),
        (SchoolAnswer("OAK PRIMARY SCHOOL", town="leeds"), "900003"),
        (SchoolAnswer("Oak Primary School, Mill Lane, Leeds"), "900003"),
        (SchoolAnswer("St Mary's, Ely, ZZ7 7GG"), "900007"),
        (SchoolAnswer("St Mary's, Ely, Ely"), "900007"),
        (SchoolAnswer("Ash School, ZZ5 5EE"), "900005"),
        (SchoolAnswer("Yew School, 900006"), "900006"),  # closed, and they say which it is
    ],
)
def test_a_school_that_is_named_for_certain_is_matched(register, answer, urn):
    place = register.place(answer)

    assert (place.urn, place.to_match) == (urn, False)
    assert place.name


@pytest.mark.parametrize(
    "answer",
    [
        SchoolAnswer("Oak Primary School"),  # there may be others of that name elsewhere
        SchoolAnswer("Oak Primary, Leeds"),  # nearly
        SchoolAnswer("Ash School, Leeds"),  # two of them
        SchoolAnswer("Oak School, ZZ3 3CC"),
        SchoolAnswer("Oak Primary School, ZZ2 2BB"),  # the postcode of another
        SchoolAnswer("Yew School, York"),  # closed
        SchoolAnswer("999999"),
        SchoolAnswer("900002 or 900003"),
        SchoolAnswer("9000031"),
        SchoolAnswer("the council"),
    ],
)
def test_what_is_not_certain_is_left_to_a_person_as_it_was_typed(register, answer):
    assert register.place(answer) == Place("", answer.text, to_match=True)


def test_two_schools_by_number_are_not_decided_by_their_name(register):
    assert register.place(SchoolAnswer("Oak Primary School, Leeds, 900002 900004")).to_match


def test_where_nothing_is_typed_nothing_waits(register):
    assert register.place(SchoolAnswer()) == Place()


def test_without_a_register_nothing_is_queued_and_a_number_is_believed(database):
    with database.read() as session:
        register = Register(session)

    assert register.place(SchoolAnswer("Oak, 900003")) == Place("", "Oak, 900003")
    assert register.place(SchoolAnswer("Oak", urn="900 003")) == Place("900003", "Oak")
    assert register.place(SchoolAnswer("Oak", urn="none")) == Place("", "Oak")


@pytest.fixture
def waiting(database, keys, now, register):
    """The reference of a sign-up whose school a person must name."""
    with database.write() as session:
        reference = add_sign_up(
            session,
            keys,
            Person("ada@example.com", "Ada", school_name="Oak, Leeds"),
            through=Through("invite", "local", "open", Method.IMPORT),
            permissions={Purpose.THIS_SERVICE: Wording("Yes")},
            recorded_by="ana",
            now=now,
        ).reference
        sign_up = session.exec(select(SignUp)).one()
        sign_up.school_to_match = True
        session.add(sign_up)
    return reference


def settle(database, now, reference, urn=""):
    with database.write() as session:
        return school_queue.settle(session, reference, urn=urn, who="ana", now=now)


def test_a_person_says_which_school_it_is(database, waiting, now):
    place = settle(database, now, waiting.lower(), "900 003")

    with database.read() as session:
        [sign_up], [volunteer] = session.exec(select(SignUp)), session.exec(select(Volunteer))
        event = session.exec(select(Event).where(Event.act == "named a school")).one()
    assert place.label == "Oak Primary School, Leeds, ZZ3 3CC"
    assert (sign_up.school_urn, sign_up.school_name) == ("900003", "Oak Primary School")
    assert (volunteer.school_urn, volunteer.school_name) == ("900003", "Oak Primary School")
    assert not sign_up.school_to_match
    assert event.details == {"reference": waiting, "mode": "local", "urn": "900003"}


def test_a_person_says_that_it_is_in_no_register(database, waiting, now):
    settle(database, now, waiting)

    with database.read() as session:
        [sign_up] = session.exec(select(SignUp))
    assert (sign_up.school_urn, sign_up.school_name) == ("", "Oak, Leeds")
    assert not sign_up.school_to_match


@pytest.mark.parametrize(
    ("reference", "urn", "why"),
    [("UR-NONE", "900003", "no sign-up"), (None, "123", "no school 123")],
)
def test_what_cannot_be_matched_is_refused_and_still_waits(
    database, waiting, now, reference, urn, why
):
    with pytest.raises(AudienceError, match=why):
        settle(database, now, reference or waiting, urn)

    with database.read() as session:
        assert session.exec(select(SignUp)).one().school_to_match


def test_what_does_not_wait_is_not_matched_again(database, waiting, now):
    settle(database, now, waiting, "900003")

    with pytest.raises(AudienceError, match="does not wait"):
        settle(database, now, waiting, "900002")


def test_schools_that_may_be_meant_are_offered(database, waiting):
    with database.read() as session:
        found = school_queue.likely(session, school_queue.find(session, waiting))

    assert [place.urn for place in found] == ["900003"]
