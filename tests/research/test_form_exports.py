"""Exports of form tools: recognised by their headings, said aloud, and no more read than needed."""

import csv
from datetime import datetime

import pytest

from postroom.content.form_mapping import Tool, read_mapping
from postroom.errors import AudienceError, ContentError
from postroom.research import form_columns
from postroom.research.form_exports import cell, read_export
from tests.research.exports import FILES, MICROSOFT, microsoft_row, write_microsoft
from tests.research.forms import MAPPING, write

AT = datetime(2026, 10, 5, 9, 15)  # noqa: DTZ001  # as a workbook has it: without a zone


def mapping(text=MAPPING):
    return read_mapping("volunteers", text)


@pytest.mark.parametrize(
    ("file", "tool", "said"),
    [
        ("google-forms.csv", Tool.GOOGLE_FORMS, "Google Forms: 1 heading row, 4 answers"),
        ("microsoft-forms.csv", Tool.MICROSOFT_FORMS, "Microsoft Forms: 1 heading row, 2 answers"),
        ("qualtrics.csv", Tool.QUALTRICS, "Qualtrics: 3 heading rows, 2 answers"),
        ("surveymonkey.csv", Tool.SURVEYMONKEY, "SurveyMonkey: 2 heading rows, 2 answers"),
        ("govuk-forms", Tool.GOVUK_FORMS, "GOV.UK Forms: 1 heading row, 3 answers in 3 files"),
        ("other.csv", Tool.OTHER, "a form of another kind"),
    ],
)
def test_each_tool_is_recognised_and_said_aloud(file, tool, said):
    export = read_export(FILES / file)

    assert export.shape.tool is tool
    assert said in export.in_words


def test_a_workbook_of_microsoft_forms_keeps_its_times(tmp_path):
    answers = ("Pia", "pia@example.com", "Oak", "General mentor", "Survey;", "Yes")
    file = write_microsoft(tmp_path / "answers.xlsx", [microsoft_row(1, AT, *answers)])

    export = read_export(file)
    [submitted] = export.called("Completion time")

    assert export.shape.tool is Tool.MICROSOFT_FORMS
    assert [cell(row, submitted) for row in export.rows] == ["2026-10-05T09:15:00"]


@pytest.mark.parametrize(
    "headings",
    [
        "email,school_urn,first_name,last_name",
        "placement_school_urn,placement_school_name,First name,Last name,Email",
        "Reference,Signed up,Name,Email address,Telephone,Yes to",
    ],
)
def test_our_own_headings_are_known_too(tmp_path, headings):
    (tmp_path / "list.csv").write_text(f"{headings}\na,b,c,d,e,f\n", encoding="utf-8")

    assert read_export(tmp_path / "list.csv").shape.tool is Tool.OUTREACH


def test_qualtrics_tells_its_time_zone_and_its_tries_and_unfinished_answers_are_left_out():
    export = read_export(FILES / "qualtrics.csv")

    assert export.shape.zone == "America/Denver"
    assert (export.previews, export.unfinished) == (("4",), ("6",))
    assert [row.where for row in export.rows] == ["5", "7"]


@pytest.mark.parametrize("name", ["Q5", "How would you like to take part? Select all that apply."])
def test_a_qualtrics_column_is_called_by_its_id_or_its_question(name):
    [column] = read_export(FILES / "qualtrics.csv").called(name)

    assert column.heading == "Q5"


def test_a_surveymonkey_question_over_several_columns_is_one_and_each_of_them():
    export = read_export(FILES / "surveymonkey.csv")
    [question] = export.called("How would you like to take part?")
    [option] = export.called("How would you like to take part?: Survey")

    assert [cell(row, question) for row in export.rows] == [
        "Video call of up to 60 minutes;Survey",
        "By phone",
    ]
    assert [cell(row, option) for row in export.rows] == ["Survey", ""]


def test_files_of_a_form_that_branches_come_together_under_their_headings():
    export = read_export(FILES / "govuk-forms")
    [providers] = export.called("Which ITT providers do you work with?")
    [school] = export.called("what is the name of your school?")

    assert [cell(row, providers) for row in export.rows] == [
        "Best Practice Network, I’m not sure",
        "Another provider",
        "",
    ]
    assert [cell(row, school) for row in export.rows] == ["St Ann’s Primary", "Oak Primary", ""]
    assert export.rows[0].where == "2 of volunteer_7QK2M9PX.csv"


