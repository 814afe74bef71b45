from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.content.editions import load_edition, restore_edition
from postroom.content.facts import PeriodKind, shared_facts, wrong_sum
from postroom.errors import ContentError

ROOT = Path(__file__).parents[2]
RATE = """\
title = "Rates"

[facts.rate]
value = "£876"
sum = "20 hours × £43.80"
group = "band"
source = "The published rates"
"""


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("20 × £43.80", "£876"),
        ("20 hours × £43.80 = £876", "£876"),
        ("20 x £43.80", "£876.00"),
        ("£1,072 - £876", "£196"),
        ("£1,072 − £876", "£196"),
        ("(2 + 3) × 4", "20 days"),
        ("2 + 3 × 4", "14"),
        ("£100 ÷ 8", "£12.50"),
        ("£200 × 15%", "£30"),
        ("0.1 + 0.2", "0.3"),
    ],
)
def test_a_sum_that_gives_its_value_is_right(written, value):
    assert wrong_sum(written, value) == ""


@pytest.mark.parametrize(
    ("written", "value", "said"),
    [
        ("20 × £43.18", "£876", "20 × £43.18 is £863.60, not £876"),
        ("20 × £43.80 = £867", "£876", "is £876, not £867"),
        ("20 × £43.80 = £876", "£867", "is £876"),
        ("£100 ÷ 3", "£33.33", "not a whole number of pence"),
        ("twenty × £43.80", "£876", "cannot be worked out"),
        ("20 ×", "£876", "cannot be worked out"),
        ("(20 × 2", "40", "cannot be worked out"),
        ("20 ÷ 0", "0", "cannot be worked out"),
        ("20 20", "20", "cannot be worked out"),
        ("", "20", "cannot be worked out"),
        ("20 × £43.80", "September", "“September”"),
        ("20 × £43.80", "£876 or £902", "not one figure"),
    ],
)
def test_a_sum_that_does_not_is_said_with_what_it_gives(written, value, said):
    assert said.replace("“", '"').replace("”", '"') in wrong_sum(written, value)


@given(st.integers(0, 10**6), st.decimals(0, 10**6, places=2))
def test_a_product_is_exact_to_the_penny(hours, rate):
    assert wrong_sum(f"{hours} × £{rate}", f"£{hours * rate:,.2f}") == ""


@given(st.text(max_size=60))
def test_no_text_as_a_sum_raises(written):
    assert isinstance(wrong_sum(written, "£876"), str)


def test_brackets_without_end_are_refused_and_not_followed():
    assert "200 characters at most" in wrong_sum("(" * 100_000 + "1", "1")


def test_facts_are_found_by_name_and_by_group():
    shared = shared_facts({"facts/rates.toml": RATE})

    assert shared.agreeing_with("rate")["rate"].value == "£876"
    assert list(shared.agreeing_with("band")) == ["rate"]
    assert shared.agreeing_with("other") == {}
    assert shared.files["rate"] == "facts/rates.toml"


def test_other_files_are_left_alone():
    assert shared_facts({"campaigns/a.toml": "not = toml = at all"}).facts == {}


def test_every_mistake_is_named_by_file_and_line():
    broken = {
        "facts/a.toml": RATE.replace("43.80", "43.18"),
        "facts/b.toml": RATE.replace("source", "sorce").replace("facts.rate", "facts.other"),
        "facts/c.toml": "[facts",
        "facts/d.toml": RATE,
    }

    with pytest.raises(ContentError) as caught:
        shared_facts(broken)

    said = str(caught.value)
    assert "facts/a.toml:5: facts.rate.sum: 20 hours × £43.18 is £863.60, not £876" in said
    assert "facts/b.toml:7: facts.other.sorce: is not known. There are: value, source" in said
    assert "facts/b.toml:3: facts.other.source: is missing" in said
    assert "facts/c.toml:1: this is not valid TOML" in said
    assert "facts/d.toml:3: facts.rate: is also in facts/a.toml" in said


def test_a_period_that_ends_before_it_begins_is_refused():
    period = """
[[periods]]
kind = "school-holiday"
name = "N"
first_day = 2024-02-01
last_day = 2024-01-01
source = "S"
"""
    with pytest.raises(ContentError, match=r"facts/c\.toml:6: .*before first_day"):
        shared_facts({"facts/c.toml": period})


BAND = """
[bands.{name}]
by = "{by}"
otherwise = "no"
source = "S"
values = {{ yes = ["a"] }}
"""


def test_a_band_that_goes_by_itself_or_by_a_later_one_is_refused():
    files = {
        "facts/a.toml": BAND.format(name="one", by="one") + BAND.format(name="two", by="three"),
        "facts/b.toml": BAND.format(name="three", by="district_code"),
    }

    with pytest.raises(ContentError) as caught:
        shared_facts(files)

    assert caught.value.problems == (
        (
            "facts/a.toml:3: bands.one.by: names itself. Name a field of the register of schools, "
            "or an earlier band"
        ),
        (
            "facts/a.toml:9: bands.two.by: names a band that comes later, in facts/b.toml. Name a "
            "field of the register of schools, or an earlier band"
        ),
    )


def test_two_bands_of_one_name_in_two_files_are_refused():
    band = BAND.format(name="one", by="district_code")

    with pytest.raises(ContentError, match=r"facts/b\.toml:2: bands\.one: is also in facts/a"):
        shared_facts({"facts/a.toml": band, "facts/b.toml": band})


def test_the_facts_that_come_with_the_tool_are_in_order():
    files = {f"facts/{path.name}": path.read_text() for path in (ROOT / "facts").glob("*.toml")}

    shared = shared_facts(files)

    bands = shared.agreeing_with("mentor_funding_band").values()
    assert [fact.value for fact in bands] == ["£876", "£902", "£965", "£1,072"]
    assert {period.kind for period in shared.periods} == set(PeriodKind)
    assert all(period.source for period in shared.periods)


def test_an_edition_carries_the_facts_files_but_is_not_made_of_them():
    edition = load_edition(ROOT, "bpn-invite")

    assert "facts/calendar.toml" in edition.facts_files
    assert shared_facts(edition.facts_files).facts
    assert not any(path.startswith("facts/") for path in edition.files)
    assert restore_edition("bpn-invite", edition.files).digest == edition.digest
