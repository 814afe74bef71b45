"""Workbooks: read as their maker meant them, whatever is hidden, merged, calculated or wrong."""

import struct
import subprocess
import sys
import time
import zipfile
from datetime import date, datetime, timedelta
from datetime import time as clock
from itertools import chain, repeat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postroom.audience.columns import is_address, understand
from postroom.audience.spreadsheets import open_rows, open_spreadsheet
from postroom.audience.workbook_dates import EXACTLY, written
from postroom.audience.workbook_marks import UNCALCULATED
from postroom.errors import AudienceError, WhichColumn, WhichSheet
from tests.audience.workbook_files import (
    cells,
    formula,
    label,
    record,
    worksheet,
    write_excel,
    write_old_excel,
    write_open_document,
)

FILES = Path(__file__).parent / "files"
HEADINGS = ("Region", "School name", "URN", "Name", "E-mail", "Agreed on", "Mentors")
LIMIT = 500  # megabytes, for both processes together


def read(file, sheet=""):
    with open_spreadsheet(
        file, is_sought=is_address, sought="“email address”", sheet=sheet
    ) as opened:
        return opened, list(opened.rows)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_from_an_office_program_is_read_as_its_maker_meant(kind):
    opened, rows = read(FILES / f"bpn.{kind}", "Schools")

    assert (opened.headings, opened.heading_row) == (HEADINGS, 4)
    assert rows == [
        (5, ["London", "Oak Primary", "900001", "Ada Example", "Office@oak.example.com",
             "12 January 2026", "3"]),
        (6, ["London", "Elm Primary", "900002", "Ben Example", "office@elm.example.com",
             "13 January 2026", "6.5"]),
        (12, ["Leeds", "Ash Primary", "#N/A", "Cy Example", "office@ash.example.com"]),
        (13, ["Leeds", "St Mary’s", "900004", "Di Example", "office@st-marys.example.com"]),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_what_was_hidden_is_left_out_and_counted(kind):
    opened, _ = read(FILES / f"bpn.{kind}", "Schools")

    left_out = opened.left_out
    assert (left_out.rows, left_out.columns, left_out.sheets) == (2, ["D"], ["Old list"])
    assert left_out.known


def test_an_old_excel_file_does_not_tell_what_is_hidden_and_we_say_so():
    opened, rows = read(FILES / "bpn.xls", "Schools")

    assert not opened.left_out.known
    assert opened.left_out.sheets == ["Old list"]
    assert [number for number, _ in rows] == [5, 6, 7, 8, 12, 13]
    assert rows[4][1][2] == "#N/A"


def test_of_several_sheets_somebody_must_choose():
    with pytest.raises(WhichSheet, match="“Schools”, “Notes”") as question:
        read(FILES / "bpn.xlsx")
    with pytest.raises(WhichSheet, match="no sheet “Schols”"):
        read(FILES / "bpn.xlsx", "Schols")

    assert question.value.sheets == ["Schools", "Notes"]


@pytest.mark.parametrize(
    "row",
    [
        '<row r="2" hidden="1">{}</row>',
        "<row r='2' hidden = 'true'>{}</row>",
        '<row hidden="1">{}</row>',
    ],
)
def test_a_hidden_row_is_found_however_it_is_written(tmp_path, row):
    file = tmp_path / "list.xlsx"
    hidden = row.format('<c t="inlineStr"><is><t>a@example.com</t></is></c>')
    write_excel(file, worksheet(cells("email") + hidden + cells("b@example.com")))

    opened, rows = read(file)

    assert rows == [(3, ["b@example.com"])]
    assert opened.left_out.rows == 1


def hide_column(number):
    return f'<cols><col min="{number}" max="{number}" hidden="1"/></cols>'


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (
            worksheet(cells("School", "E-mail") + cells("Oak", "a@example.com"), hide_column(2)),
            "Column B, headed “E-mail”, is hidden",
        ),
        (
            worksheet(
                '<row r="1" hidden="1"><c t="inlineStr"><is><t>E-mail</t></is></c></row>'
                + cells("a@example.com")
            ),
            "Row 1, with the heading “E-mail”, is hidden",
        ),
        (
            worksheet('<row r="1" hidden="1"><c t="inlineStr"><is><t>x</t></is></c></row>'),
            "everything in it is hidden",
        ),
    ],
)
def test_headings_or_addresses_that_are_hidden_are_said_to_be_so(tmp_path, sheet, said):
    file = tmp_path / "list.xlsx"
    write_excel(file, sheet)

    with pytest.raises(AudienceError) as refusal:
        read(file)

    assert said in str(refusal.value)
    assert "Show it" in str(refusal.value)
    assert "example.com" not in str(refusal.value)


