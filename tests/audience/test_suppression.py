"""Suppression: who is held back from what, and that one place decides it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from postroom.audience import suppression
from postroom.tables import Event, Scope, Suppression
from tests.databases import TODAY

PERSON, OTHER = b"p" * 16, b"o" * 16


def hold(session, scope, *, now, key=PERSON, reason="Asked by telephone", until=None):
    return suppression.add(
        session, key, scope=scope, reason=reason, who="ana", now=now, until=until
    )


def is_held(session, today=TODAY):
    return bool(suppression.suppressed(session, [PERSON], "research", today=today))


@pytest.mark.parametrize(
    ("scope", "kinds_held"),
    [
        (Scope.ANNOUNCEMENTS_AND_RESEARCH, {"announcement", "research"}),
        (Scope.RESEARCH, {"research"}),
        (Scope.EVERYTHING, {"announcement", "research", "service", "confirmation"}),
        (Scope.ERASED, {"announcement", "research", "service"}),
    ],
)
def test_each_scope_holds_back_its_kinds_of_campaign_and_no_other(database, now, scope, kinds_held):
    with database.write() as session:
        hold(session, scope, now=now)

        held = {
            kind
            for kind in ("announcement", "research", "service", "confirmation")
            if suppression.suppressed(session, [PERSON, OTHER], kind, today=TODAY)
        }

    assert held == kinds_held


def test_what_holds_somebody_back_can_be_said_without_the_reason_that_was_typed(database, now):
    with database.write() as session:
        hold(session, Scope.EVERYTHING, now=now, reason="Jane rang")

        found = suppression.scopes(session, [PERSON, OTHER], "research", today=TODAY)

    assert found == {PERSON: Scope.EVERYTHING}
    assert set(suppression.WHY) == set(Scope)


def test_a_pause_holds_until_its_day_and_no_longer(database, now):
    end = TODAY + timedelta(days=30)
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now, until=end)

    with database.read() as session:
        assert is_held(session, end - timedelta(days=1))
        assert not is_held(session, end)
        assert suppression.of_address(session, PERSON, today=end) == []
        assert suppression.listing(session, today=end) == []


def test_when_somebody_last_asked_is_known_after_it_was_lifted_but_a_pause_is_no_wish(
    database, now
):
    later = now + timedelta(days=1)
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now)
        suppression.lift(session, PERSON, reason="asked", who="ana", now=later)
        hold(session, Scope.RESEARCH, now=later, until=TODAY + timedelta(days=9))
        hold(session, Scope.EVERYTHING, now=later, key=OTHER)

        asked = suppression.last_asked(session, [PERSON, OTHER], "research")
        of_service = suppression.last_asked(session, [PERSON, OTHER], "service")

    assert asked == {PERSON: now, OTHER: later}
    assert of_service == {OTHER: later}


def test_of_two_pauses_the_longer_counts(database, now):
    sooner, later = TODAY + timedelta(days=10), TODAY + timedelta(days=20)
    with database.write() as session:
        assert hold(session, Scope.RESEARCH, now=now, until=sooner)
        assert hold(session, Scope.RESEARCH, now=now, until=later)
        assert not hold(session, Scope.RESEARCH, now=now, until=sooner)

        assert [row.until for row in suppression.listing(session, today=TODAY)] == [later]


def test_a_wish_without_an_end_overtakes_a_pause_and_no_pause_shortens_it(database, now):
    end = TODAY + timedelta(days=10)
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now, until=end)
        assert hold(session, Scope.RESEARCH, now=now)
        assert not hold(session, Scope.RESEARCH, now=now, until=end)

        assert is_held(session, end)


def test_asking_gives_the_reason_and_only_for_those_who_are_held(database, now):
    with database.write() as session:
        hold(session, Scope.EVERYTHING, now=now, reason="Left the school")

    with database.read() as session:
        assert suppression.suppressed(session, [OTHER, PERSON], "service", today=TODAY) == {
            PERSON: "Left the school"
        }


def test_asking_about_more_people_than_one_statement_takes_finds_them_all(database, now):
    crowd = [number.to_bytes(16, "big") for number in range(40_000)]
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now, key=crowd[3])
        hold(session, Scope.RESEARCH, now=now, key=crowd[-1])

    with database.read() as session:
        assert set(suppression.suppressed(session, crowd, "research", today=TODAY)) == {
            crowd[3],
            crowd[-1],
        }


def test_stopping_twice_is_one_hold_and_one_event(database, now):
    with database.write() as session:
        assert hold(session, Scope.RESEARCH, now=now) is True
        assert hold(session, Scope.RESEARCH, now=now) is False

    with database.read() as session:
        assert len(session.exec(select(Suppression)).all()) == 1
        assert [event.act for event in session.exec(select(Event))] == ["suppressed"]


def test_lifting_ends_the_hold_and_keeps_the_record(database, now):
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now)
        hold(session, Scope.EVERYTHING, now=now)
        lifted = suppression.lift(
            session, PERSON, scopes=[Scope.RESEARCH], reason="Asked again", who="ben", now=now
        )

    with database.read() as session:
        assert lifted == [Scope.RESEARCH]
        assert [row.scope for row in suppression.of_address(session, PERSON, today=TODAY)] == [
            Scope.EVERYTHING
        ]
        assert len(session.exec(select(Suppression)).all()) == 2
        assert [event.act for event in session.exec(select(Event))][-1] == "lifted"


def test_lifting_what_was_not_held_changes_nothing(database, now):
    with database.write() as session:
        lifted = suppression.lift(session, PERSON, reason="Mistake", who="ben", now=now)

        assert lifted == []
        assert session.exec(select(Event)).all() == []


def test_someone_held_again_after_a_lift_is_held(database, now):
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now)
        suppression.lift(session, PERSON, reason="Signed up again", who="ben", now=now)
        assert hold(session, Scope.RESEARCH, now=now) is True

        assert suppression.suppressed(session, [PERSON], "research", today=TODAY)


def test_the_listing_is_newest_first_and_without_the_lifted(database, now):
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now, reason="first")
        hold(session, Scope.RESEARCH, now=now, key=OTHER, reason="second")
        hold(session, Scope.EVERYTHING, now=now, key=b"x" * 16, reason="lifted")
        suppression.lift(session, b"x" * 16, reason="mistake", who="ben", now=now)

        assert [row.reason for row in suppression.listing(session, today=TODAY)] == [
            "second",
            "first",
        ]


def test_the_query_for_a_claim_goes_by_the_index(database, now):
    asked = suppression.held("research", today=TODAY).where(Suppression.address_key == PERSON)

    with database.read() as session:
        connection = session.connection()
        explain = "EXPLAIN QUERY PLAN"
        if connection.dialect.name == "postgresql":
            explain = "EXPLAIN"
            # An empty table is read whole if it may be.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        text = asked.compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.exec_driver_sql(f"{explain} {text}").all()

    assert "ix_suppressions_address_key" in str(plan)
