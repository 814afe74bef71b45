"""Filling in placeholders."""

import pytest

from postroom.localnotify.personalisation import fill_body, fill_subject, missing, placeholders


def test_a_placeholder_inside_a_value_is_left_as_it_is():
    assert fill_body("((a)) ((b))", {"a": "((b))", "b": "x"}) == "((b)) x"


@pytest.mark.parametrize("name", ["First Name", "first_name", "FIRST-NAME", "firstname"])
def test_names_match_whatever_their_case_spaces_and_dashes(name):
    assert fill_body("((first name))", {name: "Sam"}) == "Sam"


@pytest.mark.parametrize("name", ["bo\u00a0dy", "bo\tdy"])
def test_other_white_space_makes_another_name(name):
    assert missing(["body"], {name: "x"}) == ["body"]


def test_of_two_spellings_of_one_name_the_last_wins():
    assert fill_body("((body))", {"body": "first", "BODY": "last"}) == "last"


def test_a_list_becomes_bullets_in_a_body_and_a_sentence_in_a_subject():
    values = {"schools": ["Ashdown", None, " ", "\u200b", "Bi\u00a0rch ", "Cedar"]}

    assert fill_body("((schools))", values) == "\n\n* Ashdown\n* Birch\n* Cedar"
    assert fill_subject("((schools))", values) == "Ashdown, Birch and Cedar"
    assert fill_subject("((schools))", {"schools": ["Ashdown"]}) == "Ashdown"


@pytest.mark.parametrize(
    ("value", "shown"), [("yes", "text"), (True, "text"), ("no", ""), (False, ""), ("", "")]
)
def test_text_after_two_question_marks_is_shown_when_the_value_says_yes(value, shown):
    assert fill_body("((more??text))", {"more": value}) == shown


def test_numbers_truths_and_objects_are_written_as_python_writes_them():
    assert fill_body("((n)) ((t)) ((o))", {"n": 3.0, "t": True, "o": {"a": 1}}) == (
        "3.0 True {'a': 1}"
    )


def test_none_is_as_good_as_missing_and_an_empty_text_is_not():
    names = placeholders("((subject))", "((body)) ((more??text)) ((Body))")

    assert names == ["subject", "body", "more"]
    assert missing(names, {"subject": "", "body": None}) == ["body", "more"]