def test_an_excel_sheet_that_begins_lower_down_is_numbered_from_its_first_line(tmp_path):
    file = tmp_path / "list.xlsx"
    below = (
        '<row r="5"><c r="C5" t="inlineStr"><is><t>email</t></is></c></row>'
        '<row r="9"><c r="C9" t="inlineStr"><is><t>a@example.com</t></is></c></row>'
    )
    write_excel(file, worksheet(below))

    opened, rows = read(file)

    assert opened.heading_row == 5
    assert opened.headings == ("", "", "email")
    assert rows == [(9, ["", "", "a@example.com"])]


def test_cells_are_read_as_the_values_that_formulas_and_numbers_have(tmp_path):
    file = tmp_path / "list.xlsx"
    row = (
        '<row><c t="str"><f>A1&amp;B1</f><v>a@example.com</v></c><c><v>900001</v></c>'
        '<c><v>1.5</v></c><c t="b"><v>1</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    write_excel(file, worksheet(cells("email", "urn", "half", "agreed", "share") + row))

    _, rows = read(file)

    assert rows == [(2, ["a@example.com", "900001", "1.5", "TRUE", "#DIV/0!"])]


def merge(file, *references, rows):
    inside = "".join(f'<mergeCell ref="{reference}"/>' for reference in references)
    sheet = worksheet("".join(cells(*row) for row in rows))
    merged = f"</sheetData><mergeCells>{inside}</mergeCells>"
    write_excel(file, sheet.replace("</sheetData>", merged))


PERSON = ("Oak", "900001", "Ann", "ann@example.com")


@pytest.mark.parametrize(
    ("merged", "upper", "lower", "headings"),
    [
        # one name twice: what stands over it tells them apart
        (("A1:B1", "C1:D1"), ("School", "", "Contact"), ("Name", "URN", "Name", "Email"),
         ("School Name", "URN", "Contact Name", "Email")),
        # a name that is not a person's
        (("A1:B1", "C1:D1"), ("School", "", "Contact"), ("Name", "URN", "Person", "Email"),
         ("School Name", "URN", "Contact Person", "Email")),
        # over one group only, and not over the others
        (("C1:D1",), ("School", "URN", "Contact"), ("", "", "Name", "Email"),
         ("School", "URN", "Name", "Email")),
        # not merged at all, but over each first column
        ((), ("School", "", "Contact"), ("Name", "URN", "Name", "Email"),
         ("School Name", "URN", "Contact Name", "Email")),
        # a title is no heading, however wide
        (("A1:D1",), ("Schools 2026",), ("School", "URN", "Name", "Email"),
         ("School", "URN", "Name", "Email")),
        (("A1:B1",), ("Schools 2026",), ("School", "URN", "Name", "Email"),
         ("School", "URN", "Name", "Email")),
        # nor is a note with its date
        ((), ("List of schools", "", "As of", "12 January"), ("School", "URN", "Name", "Email"),
         ("School", "URN", "Name", "Email")),
        # the address above, what belongs to it below
        (("A1:B1",), ("School", "", "Name", "Email"), ("Known as", "URN", "", ""),
         ("Known as", "URN", "Name", "Email")),
    ],
)  # fmt: skip
def test_headings_of_two_storeys_are_read_together(tmp_path, merged, upper, lower, headings):
    file = tmp_path / "list.xlsx"
    merge(file, *merged, rows=[upper, lower, PERSON])

    opened, rows = read(file)

    assert opened.headings == headings
    assert rows == [(3, list(PERSON))]


def test_two_groups_that_both_have_an_address_are_told_apart(tmp_path):
    file = tmp_path / "list.xlsx"
    rows = [("School", "Head", "", "Office"), ("", "Name", "Email", "Name", "Email")]
    merge(file, "B1:C1", "D1:E1", rows=[*rows, ("Oak", "Ann", "a@example.com", "Bea", "b@x.com")])

    opened, _ = read(file)

    names = ("School", "Head Name", "Head Email", "Office Name", "Office Email")
    assert opened.headings == names
    with pytest.raises(WhichColumn, match="“Head Email”, “Office Name”, “Office Email”"):
        understand("list.xlsx", opened.headings)


def test_what_formulas_of_an_old_excel_file_came_to_is_read_errors_too(tmp_path):
    file = tmp_path / "list.xls"
    text, error = b"\0\0\0\0\0\0\xff\xff", b"\2\0\x2a\0\0\0\xff\xff"
    write_old_excel(
        file,
        *[label(0, at, heading) for at, heading in enumerate(["email", "urn", "mentors"])],
        formula(1, 0, text),
        record(0x207, "HB13s", 13, 0, b"a@example.com"),
        formula(1, 1, error),
        formula(1, 2, struct.pack("<d", 3)),
        label(2, 0, "b@example.com"),
        record(0x205, "HHHBB", 2, 1, 0, 0x07, 1),
    )

    _, rows = read(file)

    assert rows == [(2, ["a@example.com", "#N/A", "3"]), (3, ["b@example.com", "#DIV/0!"])]


def test_a_small_old_excel_file_is_read_as_a_large_one_is():
    opened, rows = read(FILES / "small.xls")

    assert opened.headings == ("School Name", "URN", "Contact Name", "Email", "Region")
    assert rows == [(3, ["Oak", "#VALUE!", "Ann", "ann@example.com", "Leeds"])]


@pytest.mark.parametrize("value", ["", "<v></v>", "<v/>"])
def test_a_formula_whose_answer_is_not_in_the_file_is_no_blank(tmp_path, value):
    file = tmp_path / "list.xlsx"
    row = f'<row r="2"><c r="A2"><f>B2</f>{value}</c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    write_excel(file, worksheet(cells("email", "urn") + row))

    _, rows = read(file)

    assert rows == [(2, [UNCALCULATED])]


@pytest.mark.parametrize(
    ("moment", "code", "shown"),
    [
        (date(2024, 1, 2), "", "02/01/2024"),
        (datetime(2024, 1, 2, 9, 5), "", "02/01/2024 09:05"),  # noqa: DTZ001  # a cell has no zone
        (clock(9, 5), "", "09:05"),
        (date(2024, 1, 2), "d mmmm yyyy", "2 January 2024"),
        (date(2024, 1, 2), r"ddd\ dd\-mmm\-yy;@", "Tue 02-Jan-24"),
        (date(2024, 1, 2), "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2 January 2024"),
        (date(2024, 1, 2), '"Week of "dd/mm/yyyy', "Week of 02/01/2024"),
        (datetime(2024, 1, 2, 21, 5, 7), "h:mm:ss AM/PM", "9:05:07 PM"),  # noqa: DTZ001
        # what the library gives of a cell depends on its value, not on how it is shown
        (date(2026, 1, 2), "yyyy-mm-dd hh:mm:ss", "2026-01-02 00:00:00"),
        (date(2026, 1, 2), "dd/mm/yyyy hh:mm", "02/01/2026 00:00"),
        (date(2026, 1, 2), "h:mm", "0:00"),
        (clock(), "dd/mm/yyyy", "00/01/1900"),
        (clock(12), "dd/mm/yyyy", "00/01/1900"),
        (clock(12), "d mmm yy h:mm", "0 Jan 00 12:00"),
        (timedelta(hours=26), "[h]:mm", "26:00"),
        (timedelta(hours=26), "[hh]:mm:ss", "26:00:00"),
        (timedelta(minutes=95), "[m]", "95"),
        (timedelta(minutes=95, seconds=7), "[mm]:ss", "95:07"),
        (timedelta(hours=26, minutes=5), "", "26:05"),
        (clock(9, 5), "[h]:mm", "9:05"),
        (timedelta(days=1, hours=2), "hh:mm", "02:00"),
        (datetime(2024, 1, 2, 9, 14, 59, 999_999), "h:mm", "9:15"),  # noqa: DTZ001
    ],
)
def test_a_date_is_written_as_its_cell_shows_it(moment, code, shown):
    assert written(moment, code) == shown


STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="d mmmm"/>'
    '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/>'
    '<xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/></cellXfs></styleSheet>'
)


