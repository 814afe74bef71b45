"""The templates to start from: complete, declared, and without a problem once filled in."""

import re
from datetime import date
from pathlib import Path

import pytest

from postroom.content.campaign_file import Kind
from postroom.content.checks import Problem, Rank, problems
from postroom.content.dates import dates_in
from postroom.content.editions import Edition, load_edition
from postroom.content.new_campaign import CONFIRMATIONS, campaign_text, start_from, starts
from postroom.content.notify_markdown import render_text
from postroom.content.rendering import Email, Renderer, sample_links
from tests.content.test_seed import ROOT

TEMPLATES = ROOT / "templates/email"
SENT, TODAY = date(2026, 3, 2), date(2026, 2, 16)
LINKS = sample_links("https://outreach.example.com")
KINDS = {
    "claim-window-opens": Kind.ANNOUNCEMENT,
    "correction": Kind.SERVICE,
    "details-deleted": Kind.SERVICE,
    "partner-covering-note": Kind.ANNOUNCEMENT,
    "reminder": Kind.RESEARCH,
    "session-invitation": Kind.RESEARCH,
    "sign-up-confirmation": Kind.SERVICE,
    "survey-invitation": Kind.RESEARCH,
    "thank-you": Kind.RESEARCH,
}
READER = {
    "name": "Zofia",
    "reference": "UR-7F3K-29QM",
    "choices": "a video call, a survey",
}
FILLED = {
    "address_source": "you signed up to help with research",
    "anonymity": "anonymous: we do not ask for your name or school",
    "answers_help": "decide when claims should open",
    "book_by": "Friday 13 March 2026",
    "booking_link": "https://bookings.example.com/mentor-funding",
    "cause": "we typed two digits in the wrong order",
    "closes": "Friday 17 July 2026",
    "closing_date": "Friday 20 March 2026",
    "contact": "mentor.funding@example.com",
    "corrected_by": "Friday 27 March 2026",
    "effect": "claims were worth less than they should have been",
    "figure": "hourly funding rate for general mentors",
    "findings_used_for": "make the claim form shorter",
    "first_sent": "Monday 16 February 2026",
    "form_length": "5 minutes",
    "fringe": "£902",
    "funding": "general mentor funding",
    "incentive": "We will send a £20 voucher for your school by Friday 27 March 2026.",
    "inner_london": "£1,072",
    "kept_for": "2 years",
    "log_kept_for": "6 months",
    "looking_for": "school business managers and general mentors",
    "opens": "Monday 4 May 2026",
    "organisation": "the Ministry of Examples",
    "outer_london": "£965",
    "paid_in": "September and October 2026",
    "partner": "Rowan Teaching School Hub",
    "pass_on_by": "Friday 6 March 2026",
    "prevention": "a second person now checks every rate",
    "privacy_notice": "https://www.example.com/privacy",
    "provider": "Rowan Teaching School Hub",
    "rest_of_england": "£876",
    "right_figure": "£43.80",
    "schools": "every school that hosts your trainees",
    "service": "Claim funding for mentor training",
    "service_is": "a new way to claim for the time that mentors train",
    "service_link": "https://www.example.com/claim-funding",
    "session_dates": "the week of 23 March 2026",
    "session_length": "60 minutes",
    "session_place": "a video call in Microsoft Teams",
    "session_topic": "how you record mentors’ training",
    "shown_when": "all of February 2026",
    "shown_where": "the claim service",
    "sign_in": "DfE Sign-in account",
    "sign_up_link": "https://outreach.example.com/p/rowan",
    "survey_length": "5 minutes",
    "survey_link": "https://survey.example.com/mentor-training",
    "team": "Example Funding Team",
    "tell_us_by": "Friday 13 March 2026",
    "topic": "mentor training",
    "training_hours": "20 hours",
    "why_you": "you claim funding for your school",
    "withdraw_by": "Friday 3 April 2026",
    "wrong_figure": "£43.18",
}
every_template = pytest.mark.parametrize("name", KINDS)


def begun(root: Path, name: str, *, filled: bool) -> Edition:
    """Return the campaign that `outreach new spring --from NAME` makes in *root*."""
    start = start_from(TEMPLATES, name)
    written = campaign_text("spring", start, author="jo@example.com", send_on=SENT)
    if filled:
        written = re.sub(r'^title = "TBC[^"]*"', 'title = "Spring"', written, flags=re.MULTILINE)
        for fact, value in FILLED.items():
            gap = rf'^{fact} = {{ value = "TBC: [^"]*", source = "TBC" }}$'
            stated = f'{fact} = {{ value = "{value}", source = "Notes of 16 February" }}'
            written = re.sub(gap, stated, written, flags=re.MULTILINE)
        assert '"TBC' not in written.replace(CONFIRMATIONS, "")
    for path, text in (
        ("campaigns/spring.toml", written),
        ("templates/email/spring.md", start.text),
        ("templates/email/base.md", (TEMPLATES / "base.md").read_text(encoding="utf-8")),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return load_edition(root, "spring")


def rendered(edition: Edition) -> Email:
    return Renderer(edition).render(READER, LINKS)


def found(edition: Edition) -> list[Problem]:
    return problems(edition, [(2, rendered(edition))], TODAY)


def test_what_a_team_sends_next_is_there_to_start_from():
    written_for_it = {start.name: start.kind for start in starts(TEMPLATES) if start.purpose}

    assert written_for_it == KINDS


@every_template
def test_it_says_of_each_fact_what_belongs_there_and_of_no_other(name):
    comment = (TEMPLATES / f"{name}.md").read_text(encoding="utf-8").partition("#}")[0]
    explained = set(re.findall(r"^facts\.(\w+): ", comment, re.MULTILINE))
    foot = {"organisation", "team", "contact", "privacy_notice", "address_source"}
    facts = set(start_from(TEMPLATES, name).facts)

    assert explained <= facts <= explained | foot


@every_template
def test_a_new_campaign_of_it_renders_at_once_and_every_gap_stops_it(name, tmp_path):
    edition = begun(tmp_path, name, filled=False)

    assert list(edition.campaign.facts) == list(start_from(TEMPLATES, name).facts)
    assert all(fact.value.startswith("TBC: ") for fact in edition.campaign.facts.values())
    assert "TBC" in rendered(edition).body
    assert "placeholder-left" in {p.check for p in found(edition) if p.rank is Rank.STOP}


@every_template
def test_filled_in_it_has_nothing_to_mend(name, tmp_path):
    assert found(begun(tmp_path, name, filled=True)) == []


@every_template
def test_it_states_no_amount_date_name_or_address_of_its_own(name):
    text = (TEMPLATES / f"{name}.md").read_text(encoding="utf-8").partition("#}")[2]
    words = re.sub(r"\{[{%].*?[%}]\}", "", text)

    assert re.findall(r"£|\d{2,}|@|https?:|\b(?:January|July|DfE|BPN|NIoT)\b", words) == []


@every_template
def test_its_key_dates_stand_on_lines_of_their_own(name, tmp_path):
    body = render_text(rendered(begun(tmp_path, name, filled=True)).body)
    crowded = [line for line in body.splitlines() if len(list(dates_in(line))) > 1]

    assert crowded == []


@pytest.mark.parametrize("name", ["sign-up-confirmation", "details-deleted"])
def test_what_may_be_forwarded_by_mistake_shows_no_name(name):
    assert "name" not in start_from(TEMPLATES, name).columns
