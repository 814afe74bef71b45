"""When everybody's email is made and checked again before mail goes, and when that is known."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.audience.replacing import Replacement, replace_recipient
from postroom.content.checks import CHECKS, Problem, Rank
from postroom.delivery import rechecking, stop_answers
from postroom.delivery.preparing import Office
from postroom.research import people, retention
from postroom.research.people import Someone
from postroom.settings import Mode
from postroom.tables import Approval, Event, Message, RecipientList, Scope, Status
from tests.delivery.conftest import addresses, clock

DAY = date(2026, 1, 14)
OUT = addresses(2)[1]


@pytest.fixture
def approved(post):
    """Three are approved, of whom the second had asked not to be emailed."""
    post.add_people(*addresses(3))
    hold(post, OUT)
    return post.approve()


def key(post, address):
    return post.keys.address_key(normalise(address))


def hold(post, address, until=None):
    with post.database.write() as session:
        suppression.add(
            session,
            key(post, address),
            scope=Scope.EVERYTHING,
            reason="asked",
            who="a colleague",
            now=clock(),
            until=until,
        )


def lift(post, address):
    with post.database.write() as session:
        suppression.lift(
            session, key(post, address), reason="asked for it", who="a colleague", now=clock()
        )


def happen(post, act, target):
    with post.database.write() as session:
        session.add(Event(at=clock(), who="a colleague", act=act, target=target))


def holds(post, approval, *, edition=None, mode=Mode.LOCAL, today=DAY, **settings):
    office = Office(post.settings.model_copy(update=settings), post.keys, mode)
    with post.database.read() as session:
        approval = session.get_one(Approval, approval.id)
        return rechecking.holds(session, approval, edition or post.edition(), office, today=today)


def test_with_nothing_changed_nobody_is_looked_at_again(post, approved):
    assert holds(post, approved)


def test_an_approval_without_a_note_is_looked_at(post, approved):
    with post.database.write() as session:
        session.get_one(Approval, approved.id).looked_at = {}

    assert not holds(post, approved)


def test_another_text_is_looked_at(post, approved):
    template = post.workspace.templates / "cards.md"
    template.write_text(template.read_text().replace("A card", "The card"))

    assert not holds(post, approved)


def test_other_facts_and_other_allowed_addresses_are_looked_at(post, approved):
    edition = replace(post.edition(), facts_files={"facts/calendar.toml": "a = 1"})

    assert not holds(post, approved, edition=edition)
    assert not holds(post, approved, allowed_addresses=("@example.com",))


@pytest.mark.parametrize(
    ("act", "target", "known"),
    [
        ("imported", "cards", False),
        ("imported", "schools", False),
        ("replaced an address", "cards", False),
        ("imported", "another-list", True),
        ("synced", "cards", True),
    ],
)
def test_what_an_import_may_have_changed_is_looked_at(post, approved, act, target, known):
    happen(post, act, target)

    assert holds(post, approved) is known


def test_a_replaced_address_is_looked_at(post, approved):
    with post.database.write() as session:
        change = Replacement("cards", addresses(1)[0], "new@example.com", {}, "she left")
        replace_recipient(session, post.keys, change, who="a colleague", now=clock())

    assert not holds(post, approved)


@pytest.mark.parametrize(("gone", "known"), [("cards", False), ("another-list", True)])
def test_a_list_that_was_deleted_on_its_day_is_looked_at(post, approved, gone, known):
    with post.database.write() as session:
        session.add(
            Event(
                at=clock(),
                who="a colleague",
                act="deleted",
                target="what was due",
                details={"lists": [gone]},
            )
        )

    assert holds(post, approved) is known


def test_retention_tells_of_the_list_it_deletes(post, approved):
    with post.database.write() as session:
        session.exec(select(RecipientList)).one().gone_by = DAY
        retention.apply(session, who="a colleague", now=clock())

    assert not holds(post, approved)


def test_a_program_that_knows_more_checks_looks(post, approved, monkeypatch):
    monkeypatch.setattr(rechecking, "CHECKS", (*CHECKS, replace(CHECKS[0], name="a-new-one")))

    assert not holds(post, approved)


def test_a_template_that_is_included_is_looked_at(post):
    place = post.workspace.templates
    (place / "foot.md").write_text("The card team")
    cards = place / "cards.md"
    words = "{% include 'foot.md' %}\n\nYou can [stop"
    cards.write_text(cards.read_text().replace("You can [stop", words))
    post.add_people(*addresses(3))
    approved = post.approve()
    assert holds(post, approved)

    (place / "foot.md").write_text("The team of cards")
    assert not holds(post, approved)


def test_another_address_of_the_links_is_looked_at(post, approved):
    assert not holds(post, approved, public_url="https://other.example.com")


def test_a_hold_that_an_erasure_was_is_looked_at_once_it_is_lifted(post, approved):
    with post.database.write() as session:
        someone = Someone.at(OUT, post.keys)
        people.erase(session, someone, why="asked", who="a colleague", now=clock())
    assert holds(post, approved)

    lift(post, OUT)
    assert not holds(post, approved)


def test_a_hold_that_came_after_the_approval_and_was_lifted_is_looked_at_if_it_kept_mail_back(
    post, approved
):
    first = addresses(1)[0]
    hold(post, first)
    sender = post.sender(approved)
    sender.send()
    lift(post, first)

    assert not holds(post, approved)


def test_a_hold_that_came_after_the_approval_and_was_lifted_before_the_send_changes_nothing(
    post, approved
):
    first = addresses(1)[0]
    hold(post, first)
    lift(post, first)

    assert holds(post, approved)


def test_a_hold_that_was_lifted_is_looked_at_where_it_held_somebody_back_here(post, approved):
    hold(post, "elsewhere@example.com")
    lift(post, "elsewhere@example.com")
    assert holds(post, approved)

    lift(post, OUT)
    assert not holds(post, approved)


def test_a_new_hold_only_takes_away(post, approved):
    hold(post, addresses(1)[0])

    assert holds(post, approved)


def test_a_hold_that_ends_on_its_day_is_looked_at(post, approved):
    hold(post, "pausing@example.com", until=DAY + timedelta(days=3))

    assert holds(post, approved, today=DAY + timedelta(days=2))
    assert not holds(post, approved, today=DAY + timedelta(days=3))


def test_a_live_send_on_another_day_is_looked_at_and_a_rehearsal_is_not(post, approved):
    later = DAY + timedelta(days=1)

    assert holds(post, approved, today=later)
    assert holds(post, approved, mode=Mode.LIVE)
    assert not holds(post, approved, mode=Mode.LIVE, today=later)


@pytest.mark.parametrize("condition", ["was_sent", "not_signed_up_to", "not_sent_within"])
def test_a_segment_by_what_happened_is_always_looked_at(post, approved, condition):
    with post.database.read() as session:
        kept = session.get_one(Approval, approved.id)
    campaign = post.edition().campaign.model_copy(update={"segment": {condition: ("cards",)}})

    assert not holds(post, kept, edition=replace(post.edition(), campaign=campaign))


def test_the_stops_that_were_found_must_still_be_answered(post, approved):
    stop = Problem(Rank.STOP, "deadline-past", "The deadline “1 May” is past.")
    warning = Problem(Rank.WARN, "weekend", "It is a Sunday.")
    with post.database.read() as session:
        note = rechecking.note_of(session, post.edition(), post.office, [stop, warning], today=DAY)
    with post.database.write() as session:
        session.get_one(Approval, approved.id).looked_at = note

    assert open_stops(post, approved) == [stop]
    with post.database.write() as session:
        words = {"reason": "quoted on purpose", "who": "a colleague", "now": clock()}
        stop_answers.answer(session, "cards", stop.check, [stop], **words)
    assert open_stops(post, approved) == []


def open_stops(post, approval):
    with post.database.read() as session:
        kept = session.get_one(Approval, approval.id)
        return rechecking.open_stops(session, kept, "cards")


def test_rows_that_are_left_out_are_the_ones_a_lift_is_compared_with(post, approved):
    with post.database.read() as session:
        skipped = session.exec(select(Message).where(Message.status == Status.SKIPPED)).one()

    assert skipped.address_key == key(post, OUT)
