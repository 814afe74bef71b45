"""What columns seem to be: sure by their words, and only asked about where they look alike."""

import csv

import pytest

from postroom.content.form_mapping import read_mapping
from postroom.content.form_mapping_text import written
from postroom.content.near_words import nearest_words
from postroom.content.signup_form import Purpose
from postroom.research.form_drafts import draft, lacking
from postroom.research.form_exports import read_export
from postroom.research.form_suggestions import Sureness, suggest
from tests.research.exports import FILES
from tests.research.forms import CAMPAIGN, campaign

ASKS_PERMISSION = CAMPAIGN + (
    '\n[signup.permissions]\nresearch-this-service = "You may write to me about research."\n'
    'survey = "You may send me surveys."\n'
)


def found(tmp_path, *rows, the_campaign=None):
    with (tmp_path / "answers.csv").open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows(rows)
    export = read_export(tmp_path / "answers.csv")
    the_campaign = the_campaign or campaign()
    return export, the_campaign, suggest(export, the_campaign)


def told(suggestions):
    return {one.field: (one.column.heading, one.sureness) for one in suggestions.every()}


def test_the_tools_own_columns_and_usual_headings_are_known(tmp_path):
    _, _, suggestions = found(
        tmp_path,
        ["Timestamp", "E-mail address", "First name", "Surname", "School", "Can we contact you?"],
        ["2026-09-21", "a@example.com", "Ada", "Bell", "Oak", "Yes"],
    )

    assert told(suggestions) == {
        "submitted": ("Timestamp", Sureness.USUAL),
        "email": ("E-mail address", Sureness.USUAL),
        "first_name": ("First name", Sureness.USUAL),
        "last_name": ("Surname", Sureness.USUAL),
        "school": ("School", Sureness.USUAL),
        "research-this-service": ("Can we contact you?", Sureness.ALIKE),
    }


def test_a_question_of_the_campaign_is_known_by_its_words_and_one_like_it_is_asked_about(tmp_path):
    _, _, suggestions = found(
        tmp_path,
        ["Timestamp", "What’s your main role", "how would you like to take part? *"],
        ["2026-09-21", "Headteacher", "Survey"],
    )

    assert told(suggestions)["way"] == ("how would you like to take part? *", Sureness.EXACT)
    assert told(suggestions)["role"] == ("What's your main role", Sureness.ALIKE)


def test_a_column_whose_answers_are_the_options_looks_like_the_question(tmp_path):
    _, _, suggestions = found(
        tmp_path,
        ["Timestamp", "Q7"],
        ["2026-09-21", "Survey, Video call"],
        ["2026-09-22", "Survey"],
    )

    assert told(suggestions)["way"] == ("Q7", Sureness.ALIKE)


def test_a_column_of_addresses_looks_like_one(tmp_path):
    _, _, suggestions = found(
        tmp_path, ["Timestamp", "How do we reach you"], ["2026-09-21", "a@example.com"]
    )

    assert told(suggestions)["email"] == ("How do we reach you", Sureness.ALIKE)


def test_what_a_tool_writes_of_somebody_it_does_not_know_is_nothing(tmp_path):
    _, _, suggestions = found(
        tmp_path,
        ["ID", "Start time", "Completion time", "Email", "Name", "Your name"],
        ["1", "2026-09-21", "2026-09-21", "anonymous", "", "Ada"],
    )

    assert "email" not in suggestions.fields
    assert told(suggestions)["name"] == ("Your name", Sureness.USUAL)


