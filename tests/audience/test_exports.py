"""Exports: private, readable by the programs people have, and with no formula alive."""

import csv
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postroom.audience.exports import as_it_was, safe, write_spreadsheet
from postroom.audience.spreadsheets import open_spreadsheet
from postroom.errors import AudienceError

FORMULAS = [
    '=HYPERLINK("https://example.com","x")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\u00a0=1+1",
    "＝1+1",
    "'=1+1",
]


def read(file):
    opening = open_spreadsheet(file, is_sought=lambda cell: cell == "email", sought="“email”")
    with opening as opened:
        return list(opened.rows)


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_that_begins_like_a_formula_is_text_to_a_spreadsheet(cell):
    assert safe(cell) == f"'{cell}"
    assert as_it_was(safe(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Oak", "a@example.com", "1 = 1", "O'Neill", "'quoted'"])
def test_any_other_cell_stays_as_it_is(cell):
    assert safe(cell) == cell
    assert as_it_was(cell) == cell


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_was_written_is_read_again_and_only_its_owner_can(tmp_path, ending):
    file = tmp_path / "out" / f"list.{ending}"

    number = write_spreadsheet(
        file, ["email", "school"], [["a@example.com", "St Mary’s & <Co>"], ["=1+1", "é\x00"]]
    )

    assert number == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read(file)[0] == (2, ["a@example.com", "St Mary’s & <Co>"])
    assert read(file)[1][1][0] == "'=1+1"
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_failure_half_way_leaves_the_old_file(tmp_path):
    file = tmp_path / "list.xlsx"
    write_spreadsheet(file, ["email"], [["a@example.com"]])

    with pytest.raises(AudienceError, match=r"Export it as \.csv"):
        write_spreadsheet(file, ["email"], [["b@example.com"], ["x" * 40_000]])

    assert read(file) == [(2, ["a@example.com"])]
    assert [path.name for path in tmp_path.iterdir()] == ["list.xlsx"]


def test_another_ending_is_refused_in_words(tmp_path):
    with pytest.raises(AudienceError, match=r"ends in \.csv or \.xlsx"):
        write_spreadsheet(tmp_path / "list.doc", ["email"], [])


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_whatever_comes_out_as_a_formula(tmp_path, cells):
    file = tmp_path / "list.csv"
    write_spreadsheet(file, ["email"], [cells])

    with file.open(encoding="utf-8-sig", newline="") as content:
        for row in csv.reader(content):
            assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row)
