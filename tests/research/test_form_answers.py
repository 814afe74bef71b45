"""Rows of an export: what each person said, or why the row cannot be brought in."""

from datetime import UTC, datetime, timedelta

import pytest

from postroom.content.signup_form import Purpose
from postroom.errors import AudienceError
from tests.research.exports import FILES, microsoft_row, write_microsoft
from tests.research.forms import ADA, BEN, HEADINGS, MAPPING, NOW, understood, write


@pytest.fixture
def read(tmp_path):
    def read(*rows, headings=HEADINGS, **how):
        return understood(write(tmp_path / "answers.csv", *rows, headings=headings), **how)[2]

    return read


def changed(old, new):
    assert old in MAPPING
    return MAPPING.replace(old, new)


def faults(reading):
    return [(row.where, row.field) for row in reading.bad]


def test_a_row_says_who_answered_what_and_when(read):
    [said] = read(ADA | {"Telephone": "01632 960001", "Support": "Large print\nplease"}).responses

    assert (said.where, said.response_id) == ("2", "1")
    assert said.submitted == datetime(2026, 9, 21, 8, tzinfo=UTC)
    assert (said.address, said.name, said.role) == ("ada@example.com", "Ada Bell", "General mentor")
    assert (said.phone, said.support) == ("01632 960001", "Large print\nplease")
    assert said.school.text == "Oak Primary"
    assert said.answers == {"role": ["General mentor"], "way": ["Survey"]}
    assert said.statements == {Purpose.THIS_SERVICE: "You can contact me about research."}


@pytest.mark.parametrize("answer", ["No", "", "yes", "Yes please", "Yes, but not by phone"])
def test_whoever_did_not_give_exactly_an_accepted_answer_is_not_brought_in(read, answer):
    reading = read(ADA | {"Contact": answer}, BEN)

    assert [said.name for said in reading.responses] == ["Ben Cole"]
    assert [(row.where, row.answer) for row in reading.without_permission] == [("2", answer)]
    assert reading.bad == []


@pytest.mark.parametrize("answer", ["Yes;", "  Yes ", "Yes\u00a0"])
def test_what_a_tool_puts_round_an_answer_makes_no_difference(read, answer):
    assert len(read(ADA | {"Contact": answer}).responses) == 1


SEVERAL = """accepted = ["Research"]
separator = "SEPARATOR"
other_answers = ["None, thank you"]

[permissions.survey]
column = "Contact"
accepted = ["Surveys, by email"]
separator = "SEPARATOR"
"""


@pytest.mark.parametrize(
    ("separator", "answer", "purposes"),
    [
        (";", "Research;Surveys, by email;", ["research-this-service", "survey"]),
        (";", "Surveys, by email;", ["survey"]),
        (";", "Research;Newsletter;", ["research-this-service"]),
        (",", "Research, Surveys, by email", ["research-this-service", "survey"]),
        (",", "Research, None, thank you", ["research-this-service"]),
        (",", "Research, but not by telephone", []),
        (",", "No Research", []),
    ],
)
def test_one_question_can_ask_for_several_permissions(read, separator, answer, purposes):
    mapping = changed('accepted = ["Yes"]\n', SEVERAL.replace("SEPARATOR", separator))

    found = read(ADA | {"Contact": answer}, mapping=mapping).responses

    assert [sorted(one.statements) for one in found] == ([purposes] if purposes else [])


def test_the_statement_is_the_questions_heading_where_nothing_else_is_said(read):
    mapping = changed('statement = "You can contact me about research."\n', "")

    [said] = read(ADA, mapping=mapping).responses

    assert said.statements == {Purpose.THIS_SERVICE: "Contact"}


@pytest.mark.parametrize(
    ("cells", "field", "why"),
    [
        ({"Email": "nobody"}, "email", "@-sign"),
        ({"Email": ""}, "email", "no email address"),
        ({"Email": "anonymous"}, "email", "did not ask who they are"),
        ({"Email": "a@example.com, b@example.com"}, "email", "more than one"),
        ({"Name": "  "}, "name", "no name"),
        ({"Name": "x" * 201}, "name", "more than 200"),
        ({"Telephone": "0" * 41}, "telephone", "more than 40"),
        ({"Support": "x" * 4_001}, "support", "more than 4,000"),
        ({"Timestamp": ""}, "submitted", "does not say when"),
        ({"Timestamp": "soon"}, "submitted", "that can be read"),
        ({"Timestamp": "2026-12-24 09:00"}, "submitted", "still to come"),
        ({"Way": "By post"}, "way", "none of the question"),
        ({"Role": "Headteacher, General mentor"}, None, ""),
        ({"School": "#N/A"}, "school", "formula"),
        ({"School": "x" * 201}, "school", "more than 200"),
    ],
)
def test_a_row_that_is_wrong_says_where_what_why_and_what_to_do(read, cells, field, why):
    reading = read(ADA | cells, BEN)

    if field is None:  # whatever is typed is "something else"
        assert reading.bad == []
        return
    [bad] = reading.bad
    assert (bad.where, bad.field) == ("2", field)
    assert why in bad.why
    assert bad.remedy
    assert [said.name for said in reading.responses] == ["Ben Cole"]


