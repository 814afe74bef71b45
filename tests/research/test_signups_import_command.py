"""`signups import` and `signups match`: what they print, what they ask, how they end."""

import io
import json
import sys
from datetime import datetime

import pytest

from tests.audience import gias
from tests.research.exports import LAST_YEAR, last_year, microsoft_row, write_microsoft

CAMPAIGN = ("--campaign", "bpn-invite")
MAPPING_FILE = "campaigns/forms/volunteers.toml"


@pytest.fixture
def at_desk(terminal):
    terminal.have_example_campaigns()
    return terminal


class Typed(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def bring_in(at_desk, monkeypatch):
    def bring_in(file, *more, form="volunteers", typed=None):
        copy = at_desk.folder / file
        if not copy.exists():
            last_year(file, at_desk.folder)
        if typed is not None:
            monkeypatch.setattr(sys, "stdin", Typed("\n".join(typed) + "\n"))
        words = ["signups", "import", file, "--form", form, *more]
        return at_desk.run(*words, *(() if typed is not None else ("--yes",)))

    return bring_in


def have_register(at_desk):
    oak = gias.school(900003, name="Oak Primary School", town="Leeds")
    elm = gias.school(900002, name="Elm Academy", town="Leeds")
    gias.write(at_desk.folder / "register.csv", [gias.OAK, elm, oak])
    at_desk.run("schools", "import", "register.csv")


def test_a_first_import_says_what_it_understood_saves_it_and_brings_everybody_in(at_desk, bring_in):
    ended = bring_in("google-forms.csv", *CAMPAIGN)

    said = " ".join(ended.stderr.split())
    assert ended.returncode == 0, ended.stderr
    assert "Looks like Google Forms: 1 heading row, 4 answers" in said
    assert "1 column dropped: Score" in said
    assert "in these words: “Can we contact you about research?”" in said
    assert "Of 4 answers: 3 new, 1 without permission" in said
    assert "Row 4: without permission" in said
    assert "Brought into bpn-invite, in local mode: 3 new." in ended.stdout
    assert (at_desk.folder / MAPPING_FILE).is_file()
    listed = at_desk.listed("signups", "list", "bpn-invite")
    assert [line["name"] for line in listed] == ["Ada Bell", "Ben Cole", "Di Eze"]
    assert listed[0]["answers"]["take_part"] == ["Video call of up to 60 minutes", "Survey"]


def test_addresses_are_on_the_terminal_only(bring_in):
    ended = bring_in("google-forms.csv", *CAMPAIGN)

    assert "ada.bell@example.com" in ended.stdout
    assert "example.com" not in ended.stderr


@pytest.mark.parametrize(
    ("file", "new"),
    [("microsoft-forms.csv", 2), ("surveymonkey.csv", 1), ("qualtrics.csv", 1), ("govuk-forms", 2)],
)
def test_every_tools_export_comes_in_and_the_same_again_changes_nothing(
    at_desk, bring_in, file, new
):
    first = bring_in(file, *CAMPAIGN)
    again = bring_in(file)

    assert f"{new} new" in first.stdout, first.stderr
    assert again.returncode == 0
    assert "Nothing is new in it: nothing was changed." in again.stdout
    assert len(at_desk.listed("signups", "list", "bpn-invite")) == new


def test_whoever_imports_is_reminded_of_the_copies(bring_in):
    by_microsoft = " ".join(bring_in("microsoft-forms.csv", *CAMPAIGN).stderr.split())
    by_govuk = " ".join(bring_in("govuk-forms", *CAMPAIGN, form="other").stderr.split())

    assert "delete microsoft-forms.csv when you need it no more" in by_microsoft
    assert "Microsoft Forms keeps a copy of its own" in by_microsoft
    assert "reminder in your calendar" in by_microsoft
    assert "The folder holds people’s details" in by_govuk
    assert "delete them from that mailbox too" in by_govuk


def test_without_a_yes_nothing_is_saved_and_nothing_brought_in(at_desk, bring_in, monkeypatch):
    last_year("google-forms.csv", at_desk.folder)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    ended = at_desk.run("signups", "import", "google-forms.csv", "--form", "volunteers", *CAMPAIGN)

    assert ended.returncode == 1
    assert not (at_desk.folder / MAPPING_FILE).exists()
    assert at_desk.listed("signups", "list", "bpn-invite") == []


def test_with_yes_alone_only_what_is_sure_is_taken_and_the_rest_is_said(at_desk, bring_in):
    at_desk.write(
        "odd.csv",
        "Timestamp,How do we reach you,Your name,Are you happy for us to write?\n"
        f"{LAST_YEAR}-09-21 09:00,a@example.com,Ada,Fine\n",
    )

    ended = bring_in("odd.csv", *CAMPAIGN)

    said = " ".join(ended.stderr.split())
    assert ended.returncode == 1
    assert "their email address: no column is sure. “How do we reach you” looks like it" in said
    assert 'Write it under [columns]: email = "How do we reach you"' in said
    assert '# email = "How do we reach you" # perhaps' in said
    assert not (at_desk.folder / MAPPING_FILE).exists()


def test_somebody_at_the_keyboard_is_asked_what_is_open(at_desk, bring_in):
    at_desk.write(
        "odd.csv",
        "Timestamp,How do we reach you,Your name,Your job,Are you happy for us to write?\n"
        f"5/1/{LAST_YEAR} 09:00,a@example.com,Ada,Head of school,Fine\n"
        f"5/2/{LAST_YEAR} 09:00,b@example.com,Ben,General mentor,Rather not\n",
    )
    typed = [
        "y",  # is "How do we reach you" their email address?
        "n",  # is "Are you happy …" permission? No: to be asked which column it is
        "5",  # then: that column, all the same
        "1",  # for research about this service
        "1",  # the answer "Fine" is a yes
        "n",  # the words were others
        "Are you happy for us to write? Fine",
        "1",  # the day comes first
        "y",  # save
        "y",  # bring in
    ]

    ended = bring_in("odd.csv", *CAMPAIGN, typed=typed)

    text = (at_desk.folder / MAPPING_FILE).read_text(encoding="utf-8")
    assert "1 new" in ended.stdout, ended.stderr
    assert 'email = "How do we reach you"' in text
    assert 'accepted = ["Fine"]' in text
    assert 'statement = "Are you happy for us to write? Fine"' in text
    assert "day_first = true" in text
    [line] = at_desk.listed("signups", "list", "bpn-invite")
    assert (line["name"], line["signed_up_at"][:10]) == ("Ada", f"{LAST_YEAR}-01-05")


def test_an_option_that_is_worded_otherwise_is_asked_about(at_desk, bring_in):
    at_desk.write(
        "odd.csv",
        "Timestamp,Email,Name,How would you like to take part?,Can we contact you about research?\n"
        f"{LAST_YEAR}-01-21 09:00,a@example.com,Ada,Telephone,Yes\n",
    )

    ended = bring_in("odd.csv", *CAMPAIGN, typed=["5", "y", "y"])

    assert "1 new" in ended.stdout, ended.stderr
    [line] = at_desk.listed("signups", "list", "bpn-invite")
    assert line["answers"]["take_part"] == ["By phone"]


def test_a_mapping_that_was_saved_is_not_asked_about_again(at_desk, bring_in):
    bring_in("google-forms.csv", *CAMPAIGN)

    again = bring_in("google-forms.csv")

    assert "first import" not in again.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["google-forms.csv", "--form", "new"], "Say which campaign its people answered"),
        (["google-forms.csv", "--form", "New Form"], "cannot be a form's name"),
        (["google-forms.csv", "--form", "new", "--campaign", "bpm"], "There is no campaign bpm"),
        (["nowhere.csv", "--form", "new", *CAMPAIGN], "there is no such file"),
    ],
)
def test_foreseen_mistakes_end_with_words(at_desk, words, said):
    last_year("google-forms.csv", at_desk.folder)

    ended = at_desk.run("signups", "import", *words, "--yes")

    assert ended.returncode == 1
    assert said in " ".join(ended.stderr.split())


