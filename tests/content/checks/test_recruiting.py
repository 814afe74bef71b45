"""Mail about a service: it may not ask for volunteers, because nobody can opt out of it."""

from datetime import date
from pathlib import Path

import pytest

from postroom.content import confirmations
from postroom.content.campaign_file import Kind
from postroom.content.checks import problems
from postroom.content.rendering import Email
from tests.content.checks.cases import SITE, Case

NAME = "service-recruits"


@pytest.mark.parametrize(
    "body",
    [
        "We are looking for volunteers.",
        "Would you take part in our user research?",
        "Could you take part in a short piece of research?",
        "Join a research session in March.",
        "Please help us with research.",
        f"[Tell us what you think]({SITE}/r/abcdefgh234567)",
    ],
)
def test_a_service_email_that_asks_for_volunteers_is_told_of(body):
    assert Case(body, kind=Kind.SERVICE).texts(NAME)


@pytest.mark.parametrize("kind", [Kind.ANNOUNCEMENT, Kind.RESEARCH])
def test_other_kinds_may_ask(kind):
    assert not Case("We are looking for volunteers.", kind=kind).texts(NAME)


@pytest.mark.parametrize(
    "body",
    [
        "You can claim from 1 September 2024.",
        "Research shows that mentors matter.",
        "Record the hours of your mentors, who must not be volunteered without asking.",
        f"[Stop these emails]({SITE}/stop/abcdefgh234567)",
        "[Claim now](https://www.example.com/claim)",
    ],
)
def test_a_service_email_about_the_service_is_left_alone(body):
    assert not Case(body, kind=Kind.SERVICE).texts(NAME)


def test_a_confirmation_may_speak_of_what_somebody_just_signed_up_to():
    root = Path(__file__).parents[3]
    of_all = confirmations.load(root, "bpn-invite")
    letter = confirmations.letter(of_all, confirmations.Confirmation.SIGNED_UP)
    email = Email("Thank you", "You have signed up to help with research.")

    found = problems(letter, [(0, email)], date(2024, 1, 22))

    assert [problem.text for problem in found if problem.check == NAME] == []