def write_with_styles(file, *rows):
    """Write rows of (value, style) under the heading "email"."""
    written_rows = (
        "".join(f'<c s="{style}"><v>{value}</v></c>' for value, style in row) for row in rows
    )
    inside = "".join(f"<row>{row}</row>" for row in written_rows)
    write_excel(file, worksheet(cells("email") + inside), **{"xl/styles.xml": STYLES})


def test_each_cell_is_written_in_its_own_format(tmp_path):
    file = tmp_path / "list.xlsx"
    write_with_styles(
        file,
        [(46024.5, 1), (1.0833333333, 3)],
        [(46024, 1), (0.5, 2)],
        [(46024, 4), (46024, 5)],
        [(46024, 2), (0, 2)],
    )

    _, rows = read(file)

    assert [row for _, row in rows] == [
        ["2026-01-02 12:00:00", "26:00"],
        ["2026-01-02 00:00:00", "00/01/1900"],
        ["2 January", "00:00"],
        ["02/01/2026", "00/01/1900"],
    ]


def test_a_document_type_is_refused_before_any_entity_is_expanded(tmp_path):
    file = tmp_path / "list.xlsx"
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + worksheet(
        '<row hidden="1"><c t="inlineStr"><is><t>&a;</t></is></c></row>'
    )
    write_excel(file, bomb)

    with pytest.raises(AudienceError):
        read(file)


