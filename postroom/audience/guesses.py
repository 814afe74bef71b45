"""Columns that may hold the school, the URN or the person under a heading that is not known.

Nothing is taken for what it looks like: whoever imports the list says whether it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from postroom.audience.columns import Columns
from postroom.audience.urns import read_urn

ROWS_LOOKED_AT = 30
CHARACTERS_LOOKED_AT = 80
MOST = 0.8  # of the cells that hold something

WORDS = {"urn": "schools’ URNs", "school": "schools’ names", "name": "people’s names"}
_heads: Mapping[str, re.Pattern[str]] = {
    "urn": re.compile(r"\burn\b|unique ref|\b(reference|ref|number|code|id)\b", re.IGNORECASE),
    "school": re.compile(
        r"\b(schools?|academ(y|ies)|college|establishments?|settings?|organisations?|where)\b",
        re.IGNORECASE,
    ),
    "name": re.compile(
        r"\b(names?|persons?|contacts?|leads?|mentors?|heads?|teachers?|coordinators?|managers?|"
        r"recipients?|who)\b",
        re.IGNORECASE,
    ),
}
_surely = {
    "urn": re.compile(r"\burn\b|unique ref", re.IGNORECASE),
    "school": re.compile(r"schools?|establishments?|placement schools?", re.IGNORECASE),
    "name": re.compile(r"persons?|contacts?|names?|recipients?", re.IGNORECASE),
}
_of_something_else = re.compile(
    r"\b(type|phase|status|trust|email|phone|telephone|number of|date|region|authority|pupils?)\b",
    re.IGNORECASE,
)
_school = re.compile(
    r"\b(school|academy|primary|college|infants?|juniors?|nursery|high|grammar|c\.?e\.?)\b",
    re.IGNORECASE,
)
_person = re.compile(r"(?:[A-Z][\w’'.-]*)(?: (?:[a-z]{2,3} )?[A-Z][\w’'.-]*){1,3}").fullmatch


@dataclass(frozen=True)
class Guess:
    """A column that may hold what *meaning* says: urn, school or name."""

    meaning: str
    heading: str

    @property
    def in_words(self) -> str:
        return WORDS[self.meaning]


def guesses(columns: Columns, rows: Sequence[Sequence[str]]) -> list[Guess]:
    """Return what *columns* may mean besides what is known, by their headings and first *rows*."""
    return [guess for meaning in WORDS if (guess := _guess(columns, rows, meaning)) is not None]


def _guess(columns: Columns, rows: Sequence[Sequence[str]], meaning: str) -> Guess | None:
    if meaning in columns.meanings:
        return None
    known = {columns.urn, columns.school, columns.name, *columns.first_and_last}
    for _, at in sorted(columns.named, key=lambda pair: pair[1]):
        heading = columns.headings[at]
        if at in known or columns.denied.get(meaning) == heading:
            continue
        cells = [row[at] for row in rows if at < len(row) and row[at]]
        if _looks_like(meaning, heading, cells):
            return Guess(meaning, heading)
    return None


def _looks_like(meaning: str, heading: str, cells: Sequence[str]) -> bool:
    if _of_something_else.search(heading):
        return False
    surely = _surely[meaning]
    if surely.search(heading) if meaning == "urn" else surely.fullmatch(heading.strip()):
        return True
    if not _heads[meaning].search(heading) or not cells:
        return False
    return sum(map(_LIKE[meaning], cells)) >= MOST * len(cells)


def _like_a_urn(cell: str) -> bool:
    return len(read_urn(cell)) == 6


_LIKE: Mapping[str, Callable[[str], bool]] = {
    "urn": _like_a_urn,
    "school": lambda cell: bool(_school.search(cell)),
    "name": lambda cell: bool(_person(cell)) and not _school.search(cell),
}
