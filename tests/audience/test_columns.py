"""Columns: headings in any spelling, and what templates call them."""

import pytest

from postroom.audience.columns import (
    ADDRESS,
    FIRST_NAME,
    LAST_NAME,
    NAME,
    SCHOOL,
    URN,
    is_address,
    name_in_templates,
    said_to_be_personal,
    understand,
)
from postroom.content.identity import is_a_persons, is_a_place
from postroom.errors import AudienceError


def contact(headings, cells):
    return understand("list.csv", headings).contact(cells)


@pytest.mark.parametrize(
    "heading",
    ["email address", "Email_Address", "E-mail", "EMAIL", "e-mail address", "EmailAddress"],
)
def test_the_address_column_is_known_in_any_spelling(heading):
    assert is_address(heading)


@pytest.mark.parametrize("heading", ["address", "email\taddress", "school", "email sent?", ""])
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
        "urn": "100 001",
        "first_name": "Ada",
        "surname": "Bell",
        "name": "Ada Bell",
        "number_on_roll": "210",
    }


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


def test_columns_without_a_heading_are_left_out():
    assert contact(["email", "", "  ", "town"], ["a@example.com", "x", "y", "Leeds"]).fields == {
        "town": "Leeds"
    }


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
