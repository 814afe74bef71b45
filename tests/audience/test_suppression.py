"""Suppression: who is held back from what, and that one place decides it."""

import pytest
from sqlmodel import select

from postroom.audience import suppression
from postroom.tables import Event, Scope, Suppression

PERSON, OTHER = b"p" * 16, b"o" * 16


def hold(session, scope, *, now, key=PERSON, reason="Asked by telephone"):
    return suppression.add(session, key, scope=scope, reason=reason, who="ana", now=now)


@pytest.mark.parametrize(
    ("scope", "kinds_held"),
    [
        (Scope.ANNOUNCEMENTS_AND_RESEARCH, {"announcement", "research"}),
        (Scope.RESEARCH, {"research"}),
        (Scope.EVERYTHING, {"announcement", "research", "service"}),
    ],
)
def test_each_scope_holds_back_its_kinds_of_campaign_and_no_other(database, now, scope, kinds_held):
    with database.write() as session:
        hold(session, scope, now=now)

        held = {
            kind
            for kind in ("announcement", "research", "service")
            if suppression.suppressed(session, [PERSON, OTHER], kind)
        }

    assert held == kinds_held


def test_asking_gives_the_reason_and_only_for_those_who_are_held(database, now):
    with database.write() as session:
        hold(session, Scope.EVERYTHING, now=now, reason="Left the school")

    with database.read() as session:
        assert suppression.suppressed(session, [OTHER, PERSON], "service") == {
            PERSON: "Left the school"
        }


def test_asking_about_more_people_than_one_statement_takes_finds_them_all(database, now):
    crowd = [number.to_bytes(16, "big") for number in range(40_000)]
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now, key=crowd[3])
        hold(session, Scope.RESEARCH, now=now, key=crowd[-1])

    with database.read() as session:
        assert set(suppression.suppressed(session, crowd, "research")) == {crowd[3], crowd[-1]}


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
        assert [row.scope for row in suppression.of_address(session, PERSON)] == [Scope.EVERYTHING]
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

        assert suppression.suppressed(session, [PERSON], "research")


def test_the_listing_is_newest_first_and_without_the_lifted(database, now):
    with database.write() as session:
        hold(session, Scope.RESEARCH, now=now, reason="first")
        hold(session, Scope.RESEARCH, now=now, key=OTHER, reason="second")
        hold(session, Scope.EVERYTHING, now=now, key=b"x" * 16, reason="lifted")
        suppression.lift(session, b"x" * 16, reason="mistake", who="ben", now=now)

        assert [row.reason for row in suppression.listing(session)] == ["second", "first"]


def test_the_query_for_a_claim_goes_by_the_index(database, now):
    asked = suppression.held("research").where(Suppression.address_key == PERSON)

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