def test_the_digest_of_a_folder_is_that_of_its_files_wherever_it_lies(tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in (FILES / "govuk-forms").iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    (copy / "notes.txt").write_text("not a form", encoding="utf-8")

    export = read_export(copy)

    assert export.sha256 == read_export(FILES / "govuk-forms").sha256
    assert export.passed_over == ("notes.txt",)


def test_a_folder_of_two_tools_and_one_without_answers_are_refused(tmp_path):
    with pytest.raises(AudienceError, match=r"no \.csv file"):
        read_export(tmp_path)
    for file in ("google-forms.csv", "qualtrics.csv"):
        (tmp_path / file).write_bytes((FILES / file).read_bytes())

    with pytest.raises(AudienceError, match="folder of their own"):
        read_export(tmp_path)


def test_an_export_in_another_encoding_and_with_tabs_is_read_too(tmp_path):
    with (FILES / "qualtrics.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.reader(text))
    with (tmp_path / "answers.tsv").open("w", encoding="utf-16", newline="") as text:
        csv.writer(text, delimiter="\t").writerows(rows)

    export = read_export(tmp_path / "answers.tsv")

    assert export.in_words == read_export(FILES / "qualtrics.csv").in_words
    assert export.columns == read_export(FILES / "qualtrics.csv").columns


def test_titles_above_the_headings_do_no_harm(tmp_path):
    text = (FILES / "google-forms.csv").read_text(encoding="utf-8")
    (tmp_path / "a.csv").write_text(f"Answers of September,,\n\n{text}", encoding="utf-8")

    export = read_export(tmp_path / "a.csv")

    assert export.shape.tool is Tool.GOOGLE_FORMS
    assert export.rows[0].where == "4"


def test_a_table_of_no_known_tool_is_read_by_its_mapping_file():
    text = MAPPING.replace("google-forms", "other").replace('"Email"', '"About you Your e-mail"')
    text = text.replace("[columns]", "heading_rows = 2\n\n[columns]")

    export = read_export(FILES / "other.csv", mapping=mapping(text))

    assert [row.where for row in export.rows] == ["4", "5"]
    assert "About you Your e-mail" in [column.heading for column in export.columns]


def test_a_file_of_another_tool_than_the_mappings_is_refused():
    with pytest.raises(AudienceError, match=r"looks like Qualtrics.*is for Google Forms"):
        read_export(FILES / "qualtrics.csv", mapping=mapping())


def test_a_file_that_lost_the_tools_own_columns_is_read_by_its_mapping(tmp_path):
    file = write(tmp_path / "a.csv", {"Email": "a@example.com"}, headings=("Name", "Email"))

    export = read_export(file, mapping=mapping())

    assert export.shape.tool is Tool.GOOGLE_FORMS


def columns_mapping(tool, **columns):
    named = "\n".join(f'{name} = "{heading}"' for name, heading in columns.items())
    return mapping(
        f'campaign = "invite"\ntool = "{tool}"\n[columns]\n{named}\n'
        '[permissions.survey]\ncolumn = "Can we contact you about research?"\naccepted = ["Yes"]\n'
    )


def test_addresses_of_machines_places_and_what_the_tool_adds_are_dropped_and_said():
    asked = columns_mapping(
        "qualtrics",
        submitted="EndDate",
        email="What is your email address?",
        name="What is your name?",
    )
    export = read_export(FILES / "qualtrics.csv", mapping=asked)

    assert form_columns.dropped(export, asked) == [
        "IPAddress",
        "RecipientLastName",
        "RecipientFirstName",
        "RecipientEmail",
        "LocationLatitude",
        "LocationLongitude",
    ]
    assert "User Language" in form_columns.not_read(export, asked)


def test_what_the_tool_knows_of_who_is_signed_in_is_read_only_where_it_is_named(tmp_path):
    questions = (
        "Email",
        "Points - Email",
        "Feedback - Email",
        "Can we contact you about research?",
    )
    row = microsoft_row(1, AT, "own@example.com", "1", "", "Yes")
    file = write_microsoft(tmp_path / "a.xlsx", [row], questions)
    by_tool = columns_mapping(
        "microsoft-forms", submitted="Completion time", email="Email", name="Name"
    )

    export = read_export(file, mapping=by_tool)

    assert form_columns.dropped(export, by_tool) == ["Points - Email", "Feedback - Email"]
    with pytest.raises(ContentError, match="stands over 2 columns"):
        form_columns.check(export, by_tool, "")


def test_a_mapping_cannot_name_what_is_always_dropped_or_is_not_there():
    text = (
        'campaign = "invite"\ntool = "qualtrics"\n[columns]\nsubmitted = "End Dates"\n'
        'email = "IPAddress"\nname = "Q1"\n'
        '[permissions.survey]\ncolumn = "Q6"\naccepted = ["Yes"]\n'
    )
    named = mapping(text)
    export = read_export(FILES / "qualtrics.csv", mapping=named)

    with pytest.raises(ContentError) as refused:
        form_columns.check(export, named, text)

    missing, dropped = refused.value.problems
    assert missing.startswith("campaigns/forms/volunteers.toml:4: columns.submitted: no column")
    assert "Did you mean “End Date”?" in missing
    assert dropped.startswith("campaigns/forms/volunteers.toml:5: columns.email: “IPAddress” is")


def test_a_file_with_headings_and_no_answer_is_refused(tmp_path):
    file = write(tmp_path / "a.csv")
    named = mapping()

    with pytest.raises(AudienceError, match="no answer"):
        form_columns.check(read_export(file, mapping=named), named, MAPPING)


def test_the_headings_of_microsoft_forms_are_those_that_it_writes():
    assert read_export(FILES / "microsoft-forms.csv").columns[4].heading == MICROSOFT[4]
