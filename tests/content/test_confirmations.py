"""The emails that tell somebody what was just done: all there, each by itself, for one person."""

from datetime import UTC, date, datetime
from shutil import copytree

import pytest

from postroom.content import confirmations
from postroom.content.campaign_file import Kind, Route
from postroom.content.checks import Problem, problems
from postroom.content.confirmations import SAMPLES, Confirmation, Occasion
from postroom.content.notify_markdown import render_text
from postroom.content.rendering import Email, Renderer, sample_links
from postroom.errors import TemplateError
from tests.content.test_seed import ROOT

LINKS = sample_links("https://outreach.example.com")
every_confirmation = pytest.mark.parametrize("confirmation", Confirmation)
every_campaign = pytest.mark.parametrize("campaign", ["bpn-invite", "niot-invite"])


def letter(campaign, confirmation):
    edition = confirmations.load(ROOT, campaign)
    return confirmations.letter(edition, confirmation)


def rendered(campaign: str, confirmation: Confirmation) -> Email:
    return Renderer(letter(campaign, confirmation)).render(SAMPLES, LINKS)


def found(campaign: str, confirmation: Confirmation) -> list[Problem]:
    edition, email = letter(campaign, confirmation), rendered(campaign, confirmation)
    return problems(edition, [(0, email)], date(2024, 1, 22))


@every_campaign
@every_confirmation
def test_each_has_nothing_to_mend(campaign, confirmation):
    assert found(campaign, confirmation) == []


def test_a_campaign_that_states_nothing_for_them_still_sends_the_link_to_ones_details(tmp_path):
    copytree(ROOT / "templates", tmp_path / "templates")
    stated, rest = (ROOT / "campaigns/bpn-invite.toml").read_text().split("[confirmations]")
    (tmp_path / "campaigns").mkdir()
    without = stated + rest[rest.index("[wanted.role]") :]
    (tmp_path / "campaigns/bpn-invite.toml").write_text(without)

    edition = confirmations.load(tmp_path, "bpn-invite")

    asked = Confirmation.DETAILS_ASKED_FOR
    assert confirmations.sent_by(edition.campaign) == (asked,)
    of_it = confirmations.letter(edition, asked)
    email = Renderer(of_it).render({}, LINKS)
    assert "Why you got this email: you asked for this link" in render_text(email.body)
    assert problems(of_it, [(0, email)], date(2024, 1, 22)) == []


@every_confirmation
def test_each_says_why_it_came_who_sent_it_and_where_the_privacy_notice_is(confirmation):
    text = render_text(rendered("niot-invite", confirmation).body)

    assert "Why you got this email: " in text
    assert "National Institute of Teaching gave" not in text  # nobody passed this one on
    assert "on behalf of" not in text
    assert "ittmentor.funding@education.gov.uk" in text
    assert "privacy notice: https://" in text


@every_confirmation
def test_none_of_them_can_be_held_back_but_by_a_wish_for_nothing_at_all(confirmation):
    campaign = letter("niot-invite", confirmation).campaign

    assert (campaign.kind, campaign.route) == (Kind.SERVICE, Route.OPEN)


@every_confirmation
def test_none_of_them_shows_a_name_because_email_is_forwarded(confirmation):
    assert "name" not in Renderer(letter("bpn-invite", confirmation)).fields_used


def test_each_asks_only_for_what_it_shows():
    used = {
        confirmation: Renderer(letter("bpn-invite", confirmation)).fields_used
        for confirmation in Confirmation
    }

    assert used[Confirmation.SIGNED_UP] == {"reference", "choices"}
    assert used[Confirmation.STOPPED] == {"stopped"}
    assert used[Confirmation.DETAILS_DELETED] == frozenset()
    assert set().union(*used.values()) == set(SAMPLES)


def test_an_edition_of_them_that_was_kept_writes_the_same_emails_again():
    edition = confirmations.load(ROOT, "bpn-invite")
    kept = confirmations.restore("bpn-invite", dict(edition.files))

    assert kept.digest == edition.digest
    for confirmation in Confirmation:
        first, again = (
            Renderer(confirmations.letter(each, confirmation)).render(SAMPLES, LINKS)
            for each in (edition, kept)
        )
        assert first == again


def test_a_template_that_is_missing_is_named(tmp_path):
    for folder in ("campaigns", "templates/email"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("campaigns/bpn-invite.toml", *sorted(ROOT.glob("templates/email/*.md"))):
        source = ROOT / file
        (tmp_path / source.relative_to(ROOT)).write_text(source.read_text("utf-8"), "utf-8")
    (tmp_path / "templates/email/emails-stopped.md").unlink()

    with pytest.raises(TemplateError, match=r"there is no template emails-stopped\.md"):
        confirmations.load(tmp_path, "bpn-invite")


@every_confirmation
def test_an_occasion_says_what_happened_and_when(confirmation):
    occasion = str(Occasion(confirmation, datetime(2026, 1, 12, 9, 30, tzinfo=UTC)))

    assert confirmations.confirmation_of(occasion) is confirmation
    assert occasion.endswith("2026-01-12T09:30:00+00:00")
