"""Shared facts: figures and dates many campaigns state, each with a source and its arithmetic."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from postroom import wrong_values
from postroom.content.bands import Band
from postroom.content.campaign_file import Text
from postroom.content.toml_lines import line_of, read_toml
from postroom.errors import ContentError

FOLDER = "facts"
_STRICT = ConfigDict(frozen=True, extra="forbid")
_NUMBER = re.compile(r"£?\s*(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(%)?")
_LONGEST_SUM = 200  # characters
_OPERATORS = {"×": "*", "x": "*", "X": "*", "−": "-", "–": "-", "÷": "/"}
_TOKEN = re.compile(rf"\s*(?:(?P<number>{_NUMBER.pattern})|(?P<word>[^\W\d_]+)|(?P<sign>\S))")


class SharedFact(BaseModel):
    """A figure, date, name, address or link that campaigns may state, and where it comes from."""

    model_config = _STRICT

    value: Text
    source: Text
    sum: Text | None = None
    group: Text | None = None  # facts of one group are alternatives: the bands of a grant


class PeriodKind(StrEnum):
    """Why a time is a bad one to send in."""

    PRE_ELECTION = "pre-election"
    SCHOOL_HOLIDAY = "school-holiday"


class Period(BaseModel):
    """Days on which to think twice before sending, the first and the last among them."""

    model_config = _STRICT

    kind: PeriodKind
    name: Text
    first_day: Annotated[date, Field(strict=True)]
    last_day: Annotated[date, Field(strict=True)]
    source: Text


class _FactsFile(BaseModel):
    model_config = _STRICT

    title: Text | None = None
    facts: dict[str, SharedFact] = Field(default_factory=dict)
    periods: tuple[Period, ...] = ()
    bands: dict[str, Band] = Field(default_factory=dict)


@dataclass(frozen=True)
class SharedFacts:
    """Everything the files in facts/ state."""

    facts: Mapping[str, SharedFact] = field(default_factory=dict)
    periods: Sequence[Period] = ()
    bands: dict[str, Band] = field(default_factory=dict)  # in the order they are worked out in
    files: Mapping[str, str] = field(default_factory=dict)  # a fact's name → the file it is in

    def agreeing_with(self, name: str) -> dict[str, SharedFact]:
        """Return the fact called *name*, else those of the group *name*, else none."""
        if name in self.facts:
            return {name: self.facts[name]}
        return {known: fact for known, fact in self.facts.items() if fact.group == name}


def shared_facts(files: Mapping[str, str]) -> SharedFacts:
    """Return what those of *files* (path → text) that lie in facts/ state.

    Raises `ContentError` with every mistake, file and line first: what is not valid TOML, an
    unknown or missing field, a name used twice, a sum that does not give its value.
    """
    facts: dict[str, SharedFact] = {}
    where: dict[str, str] = {}
    band_files: dict[str, str] = {}
    periods: list[Period] = []
    bands: dict[str, Band] = {}
    mistakes: list[str] = []
    for path, text in sorted(files.items()):
        if not (path.startswith(f"{FOLDER}/") and path.endswith(".toml")):
            continue
        try:
            read = _read(path, text)
        except ContentError as error:
            mistakes += error.problems
            continue
        mistakes += _wrong_in(path, text, read)
        mistakes += _also_in(path, text, "facts", read.facts, where)
        mistakes += _also_in(path, text, "bands", read.bands, band_files)
        facts |= read.facts
        where |= dict.fromkeys(read.facts, path)
        periods += read.periods
        bands |= read.bands
        band_files |= dict.fromkeys(read.bands, path)
    mistakes += _wrong_order(bands, band_files, files)
    if mistakes:
        raise ContentError(*mistakes)
    return SharedFacts(facts, tuple(periods), bands, where)


def _read(path: str, text: str) -> _FactsFile:
    written = read_toml(path, text)
    try:
        return _FactsFile(**written)
    except ValidationError as error:
        raise ContentError(*sorted(_unread(path, text, error))) from error


def _unread(path: str, text: str, error: ValidationError) -> Iterator[str]:
    for mistake in error.errors():
        place = mistake["loc"]
        if mistake["type"] == "extra_forbidden":
            said = f"is not known. {_known_fields(place)}"
        else:
            said = wrong_values.in_words(mistake)
        field_name = ".".join(str(part) for part in place)
        yield f"{path}:{line_of(text, place)}: {field_name}: {said}"


def _known_fields(place: tuple[str | int, ...]) -> str:
    model: type[BaseModel] = _FactsFile
    if len(place) > 2:
        models: dict[str, type[BaseModel]] = {"facts": SharedFact, "bands": Band}
        model = models.get(str(place[0]), Period)
    return f"There are: {', '.join(model.model_fields)}"


def _wrong_in(path: str, text: str, read: _FactsFile) -> Iterator[str]:
    for name, fact in read.facts.items():
        if fact.sum and (wrong := wrong_sum(fact.sum, fact.value)):
            yield f"{path}:{line_of(text, ('facts', name, 'sum'))}: facts.{name}.sum: {wrong}"
    for number, period in enumerate(read.periods):
        if period.last_day < period.first_day:
            line = line_of(text, ("periods", number, "last_day"))
            yield f"{path}:{line}: periods.{number}.last_day: is before first_day. Swap them"
    for name, band in read.bands.items():
        if twice := band.twice():
            line = line_of(text, ("bands", name))
            yield f"{path}:{line}: bands.{name}: {', '.join(twice)} has two bands. Keep one"


def _also_in(
    path: str, text: str, table: str, names: Iterable[str], where: Mapping[str, str]
) -> Iterator[str]:
    for name in names:
        if name in where:
            line = line_of(text, (table, name))
            yield f"{path}:{line}: {table}.{name}: is also in {where[name]}. Rename one"


def _wrong_order(
    bands: Mapping[str, Band], where: Mapping[str, str], files: Mapping[str, str]
) -> Iterator[str]:
    """Say which bands go by themselves or by a later one: they are worked out in their order."""
    earlier: set[str] = set()
    for name, band in bands.items():
        path = where[name]
        if band.by in bands and band.by not in earlier:
            what = "itself" if band.by == name else "a band that comes later"
            there = "" if where[band.by] == path else f", in {where[band.by]}"
            yield (
                f"{path}:{line_of(files[path], ('bands', name, 'by'))}: bands.{name}.by: names "
                f"{what}{there}. Name a field of the register of schools, or an earlier band"
            )
        earlier.add(name)


def wrong_sum(written: str, value: str) -> str:
    """Return what is wrong with the arithmetic *written*, which must give *value*, or "".

    *written* is like "20 × £2.50", and may give its result too: "20 hours × £2.50 = £50".
    Words are units and count for nothing. It is worked out exactly, in fractions.
    """
    working, stated, result = written.partition("=")
    try:
        total = _Sum(working).total()
        expected = {_number(text) for text in ([result, value] if stated else [value])}
    except ValueError as error:
        return str(error)
    if expected == {total}:
        return ""
    return f"{working.strip()} is {_shown(total, value)}, not {(result or value).strip()}"


def _number(text: str) -> Fraction:
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1:
        raise ValueError(f'"{text.strip()}" is not one figure, which a sum must give')
    return _fraction(*numbers[0])


def _fraction(digits: str, percent: str) -> Fraction:
    value = Fraction(Decimal(digits.replace(",", "")))
    return value / 100 if percent else value


def _shown(total: Fraction, like: str) -> str:
    pounds = "£" if "£" in like else ""
    hundredths = total * 100
    if total.denominator == 1:
        return f"{pounds}{total.numerator:,}"
    if hundredths.denominator == 1:
        return f"{pounds}{Decimal(hundredths.numerator) / 100:,.2f}"
    return f"{pounds}{float(total):,.4f}… (not a whole number of pence)"


class _Sum:
    """One piece of arithmetic: + − × ÷ and brackets, × and ÷ first."""

    def __init__(self, written: str):
        self._written = written.strip()
        if len(written) > _LONGEST_SUM:
            raise ValueError(f"a sum has {_LONGEST_SUM} characters at most")
        self._tokens: list[Fraction | str] = []
        for match in _TOKEN.finditer(written):
            if match["number"]:
                self._tokens.append(_number(match["number"]))
            elif match["word"] in _OPERATORS or match["sign"]:
                sign = match["word"] or match["sign"]
                self._tokens.append(_OPERATORS.get(sign, sign))

    def total(self) -> Fraction:
        """Return the result. Raises `ValueError` where there is none."""
        total = self._added()
        if self._tokens:
            raise self._unclear()
        return total

    def _unclear(self) -> ValueError:
        return ValueError(
            f'"{self._written}" cannot be worked out. Write figures with +, −, ×, ÷ and brackets, '
            'like "20 × £25"'
        )

    def _next_is(self, *signs: str) -> str:
        if self._tokens and self._tokens[0] in signs:
            return str(self._tokens.pop(0))
        return ""

    def _added(self) -> Fraction:
        total = self._multiplied()
        while sign := self._next_is("+", "-"):
            term = self._multiplied()
            total = total + term if sign == "+" else total - term
        return total

    def _multiplied(self) -> Fraction:
        total = self._figure()
        while sign := self._next_is("*", "/"):
            factor = self._figure()
            if sign == "/" and not factor:
                raise self._unclear()
            total = total * factor if sign == "*" else total / factor
        return total

    def _figure(self) -> Fraction:
        if self._next_is("("):
            total = self._added()
            if not self._next_is(")"):
                raise self._unclear()
            return total
        if self._tokens and isinstance(self._tokens[0], Fraction):
            return Fraction(str(self._tokens.pop(0)))
        raise self._unclear()
