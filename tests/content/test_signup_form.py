"""The sign-up form in a campaign file: what it takes, and how mistakes in it are told."""

import pytest

from postroom.content.campaign_file import read_campaign
from postroom.content.signup_form import Purpose
from postroom.errors import CampaignError

CAMPAIGN = """title = "An invitation"
kind = "research"
template = "invite.md"
route = "open"
send_on = 2026-01-10
author = "policy@example.com"
"""
ROLE = """
[signup.questions.role]
ask = "What is your main role?"
error = "Select your main role"
options = ["Head", "Mentor"]
"""


def mistake(text):
    with pytest.raises(CampaignError) as refused:
        read_campaign("invite", CAMPAIGN + text)
    return str(refused.value)


def test_a_campaign_without_a_form_asks_what_every_form_asks():
    form = read_campaign("invite", CAMPAIGN).signup

    assert (form.minutes, form.questions, form.suitable) == (5, {}, None)


def test_questions_options_and_words_come_from_the_file():
    campaign = read_campaign(
        "invite",
        CAMPAIGN
        + ROLE
        + 'other = "Something else"\nother_ask = "Your role"\nother_error = "Enter your role"\n'
        + '[signup.permissions]\nresearch-this-service = "You can write to me."\n'
        + "[wanted.role]\nMentor = 4\n",
    )

    assert campaign.signup.questions["role"].all_options == ("Head", "Mentor", "Something else")
    assert campaign.signup.permissions == {Purpose.THIS_SERVICE: "You can write to me."}
    assert campaign.wanted == {"role": {"Mentor": 4}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[signup]\nminuets = 5\n", "campaigns/invite.toml:8: signup.minuets: is not known."),
        ("[signup]\nminuets = 5\n", "Did you mean minutes? A sign-up form has"),
        ("[signup]\nminutes = 500\n", "signup.minutes: must be 60 or less"),
        (ROLE + 'other = "Else"\n', "signup.questions.role: has `other` and so needs"),
        (ROLE + 'unsure = "Not sure"\n', 'needs choose = "several"'),
        (ROLE + 'telephone = "Phone"\n', "not one of its options"),
        (ROLE.replace("Mentor", "Head"), "has the same option twice"),
        (ROLE.replace("ask =", "aks ="), "Did you mean ask? A question has"),
        (ROLE.replace('error = "Select your main role"', ""), "error: is missing"),
        (ROLE.replace("role]", '"Main role"]'), "cannot be a question's name"),
        ('[signup]\nsuitable = "Do you?"\n', "needs `suitable_error`"),
        ('[signup]\nquestions = { role = "x" }\n', "must be written like a table"),
        ('[wanted.role]\nMentor = "4"\n', "wanted.role.Mentor"),
    ],
)
def test_a_mistake_is_named_with_its_place(text, said):
    assert said in mistake(text)
