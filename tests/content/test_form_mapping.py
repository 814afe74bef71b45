"""Mapping files: what they take, how mistakes are told, and that what is written can be read."""

import pytest

from postroom.content.campaign_file import read_campaign
from postroom.content.form_mapping import Tool, check_with, file_of, read_mapping
from postroom.content.form_mapping_text import (
    Draft,
    PermissionDraft,
    QuestionDraft,
    written,
)
from postroom.content.signup_form import Purpose
from postroom.errors import ContentError

MAPPING = """campaign = "invite"
tool = "microsoft-forms"

[columns]
response_id = "ID"
submitted = "Completion time"
email = "What is your email address?"
name = "What is your name?"

[questions.role]
column = "What do you do?"
[questions.role.answers]
"Head" = "Headteacher"

[permissions.research-this-service]
column = "Can we contact you?"
accepted = ["Yes"]
"""
CAMPAIGN = """title = "An invitation"
kind = "research"
template = "invite.md"
route = "open"
send_on = 2026-01-10
author = "policy@example.com"

[signup.questions.role]
ask = "What is your main role?"
error = "Select your main role"
options = ["Headteacher", "General mentor"]
"""


def mistakes(text, form="volunteers"):
    with pytest.raises(ContentError) as refused:
        read_mapping(form, text)
    return list(refused.value.problems)


def changed(old, new):
    assert old in MAPPING
    return MAPPING.replace(old, new)


def test_a_mapping_file_says_where_everything_stands():
    mapping = read_mapping("volunteers", MAPPING)

    assert (mapping.campaign, mapping.tool, mapping.timezone) == (
        "invite",
        Tool.MICROSOFT_FORMS,
        "Europe/London",
    )
    assert mapping.columns.email == "What is your email address?"
    assert mapping.questions["role"].column == ("What do you do?",)
    assert mapping.permissions[Purpose.THIS_SERVICE].accepted == ("Yes",)
    assert len(mapping.version) == 12


def test_another_content_is_another_version():
    assert (
        read_mapping("volunteers", MAPPING).version
        != read_mapping("volunteers", MAPPING + "\n").version
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('submitted = "Completion time"\n', "", "4: columns.submitted: is missing"),
        ("email =", "emial =", "7: columns.emial: is not known. Did you mean email?"),
        ('name = "What', 'first_name = "F"\nname = "What', "4: columns: has `name` and parts"),
        ('name = "What is your name?"\n', "", "4: columns: has no `name`"),
        ('"microsoft-forms"', '"ms"', '2: tool: must be "microsoft-forms"'),
        ('["Yes"]', "[]", "17: permissions.research-this-service.accepted: must name at least"),
        ('["Yes"]', '"Yes"', "accepted"),
        ("research-this-service", "research", "permissions.research: must be"),
        ('tool = "', 'timezone = "Mars"\ntool = "', "2: timezone: must be a time zone"),
        ('tool = "', 'day_first = "yes"\ntool = "', "2: day_first: must be true or false"),
        ('tool = "', 'form = "x"\ntool = "', "2: form: is not for you to say"),
        ('column = "Can', 'separator = "x"\ncolumn = "Can', "must be what stands between"),
        ('tool = "', "tool = “", "2: this is not valid TOML"),
    ],
)
def test_a_mistake_is_told_with_file_line_field_and_what_to_do(old, new, said):
    told = mistakes(changed(old, new))

    assert all(one.startswith("campaigns/forms/volunteers.toml:") for one in told)
    assert any(said in one for one in told), told


def test_without_a_permission_column_nobody_can_be_brought_in_and_it_says_what_to_do():
    text = MAPPING[: MAPPING.index("[permissions")]

    [told] = mistakes(text)

    assert "permissions: is missing" in told
    assert "[permissions.research-this-service]" in told
    assert "outreach signups add" in told


@pytest.mark.parametrize("name", ["Volunteers", "a/b", "..", "", "x" * 61])
def test_a_form_has_a_name_that_a_file_can_have(name):
    with pytest.raises(ContentError, match="cannot be a form's name"):
        file_of(name)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("questions.role", "questions.roles", "is no question of invite. There are: role"),
        ('= "Headteacher"', '= "Head teacher"', "Did you mean “Headteacher”?"),
        ('name = "What', 'role = "R"\nname = "What', "columns.role: is a question"),
    ],
)
def test_a_mapping_fits_its_campaign(old, new, said):
    text = changed(old, new)

    with pytest.raises(ContentError, match=r"campaigns/forms/volunteers\.toml:") as refused:
        check_with(read_mapping("volunteers", text), text, read_campaign("invite", CAMPAIGN))

    assert said in str(refused.value)


def test_what_is_written_can_be_read_whatever_stands_in_the_headings():
    odd = 'Say “yes” \\ "no" \U0001f4e9?'
    draft = Draft(
        campaign="invite",
        tool=Tool.GOOGLE_FORMS,
        day_first=True,
        columns={"submitted": "Timestamp", "email": odd, "first_name": "F", "last_name": "L"},
        questions={"role": QuestionDraft((odd, "B"), ",", {odd: "Headteacher"}, ("Caretaker",))},
        permissions={Purpose.SURVEY: PermissionDraft(odd, ["Yes", odd], odd, ";")},
        perhaps={"school": "Place", "way": "How", "permission": "Consent"},
    )

    text = written(draft, "volunteers")
    mapping = read_mapping("volunteers", text)

    assert (mapping.tool, mapping.day_first) == (Tool.GOOGLE_FORMS, True)
    assert (mapping.columns.email, mapping.columns.first_name) == (odd, "F")
    assert mapping.questions["role"].column == (odd, "B")
    assert mapping.questions["role"].answers == {odd: "Headteacher"}
    assert mapping.permissions[Purpose.SURVEY].accepted == ("Yes", odd)
    assert '# school = "Place"  # perhaps' in text
    assert '# "Caretaker" = "…"' in text
    assert "# [questions.way]" in text


def test_a_draft_with_nothing_in_it_shows_what_to_fill_in():
    text = written(Draft(campaign="invite", tool=Tool.OTHER, heading_rows=2), "volunteers")

    assert "heading_rows = 2" in text
    assert '# email = "…"' in text
    assert "# [permissions.research-this-service]" in text
