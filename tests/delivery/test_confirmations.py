"""Confirmations: one email for each thing that happened, in the words that were approved once."""

import shutil
import threading
from dataclasses import replace

import pytest
from sqlmodel import select

from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.content.confirmations import PART, Confirmation
from postroom.delivery import approval as approvals
from postroom.delivery import confirmation_letters, confirmations, fixed_texts, messages, outbox
from postroom.delivery.confirmations import Happened
from postroom.delivery.preparing import Office
from postroom.keys import Page
from postroom.research import people
from postroom.research.people import Someone
from postroom.settings import Mode
from postroom.tables import Approval, Message, Scope, Status
from tests.content.test_seed import ROOT
from tests.databases import TODAY
from tests.delivery.conftest import clock

ADA = "Ada.Bell@example.com"
CAMPAIGN = """
title = "Cards"
kind = "research"
template = "cards.md"
route = "direct"
list = "cards"
send_on = 2026-01-14
author = "author@example.com"

[facts]
contact = { value = "cards@example.com", source = "The fees page" }
fee = { value = "£4", source = "The fees page" }
organisation = { value = "the Library", source = "The fees page" }
privacy_notice = { value = "https://www.example.com/privacy", source = "The fees page" }
team = { value = "Cards team", source = "The fees page" }

[confirmations]
service = { value = "Library cards", source = "The fees page" }
kept_for = { value = "2 years", source = "The notice" }
log_kept_for = { value = "6 months", source = "The notice" }
address_source = { value = "you did this on our pages", source = "How they work" }
"""


@pytest.fixture
def sent(post):
    """The workspace of `post`, with a campaign that sends confirmations."""
    (post.workspace.root / "campaigns/cards.toml").write_text(CAMPAIGN, encoding="utf-8")
    for template in ROOT.glob("templates/email/*.md"):
        shutil.copy(template, post.workspace.templates)
    return post


def happen(post, confirmation=Confirmation.SIGNED_UP, address=ADA, mode=Mode.LOCAL, **says):
    key = post.keys.address_key(normalise(address))
    what = Happened(confirmation, "cards", address, key, says)
    office = Office(post.settings, post.keys, mode)
    with post.database.write() as session:
        return confirmations.plan(session, post.workspace.root, office, what, now=clock())


def sign_up(post, **changed):
    return happen(post, reference="UR-7F3K-29QM", choices="surveys", **changed)


def approve(post, mode=Mode.LOCAL):
    office, notify = Office(post.settings, post.keys, mode), post.notify()
    texts = confirmation_letters.texts(post.workspace.root, "cards", office, today=TODAY)
    with post.database.write() as session:
        approval = fixed_texts.approve(
            session,
            outbox.mailing_for(session, "cards", mode, part=PART, now=clock()),
            texts,
            terms=approvals.terms_of(notify, notify.template(), post.settings),
            facts={},
            who="approver@example.com",
            recorded_by="author@example.com",
            now=clock(),
        )
        confirmations.put_waiting_under(session, approval, office)
    return approval


def send(post, approval):
    return confirmations.send_waiting(
        post.database,
        post.notify(),
        post.office,
        approval,
        clock=clock,
        interrupted=threading.Event(),
    )


def waiting(post, mode=Mode.LOCAL):
    with post.database.read() as session:
        return [one.number for one in confirmations.waiting(session, mode)]


def hold(post, scope, address=ADA):
    key = post.keys.address_key(normalise(address))
    with post.database.write() as session:
        suppression.add(session, key, scope=scope, reason="asked", who="us", now=clock())


def test_somebody_is_told_once_in_the_approved_words_and_with_their_own_links(sent):
    approval = approve(sent)
    sign_up(sent)

    send(sent, approval)
    send(sent, approval)

    (email,) = sent.server.ledger()
    assert email.email_address == ADA
    assert email.subject == "[LOCAL] You have signed up for research on Library cards"
    assert "UR-7F3K-29QM" in email.body
    assert "surveys" in email.body
    assert "https://outreach.example.com/your-details)" in email.body
    stop = email.one_click_unsubscribe_url.removeprefix("https://outreach.example.com/stop/")
    assert sent.keys.read_page_token(Page.STOP, stop) == email.reference


@pytest.mark.parametrize(
    ("confirmation", "page", "says"),
    [
        (Confirmation.SIGNED_UP_AFTER_STOPPING, Page.AGAIN, {}),
        (Confirmation.STOPPED, Page.UNDO, {"stopped": "announcements"}),
        (Confirmation.DETAILS_ASKED_FOR, Page.DETAILS, {}),
    ],
)
def test_the_page_it_leads_to_is_for_the_reader_of_this_email_only(sent, confirmation, page, says):
    approval = approve(sent)
    happen(sent, confirmation, **says)

    send(sent, approval)

    (email,) = sent.server.ledger()
    _, _, after = email.body.partition(f"https://outreach.example.com/{page}/")
    token = after.partition(")")[0]
    assert sent.keys.read_page_token(page, token) == email.reference
    assert sent.keys.read_page_token(Page.STOP, token) is None


def test_until_the_texts_are_approved_they_wait_and_then_go_in_the_approved_words(sent):
    assert sign_up(sent)
    assert waiting(sent) == [1]
    template = sent.workspace.templates / "sign-up-confirmation.md"
    template.write_text(template.read_text("utf-8").replace("Thank you", "Many thanks"), "utf-8")

    send(sent, approve(sent))

    (email,) = sent.server.ledger()
    assert "Many thanks for offering" in email.body


