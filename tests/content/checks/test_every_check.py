import csv
from datetime import date
from pathlib import Path

import pytest

from postroom.content.checks import CHECKS, Person, Problem, Rank, problems
from postroom.content.checks.reference import reference
from postroom.content.editions import load_edition
from postroom.content.rendering import Links, Renderer
from tests.content.checks.cases import FIRES, SITE, STOP

ROOT = Path(__file__).parents[3]
NAMES = [check.name for check in CHECKS]

# What a careful colleague would say of the seed too, and in which words.
RIGHTLY_SAID_OF_THE_SEED = {
    "fact-disagrees": "“£1,076” (facts.london) matches no published mentor funding band "
    "(£876, £902, £965, £1,072)",
    "several-top-headings": "3 headings",
    "invitation-terms": "until when they can; how long taking part takes; that it is up to them",
}


def seed_problems(today: date) -> list[Problem]:
    edition = load_edition(ROOT, "bpn-invite")
    renderer = Renderer(edition, subject_prefix="[LOCAL] ")
    links = Links(f"{SITE}/r/WyJicG4taW52aXRlIiwiZGlyZWN0Il0.k3Jx9-abcDEF123", STOP)
    with (ROOT / "recipients/example-bpn.csv").open(encoding="utf-8", newline="") as file:
        rows = list(enumerate(csv.DictReader(file), start=2))
    return problems(
        edition,
        ((row, renderer.render(fields, links)) for row, fields in rows),
        today,
        people=((row, Person(fields["email address"], fields, fields)) for row, fields in rows),
        public_url=SITE,
    )


@pytest.fixture(scope="module")
def said_of_the_seed() -> list[Problem]:
    return seed_problems(date(2024, 1, 22))


def test_no_two_checks_share_a_name():
    assert len(set(NAMES)) == len(NAMES)


def test_every_check_has_a_case_in_which_it_fires():
    assert set(FIRES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_fires(name):
    case, words = FIRES[name]

    texts = case.texts(name)

    assert texts, "silent"
    assert words in " ".join(texts)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in RIGHTLY_SAID_OF_THE_SEED])
def test_is_silent_on_the_seed(name, said_of_the_seed):
    assert [problem.text for problem in said_of_the_seed if problem.check == name] == []


@pytest.mark.parametrize("name", RIGHTLY_SAID_OF_THE_SEED)
def test_says_of_the_seed_what_a_careful_colleague_would(name, said_of_the_seed):
    (problem,) = [problem for problem in said_of_the_seed if problem.check == name]

    assert RIGHTLY_SAID_OF_THE_SEED[name] in problem.text


def test_nothing_stops_the_seed(said_of_the_seed):
    assert [problem for problem in said_of_the_seed if problem.rank is Rank.STOP] == []


def test_years_later_the_seed_is_told_once_that_its_day_has_passed(said_of_the_seed):
    later = seed_problems(date(2026, 11, 24))

    (more,) = set(later) - set(said_of_the_seed)
    assert more.check == "send-on-passed"


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_has_a_meaning_and_a_way_to_mend_it(check):
    assert check.meaning.endswith(".")
    assert check.mend.endswith(".")


def test_the_reference_page_lists_every_check_as_it_is():
    page = (ROOT / "docs/reference/checks.md").read_text(encoding="utf-8")

    assert page == reference(), "write it again: python -m postroom.content.checks.reference"
