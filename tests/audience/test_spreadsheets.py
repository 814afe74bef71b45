"""Spreadsheets: any encoding and separator, rows numbered as a spreadsheet numbers them."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postroom.audience.columns import is_address
from postroom.audience.spreadsheets import open_spreadsheet
from postroom.errors import AudienceError, WhichColumn

CASES = json.loads((Path(__file__).parent / "conformance" / "csv.json").read_text(encoding="utf-8"))
TEXT = "email address,school\nhead@example.com,St Mary’s – £5\noffice@example.com,Café\n"
ROWS = [(2, ["head@example.com", "St Mary’s – £5"]), (3, ["office@example.com", "Café"])]


def read(file, content):
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_spreadsheet(file, is_sought=is_address, sought="“email address”") as sheet:
        return sheet, list(sheet.rows)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "list.csv"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_a_list_reads_the_same_in_every_usual_encoding(file, encoding):
    _, rows = read(file, TEXT.encode(encoding))

    assert rows == ROWS


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_list_reads_the_same_with_every_usual_separator_and_line_end(file, separator, line_end):
    _, rows = read(file, TEXT.replace(",", separator).replace("\n", line_end))

    assert rows == ROWS


def test_a_fault_in_the_encoding_far_down_a_long_file_is_found(file):
    filler = "".join(f"p{n}@example.com,School\n" for n in range(30_000))

    _, rows = read(
        file, b"email,school\n" + filler.encode() + "x@example.com,Café\n".encode("cp1252")
    )

    assert rows[-1] == (30_002, ["x@example.com", "Café"])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_spaces_after_a_separator_count_as_nothing_also_before_a_quotation_mark(file, separator):
    rows = (("email", "school", "note"), ("a@example.com", '"Oak, ""Ash"";\tElm|"', "x"))

    _, read_back = read(file, "\n".join(f"{separator} ".join(cells) for cells in rows))

    assert read_back == [(2, ["a@example.com", 'Oak, "Ash";\tElm|', "x"])]


def test_rows_are_numbered_as_the_spreadsheet_numbers_them(file):
    text = 'Our schools\n\nemail,note\na@example.com,"two\nlines"\n\nb@example.com,x\n'

    sheet, rows = read(file, text)

    assert sheet.heading_row == 3
    assert [number for number, _ in rows] == [4, 6]


def test_a_blank_tail_is_no_row(file):
    _, rows = read(file, "email,school\na@example.com,Oak\n" + ",\n" * 1_000 + "\n\n")

    assert len(rows) == 1


def test_a_row_with_an_address_in_it_is_never_the_headings(file):
    text = "email address,school,prefers\na@example.com,Oak,Email\nb@example.com,Elm,Mail\n"

    sheet, rows = read(file, text)

    assert (sheet.heading_row, sheet.headings[0]) == (1, "email address")
    assert [cells[0] for _, cells in rows] == ["a@example.com", "b@example.com"]


def test_a_word_like_a_heading_among_the_people_is_not_taken_for_one(file):
    text = "Reach them at,school,by\n,Oak,Email\nb@example.com,Elm,Phone\n"

    with pytest.raises(WhichColumn) as question:
        read(file, text)

    assert question.value.likely == "Reach them at"


def test_headings_stay_headings_when_the_addresses_stand_in_another_column(file):
    sheet, rows = read(file, "email,school\nOak,a@example.com\n")

    assert (sheet.heading_row, len(rows)) == (1, 1)


def test_headings_of_two_storeys_saved_as_text_are_read_together(file):
    sheet, rows = read(file, "School,,Contact,\nName,URN,Name,Email\nOak,1,Ann,a@example.com\n")

    assert sheet.headings == ("School Name", "URN", "Contact Name", "Email")
    assert [number for number, _ in rows] == [3]


def test_nuls_and_outer_white_space_are_taken_out_of_cells(file):
    _, rows = read(file, "email,school\n \u200ba@example.com\xa0,O\0ak \n")

    assert rows == [(2, ["a@example.com", "Oak"])]


def test_separators_in_titles_and_notes_do_not_mislead(file):
    text = "Schools; all of them; 2026\nemail,note\na@example.com,one; two; three\n"

    sheet, rows = read(file, text)

    assert sheet.separator == ","
    assert rows == [(3, ["a@example.com", "one; two; three"])]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b",,,\n", "is empty"),
        (b"PK\x03\x04zip", "is damaged"),
        (b"\xd0\xcf\x11\xe0old", "is damaged"),
        (b"%PDF-1.7", "a PDF"),
        (bytes(range(256)) * 40, "not text"),
        (b"school,town\nOak,Leeds\n", "Its columns are: “school”, “town”"),
        (b"a@example.com,Oak\nb@example.com,Elm\n", "no headings"),
        (b'email,school\na@example.com,"Oak\nb@example.com,Elm\n', "row 2: a quotation mark"),
        (b'email,school\na@example.com,"Oak" and Elm\n', "row 2: a quotation mark"),
        (b"email\n" + b"x" * 200_000, "row 2: a cell is too long"),
        (b"email\n" + b"x" * 5_000_000, "too long to be a row"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(file, content, said):
    with pytest.raises(AudienceError) as refusal:
        read(file, content)

    assert said in str(refusal.value)
    assert str(file) in str(refusal.value)


def test_missing_files_and_folders_are_said_to_be_so(tmp_path):
    for path, said in ((tmp_path / "no.csv", "no such file"), (tmp_path, "folder")):
        with (
            pytest.raises(AudienceError, match=said),
            open_spreadsheet(path, is_sought=is_address, sought="“email address”"),
        ):
            pass


def test_a_file_without_headings_is_refused_without_showing_its_people(file):
    with pytest.raises(AudienceError) as refusal:
        read(file, "sam@example.com,Sam Jones\n")

    assert "Jones" not in str(refusal.value)


READ_BY_NOTIFY = [
    case
    for case in CASES
    if case["expected"].get("has_recipient_columns")
    and not case["expected"]["duplicate_recipient_column_headers"]
]


@pytest.mark.parametrize("case", READ_BY_NOTIFY, ids=[case["id"] for case in READ_BY_NOTIFY])
def test_notify_and_we_find_the_same_addresses(file, case):
    sheet, rows = read(file, case["input"]["file"])
    at = next(n for n, heading in enumerate(sheet.headings) if is_address(heading))

    found = [cells[at] for _, cells in rows]

    theirs = [row["recipient"] or "" for row in case["expected"]["rows"] if any(said(row))]
    assert found == theirs


def said(row):
    return [cell["data"] for cell in row["cells"].values()]


@given(st.binary(max_size=3_000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_read_or_refused(file, content):
    try:
        read(file, content)
    except AudienceError:
        return


@given(
    st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=4), max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_cells_under_good_headings_are_read_or_refused(file, cells, separator):
    lines = [["email", "school"], *cells]
    try:
        read(file, "\n".join(separator.join(line) for line in lines))
    except AudienceError:
        return
