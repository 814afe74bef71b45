"""A figure is the same however it is written, and another when it is not the same."""

import pytest

from postroom.content.figures import amounts_in, looks_like, measures_in


@pytest.mark.parametrize(
    "written",
    [
        "£1,076",
        "£1076",
        "£1,076.00",
        "£ 1,076",
        "GBP 1,076",
        "GBP1076",
        "1,076 GBP",
        "1,076 pounds",
        "1076 pounds sterling",
        "£1.076k",
        "£1.076 thousand",
    ],
)
def test_an_amount_is_the_same_however_it_is_written(written):
    (amount,) = amounts_in(f"You get {written}, and more.")
    (usual,) = amounts_in("£1,076")

    assert amount.key == usual.key
    assert amount.words == written


@pytest.mark.parametrize("written", ["£1,077", "£10,76", "€1,076", "1,076 euros", "£1.5 million"])
def test_another_amount_or_currency_is_another(written):
    (amount,) = amounts_in(written)
    (usual,) = amounts_in("£1,076")

    assert amount.key != usual.key


def test_every_amount_of_a_text_is_found_once():
    text = "£876 or £902,50 in (£965), 20 hours × £43.80 = £876; €50, 43.18 pounds and £."

    assert [amount.words for amount in amounts_in(text)] == [
        "£876",
        "£902,50",
        "£965",
        "£43.80",
        "£876",
        "€50",
        "43.18 pounds",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("up to 20 hours of training", [("20 hours", "hour")]),
        ("a 20-hour course, 1.5 hrs a day", [("20-hour", "hour"), ("1.5 hrs", "hour")]),
        ("17.5% or 20 per cent", [("17.5%", "%"), ("20 per cent", "%")]),
        ("in 2 years, 3 weeks and 60 minutes", [("2 years", "year"), ("3 weeks", "week")]),
        ("£20 hours, 9:30 hours, version 1.2 days2", []),
    ],
)
def test_what_is_measured_is_found_with_its_unit(text, found):
    assert [(one.words, one.unit) for one in measures_in(text)][: len(found) or None] == found


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("£1,076", "£1,072", True),
        ("£863.60", "£876", True),
        ("£43.18", "£43.80", True),
        ("£1,702", "£1,072", True),
        ("£107.20", "£1,072", True),
        ("£50", "£876", False),
        ("£438", "£876", False),
        ("£12", "£21", False),
        ("€876", "£876", False),
    ],
)
def test_a_slip_of_the_fingers_looks_like_what_was_meant(one, other, alike):
    (first,), (second,) = amounts_in(one), amounts_in(other)

    assert looks_like(first, second) is alike
