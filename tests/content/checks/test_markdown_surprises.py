import json
from pathlib import Path

import pytest

from postroom.content.checks import Rank
from tests.content.checks.cases import Case, names

CONFORMANCE = Path(__file__).parents[1] / "conformance/markdown.json"
SURPRISES = {
    "list-from-text",
    "text-lost",
    "text-changed",
    "number-changed",
    "list-not-made",
    "heading-from-text",
    "heading-not-made",
    "heading-too-deep",
    "marks-shown",
    "lines-joined",
    "passages-joined",
    "link-changed",
    "link-spoilt-in-text",
    "mailto-encoded",
    "footnote-star",
    "list-too-deep",
    "table-shown",
    "link-not-made",
    "plus-encoded",
    "not-a-link",
}


def surprises(body: str) -> set[str]:
    return names(Case(body).problems()) & SURPRISES


@pytest.mark.parametrize(
    "body",
    [
        "Plain words, “quoted” and 'quoted' – with a dash - or two -- here.",
        "* one\n* two\n\n* three",
        "*one\n*two",
        "•one\n•two",
        "- one\n- two\n  - nested\n- three",
        "1. one\n2. two\n\n3. three",
        "Bring:\n* pen\n* paper",
        "# What happens next\n\n## When\n\nOn Monday at 10.30am.",
        "^ Mind this.\nAnd that.",
        "Above\n\n---\n\nBelow",
        "Above\n***\nBelow",
        "Read [the guidance (PDF)](https://example.com/a?b=1&c=2).",
        "Read [the guidance](https://example.com/café) or https://example.com/a.",
        "[team@example.com](mailto:team@example.com)",
        "10\\.30am start\n\n\\-5 degrees\n\n\\# one",
        "Salt &amp; pepper &pound;5, R&D",
        "Kind regards,\nThe team",
        "It was 3 * 4 * 5 and a_b_c and 5 < 6 > 4.",
        "Visit GOV.UK (GOV.UK) today.",
        "5 | 6 and a | b, from 9.30am/10.30am, yes/no, St.Mary and e.g. this.",
        '[The guide](https://example.com/a "A title") [sic] (as they say)',
        "[The guide](https://example.com/a+b)",
        "* one",
    ],
)
def test_what_arrives_as_it_was_meant_is_no_surprise(body):
    assert surprises(body) == set()


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("1.5 hours of your time", "list-from-text"),
        ("2024. That year", "list-from-text"),
        ("-5 degrees", "list-from-text"),
        ("**Date:** Monday", "list-from-text"),
        ("* **Date:** Monday", "list-from-text"),
        ("Intro.\n\n10.30am start\n\nOutro.", "list-from-text"),
        ("Look![the guide](https://example.com)", "text-lost"),
        ("See the note.\n\n[note]: important", "text-lost"),
        ("Text[^1].\n\n[^1]: The note.", "text-lost"),
        ("Day | Time\n--- | ---\nMonday | noon", "text-lost"),
        ("#tag along", "heading-from-text"),
        ("Regards\n-\nJo", "heading-from-text"),
        ("+ one\n+ two", "list-not-made"),
        ("1) one\n2) two", "list-not-made"),
        ("Bring:\n*pen\n*paper", "list-not-made"),
        ("> a quotation", "marks-shown"),
        ("Some <b>bold</b> words", "marks-shown"),
        ("Some _slanted_ words", "marks-shown"),
        ("Some `code` here", "marks-shown"),
        ("Go to https://example.com/join!", "link-changed"),
        ("Go to Https://example.com/join", "link-changed"),
        ("https://example.com/?x=1&copy=2", "link-spoilt-in-text"),
        ("https://example.com/it's", "link-spoilt-in-text"),
        ("Code:\n\n```\none\n\ntwo\n```", "passages-joined"),
        ("```\nfenced\n```", "text-changed"),
        ("Above.\n\n===\n\nBelow.", "text-changed"),
        ("Prices from £5*.\n\n*Terms apply", "footnote-star"),
        ("# What next -\n\nText", "lines-joined"),
        ("## What next --\nText", "lines-joined"),
        ("Times:\n\n| Day |\n|---|", "table-shown"),
        ("[The form](https://example.com/a", "link-not-made"),
        ("See [it] (www.example.com/a).", "link-not-made"),
        ("[The form](https://example.com/a The form)", "link-not-made"),
        ("https://example.com/?q=a+b", "plus-encoded"),
        ("Fill in forms.office.com/r/x today", "not-a-link"),
        ("Fill in bit.ly/x today", "not-a-link"),
    ],
)
def test_what_does_not_is(body, check):
    assert check in surprises(body)


def test_a_surprise_is_told_once_in_the_words_that_mend_it():
    (problem,) = [p for p in Case("10.30am start").problems() if p.check in SURPRISES]

    assert problem.rank is Rank.STOP
    assert problem.text == (
        "Notify takes the line “10.30am start” for a list and drops what it begins with. Begin it "
        "with a word, or put a backslash in: 10\\.30am, \\-5 degrees."
    )


def plain_cases() -> list[str]:
    """Return the bodies of the open corpus in which nothing is marked up at all."""
    cases = json.loads(CONFORMANCE.read_text(encoding="utf-8"))
    bodies = [case["input"]["body"] for case in cases if case["group"] == "typography"]
    return [body for body in bodies if "\n" not in body and body.isascii() and body[:1].isalpha()]


@pytest.mark.parametrize("body", plain_cases())
def test_typography_alone_is_no_surprise(body):
    assert surprises(body) <= {"link-spoilt-in-text"}


@pytest.mark.parametrize(
    "body",
    [
        "Q&A, R&D, M&S and terms & conditions &amp; more &notin; it",
        "[Go](https://example.com/?a=1&region=2) or https://example.com/?a=1&copy=2",
        "&pound;50 &region; &#163;",
    ],
)
def test_an_ampersand_that_names_no_sign_or_stands_in_a_link_is_left_alone(body):
    assert Case(body).texts("sign-in-text") == []