def test_every_fault_of_every_row_is_told_at_once(read):
    reading = read(ADA | {"Email": "x", "Name": "", "Way": "By post"}, BEN | {"Email": "y"})

    assert faults(reading) == [("2", "way"), ("2", "email"), ("2", "name"), ("3", "email")]


def test_a_long_answer_about_support_is_not_shown_to_whoever_imports(read):
    [bad] = read(ADA | {"Support": "my illness " * 500}).bad

    assert "illness" not in str(bad)


def test_a_row_with_more_cells_than_headings_is_wrong(tmp_path):
    file = write(tmp_path / "answers.csv", ADA)
    file.write_text(file.read_text(encoding="utf-8").strip() + ",and more\n", encoding="utf-8")

    assert faults(understood(file)[2]) == [("2", "the row")]


def test_a_column_without_a_heading_does_no_harm(tmp_path):
    file = write(tmp_path / "answers.csv", ADA | {"": "a note"}, headings=(*HEADINGS, ""))

    assert len(understood(file)[2].responses) == 1


def test_a_row_of_a_folder_with_more_cells_than_headings_is_wrong(tmp_path):
    for name, more in (("a.csv", ""), ("b.csv", ",and more")):
        file = write(tmp_path / name, ADA | {"Id": name})
        text = file.read_text(encoding="utf-8").strip()
        file.write_text(f"{text}{more}\n", encoding="utf-8")

    reading = understood(tmp_path)[2]

    assert faults(reading) == [("2 of b.csv", "the row")]
    assert [said.response_id for said in reading.responses] == ["a.csv"]


def test_spaces_that_dictation_adds_are_taken_out_of_addresses(read):
    [said] = read(ADA | {"Email": " ada @ example.com"}).responses

    assert said.address == "ada@example.com"


def test_nothing_that_cannot_be_seen_comes_in_with_a_name(read):
    [said] = read(ADA | {"Name": "Ada\u202e\u200e \x07Bell"}).responses

    assert said.name == "Ada Bell"


def test_what_looks_like_a_formula_is_text_and_stays_as_it_was_typed(read):
    cells = {"Name": "=1+1", "School": "'=HYPERLINK(1)", "Telephone": "+44 1632 960001"}

    [said] = read(ADA | cells).responses

    assert (said.name, said.school.text, said.phone) == (
        "=1+1",
        "=HYPERLINK(1)",
        "+44 1632 960001",
    )


def test_an_answer_can_be_called_otherwise_in_the_form_than_in_the_campaign(read):
    mapping = MAPPING + '\n[questions.way.answers]\n"Video" = "Video call"\n'

    [said] = read(ADA | {"Way": "survey, VIDEO"}, mapping=mapping).responses

    assert said.answers["way"] == ["Survey", "Video call"]


def test_an_option_with_a_comma_in_it_is_found_whole(read):
    [said] = read(ADA | {"Way": "Video call, one hour, Survey"}).responses

    assert said.answers["way"] == ["Video call, one hour", "Survey"]


def test_what_is_typed_beside_the_options_is_kept_where_the_question_has_room_for_it(read):
    [said] = read(ADA | {"Role": "Caretaker, and governor"}).responses

    assert said.answers["role"] == ["Caretaker, and governor"]
    assert said.role == "Caretaker, and governor"


def test_answers_that_are_no_option_are_counted_to_be_mapped(read):
    reading = read(ADA | {"Way": "By post, Survey"}, BEN | {"Way": "By post"})

    assert dict(reading.unknown["way"]) == {"By post": 2}
    assert "[questions.way.answers]" in reading.bad[0].remedy


