"""`recipients import`: any spreadsheet, what it leaves open, and the bad rows to mend."""

import shutil
import stat
from pathlib import Path

import pytest

from tests.audience.workbook_files import cells, worksheet, write_excel

FILES = Path(__file__).parent / "files"
IMPORT = ("recipients", "import")


@pytest.fixture
def at_desk(terminal):
    for kind in ("xlsx", "ods", "xls"):
        shutil.copy(FILES / f"bpn.{kind}", terminal.folder)
    return terminal


def test_a_workbook_is_imported_without_what_its_maker_hid(at_desk):
    ended = at_desk.run(
        *IMPORT, "bpn.xlsx", "--list", "bpn", "--sheet", "Schools", "--leave-out-bad", "--yes"
    )

    assert ended.returncode == 0, ended.stderr
    assert "sheet “Schools” of an Excel workbook" in ended.stderr
    assert "hid it: 2 rows, column D, sheet “Old list”" in ended.stderr
    assert "Under urn stands a formula that found no answer" in ended.stdout
    assert at_desk.listed("recipients", "list")[0]["people"] == 3


def test_columns_that_are_not_shown_are_named(at_desk):
    at_desk.write("wide.csv", "email address,a,b,c,d,e,f,g\nx@example.com,1,2,3,4,5,6,7\n")

    ended = at_desk.run(*IMPORT, "wide.csv", "--list", "wide", "--yes")

    assert "Read as well, but not shown here: f, g." in ended.stderr


def test_a_narrow_terminal_shows_the_columns_it_has_room_for(at_desk):
    names = ("first", "next", "third", "very_last")
    row = ",".join(["x@example.com", *["Llanfairpwllgwyngyllgogerych"] * 3, "3"])
    at_desk.write("wide.csv", f"email address,{','.join(names)}\n{row}\n")

    said = at_desk.talk(*IMPORT, "wide.csv", "--list", "wide", "--yes", answers=[]).stdout

    headings = next(line for line in said.splitlines() if line.startswith("Row"))
    assert headings.split() == ["Row", "Address", "first", "next"]
    assert "not shown here: third, very_last." in " ".join(said.split())


def test_a_row_with_a_formula_that_was_never_calculated_is_one_to_mend(at_desk):
    row = '<row><c t="str"><v>a@example.com</v></c><c><f>VLOOKUP(A1,B:C,2)</f><v/></c></row>'
    write_excel(at_desk.folder / "list.xlsx", worksheet(cells("email", "school") + row))

    ended = at_desk.run(*IMPORT, "list.xlsx", "--list", "l", "--yes")

    assert ended.returncode == 1
    assert "a formula that was never calculated" in ended.stdout
    assert "Open the file in your spreadsheet program and save it" in ended.stdout


def test_of_several_sheets_a_script_is_told_the_names(at_desk):
    ended = at_desk.run(*IMPORT, "bpn.ods", "--list", "bpn", "--yes")

    assert ended.returncode == 1
    assert "“Schools”, “Notes”" in ended.stderr
    assert "--sheet" in ended.stderr


def test_an_old_excel_file_is_asked_about_because_hidden_rows_cannot_be_known(at_desk):
    ended = at_desk.run(*IMPORT, "bpn.xls", "--list", "b", "--sheet", "Schools", "--leave-out-bad")

    assert ended.returncode == 1
    assert "does not tell which rows and columns are hidden" in ended.stderr
    assert "hidden rows among them if there are any?" in ended.stderr


def test_a_heading_that_was_explained_once_is_remembered_for_that_list(at_desk):
    at_desk.write("odd.csv", "Contact here,GOR (name)\na@example.com,London\n")
    explained = ("--column", "address=Contact here", "--column", "region=GOR (name)")

    unknown = at_desk.run(*IMPORT, "odd.csv", "--list", "odd", "--yes")
    first = at_desk.run(*IMPORT, "odd.csv", "--list", "odd", "--yes", *explained)
    again = at_desk.run(*IMPORT, "odd.csv", "--list", "odd", "--yes")
    other = at_desk.run(*IMPORT, "odd.csv", "--list", "other", "--yes")

    assert (unknown.returncode, other.returncode) == (1, 1)
    assert '--column address="Contact here"' in unknown.stderr
    assert "recipient.region" in first.stderr
    assert "1 unchanged" in again.stdout


def test_a_column_that_is_not_there_is_answered_with_those_that_are(at_desk):
    at_desk.write("list.csv", "email,School\na@example.com,Oak\n")

    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--column", "urn=Number", "--yes")

    assert ended.returncode == 1
    assert "there is no column “Number”" in ended.stderr
    assert "“email”, “School”" in ended.stderr


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_bad_rows_come_back_as_a_spreadsheet_that_can_be_mended_and_imported(at_desk, ending):
    at_desk.write(
        "list.csv", "email,school\na@example.com,Oak\nnobody,=1+1\nb@example.com,Elm,too,many\n"
    )
    to_mend = f"out/mend.{ending}"

    refused = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--yes", "--errors", to_mend)
    file = at_desk.folder / to_mend
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    mended = [
        cells("Row in the file", "What is wrong", "What to do", "email", "school"),
        cells("3", "It is no address.", "Correct it.", "c@example.com", "'=1+1"),
    ]
    if ending == "xlsx":
        write_excel(file, worksheet("".join(mended)))
    else:
        text = file.read_text(encoding="utf-8-sig")
        assert "'=1+1" in text
        file.write_text(
            text.replace("nobody", "c@example.com").replace(",too,many", ""), encoding="utf-8"
        )
    again = at_desk.run(*IMPORT, to_mend, "--list", "l", "--yes")

    assert refused.returncode == 1
    assert f"Wrote 2 rows to {to_mend}" in refused.stderr
    assert again.returncode == 0, again.stderr
    assert "what_is_wrong" not in again.stderr
    assert "=1+1" in again.stdout


