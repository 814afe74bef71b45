"""What was approved is what is sent: exactly this set, these words, these terms, and no others."""

from datetime import timedelta

import pytest
from sqlmodel import select

from postroom.content.checks import sha256
from postroom.delivery import approval as approvals
from postroom.delivery import approval_requests, messages, outbox, stop_answers
from postroom.delivery.planning import OpenStops, plan_campaign
from postroom.delivery.preparing import prepare
from postroom.delivery.sending import see_through
from postroom.errors import NotPermitted
from postroom.settings import Mode
from postroom.tables import Event, Membership, StopAnswer
from tests.delivery.conftest import TEMPLATE, addresses, clock

APPROVER = "approver@example.com"
SPELLINGS_OF_THE_AUTHOR = (
    "author@example.com",
    "author+approver@example.com",
    "author\u200b@example.com",
)


def plan(post):
    return plan_campaign(post.database, post.edition(), post.office, now=clock())


def terms(post):
    return approvals.terms_of(post.notify(), post.notify().template(), post.settings)


def ask(post, *, planned=None, approver=APPROVER, now=None):
    """Ask an approver and return the code they were sent."""
    planned, code = planned or plan(post), approval_requests.new_code()
    with post.database.write() as session:
        approval_requests.note_request(
            session,
            messages.find_mailing(session, "cards", Mode.LOCAL),
            edition_id=planned.edition_id,
            digest=planned.digest,
            terms=terms(post),
            approver=approver,
            asker="author@example.com",
            code_hash=post.keys.code_hash(code),
            now=now or clock(),
        )
    return code


def answer(post, code, *, now=None):
    with post.database.write() as session:
        mailing = messages.find_mailing(session, "cards", Mode.LOCAL)
        return approval_requests.request_with_code(
            session, post.keys, code, mailing, now=now or clock()
        )


def changes(post, approval):
    with post.database.read() as session:
        prepared = prepare(session, post.edition(), post.office, today=clock().date())
        return list(approvals.what_changed(session, approval, post.edition(), prepared))


def change_template(post, old, new):
    path = post.workspace.templates / "cards.md"
    path.write_text(TEMPLATE.replace(old, new), encoding="utf-8")


def test_nothing_changed_is_no_change(post):
    post.add_people(*addresses(3))

    assert changes(post, post.approve()) == []


def test_one_changed_character_is_named_by_its_file(post):
    post.add_people(*addresses(3))
    approval = post.approve()
    change_template(post, "A card costs", "A card cost")

    (said,) = changes(post, approval)

    assert said.startswith("templates/email/cards.md was changed after the approval:")
    assert "- A card costs {{ facts.fee }}." in said
    assert "+ A card cost {{ facts.fee }}." in said


def test_a_new_recipient_is_named_by_its_row(post):
    post.add_people(*addresses(3))
    approval = post.approve()
    post.add_people("later@example.com")

    assert changes(post, approval) == ["1 new on the list since the approval (row 2)"]


def test_a_changed_value_on_the_list_is_a_change(post):
    post.add_people(*addresses(2))
    approval = post.approve()
    with post.database.write() as session:
        session.exec(select(Membership)).first().fields = {"name": "Another"}

    assert changes(post, approval) == ["1 would get other words than approved (row 2)"]


def test_another_template_version_or_service_is_a_change(post):
    post.add_people(*addresses(1))
    approval = post.approve()
    other = approvals.Terms(**{**approval.terms, "template_version": 2, "service": "another"})

    assert other.differences(approval.terms) == [
        f"service was {approval.terms['service']}, now another",
        "template version was 1, now 2",
    ]


def test_someone_leaving_is_no_change_for_the_others(post):
    post.add_people(*addresses(3))
    approval = post.approve()
    with post.database.write() as session:
        session.delete(session.exec(select(Membership)).first())

    assert changes(post, approval) == []


def test_messages_that_change_while_they_are_approved_are_not_approved(post):
    post.add_people(*addresses(2))
    planned = plan(post)
    post.add_people("later@example.com")
    plan(post)

    changed = pytest.raises(NotPermitted, match="changed while they were being approved")
    with changed, post.database.write() as session:
        approvals.approve(
            session,
            messages.find_mailing(session, "cards", Mode.LOCAL),
            edition_id=planned.edition_id,
            digest=planned.digest,
            terms=terms(post),
            facts={},
            who=APPROVER,
            recorded_by=APPROVER,
            now=clock(),
        )


