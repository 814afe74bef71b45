"""Addresses: what Notify accepts, what two spellings have in common, and why one is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.audience.addresses import normalise
from postroom.errors import InvalidAddress

CASES = json.loads(
    (Path(__file__).parent / "conformance" / "addresses.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_verdict_and_the_normal_form_are_notifys(case):
    address, expected = case["input"]["address"], case["expected"]

    if expected["valid"]:
        assert normalise(address) == expected["normalised"]
    else:
        with pytest.raises(InvalidAddress):
            normalise(address)


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        ("Head@Oak.Example.COM", "head@oak.example.com"),
        ("  head@oak.example.com\t", "head@oak.example.com"),
        ("head\u200b@oak.example.com", "HEAD@oak.example.com"),
    ],
)
def test_two_spellings_of_one_address_are_equal(spelling, other):
    assert normalise(spelling) == normalise(other)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "There is no email address."),
        ("sam.example.com", "@-sign"),
        ("sam@example.com; alex@example.com", "more than one email address"),
        ("Sam <sam@example.com>", "without a name"),
        ("sam@example", "period"),
        ("sam@example.c", "after the last dot"),
        ("sam jones@example.com", "SPACE"),
        ("x" * 310 + "@example.com", "long"),
    ],
)
def test_a_refusal_says_why_in_words(address, words):
    with pytest.raises(InvalidAddress) as refusal:
        normalise(address)

    assert words in str(refusal.value)


def test_a_refusal_never_repeats_the_address():
    with pytest.raises(InvalidAddress) as refusal:
        normalise("sam.jones,oakprimary@example.com")

    assert "jones" not in str(refusal.value)
    assert "oak" not in str(refusal.value)


@given(st.text(max_size=400))
def test_any_text_is_either_normalised_for_good_or_refused(text):
    try:
        once = normalise(text)
    except InvalidAddress:
        return

    assert normalise(once) == once


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "o’neil@example.com",
            "curly apostrophe (’), which addresses cannot have. Type a straight one",
        ),
        ("o‘neil@example.com", "curly apostrophe"),
        ("zoë@example.com", "a letter with an accent or another sign"),
        ("ann–bell@example.com", "a letter with an accent or another sign"),
    ],
)
def test_a_sign_that_word_processors_put_in_is_named_in_plain_words(address, said):
    with pytest.raises(InvalidAddress) as refusal:
        normalise(address)

    assert said in str(refusal.value)
    assert "neil" not in str(refusal.value)
    assert "nternationalized" not in str(refusal.value)