def test_a_text_changed_after_the_approval_is_not_sent_until_it_is_approved(sent):
    approval = approve(sent)
    template = sent.workspace.templates / "sign-up-confirmation.md"
    template.write_text(template.read_text("utf-8").replace("Thank you", "Cheers"), "utf-8")
    sign_up(sent)

    send(sent, approval)

    (email,) = sent.server.ledger()
    assert "Thank you for offering" in email.body


def test_a_new_approval_takes_over_what_still_waits(sent):
    first = approve(sent)
    sign_up(sent)
    template = sent.workspace.templates / "sign-up-confirmation.md"
    template.write_text(template.read_text("utf-8").replace("Thank you", "Many thanks"), "utf-8")

    second = approve(sent)
    send(sent, first)
    assert sent.server.ledger() == []
    send(sent, second)

    (email,) = sent.server.ledger()
    assert "Many thanks" in email.body


@pytest.mark.parametrize("scope", [Scope.RESEARCH, Scope.ANNOUNCEMENTS_AND_RESEARCH, Scope.ERASED])
def test_only_a_wish_for_nothing_at_all_holds_one_back(sent, scope):
    hold(sent, scope)
    hold(sent, Scope.EVERYTHING, "ben@example.com")
    approval = approve(sent)
    sign_up(sent)
    sign_up(sent, address="ben@example.com")

    send(sent, approval)

    assert sent.arrived() == [ADA]
    assert [row.status for row in sent.rows() if row.address != ADA] == [Status.SKIPPED]


def test_the_erased_are_told_so_and_then_their_address_is_nowhere(sent):
    approval = approve(sent)
    someone = Someone.at(ADA, sent.keys)
    sign_up(sent)
    send(sent, approval)
    with sent.database.write() as session:
        people.erase(session, someone, why="asked", who="themselves", now=clock())
    happen(sent, Confirmation.DETAILS_DELETED)

    send(sent, approval)

    assert [email.subject.removeprefix("[LOCAL] ") for email in sent.server.ledger()] == [
        "You have signed up for research on Library cards",
        "We have deleted your details",
    ]
    assert [row.address for row in sent.rows()] == [None, None]


def test_the_campaigns_own_emails_and_its_confirmations_count_apart(sent):
    sent.add_people("reader@example.com")
    own, theirs = sent.approve(), approve(sent)
    sign_up(sent)

    sent.sender(own).send()
    assert sent.arrived() == ["reader@example.com"]
    send(sent, theirs)

    with sent.database.read() as session:
        counted = [
            messages.counts(session, messages.find_mailing(session, "cards", "local", part=part).id)
            for part in ("", PART)
        ]
    assert [sum(each.values()) for each in counted] == [1, 1]
    assert sent.arrived() == [ADA, "reader@example.com"]


def test_approving_the_campaign_anew_leaves_its_confirmations_approved(sent):
    sent.add_people("reader@example.com")
    approval = approve(sent)
    sign_up(sent)

    sent.approve()

    send(sent, approval)
    assert sent.arrived() == [ADA]


def test_in_live_they_leave_once_somebody_has_switched_them_on(sent):
    approval = approve(sent, Mode.LIVE)
    assert not confirmations.may_leave(approval, Mode.LIVE)
    with sent.database.read() as session:
        assert [one.id for one in confirmations.switched_off(session, Mode.LIVE)] == [approval.id]

    with sent.database.write() as session:
        confirmations.switch_on(session, approval.id, who="author@example.com", now=clock())

    with sent.database.read() as session:
        now_on = session.get_one(Approval, approval.id)
        assert confirmations.may_leave(now_on, Mode.LIVE)
        assert confirmations.switched_off(session, Mode.LIVE) == []
    assert not confirmations.may_leave(None, Mode.LIVE)


def test_a_campaign_that_states_none_of_their_facts_sends_none(sent):
    file = sent.workspace.root / "campaigns/cards.toml"
    file.write_text(file.read_text("utf-8").partition("[confirmations]")[0], "utf-8")

    assert not sign_up(sent)
    assert sent.rows() == []


def test_one_that_cannot_be_written_keeps_nobody_from_signing_up(sent):
    (sent.workspace.templates / "sign-up-confirmation.md").unlink()

    assert not sign_up(sent)
    assert sent.rows() == []


def test_outside_live_none_goes_to_an_address_that_is_not_allowed(sent):
    settings = sent.settings.model_copy(update={"allowed_addresses": ("@team.example.com",)})
    limited = replace(sent, settings=settings)
    approval = approve(limited)

    assert not sign_up(limited)
    send(limited, approval)

    assert sent.server.ledger() == []


def test_each_of_two_equal_acts_has_its_own(sent):
    approval = approve(sent)
    sign_up(sent)
    sign_up(sent)

    send(sent, approval)

    assert sent.arrived() == [ADA, ADA]
    with sent.database.read() as session:
        first, second = session.exec(select(Message))
    assert first.reference != second.reference


def test_the_approver_is_shown_all_five_with_the_facts_they_state(sent):
    texts = confirmation_letters.texts(sent.workspace.root, "cards", sent.office, today=TODAY)

    assert len(texts.emails) == len(Confirmation) == 5
    assert {"service", "kept_for", "contact"} <= set(texts.edition.campaign.facts)
    assert "fee" not in texts.edition.campaign.facts  # of the campaign's own email only
    assert texts.problems == []
