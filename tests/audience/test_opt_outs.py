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
    assert "2 people: no announcements and no research. New: 2." in ended.stdout
    assert {held["reason"] for held in at_desk.listed("suppress", "list")} == {
        "Unsubscribed through GOV.UK Notify, Thu, 18 Jul 2024 17:44:20 GMT",
        "Unsubscribed through GOV.UK Notify, Fri, 19 Jul 2024 17:44:20 GMT",
    }
    assert {held["since"][:16] for held in at_desk.listed("suppress", "list")} == {
        "2024-07-18T17:44",
        "2024-07-19T17:44",
    }
    assert "2 of them asked not to be emailed" in imported.stdout


def test_the_same_report_twice_records_nobody_twice(at_desk):
    at_desk.run("suppress", "import", "report.csv", "--yes")

    ended = at_desk.run("suppress", "import", "report.csv", "--yes")

    assert "New: 0." in ended.stdout
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


def test_a_date_in_the_report_that_cannot_be_read_counts_from_now(at_desk):
    at_desk.write("report.csv", REPORT.replace("Thu, 18 Jul 2024 17:44:20 GMT", "last week"))

    at_desk.run("suppress", "import", "report.csv", "--yes")

    since = {held["since"][:4] for held in at_desk.listed("suppress", "list")}
    assert "2024" in since
    assert len(since) == 2


def test_the_day_on_which_somebody_asked_is_recorded(at_desk):
    why = ("--reason", "Asked by telephone")

    added = at_desk.run("suppress", "add", "a@example.com", *why, "--on", "2026-01-05")
    taken_in = at_desk.run("suppress", "import", "list.csv", "--yes", "--on", "2025-12-24")

    assert (added.returncode, taken_in.returncode) == (0, 0)
    days = [held["since"][:10] for held in at_desk.listed("suppress", "list")]
    assert days == ["2026-01-05", "2025-12-24", "2025-12-24"]


def test_a_day_to_come_is_no_day_on_which_somebody_asked(at_desk):
    ended = at_desk.run(
        "suppress", "add", "a@example.com", "--reason", "Asked", "--on", "2999-01-01"
    )

    assert ended.returncode == 1
    assert "still to come" in ended.stderr
    assert at_desk.listed("suppress", "list") == []