def test_a_permission_is_known_by_the_words_of_the_campaign_in_heading_or_answer(tmp_path):
    export, the_campaign, suggestions = found(
        tmp_path,
        ["Timestamp", "Permission", "You may send me surveys."],
        ["2026-09-21", "You may write to me about research.", "I agree"],
        ["2026-09-22", "", "No"],
        the_campaign=campaign(ASKS_PERMISSION),
    )

    made = draft(export, the_campaign, suggestions)

    assert told(suggestions)["research-this-service"] == ("Permission", Sureness.EXACT)
    first = made.permissions[Purpose.THIS_SERVICE]
    assert (first.accepted, first.statement) == (
        ["You may write to me about research."],
        "You may write to me about research.",
    )
    survey = made.permissions[Purpose.SURVEY]
    assert (survey.accepted, survey.statement) == (["I agree"], "You may send me surveys.")


def test_an_answer_that_is_no_plain_yes_is_never_taken_for_one(tmp_path):
    export, the_campaign, suggestions = found(
        tmp_path,
        ["Timestamp", "Can we contact you about research?"],
        ["2026-09-21", "Perhaps"],
        ["2026-09-22", "Yes, but not in July"],
    )

    made = draft(export, the_campaign, suggestions)

    assert made.permissions == {}
    assert made.perhaps["permission"] == "Can we contact you about research?"
    assert any("Without permission nobody" in one for one in lacking(made))


def test_what_only_looks_alike_goes_in_when_somebody_says_so(tmp_path):
    export, the_campaign, suggestions = found(
        tmp_path, ["Timestamp", "How do we reach you"], ["2026-09-21", "a@example.com"]
    )

    without = draft(export, the_campaign, suggestions)
    agreed = draft(export, the_campaign, suggestions, [suggestions.fields["email"]])

    assert "email" not in without.columns
    assert without.perhaps["email"] == "How do we reach you"
    assert any('email = "How do we reach you"' in one for one in lacking(without))
    assert agreed.columns["email"] == "How do we reach you"


@pytest.mark.parametrize(
    "file", ["google-forms.csv", "microsoft-forms.csv", "surveymonkey.csv", "govuk-forms"]
)
def test_what_is_sure_of_each_tools_export_makes_a_mapping_file_that_can_be_read(file):
    export = read_export(FILES / file)
    made = draft(export, campaign(), suggest(export, campaign()))

    assert list(lacking(made)) == []
    mapping = read_mapping("volunteers", written(made, "volunteers"))
    assert mapping.tool is export.shape.tool
    assert all(export.called(heading) for heading in mapping.headings.values())


def test_the_columns_that_qualtrics_adds_are_called_by_their_ids():
    export = read_export(FILES / "qualtrics.csv")

    made = draft(export, campaign(), suggest(export, campaign()))

    assert (made.columns["response_id"], made.columns["submitted"]) == ("ResponseId", "EndDate")
    assert made.columns["email"] == "What is your email address?"


def test_our_own_export_says_itself_what_people_said_yes_to(tmp_path):
    export, the_campaign, suggestions = found(
        tmp_path,
        ["Reference", "Signed up", "Name", "Email address", "Yes to", "way"],
        ["UR-1", "22 January 2026 at 9:05am", "Ada", "a@example.com", "survey, updates", "Survey"],
    )

    made = draft(export, the_campaign, suggestions)

    assert set(made.permissions) == {Purpose.SURVEY, Purpose.UPDATES}
    assert made.permissions[Purpose.SURVEY].accepted == ["survey"]
    assert made.permissions[Purpose.SURVEY].separator == ","
    assert "Mentor funding" in made.permissions[Purpose.SURVEY].statement
    assert made.questions["way"].column == ("way",)


def test_answers_that_are_no_option_are_listed_to_be_said_which_they_are(tmp_path):
    export, the_campaign, suggestions = found(
        tmp_path,
        ["Timestamp", "How would you like to take part?"],
        ["2026-09-21", "Videocall, Survey"],
    )

    made = draft(export, the_campaign, suggestions)

    assert made.questions["way"].unknown == ["Videocall"]
    assert '# "Videocall" = "…"' in written(made, "volunteers")
    assert nearest_words("Videocall", the_campaign.signup.questions["way"].options) == "Video call"
    assert nearest_words("By post", ["Survey"]) == ""
