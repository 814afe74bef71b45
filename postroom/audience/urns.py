"""What tells schools apart: their unique reference numbers, as spreadsheets spoil them."""

import re
from collections.abc import Iterable

_unseen = re.compile("[\\s'\u200b\u2060\ufeff]+")
_number = re.compile(r"(?:urn[:.#-]?)?0*([1-9]\d*)(?:\.0*)?", re.IGNORECASE).fullmatch
_thousands = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+").fullmatch
_scientific = re.compile(r"([1-9])\.(\d+)e\+?0*(\d+)", re.IGNORECASE).fullmatch


def read_urn(written: str) -> str:
    """Return the URN that *written* certainly is, in plain figures; nothing when it may be none."""
    if written.isdigit() and written.isascii() and written[0] != "0":
        return written  # as nearly all are
    text = _unseen.sub("", written)
    if _thousands(text):
        text = text.replace(",", "")
    if number := _number(text):
        return number[1]
    number = _scientific(
        text
    )  # only with every figure: 9E+05 has lost those that tell schools apart
    if number and len(number[2]) == int(number[3]):
        return number[1] + number[2]
    return ""


def school_key(urn: str, name: str) -> str:
    """Return what tells a school from others: its URN, or else its name; empty for no school."""
    return urn or name.strip().casefold()


def count_schools(places: Iterable[tuple[str, str]]) -> int:
    """Return how many schools are among *places*, each a URN and a name."""
    return len({school_key(urn, name) for urn, name in places} - {""})
