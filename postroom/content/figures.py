"""Figures that a text states: amounts of money, hours, percentages; equal however they are written.

`£1,234`, `£1234`, `£1,234.00`, `GBP 1,234` and `1,234 pounds` are one amount.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

POUNDS, EUROS = "£", "€"

_SCALES = {
    **dict.fromkeys(("k", "thousand"), 1_000),
    **dict.fromkeys(("m", "million"), 1_000_000),
    **dict.fromkeys(("bn", "billion"), 1_000_000_000),
}
_UNITS = {
    "hour": r"hours?|hrs?",
    "minute": r"minutes?|mins?",
    "day": r"days?",
    "week": r"weeks?",
    "month": r"months?",
    "year": r"years?",
    "%": r"%|per\s?cent\b|percent\b",
}
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_SCALE = r"(?:\s?(?P<scale>million|billion|thousand|bn|[mk])\b)?"
_MONEY = re.compile(
    rf"(?:(?P<before>£|€|\b(?:GBP|EUR)(?!\d+\.[a-z]))\s?(?P<number>{_NUMBER}){_SCALE}"
    rf"|(?<![\w£€.,])(?P<number2>{_NUMBER}){_SCALE.replace('scale>', 'scale2>')}"
    r"\s?(?P<after>(?:GBP|EUR|pounds(?: sterling)?|euros?)\b))",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    rf"(?<![\w£€.,:/-])(?P<number>{_NUMBER})(?:\s|-)?"
    rf"(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _UNITS.items() if name != '%')}"
    rf"|(?P<percent>{_UNITS['%']}))(?!\w)",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_CURRENCIES = {"£": POUNDS, "g": POUNDS, "p": POUNDS, "€": EUROS, "e": EUROS}  # by first letter
_NEAR = Decimal("0.05")  # of an amount: two rates of a year differ by more, a slip by less
_TELLING_DIGITS = 3  # so many digits in another order are a slip; two are another amount


@dataclass(frozen=True)
class Figure:
    """A number with its unit, and the words that state it."""

    words: str
    unit: str
    value: Decimal | None
    """None where its commas stand where no number has them: equal to nothing but itself."""

    @property
    def key(self) -> tuple[str, Decimal | str]:
        """What two spellings of one figure share."""
        return self.unit, self.words if self.value is None else self.value


def amounts_in(text: str) -> Iterator[Figure]:
    """Yield each amount of money in *text*."""
    for match in _MONEY.finditer(text):
        number = match["number"] or match["number2"]
        scale = _SCALES.get((match["scale"] or match["scale2"] or "").lower(), 1)
        currency = _CURRENCIES[(match["before"] or match["after"])[0].lower()]
        words = " ".join(match[0].split()).rstrip(",")
        yield Figure(words, currency, _value(number.rstrip(","), scale))


def measures_in(text: str) -> Iterator[Figure]:
    """Yield each number of hours, minutes, days, weeks, months or years, or per cent, in *text*."""
    for match in _MEASURED.finditer(text):
        unit = "%" if match["percent"] else str(match.lastgroup)
        words = " ".join(match[0].split())
        yield Figure(words, unit, _value(match["number"].rstrip(","), 1))


def unit_named(name: str) -> str:
    """Return the unit that the *name* of a fact tells, as in training_hours; or nothing."""
    words = name.lower().split("_")
    return next((unit for unit, told in _UNITS.items() if any(map(_whole(told), words))), "")


def _whole(pattern: str) -> Callable[[str], bool]:
    return lambda word: re.fullmatch(pattern, word) is not None


def looks_like(one: Figure, other: Figure) -> bool:
    """Return whether *one* could be *other*, mistyped: a little off, or its digits in disorder."""
    if one.unit != other.unit or one.value is None or other.value is None:
        return False
    if abs(one.value - other.value) <= _NEAR * other.value:
        return True
    digits = _digits(one.value)
    return len(digits) >= _TELLING_DIGITS and digits == _digits(other.value)


def _value(number: str, scale: int) -> Decimal | None:
    if not _GROUPED.fullmatch(number):
        return None
    return Decimal(number.replace(",", "")) * scale


def _digits(value: Decimal) -> list[int]:  # but for zeros at the end
    return sorted(value.normalize().as_tuple().digits)