def test_dates_that_can_be_read_in_two_ways_are_refused_until_somebody_says_which(read):
    rows = (ADA | {"Timestamp": "5/10/2026 09:15:00"}, BEN | {"Timestamp": "21/9/2026 09:00"})

    with pytest.raises(AudienceError) as refused:
        read(*rows)
    [said, *_] = read(*rows, mapping="day_first = true\n" + MAPPING).responses

    told = str(refused.value)
    assert "1 of its times can be read in two ways. Row 2, 5/10/2026 09:15:00" in told
    assert "day_first = true for 5 October" in told
    assert "the day comes first (row 3, 21/9/2026 09:00)" in told
    assert said.submitted == datetime(2026, 10, 5, 8, 15, tzinfo=UTC)


def test_dates_of_both_orders_in_one_file_are_for_the_file_to_mend(read):
    rows = [ADA | {"Timestamp": one} for one in ("5/10/2026", "21/9/2026", "9/21/2026")]

    with pytest.raises(AudienceError, match="Both ways are in use"):
        read(*rows)


def test_real_dates_of_a_workbook_are_not_ambiguous(tmp_path):
    mapping = (
        MAPPING.replace("google-forms", "microsoft-forms")
        .replace('"Timestamp"', '"Completion time"')
        .replace('"Id"', '"ID"')
        .replace('"Email"', '"Address"')
        .replace('name = "Name"', 'name = "Full name"')
    )
    questions = ("Address", "Full name", "School", "Telephone", "Support", "Role", "Way", "Contact")
    at = datetime(2026, 10, 5, 9, 15)  # noqa: DTZ001  # as a workbook has it: without a zone
    answers = ("ada@example.com", "Ada", "900 001", "", "", "General mentor", "Survey;", "Yes")
    row = microsoft_row(7, at, *answers)
    file = write_microsoft(tmp_path / "answers.xlsx", [row], questions)

    [said] = understood(file, mapping)[2].responses

    assert (said.response_id, said.submitted) == ("7", datetime(2026, 10, 5, 8, 15, tzinfo=UTC))
    assert said.answers["way"] == ["Survey"]


def test_the_zone_that_the_export_names_counts_before_that_of_the_mapping():
    mapping = (
        'campaign = "invite"\ntool = "qualtrics"\n[columns]\nresponse_id = "ResponseId"\n'
        'submitted = "EndDate"\nemail = "Q2"\nname = "Q1"\n'
        '[permissions.survey]\ncolumn = "Q6"\naccepted = ["Yes"]\n'
    )

    [said] = understood(FILES / "qualtrics.csv", mapping)[2].responses

    assert said.submitted == datetime(2026, 9, 15, 8, 4, 30, tzinfo=UTC)  # Denver is 6 hours behind
    assert said.statements == {Purpose.SURVEY: "Can we contact you about research?"}


def test_a_zone_that_nobody_knows_is_refused(tmp_path):
    text = (FILES / "qualtrics.csv").read_text(encoding="utf-8").replace("America/Denver", "Mars")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    mapping = (
        'campaign = "invite"\ntool = "qualtrics"\n[columns]\nsubmitted = "EndDate"\nemail = "Q2"\n'
        'name = "Q1"\n[permissions.survey]\ncolumn = "Q6"\naccepted = ["Yes"]\n'
    )

    with pytest.raises(AudienceError, match="time zone “Mars”"):
        understood(tmp_path / "a.csv", mapping)


def test_a_permission_that_would_be_over_by_now_is_not_brought_in(read):
    answered = datetime(2026, 9, 21, 8, tzinfo=UTC)
    over = answered.replace(year=2028)

    assert len(read(ADA, now=over - timedelta(seconds=1)).responses) == 1
    assert read(ADA, now=over).ended == ["2"]


def test_a_time_that_another_clock_on_earth_shows_now_is_not_to_come(read):
    soon = (NOW + timedelta(hours=12)).strftime("%Y-%m-%d %H:%M")

    assert len(read(ADA | {"Timestamp": soon}).responses) == 1


def test_a_form_that_does_not_ask_for_support_says_nothing_of_it(read):
    mapping = changed('support = "Support"\n', "")

    [said] = read(ADA | {"Support": "ignored"}, mapping=mapping).responses

    assert said.support is None


def test_several_columns_can_hold_the_answer_to_one_question(read):
    mapping = changed('column = "Way"', 'column = ["Way", "Support"]')

    [said] = read(ADA | {"Way": "Survey", "Support": "Video call"}, mapping=mapping).responses

    assert said.answers["way"] == ["Survey", "Video call"]
