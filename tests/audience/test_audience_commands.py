"""The commands of the audience: what they print, what they ask, how they end."""

import subprocess
import sys

import pytest

from tests.terminals import ROOT

GOOD = "email address,school,urn\na@example.com,Oak,900001\nb@example.com,Elm,900002\n"


@pytest.fixture
def at_desk(terminal):
    terminal.write("good.csv", GOOD)
    return terminal


def test_a_good_list_is_shown_asked_about_and_imported(at_desk):
    ended = at_desk.run(
        "recipients", "import", "good.csv", "--list", "bpn", "--owner", "Ana", "--yes"
    )

    assert ended.returncode == 0, ended.stderr
    assert "Imported into bpn: 2 new" in ended.stdout
    assert "a@example.com" in ended.stdout
    assert "recipient.school" in ended.stderr
    [listed] = at_desk.listed("recipients", "list")
    assert (listed["name"], listed["people"], listed["owner"]) == ("bpn", 2, "Ana")


def test_on_whose_terms_a_list_is_held_is_shown(at_desk):
    terms = {
        "--owner": "Ana Example",
        "--source": "The register",
        "--purpose": "Telling schools",
        "--basis": "public task",
        "--gone-by": "2099-12-31",
    }
    said = [word for pair in terms.items() for word in pair]
    at_desk.run("recipients", "import", "good.csv", "--list", "bpn", *said, "--yes")

    shown = at_desk.run("recipients", "list").stdout

    assert [value for value in terms.values() if value not in shown] == []


def test_without_a_yes_nothing_is_imported(at_desk):
    ended = at_desk.run("recipients", "import", "good.csv", "--list", "bpn")

    assert ended.returncode == 1
    assert "Nothing was imported" in ended.stdout
    assert at_desk.listed("recipients", "list") == []


def test_bad_rows_are_shown_with_their_values_and_stop_the_import(at_desk):
    at_desk.write("bad.csv", GOOD + "nobody,Ash,900003\n")

    ended = at_desk.run("recipients", "import", "bad.csv", "--list", "bpn", "--yes")

    assert ended.returncode == 1
    assert "nobody" in ended.stdout
    assert "nobody" not in ended.stderr
    assert "--leave-out-bad" in ended.stderr
    assert at_desk.listed("recipients", "list") == []


def test_good_rows_can_be_imported_without_the_bad_ones(at_desk):
    at_desk.write("bad.csv", GOOD + "nobody,Ash,900003\n")

    ended = at_desk.run(
        "recipients", "import", "bad.csv", "--list", "bpn", "--yes", "--leave-out-bad"
    )

    assert ended.returncode == 0
    assert at_desk.listed("recipients", "list")[0]["people"] == 2


def test_what_the_importer_typed_is_shown_as_it_was_typed(at_desk):
    at_desk.write("odd.csv", "email,school\na@example.com,[bold]Oak[/bold]\n")

    ended = at_desk.run("recipients", "import", "odd.csv", "--list", "bpn", "--yes")

    assert "[bold]Oak[/bold]" in ended.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["recipients", "import", "no.csv", "--list", "bpn"], 1, "no such file"),
        (["recipients", "import", "good.csv", "--list", "B P N"], 1, "small letters"),
        (["recipients", "import", "good.csv"], 2, "--list"),
        (["recipients", "import", "good.csv", "--list", "b", "--gone-by", "soon"], 2, "gone-by"),
        (["suppress", "add", "nobody", "--reason", "asked"], 1, "@-sign"),
        (["suppress", "add", "a@example.com"], 2, "--reason"),
        (["suppress", "lift", "a@example.com", "--reason", "asked"], 1, "Nothing of that kind"),
    ],
)
def test_foreseen_mistakes_end_with_words_and_a_code(at_desk, words, code, said):
    ended = at_desk.run(*words)

    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_wish_is_recorded_listed_without_the_address_and_ended(at_desk):
    added = at_desk.run("suppress", "add", "A@example.com", "--reason", "Asked by telephone")
    [held] = at_desk.listed("suppress", "list")
    text = at_desk.run("suppress", "list").stdout
    lifted = at_desk.run("suppress", "lift", "a@example.com", "--reason", "Asked again")

    assert "no announcements and no research" in added.stdout
    assert (held["scope"], held["reason"]) == ("announcements-and-research", "Asked by telephone")
    assert "example.com" not in text
    assert lifted.returncode == 0
    assert at_desk.listed("suppress", "list") == []


def test_the_import_says_how_many_asked_not_to_be_emailed(at_desk):
    at_desk.run("suppress", "add", "a@example.com", "--reason", "Asked")

    ended = at_desk.run("recipients", "import", "good.csv", "--list", "bpn", "--yes")

    assert "1 of them asked not to be emailed" in ended.stdout


@pytest.mark.parametrize("column", ["Reach at", "address=Reach at"])
def test_the_column_of_opt_outs_is_named_as_the_refusal_says(at_desk, column):
    at_desk.write("outs.csv", "Reach at,when\na@example.com,May\n")

    refused = at_desk.run("suppress", "import", "outs.csv", "--yes")
    ended = at_desk.run("suppress", "import", "outs.csv", "--yes", "--column", column)

    assert '--column address="Reach at"' in refused.stderr
    assert "New: 1." in ended.stdout


