"""The document that started the project, and the email that stands for it here."""

import csv
import re
from pathlib import Path

import pytest

from postroom.content.campaign_file import Route
from postroom.content.editions import load_edition
from postroom.content.notify_markdown import render_html, render_text
from postroom.content.rendering import Email, Renderer, sample_links
from tests.content.conformance.outline import outline

ROOT = Path(__file__).parents[2]
SEED = (ROOT / "tests/seed/bpn-invite-design-history.md").read_text(encoding="utf-8")
LINKS = sample_links("https://outreach.example.com")
FOOTER = "\n\n---\n\nWhy you got this email: "


def seed_email() -> Email:
    """Return the subject and content that the seed document passes to its email component."""
    subject = re.search(r'^subject: "(.*)",$', SEED, re.MULTILINE)
    content = re.search(r'^content: "\n(.*)"\n\n}\) }}$', SEED, re.MULTILINE | re.DOTALL)
    assert subject is not None
    assert content is not None
    return Email(subject[1], content[1].strip("\n"))


def rendered(campaign: str) -> Email:
    return Renderer(load_edition(ROOT, campaign)).render({}, LINKS)


def body_and_footer(email: Email) -> tuple[str, str]:
    body, rule, footer = email.body.partition(FOOTER)
    assert rule
    return body.removesuffix("\n"), footer


def test_the_invite_is_the_seed_document_with_only_the_link_to_the_form_filled_in():
    expected = seed_email()
    email = rendered("bpn-invite")
    body, _ = body_and_footer(email)

    assert email.subject == expected.subject
    assert body == expected.body.replace("[LINK TO FORM]", LINKS.sign_up)
    assert expected.body.count("[LINK TO FORM]") == 1


def test_the_seed_document_is_read_whole():
    body = seed_email().body

    assert body.startswith("# Get ready to claim mentor grant funding before the 2024 summer")
    assert body.endswith("(mailto:ittmentor.funding@education.gov.uk)")
    assert [body.count(sign) for sign in "’–£"] == [5, 2, 2]


def test_the_invite_arrives_with_the_headings_lists_and_lines_of_the_seed():
    tree = outline(render_html(rendered("bpn-invite").body))

    headings = [(tag, words[0]) for tag, _, words in tree if tag in ("h2", "h3")]
    lists = [len(children) for tag, _, children in tree if tag == "ul"]
    with_breaks = [
        children[0] for tag, _, children in tree if tag == "p" and ["br", {}, []] in children
    ]
    assert headings == [
        ("h2", "Get ready to claim mentor grant funding before the 2024 summer holidays"),
        ("h3", "How it works"),
        ("h3", "How much can be claimed"),
        ("h2", "We’d like your help to co-design the service"),
        ("h2", "Further background on the general mentor grant"),
    ]
    assert lists == [2, 4]
    assert with_breaks == [
        "Schools outside of London – up to £876",
        "BPN have partnered with the DfE for the early rollout of this new service.",
        "Kind regards,",
    ]


def test_nothing_is_added_before_the_end_of_the_seed_and_all_that_is_due_after_it():
    body, footer = body_and_footer(rendered("bpn-invite"))

    assert "Why you got this email" not in body
    assert footer.startswith("Best Practice Network gave us this address")
    assert f"[stop these emails]({LINKS.stop})" in footer
    assert "the person we first sent it to, and not to you" in footer
    assert "General Mentor Grant Funding Team, the Department for Education." in footer
    assert "[privacy notice](https://www.gov.uk/" in footer
    assert "[ittmentor.funding@education.gov.uk](mailto:" in footer


def test_the_rule_before_the_footer_does_not_turn_the_last_line_into_a_heading():
    text = render_text(rendered("bpn-invite").body)

    assert "=-=-=-" in text.partition("If you have any further questions")[2]


def test_the_other_providers_invite_differs_in_the_provider_only():
    bpn, _ = body_and_footer(rendered("bpn-invite"))
    niot, footer = body_and_footer(rendered("niot-invite"))

    assert rendered("niot-invite").subject == rendered("bpn-invite").subject
    assert niot == bpn.replace("Best Practice Network", "National Institute of Teaching").replace(
        "BPN", "NIoT"
    )
    assert "To stop emails like this, tell the National Institute of Teaching." in footer
    assert LINKS.stop not in footer


def test_the_provider_whose_schools_we_hold_no_address_of_goes_by_the_partner_route():
    campaign = load_edition(ROOT, "niot-invite").campaign

    assert campaign.route is Route.PARTNER
    assert campaign.list is None


@pytest.mark.parametrize("campaign", ["bpn-invite", "niot-invite"])
def test_what_a_campaign_states_is_typed_once(campaign):
    edition = load_edition(ROOT, campaign)
    template = edition.files["templates/email/bpn-invite.md"]

    for name, fact in edition.campaign.facts.items():
        # A bare number is in ordinary words too: "2024" is part of a date that is a fact.
        if not fact.value.isdigit():
            assert fact.value not in template, name


@pytest.fixture(scope="module")
def example_rows() -> list[dict[str, str]]:
    with (ROOT / "recipients/example-bpn.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_example_list_is_fifty_schools_each_with_an_address_and_a_number_of_its_own(
    example_rows,
):
    assert len(example_rows) == 50
    for column in ("email address", "school", "urn"):
        assert len({row[column].lower() for row in example_rows}) == 50
    assert len({row["region"] for row in example_rows}) == 9
    assert sum(row["region"] == "London" for row in example_rows) == 14


def test_nobody_and_no_school_on_the_example_list_can_be_real(example_rows):
    simulated = {"perm-fail@simulator.notify", "temp-fail@simulator.notify"}
    addresses = {row["email address"] for row in example_rows}

    assert simulated < addresses
    assert all(address.endswith(".example.com") for address in addresses - simulated)
    # The register of schools has given out no number that begins with 9.
    assert all(row["urn"].startswith("9000") for row in example_rows)