def test_a_form_belongs_to_one_campaign(bring_in):
    bring_in("google-forms.csv", *CAMPAIGN)

    ended = bring_in("google-forms.csv", "--campaign", "niot-invite")

    assert ended.returncode == 1
    assert "is for bpn-invite, not niot-invite" in " ".join(ended.stderr.split())


def test_a_mistake_in_the_mapping_file_is_told_with_its_line(at_desk, bring_in):
    bring_in("google-forms.csv", *CAMPAIGN)
    file = at_desk.folder / MAPPING_FILE
    text = file.read_text(encoding="utf-8").replace('email = "Email Address"', 'email = "E-post"')
    file.write_text(text, encoding="utf-8")

    ended = bring_in("google-forms.csv")

    line = text[: text.index('email = "E-post"')].count("\n") + 1
    assert f"{MAPPING_FILE}:{line}: columns.email: no column is headed “E-post”" in ended.stderr


BAD = (
    "Timestamp,Email,Name,Can we contact you about research?\n"
    f"{LAST_YEAR}-01-21 09:00,a@example.com,Ada,Yes\n{LAST_YEAR}-01-22 09:00,nobody,Ben,Yes\n"
)


def test_bad_rows_are_shown_with_their_values_and_stop_the_import(at_desk, bring_in):
    at_desk.write("bad.csv", BAD)

    ended = bring_in("bad.csv", *CAMPAIGN)

    assert ended.returncode == 1
    assert "nobody" in ended.stdout
    assert "nobody" not in ended.stderr
    assert "--leave-out-bad" in ended.stderr
    assert at_desk.listed("signups", "list", "bpn-invite") == []