def test_at_a_terminal_the_column_of_opt_outs_is_asked_for(at_desk):
    at_desk.write("outs.csv", "Reach at,when\na@example.com,May\n")

    ended = at_desk.talk("suppress", "import", "outs.csv", answers=["1", "y"])

    assert "Which column holds the email addresses?" in ended.stdout
    assert len(at_desk.listed("suppress", "list")) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["recipients", "import"],
        ["recipients", "list"],
        ["recipients", "segments"],
        ["recipients", "export"],
        ["suppress", "add"],
        ["suppress", "list"],
        ["suppress", "lift"],
        ["signups", "add"],
        ["signups", "list"],
        ["serve"],
    ],
)
def test_every_help_text_ends_in_an_example(at_desk, words):
    ended = at_desk.run(*words, "--help")

    assert ended.returncode == 0
    assert f"Example: outreach {' '.join(words)}" in " ".join(ended.stdout.split())


def test_a_list_is_exported_for_its_owner_only_and_comes_back_unchanged(at_desk):
    at_desk.write("odd.csv", "email,school\na@example.com,=1+1\n")
    at_desk.run("recipients", "import", "odd.csv", "--list", "odd", "--yes")

    csv = at_desk.run("recipients", "export", "odd")
    excel = at_desk.run("recipients", "export", "odd", "--out", "odd.xlsx")
    again = at_desk.run("recipients", "import", "odd.xlsx", "--list", "odd", "--yes")

    written = at_desk.folder / "out" / "recipients-odd.csv"
    assert (csv.returncode, excel.returncode) == (0, 0)
    assert "a@example.com,'=1+1" in written.read_text(encoding="utf-8-sig")
    assert written.stat().st_mode & 0o077 == 0
    assert "1 unchanged" in again.stdout


def test_the_conditions_of_a_campaign_are_counted(at_desk):
    at_desk.have_example_campaigns()
    file = at_desk.folder / "campaigns" / "bpn-invite.toml"
    text = file.read_text(encoding="utf-8").replace("example-bpn", "bpn")
    file.write_text(text + '\n[segment]\nschool = ["Oak", "Yew"]\n', encoding="utf-8")
    at_desk.run("recipients", "import", "good.csv", "--list", "bpn", "--yes")

    found = at_desk.listed("recipients", "segments", "bpn-invite")
    # `check` works in a child, whose words reach only the terminal itself.
    check = [sys.executable, ROOT / "outreach.py", "check", "bpn-invite", "--people"]
    told = subprocess.run(check, cwd=at_desk.folder, capture_output=True, text=True).stdout

    assert [(one["condition"], one["people"]) for one in found] == [
        ("on bpn", 2),
        ("school is Oak", 1),
        ("school is Yew", 0),
        ("all of it together", 1),
    ]
    assert "The segment leaves out 1 because school is not Oak or Yew." in told
    assert "b@example.com" in told


def test_of_two_people_in_row_2_of_two_files_the_one_named_is_shown(at_desk):
    at_desk.have_example_campaigns()
    for name, person in (("a.csv", "ann@example.com"), ("b.csv", "zed@example.com")):
        at_desk.write(name, f"email,school\n{person},Oak\n")
        at_desk.run("recipients", "import", name, "--list", "example-bpn", "--yes")
    command = [sys.executable, ROOT / "outreach.py", "preview", "bpn-invite"]

    shown, unclear = (
        subprocess.run([*command, *which], cwd=at_desk.folder, capture_output=True, text=True)
        for which in (("--address", "Zed@example.com"), ("--row", "2"))
    )

    assert "For:     row 2 of b.csv" in shown.stdout
    assert "row 2 of a.csv and in row 2 of b.csv" in unclear.stderr
    assert unclear.returncode == 1


@pytest.mark.parametrize(
    "words",
    [
        ("suppress", "add", "a@example.com", "--reason"),
        ("suppress", "import", "good.csv", "--yes", "--reason"),
        ("suppress", "lift", "a@example.com", "--reason"),
        ("person", "erase", "a@example.com", "--yes", "--because"),
        ("recipients", "replace", "a@example.com", "z@example.com", "--list", "bpn", "--reason"),
        ("check", "bpn-invite", "--answer", "x", "--because"),
        ("approve", "bpn-invite", "--refuse"),
        ("stop", "bpn-invite", "--reason"),
        ("settle", "bpn-invite", "--reference", "x", "--as", "sent", "--reason"),
        ("signups", "export", "bpn-invite", "--because"),
    ],
)
def test_no_reason_that_is_kept_takes_an_address(at_desk, words):
    at_desk.have_example_campaigns()
    at_desk.run("recipients", "import", "good.csv", "--list", "bpn", "--yes")

    command = [sys.executable, ROOT / "outreach.py", *words, "a@example.com wrote on 3 May"]
    told = subprocess.run(command, cwd=at_desk.folder, capture_output=True, text=True)

    assert told.returncode == 1
    assert "without an email address" in told.stderr
    assert "a@example.com" not in told.stderr
    assert at_desk.listed("suppress", "list") == []