SHARED_STRINGS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)


def zip_bomb(file):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
            archive.writestr(name, "<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1_100):
                part.write(b"<row></row>" * 95_326)


def far_corner(file):
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    write_excel(file, worksheet(cells("email", "school") + corner))


def long_strings(file):
    """A thousand cells of which each repeats one string of a megabyte: a gigabyte unpacked."""
    strings = f"<sst><si><t>{'x' * 1_000_000}</t></si></sst>"
    rows = "".join('<row><c t="s"><v>0</v></c></row>' for _ in range(1_000))
    parts = {"xl/sharedStrings.xml": strings, "xl/_rels/workbook.xml.rels": SHARED_STRINGS}
    write_excel(file, worksheet(rows), **parts)


def many_strings(file):
    """Millions of strings that no cell shows."""
    strings = chain(["<sst>"], repeat("<si><t>a</t></si>" * 1_000, 12_000), ["</sst>"])
    parts = {"xl/sharedStrings.xml": strings, "xl/_rels/workbook.xml.rels": SHARED_STRINGS}
    write_excel(file, worksheet(cells("email")), **parts)


def many_styles(file):
    styles = repeat('<xf numFmtId="14"/>' * 1_000, 8_000)
    styles = chain(["<styleSheet><cellXfs>"], styles, ["</cellXfs></styleSheet>"])
    write_excel(file, worksheet(cells("email")), **{"xl/styles.xml": styles})


def many_columns(file):
    write_excel(file, worksheet(cells("email", *["x"] * 10_000)))


def many_merged(file):
    merged = "".join(f'<mergeCell ref="A1:A{n}"/>' for n in range(2, 60_000))
    rows = cells("email", "x") + cells("", "y") * 50_000
    write_excel(
        file,
        worksheet(rows).replace("</sheetData>", f"</sheetData><mergeCells>{merged}</mergeCells>"),
    )


def ods_row(*texts, repeated=1, across=1):
    """Return a row of an OpenDocument table, repeated, of cells that are each repeated."""
    inside = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{across}">'
        f"<text:p>{text}</text:p></table:table-cell>"
        for text in texts
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{inside}</table:table-row>'


def ods_all_cells(file):
    rows = ods_row("email") + ods_row("x", repeated=1_048_570, across=16_384)
    write_open_document(file, rows)


def ods_all_columns(file):
    write_open_document(file, ods_row("email") + ods_row("x", across=16_384))


def ods_long_cells(file):
    text = "x" * 1_000_000
    write_open_document(file, chain([ods_row("email")], repeat(ods_row(text), 900)))


def ods_many_rows(file):
    row = ods_row("x" * 40, across=50)
    write_open_document(file, chain([ods_row("email")], repeat(row, 400_000)))


def ods_deep(file):
    opened, closed = "<text:p>" * 100_000, "</text:p>" * 100_000
    write_open_document(file, chain(repeat(opened, 50), repeat(closed, 50)))


@pytest.mark.parametrize(
    "make",
    [
        many_strings,
        many_styles,
        ods_all_columns,
        ods_long_cells,
        ods_many_rows,
        ods_deep,
        zip_bomb,
        far_corner,
        long_strings,
        many_columns,
        many_merged,
        ods_all_cells,
    ],
)
def test_a_hostile_workbook_is_refused_in_words_within_time_and_memory(tmp_path, make):
    file = tmp_path / "list.xlsx"
    make(file)
    began = time.monotonic()

    told = subprocess.run([sys.executable, "-c", READ, file], capture_output=True, text=True)

    refusal, megabytes = told.stdout.splitlines()
    assert refusal.startswith("refused"), told.stderr
    assert int(megabytes) < LIMIT
    assert time.monotonic() - began < 150


READ = """
import resource, sys
from pathlib import Path
from postroom.audience import lists  # as large as whoever imports a list
from postroom.audience.columns import is_address
from postroom.audience.spreadsheets import open_spreadsheet
from postroom.errors import AudienceError
try:
    with open_spreadsheet(Path(sys.argv[1]), is_sought=is_address, sought="x") as opened:
        print("read", sum(1 for _ in opened.rows), "rows")
except AudienceError as error:
    print("refused:", str(error).replace("\\n", " "))
mine = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print((int(mine) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024)
"""


def test_an_open_document_that_is_no_bomb_is_read(tmp_path):
    """Else the bombs below could be refused for being no workbook at all."""
    file = tmp_path / "list.ods"
    write_open_document(file, ods_row("email") + ods_row("a@example.com"))

    assert read(file)[1] == [(2, ["a@example.com"])]


def test_a_million_blank_rows_are_no_rows(tmp_path):
    file = tmp_path / "list.xlsx"
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(3, 1_048_577))
    write_excel(file, worksheet(cells("email") + cells("a@example.com") + blank))

    _, rows = read(file)

    assert rows == [(2, ["a@example.com"])]


