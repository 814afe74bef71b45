"""`suppress import`: opt-out spreadsheets, and Notify's report of unsubscribe requests."""

import pytest

from tests.audience.workbook_files import cells, worksheet, write_excel

REPORT = (
    "Email address,Template name,Uploaded spreadsheet file name,Template sent at,"
    "Unsubscribe request received at\r\n"
    'A@example.com,Invite,N/A,"Tue, 16 Jul 2024 17:44:20 GMT","Thu, 18 Jul 2024 17:44:20 GMT"\r\n'
    'b@example.com,Invite,List 2,"Wed, 17 Jul 2024 17:44:20 GMT","Fri, 19 Jul 2024 17:44:20 GMT"'
)


@pytest.fixture
def at_desk(terminal):
    terminal.write("report.csv", REPORT)
    terminal.write("list.csv", "email\na@example.com\nb@example.com\nc@example.com\n")
    return terminal


def test_notifys_report_is_recognised_and_nobody_in_it_is_emailed_again(at_desk):
    ended = at_desk.run("suppress", "import", "report.csv", "--yes")
    imported = at_desk.run("recipients", "import", "list.csv", "--list", "l", "--yes")

    assert ended.returncode == 0, ended.stderr
    assert "Notify's report" in ended.stderr
    assert "2 people get no announcements and no research; 2 of them are new" in ended.stdout
    assert {held["reason"] for held in at_desk.listed("suppress", "list")} == {
        "Unsubscribed through GOV.UK Notify, Thu, 18 Jul 2024 17:44:20 GMT",
        "Unsubscribed through GOV.UK Notify, Fri, 19 Jul 2024 17:44:20 GMT",
    }
    assert "2 of them asked not to be emailed" in imported.stdout


def test_the_same_report_twice_records_nobody_twice(at_desk):
    at_desk.run("suppress", "import", "report.csv", "--yes")

    ended = at_desk.run("suppress", "import", "report.csv", "--yes")

    assert "0 of them are new" in ended.stdout
    assert len(at_desk.listed("suppress", "list")) == 2


def test_a_workbook_of_opt_outs_is_recorded_with_a_reason_and_a_scope(at_desk):
    rows = cells("Who asked", "Note") + cells("c@example.com", "x")
    write_excel(at_desk.folder / "asked.xlsx", worksheet(rows))

    words = ("--column", "Who asked", "--reason", "At the fair", "--scope", "research", "--yes")
    ended = at_desk.run("suppress", "import", "asked.xlsx", *words)

    assert ended.returncode == 0, ended.stderr
    [held] = at_desk.listed("suppress", "list")
    assert (held["scope"], held["reason"]) == ("research", "At the fair")


def test_a_row_without_an_address_is_shown_and_holds_back_no_other(at_desk):
    at_desk.write("asked.csv", "email\nnobody\nc@example.com\n")

    ended = at_desk.run("suppress", "import", "asked.csv", "--yes")

    assert ended.returncode == 1
    assert "nobody" in ended.stdout
    assert "nobody" not in ended.stderr
    assert [held["reason"] for held in at_desk.listed("suppress", "list")] == ["Named in asked.csv"]


def test_without_a_yes_nothing_is_recorded(at_desk):
    ended = at_desk.run("suppress", "import", "report.csv")

    assert ended.returncode == 1
    assert at_desk.listed("suppress", "list") == []
