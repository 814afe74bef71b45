"""Several answers in one cell: told apart as they were chosen, and never made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.research.form_choices import ambiguous, split

OPTIONS = ("Video call", "Survey", "Group session, online", "Group session", "By phone")


@pytest.mark.parametrize(
    ("cell", "separator", "chosen", "others"),
    [
        ("", ",", (), ()),
        ("Survey", ",", ("Survey",), ()),
        ("Video call, Survey", ",", ("Video call", "Survey"), ()),
        ("Video call;Survey;", ";", ("Video call", "Survey"), ()),
        (";Survey;;By phone;", ";", ("Survey", "By phone"), ()),
        ("survey,BY PHONE", ",", ("Survey", "By phone"), ()),
        ("Group session, online, By phone", ",", ("Group session, online", "By phone"), ()),
        ("Group session, By phone", ",", ("Group session", "By phone"), ()),
        ("Survey, Survey", ",", ("Survey",), ()),
        ("Survey, a chat, over tea", ",", ("Survey",), ("a chat, over tea",)),
        ("a chat, Survey, tea", ",", ("Survey",), ("a chat", "tea")),
        ("Surveys", ",", (), ("Surveys",)),
        ("Survey  ;\u00a0By phone", ";", ("Survey", "By phone"), ()),
    ],
)
def test_a_cell_is_split_into_the_options_that_were_chosen(cell, separator, chosen, others):
    found = split(cell, OPTIONS, separator)

    assert (found.options, found.others) == (chosen, others)


def test_a_shorter_option_is_taken_where_the_longest_would_leave_words_over():
    found = split("A, B, C", ("A", "A, B", "B, C"), ",")

    assert (found.options, found.others) == (("A", "B, C"), ())


def test_of_two_ways_to_read_a_cell_the_one_with_the_longest_option_is_taken_and_told():
    options = ("Maths", "Physics", "Maths, Physics")

    assert split("Maths, Physics", options, ",").options == ("Maths, Physics",)
    assert ambiguous(options, ",") == ["Maths, Physics"]
    assert ambiguous(OPTIONS, ",") == []


words = st.text("abAB ,;’-", min_size=1, max_size=12).filter(lambda text: text.strip(" ,;"))


@st.composite
def questions(draw):
    """Return options that can be told apart, some of them chosen, and what stands between."""
    separator = draw(st.sampled_from([",", ";"]))
    # Letters of their own: no option is then part of another, whatever stands in it.
    inside = st.text(st.sampled_from(f"xy {separator}"), max_size=6)
    options = [f"{letter}{draw(inside)}{letter}" for letter in "abcdef"[: draw(st.integers(1, 6))]]
    chosen = draw(st.lists(st.sampled_from(options), unique=True))
    return options, chosen, separator


@given(questions(), st.booleans(), st.booleans())
def test_whatever_options_hold_those_that_were_joined_come_apart_again(asked, spaced, trailing):
    options, chosen, separator = asked
    cell = (separator + " " * spaced).join(chosen) + separator * trailing

    found = split(cell, options, separator)

    assert found.others == ()
    assert sorted(found.options) == sorted(chosen)


@given(words, st.lists(words, max_size=5), st.sampled_from([",", ";"]))
def test_nothing_in_a_cell_is_lost_and_nothing_is_made_up(cell, options, separator):
    found = split(cell, options, separator)

    told = "".join((*found.options, *found.others)).lower()
    assert set(found.options) <= set(options)
    assert {c for c in cell.lower() if c.isalpha()} == {c for c in told if c.isalpha()}


def test_a_cell_of_a_hundred_thousand_separators_is_split_at_once():
    assert split("a;" * 50_000, ("a", "b"), ";").options == ("a",)