def test_the_right_code_finds_the_request_however_it_is_typed(post):
    post.add_people(*addresses(1))
    code = ask(post)

    assert answer(post, code.upper().replace("-", "")).approver == APPROVER


@pytest.mark.parametrize("code", ["", "aaaa-bbbb-cccc", "x" * 500, "\x00"])
def test_a_wrong_code_is_refused(post, code):
    post.add_people(*addresses(1))
    ask(post)

    with pytest.raises(NotPermitted, match="not a code we sent"):
        answer(post, code)


def test_an_old_code_is_refused(post):
    post.add_people(*addresses(1))
    code = ask(post, now=clock() - approval_requests.LASTS - timedelta(minutes=1))

    with pytest.raises(NotPermitted, match="more than 7 days old"):
        answer(post, code)


def test_a_code_for_another_campaign_is_refused(post):
    post.add_people(*addresses(1))
    code = ask(post)
    with post.database.write() as session:
        other = outbox.mailing_for(session, "other", Mode.LOCAL, now=clock())
        with pytest.raises(NotPermitted, match="another campaign"):
            approval_requests.request_with_code(session, post.keys, code, other, now=clock())


def test_a_code_is_void_once_a_word_was_changed(post):
    post.add_people(*addresses(1))
    code = ask(post)
    change_template(post, "A card costs", "A card cost")
    plan(post)

    with pytest.raises(NotPermitted, match="changed since the approver was asked"):
        answer(post, code)


def test_the_code_itself_is_stored_nowhere(post):
    post.add_people(*addresses(1))
    code = ask(post)
    post.database.close()

    stored = b"".join(path.read_bytes() for path in post.workspace.root.glob("outreach.db*"))

    assert code.encode() not in stored
    assert code.replace("-", "").encode() not in stored


@pytest.mark.parametrize(
    ("approver", "asker"),
    [
        ("stranger@example.com", "me@example.com"),
        *((author, "me@example.com") for author in SPELLINGS_OF_THE_AUTHOR),
        (APPROVER, APPROVER.upper()),
        (APPROVER, f" {APPROVER}"),
    ],
)
def test_strangers_authors_and_askers_may_not_approve(post, approver, asker):
    settings = post.settings.model_copy(
        update={"approvers": (APPROVER, *SPELLINGS_OF_THE_AUTHOR, "me@example.com")}
    )
    with pytest.raises(NotPermitted):
        approval_requests.may_be_asked(approver, asker, post.edition().campaign, settings)


@pytest.mark.parametrize("editor", [APPROVER, "approver+git@example.com", "APPROVER@example.com"])
def test_whoever_changed_the_files_last_may_not_approve(post, editor):
    settings = post.settings.model_copy(update={"approvers": (APPROVER,)})
    asked = (APPROVER, "me@example.com", post.edition().campaign, settings)

    with pytest.raises(NotPermitted, match="changed the files of cards last"):
        approval_requests.may_be_asked(*asked, last_editor=editor)
    approval_requests.may_be_asked(*asked, last_editor="colleague@example.com")


def test_a_no_stands_until_something_changes(post):
    post.add_people(*addresses(2))
    planned = plan(post)
    with post.database.write() as session:
        approvals.refuse(
            session,
            messages.find_mailing(session, "cards", Mode.LOCAL),
            edition_id=planned.edition_id,
            digest=planned.digest,
            why="the fee is wrong",
            who=APPROVER,
            now=clock(),
        )

    with pytest.raises(NotPermitted, match="said no to exactly this: the fee is wrong"):
        plan(post)

    change_template(post, "A card costs", "The card costs")
    assert plan(post).planned.to_send == 2


def test_a_no_ends_when_the_source_it_asked_for_is_mended(post):
    post.add_people(*addresses(1))
    planned = plan(post)
    with post.database.write() as session:
        approvals.refuse(
            session,
            outbox.mailing_for(session, "cards", Mode.LOCAL, now=clock()),
            edition_id=planned.edition_id,
            digest=planned.digest,
            why="the fee has no proper source",
            who=APPROVER,
            now=clock(),
        )
    with pytest.raises(NotPermitted, match="said no to exactly this"):
        plan(post)

    campaign = post.workspace.root / "campaigns" / "cards.toml"
    said = campaign.read_text(encoding="utf-8")
    campaign.write_text(said.replace("The fees page", "The fees order of 2026"), encoding="utf-8")

    assert plan(post).digest == planned.digest