def test_good_rows_can_be_brought_in_without_the_bad_ones(at_desk, bring_in):
    at_desk.write("bad.csv", BAD)

    ended = bring_in("bad.csv", *CAMPAIGN, "--leave-out-bad")

    assert ended.returncode == 0
    assert [line["name"] for line in at_desk.listed("signups", "list", "bpn-invite")] == ["Ada"]


def test_whoever_asked_not_to_be_emailed_is_named_by_row_and_stays_out(at_desk, bring_in):
    at_desk.run("suppress", "add", "ada.bell@example.com", "--reason", "asked")

    ended = bring_in("google-forms.csv", *CAMPAIGN)

    said = " ".join(ended.stderr.split())
    assert "Row 2: asked not to be emailed, so not brought in. Ask them by another way" in said
    assert "2 new" in ended.stdout


def test_the_summary_for_a_program_names_nobody(at_desk, bring_in):
    at_desk.write("bad.csv", BAD)

    refused = bring_in("bad.csv", *CAMPAIGN, "--json")
    ended = bring_in("bad.csv", "--leave-out-bad", "--json")

    told, done = json.loads(refused.stdout), json.loads(ended.stdout)
    assert (told["imported"], done["imported"]) == (False, True)
    assert told["bad"][0]["row"] == "3"
    assert done["counts"]["new"] == 1
    assert done["tool"] == "google-forms"
    for text in (refused.stdout, ended.stdout):
        assert "nobody" not in text
        assert "example.com" not in text
        assert "Ada" not in text


def test_schools_that_wait_are_listed_and_settled_one_by_one(at_desk, bring_in):
    have_register(at_desk)

    ended = bring_in("google-forms.csv", *CAMPAIGN)
    [line] = [one for one in at_desk.listed("signups", "list") if one["school_to_match"]]
    reference = line["reference"]
    listed = at_desk.run("signups", "list", "bpn-invite").stdout
    asked = at_desk.run("signups", "match", reference)
    unknown = at_desk.run("signups", "match", reference, "--school", "123456")
    settled = at_desk.run("signups", "match", reference, "--school", "900003")

    assert reference in ended.stderr
    assert f"1 sign-up waits for a person to say which school is meant: {reference}" in listed
    assert "(to be matched)" in listed
    assert "HYPERLINK" in asked.stdout
    assert unknown.returncode == 1
    assert "Recorded: Oak Primary School, Leeds" in settled.stdout
    assert "waits" not in at_desk.run("signups", "list", "bpn-invite").stdout


def test_a_place_that_is_no_school_is_settled_too(at_desk, bring_in):
    have_register(at_desk)
    bring_in("google-forms.csv", *CAMPAIGN)
    [line] = [one for one in at_desk.listed("signups", "list") if one["school_to_match"]]

    both = at_desk.run("signups", "match", line["reference"], "--school", "1", "--not-listed")
    settled = at_desk.run("signups", "match", line["reference"], "--not-listed")

    assert both.returncode == 2
    assert "(in no register)" in settled.stdout


def test_the_export_runs_none_of_the_formulas_that_somebody_typed(at_desk, bring_in):
    bring_in("google-forms.csv", *CAMPAIGN)

    at_desk.run("signups", "export", "bpn-invite", "--because", "Round 4")

    text = (at_desk.folder / "out" / "signups-bpn-invite-local.csv").read_text("utf-8-sig")
    assert "'=HYPERLINK" in text


def test_a_workbook_with_several_sheets_is_asked_about(at_desk, bring_in):
    at = datetime(LAST_YEAR, 10, 5, 9, 15)  # noqa: DTZ001  # as a workbook has it: no zone
    answers = ("Pia", "pia@example.com", "Oak", "General mentor", "Survey;", "Yes")
    write_microsoft(at_desk.folder / "answers.xlsx", [microsoft_row(1, at, *answers)])

    ended = bring_in("answers.xlsx", *CAMPAIGN, "--sheet", "Answers")
    right = bring_in("answers.xlsx", *CAMPAIGN, "--sheet", "List")

    assert "there is no sheet “Answers”" in ended.stderr
    assert "1 new" in right.stdout, right.stderr


def test_answers_are_not_added_one_by_one_as_if_they_came_from_a_form(at_desk):
    ended = at_desk.run(
        "signups",
        "add",
        "bpn-invite",
        "--name",
        "Ada",
        "--email",
        "a@example.com",
        "--method",
        "import",
    )

    assert ended.returncode == 2
    assert "'import' is not one of" in ended.stderr