@pytest.mark.parametrize("beginning", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
@given(content=st.binary(max_size=2_000))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12
)
def test_any_bytes_are_read_or_refused(tmp_path, beginning, content):
    file = tmp_path / "list.xlsx"
    file.write_bytes(beginning + content)
    try:
        read(file)
    except AudienceError:
        return


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
@given(changes=st.lists(st.tuples(st.integers(0, 7_000), st.integers(0, 255)), max_size=20))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12
)
def test_a_damaged_workbook_is_read_or_refused(tmp_path, kind, changes):
    content = bytearray((FILES / f"bpn.{kind}").read_bytes())
    for at, byte in changes:
        content[at] = byte
    file = tmp_path / f"list.{kind}"
    file.write_bytes(content)
    try:
        read(file, "Schools")
    except AudienceError:
        return


def test_a_workbook_without_a_known_heading_says_which_column_looks_like_it(tmp_path):
    file = tmp_path / "list.xlsx"
    write_excel(file, worksheet(cells("School", "Contact here") + cells("Oak", "a@example.com")))

    with pytest.raises(WhichColumn, match="“Contact here” looks like it") as question:
        read(file)

    assert (question.value.headings, question.value.likely) == (
        ["School", "Contact here"],
        "Contact here",
    )


def test_dates_can_be_asked_for_exactly_whatever_their_cells_show(tmp_path):
    file = tmp_path / "list.xlsx"
    shown = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>'
        '<numFmt numFmtId="164" formatCode="m/d/yy h:mm"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="164"/></cellXfs></styleSheet>'
    )
    row = '<row><c s="1"><v>46300.3854166666</v></c><c s="1"><v>46300</v></c></row>'
    write_excel(file, worksheet(cells("email", "on") + row), **{"xl/styles.xml": shown})

    with open_rows(file, is_sought=is_address, dates=EXACTLY) as opened:
        exact = list(opened.rows)
    _, as_shown = read(file)

    assert exact[0] == (1, ["email", "on"])
    assert exact[1] == (2, ["2026-10-05T09:15:00", "2026-10-05"])
    assert as_shown == [(2, ["10/5/26 9:15", "10/5/26 0:00"])]
