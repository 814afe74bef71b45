"""Guesses: columns that may hold the school, the URN or the person, for their importer to say."""

import pytest

from postroom.audience.columns import understand
from postroom.audience.guesses import guesses

ADDRESSES = ["a@example.com", "b@example.com", "c@example.com"]


def guessed(heading, values, said=(), others=("email",)):
    columns = understand("list.csv", [*others, heading], dict(said))
    filler = [[address, *[""] * (len(others) - 1)] for address in ADDRESSES]
    rows = [[*cells, value] for cells, value in zip(filler, values, strict=True)]
    return [guess.meaning for guess in guesses(columns, rows)]


@pytest.mark.parametrize(
    ("heading", "values", "meaning"),
    [
        ("Reference", ["900001", "900002", "900003"], "urn"),
        ("School ref", ["900001", "900002.0", ""], "urn"),
        ("URN of placement", ["", "", ""], "urn"),
        ("Where they work", ["Oak Primary School", "Elm Academy", "Ash College"], "school"),
        ("Schools", ["Oak", "Elm", "Ash"], "school"),
        ("ITT lead", ["Ann Example", "Bea O’Neil", "Cy Smith-Jones"], "name"),
        ("Person", ["Ann", "Bea", "Cy"], "name"),
    ],
)
def test_a_column_that_looks_like_it_is_asked_about(heading, values, meaning):
    assert guessed(heading, values) == [meaning]


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("Number of pupils", ["210", "420", "90"]),
        ("Telephone", ["01632 960001", "01632960002", ""]),
        ("Region", ["North West", "South East", "London"]),
        ("School type", ["Community school", "Academy converter", "Free school"]),
        ("Trust name", ["Oak Trust", "Elm Trust", ""]),
        ("Notes", ["Ring Ann Example", "", ""]),
    ],
)
def test_what_does_not_look_like_it_is_left_alone(heading, values):
    assert guessed(heading, values) == []


def test_what_is_known_or_was_answered_is_not_asked_again():
    values = ["900001", "900002", "900003"]

    assert guessed("Reference", values, others=("email", "URN")) == []
    assert guessed("Reference", values, said={"not urn": "Reference"}) == []
    assert guessed("Reference", values, said={"urn": "Reference"}) == []
