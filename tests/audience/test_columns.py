"""Columns: headings in any spelling, and what templates call them."""

import pytest

from postroom.audience.columns import (
    is_address,
    meaning_of,
    name_in_templates,
    said_to_be_personal,
    understand,
)
from postroom.content.identity import is_a_persons, is_a_place
from postroom.content.known_headings import ADDRESS, FIRST_NAME, LAST_NAME, NAME, SCHOOL, URN
from postroom.errors import AudienceError


def contact(headings, cells):
    return understand("list.csv", headings).contact(cells)


@pytest.mark.parametrize(
    "heading",
    [
        "email address",
        "Email_Address",
        "E-mail",
        "EMAIL",
        "e-mail address",
        "EmailAddress",
        "E-mail\u00a0address",
        "Email\naddress",
        "E\u2011mail",
        "Email address *",
        "Email:",
        "Email (required)",
        "\uff25mail",
        "Email\u200baddress",
    ],
)
def test_the_address_column_is_known_in_any_spelling(heading):
    assert is_address(heading)


@pytest.mark.parametrize("heading", ["address", "school", "email sent?", "", "*", "email list"])
def test_other_headings_are_not_taken_for_the_address(heading):
    assert not is_address(heading)


def test_school_urn_and_name_are_understood_and_everything_is_kept():
    found = contact(
        ["School name", "URN", "First name", "Surname", "email", "Number on roll"],
        ["Oak", "100 001", "Ada", "Bell", "ada@example.com", "210"],
    )

    assert (found.address, found.school_urn, found.school_name) == (
        "ada@example.com",
        "100001",
        "Oak",
    )
    assert found.fields == {
        "school_name": "Oak",
        "school": "Oak",
        "urn": "100001",
        "first_name": "Ada",
        "surname": "Bell",
        "name": "Ada Bell",
        "number_on_roll": "210",
    }


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("School\u00a0Name", "school"),
        ("Name of school/academy", "school"),
        ("Unique Reference Number (URN)", "urn"),
        ("URN (unique reference number)", "urn"),
        ("School URN:", "urn"),
        ("URN no.", "urn"),
        ("Contact’s name", "name"),
        ("Main contact", "name"),
        ("Forename(s)", "first_name"),
        ("Last Name*", "last_name"),
        ("Number of pupils", ""),
        ("School type", ""),
    ],
)
def test_school_urn_and_name_are_known_in_many_spellings(heading, meaning):
    assert meaning_of(heading) == meaning


def test_a_column_is_named_by_its_heading_however_its_spaces_are_made():
    columns = understand("l", ["Reach\u00a0them at", "x"], {"address": "reach them at"})

    assert columns.address == 0


@pytest.mark.parametrize(
    "written",
    [
        "900001",
        " 900001 ",
        "900001.0",
        "900,001",
        "900 001",
        "900\u00a0001",
        "'900001",
        "0900001",
        "URN 900001",
        "urn: 900001",
        "URN900001",
        "9.00001E+05",
        "9.00001e5",
        "900001.",
    ],
)
def test_a_urn_is_the_same_however_a_spreadsheet_spoils_it(written):
    found = contact(["email", "URN"], ["a@example.com", written])

    assert (found.school_urn, found.fields["urn"]) == ("900001", "900001")


@pytest.mark.parametrize(
    "written", ["9E+05", "900001.5", "202/1234", "900001, 900002", "Oak", "9.0E+05", "#N/A", "-9"]
)
def test_what_is_no_urn_stays_as_it_is(written):
    found = contact(["email", "URN"], ["a@example.com", written])

    assert (found.school_urn, found.fields["urn"]) == ("", written)
    assert found.no_urn == written


def test_every_row_has_every_field_that_templates_may_name():
    columns = understand("list.csv", ["email", "School name", "Region"])

    assert set(columns.contact(["a@example.com"]).fields) == set(columns.names)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Region", "region"),
        ("Pupil-premium (%)", "pupil_premium"),
        ("2024 places", "column_2024_places"),
    ],
)
def test_templates_call_a_column_by_its_heading_in_small_letters(heading, name):
    assert name_in_templates(heading) == name


def test_a_repeated_heading_loses_nothing_and_is_reported():
    columns = understand("list.csv", ["email", "Notes", "notes"])

    assert columns.contact(["a@example.com", "x", "y"]).fields == {"notes": "x", "notes_2": "y"}
    assert columns.repeated == ("notes",)


def test_columns_without_a_heading_are_left_out_and_told_of():
    columns = understand("list.csv", ["email", "", "  ", "town"])

    assert columns.contact(["a@example.com", "x", "y", "Leeds"]).fields == {"town": "Leeds"}
    assert columns.nameless == (1, 2)


@pytest.mark.parametrize("heading", ["%", "→", "地区"])
def test_a_heading_without_a_letter_of_ours_is_called_by_its_number(heading):
    columns = understand("list.csv", ["email", heading, "Région"])

    assert columns.contact(["a@example.com", "x", "y"]).fields == {"column_2": "x", "region": "y"}


def test_two_columns_that_could_hold_the_address_are_refused_by_name():
    with pytest.raises(AudienceError, match=r"“Email” \(column 1\) and “work e-mail” \(column 3\)"):
        understand("list.csv", ["Email", "school", "work e-mail"])


def test_every_heading_over_names_addresses_or_schools_is_told_to_be_one():
    for heading in (*ADDRESS, *NAME, *FIRST_NAME, *LAST_NAME):
        assert is_a_persons(name_in_templates(heading)), heading
    for heading in (*SCHOOL, *URN):
        assert is_a_place(name_in_templates(heading)), heading


def test_what_somebody_said_holds_names_or_addresses_is_personal_whatever_its_heading():
    said = {"address": "Reach at", "name": "Who", "school": "Where", "title": "Role", "to": "Name"}

    assert set(said_to_be_personal(said)) == {"reach_at", "who", "to"}
