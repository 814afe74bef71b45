"""What people typed of their school, matched with the register: exactly, or by a person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.content.same_words import as_compared
from postroom.tables import School
from postroom.tables.schools import OPEN_CODES

_DIGITS = re.compile(r"(?<!\d)\d{5,7}(?!\d)")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b", re.IGNORECASE)
_NO_LETTER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class SchoolAnswer:
    """What somebody typed of where they work, in one column or several."""

    text: str = ""
    urn: str = ""
    postcode: str = ""
    town: str = ""

    @property
    def typed(self) -> str:
        """All of it, on one line."""
        parts = (self.text, self.town, self.postcode, self.urn)
        return ", ".join(dict.fromkeys(filter(None, parts)))


@dataclass(frozen=True)
class Place:
    """Where somebody works, as far as it is known."""

    urn: str = ""
    name: str = ""
    to_match: bool = False
    """A person must say which school it is: the register could not."""


class Register:
    """The register of schools, laid out for matching. Empty where none was imported."""

    def __init__(self, session: Session):
        self._names: dict[str, str] = {}  # URN → name, of every school
        self._at_postcode: dict[str, list[tuple[str, str]]] = {}  # → (name, URN), of open ones
        self._in_town: dict[tuple[str, str], list[str]] = {}  # (name, town) → URNs, of open ones
        columns = (School.urn, School.name, School.town, School.postcode, School.status_code)
        for urn, name, town, postcode, status in session.execute(sa.select(*map(col, columns))):
            self._names[urn] = name
            if status in OPEN_CODES:
                same_name = _as_name(name)
                self._at_postcode.setdefault(_squeezed(postcode), []).append((same_name, urn))
                self._in_town.setdefault((same_name, as_compared(town)), []).append(urn)

    def place(self, answer: SchoolAnswer) -> Place:
        """Return where *answer* says somebody works. What is not sure is to be matched."""
        if not answer.typed:
            return Place()
        if not self._names:
            digits = _squeezed(answer.urn)
            urn = digits if _DIGITS.fullmatch(digits) else ""
            return Place(urn, answer.text or answer.typed)
        for ways in (self._by_urn(answer), self._by_postcode(answer), self._by_town(answer)):
            found = set(ways)
            if len(found) == 1:
                urn = found.pop()
                return Place(urn, self._names[urn])
            if found:
                break  # two schools by the better sign: a lesser one may not decide
        return Place("", answer.typed, to_match=True)

    def _by_urn(self, answer: SchoolAnswer) -> Iterator[str]:
        for typed in (answer.urn, answer.text):
            whole = "".join(typed.split())  # dictation puts spaces into numbers
            yield from (urn for urn in {*_DIGITS.findall(typed), whole} if urn in self._names)

    def _by_postcode(self, answer: SchoolAnswer) -> Iterator[str]:
        typed = f"{answer.postcode} {answer.text}"
        for postcode in {_squeezed(found) for found in _POSTCODE.findall(typed)}:
            names = {name for name, _ in _splits(answer)}
            schools = self._at_postcode.get(postcode, ())
            yield from (urn for name, urn in schools if name in names)

    def _by_town(self, answer: SchoolAnswer) -> Iterator[str]:
        for name, others in _splits(answer):
            for town in {*others, as_compared(answer.town)} - {""}:
                yield from self._in_town.get((name, town), ())


def _splits(answer: SchoolAnswer) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each way to read the text as a name with something behind it: name and the rest."""
    text = _DIGITS.sub("", _POSTCODE.sub("", answer.text))
    parts = [part.strip(" -()[]") for part in re.split(r"[,;\n]", text)]
    parts = [part for part in parts if part]
    for number in range(1, len(parts) + 1):
        name = _as_name(", ".join(parts[:number]))
        yield name, tuple(as_compared(part) for part in parts[number:])


def _as_name(text: str) -> str:
    """Return a school's name as names are compared: "St. Ann’s C of E" is "st anns c of e"."""
    said = as_compared(text).replace("&", " and ").replace("'", "")
    return re.sub(r"\bsaint\b", "st", _NO_LETTER.sub(" ", said).strip())


def _squeezed(text: str) -> str:
    return "".join(text.split()).upper()