def test_the_list_itself_is_never_overwritten_by_its_errors(at_desk):
    at_desk.write("list.csv", "email\nnobody\n")

    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--errors", "list.csv")

    assert ended.returncode == 1
    assert "this is the list itself" in ended.stderr


def test_what_stands_under_no_heading_is_not_kept_and_that_is_said(at_desk):
    at_desk.write("list.csv", "email,school,,town\na@example.com,Oak,,\nb@example.com,Elm,x,\n")

    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--yes")

    assert "The column after “school” has no heading: what stands there in 1 row" in ended.stderr


def test_a_cell_beyond_the_headings_of_a_workbook_is_no_matter_of_commas(at_desk):
    rows = cells("email", "school") + cells("a@example.com", "Oak", "", "call back")
    write_excel(at_desk.folder / "list.xlsx", worksheet(rows))

    ended = at_desk.run(*IMPORT, "list.xlsx", "--list", "l", "--yes")

    assert "Give its column a heading, or clear the cell." in ended.stdout


def test_what_stands_for_a_urn_and_is_none_is_shown_and_the_row_kept(at_desk):
    at_desk.write("list.csv", 'email,URN\na@example.com,"900,001"\nb@example.com,202/1234\n')

    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--yes")

    assert (
        "1 row holds something under “URN” that is no URN, first in row 3 (202/1234)"
        in ended.stderr
    )
    assert at_desk.listed("recipients", "list")[0]["schools"] == 1


def test_more_bad_rows_than_anybody_reads_are_all_in_the_spreadsheet_to_mend(at_desk):
    at_desk.write("list.csv", "email\na@example.com\n" + "nobody\n" * 10_100)
    choices = ("--leave-out-bad", "--errors", "out/mend.csv", "--yes")

    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", *choices)

    assert ended.returncode == 0, ended.stderr
    assert "And 5,100 more" in ended.stderr
    mend = (at_desk.folder / "out/mend.csv").read_text(encoding="utf-8-sig")
    assert mend.count("nobody") == 10_100


MENTORS = (
    "email,ITT lead,Reference\na@example.com,Ann Example,900001\nb@example.com,Bea Jones,900002\n"
)


def test_a_column_that_may_be_the_person_or_the_urn_is_asked_about_once(at_desk):
    at_desk.write("list.csv", MENTORS)

    first = at_desk.talk(*IMPORT, "list.csv", "--list", "l", answers=["y", "n", "y"])
    again = at_desk.talk(*IMPORT, "list.csv", "--list", "l", answers=["y"])

    assert first.returncode == 0, first.stdout
    assert "Does the column “Reference” hold schools’ URNs?" in first.stdout
    assert "Does the column “ITT lead” hold people’s names?" in first.stdout
    assert "Does the column" not in again.stdout
    assert "1 unchanged" not in again.stdout.replace("2 unchanged", "")
    assert at_desk.listed("recipients", "list")[0]["schools"] == 2


def test_a_script_is_told_of_columns_that_may_be_the_person_or_the_urn(at_desk):
    at_desk.write("list.csv", MENTORS)

    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--yes")

    assert "“ITT lead” may hold people’s names, and is not read so" in ended.stderr
    assert '--column urn="Reference"' in ended.stderr


def test_everything_that_is_counted_is_counted_in_one_line(at_desk):
    rows = (
        "a@example.com,Oak\nA@example.com,Oak\nnobody,Elm\nb@example.com,Ash\nc@example.com,Yew\n"
    )
    at_desk.write("list.csv", f"email,school\n{rows}")
    for address, scope in (("b", "research"), ("c", "announcements-and-research")):
        held = ("suppress", "add", f"{address}@example.com", "--reason", "Asked", "--scope", scope)
        at_desk.run(*held)
    at_desk.run("person", "erase", "b@example.com", "--yes")

    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--leave-out-bad", "--yes")

    assert (
        "Of 2 people in the file: 2 new, 0 changed, 0 unchanged, 1 repeated, 1 bad; 1 of them "
        "asked not to be emailed and will be left out." in " ".join(ended.stderr.split())
    )
    assert "1 row is somebody whose details were deleted at their wish: row 5." in ended.stderr


def test_who_asked_for_no_research_still_gets_announcements_and_it_says_so(at_desk):
    at_desk.write("list.csv", "email\na@example.com\n")
    at_desk.run("suppress", "add", "a@example.com", "--reason", "Asked", "--scope", "research")

    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--yes")

    assert "asked not to be emailed" not in ended.stdout
    assert "1 of them asked for no research and will be left out of that alone" in ended.stdout


def test_a_day_that_has_passed_is_asked_about_before_a_list_must_be_gone_by_it(at_desk):
    at_desk.write("list.csv", "email\na@example.com\n")
    command = (*IMPORT, "list.csv", "--list", "l", "--gone-by", "2024-01-31")

    refused = at_desk.run(*command)
    meant = at_desk.run(*command, "--yes")

    assert refused.returncode == 1
    assert "due for deletion at once" in refused.stderr
    assert (meant.returncode, "due for deletion at once" in meant.stderr) == (0, True)


@pytest.mark.parametrize(
    "words", [(*IMPORT, "--list", "bpn", "--leave-out-bad"), ("suppress", "import")]
)
def test_whoever_is_there_is_asked_which_sheet_is_meant(at_desk, words):
    said = at_desk.talk(*words, "bpn.xlsx", answers=["1", "n"]).stdout

    assert "Which sheet is the list?" in said
    assert "Nothing was" in said