def test_an_open_stop_blocks_until_it_is_answered_in_words(post):
    post.add_people(*addresses(1))
    change_template(post, "A card costs", "[LINK TO FORM] A card costs")
    with pytest.raises(OpenStops) as caught:
        plan(post)
    stops = caught.value.stops

    with post.database.write() as session:
        stop_answers.answer(
            session,
            "cards",
            stops[0].check,
            stops,
            reason="quoted on purpose",
            who="me",
            now=clock(),
        )
    assert plan(post).planned.to_send == 1

    change_template(post, "A card costs", "[LINK TO OTHER FORM] A card costs")
    with pytest.raises(OpenStops):
        plan(post)


def call_them(post, *names):
    """Give the people on the list these names, in its order."""
    with post.database.write() as session:
        for membership, name in zip(session.exec(select(Membership)), names, strict=True):
            membership.fields = {"name": name}
            session.add(membership)


def test_an_answer_to_what_one_row_holds_covers_nothing_that_another_holds(post):
    post.add_people(*addresses(3))
    call_them(post, "XXX", "Reader", "Reader")
    with pytest.raises(OpenStops) as caught:
        plan(post)
    answer_all(post, caught.value.stops)
    assert plan(post).planned.to_send == 3

    call_them(post, "XXX", "((x??[LINK TO FORM]))", "Reader")
    with pytest.raises(OpenStops):
        plan(post)

    call_them(post, "XXX", "Reader", "[LINK]")
    with pytest.raises(OpenStops):
        plan(post)

    call_them(post, "Reader", "XXX", "XXX")
    assert plan(post).planned.to_send == 3


def test_an_answer_keeps_nothing_of_what_a_list_holds(post):
    post.add_people(*addresses(1))
    call_them(post, "((Rowan Example))")
    with pytest.raises(OpenStops) as caught:
        plan(post)
    answer_all(post, caught.value.stops)

    with post.database.read() as session:
        kept = session.exec(select(StopAnswer)).all()
        events = session.exec(select(Event)).all()
    assert kept
    assert "Rowan" not in repr(kept) + repr(events)
    assert {one.text_digest for one in kept}.isdisjoint(
        sha256(f"“{found}” was left in. Put what belongs there in its place.")
        for found in ("((Rowan Example))", "…")
    )


def answer_all(post, stops):
    with post.database.write() as session:
        for check in {stop.check for stop in stops}:
            stop_answers.answer(
                session, "cards", check, stops, reason="on purpose", who="me", now=clock()
            )


def test_an_answer_without_a_reason_is_not_taken(post):
    with post.database.write() as session, pytest.raises(NotPermitted, match="Say why, in words"):
        stop_answers.answer(session, "cards", "any", [], reason=" ", who="me", now=clock())


def test_whoever_came_later_is_approved_alone_and_the_sent_stay_sent(post):
    post.add_people(*addresses(3))
    see_through(post.sender(post.approve()), waiting=print)
    post.add_people("later@example.com")

    planned = plan(post)

    assert [draft.address for draft in planned.prepared.to_send] == ["later@example.com"]
    assert (planned.planned.to_send, planned.planned.already_sent) == (1, 3)


def test_a_finished_campaign_has_nothing_to_approve(post):
    post.add_people(*addresses(1))
    see_through(post.sender(post.approve()), waiting=print)

    with pytest.raises(NotPermitted, match="finished"):
        plan(post)


def test_somebody_who_looks_and_says_no_ends_no_approval(post):
    post.add_people(*addresses(3))
    approval = post.approve()

    plan(post)

    with post.database.read() as session:
        assert approvals.standing_approval(session, "cards", Mode.LOCAL).id == approval.id
    assert see_through(post.sender(approval), waiting=print).tally["accepted"] == 3


def test_a_run_whose_approval_ended_meanwhile_says_so(post):
    post.add_people(*addresses(60))
    approval = post.approve()

    def plan_other_words(_run):
        change_template(post, "A card costs", "The card costs")
        plan(post)

    run = see_through(post.sender(approval, progress=plan_other_words), waiting=print)

    assert "planned or approved anew" in run.ended_because
    assert len(post.arrived()) < 60
