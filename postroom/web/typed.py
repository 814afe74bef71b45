"""What people type, made ready to be judged and kept: spaces and unseen characters."""

import re
from datetime import date

from postroom.audience.addresses import normalise, tidied
from postroom.errors import InvalidAddress
from postroom.research.cleaning import harmless

LONGEST_ADDRESS = 254
_BESIDE_A_SIGN = re.compile(r"\s*([@.])\s*")
_TELEPHONE = re.compile(r"\+?[\d\s().-]+(?:\s?(?:ext|x)\.?\s?\d{1,6})?", re.IGNORECASE)


def without_spaces(text: str) -> str:
    """Return *text* without any white space: dictation puts it into numbers."""
    return "".join(tidied(harmless(text)).split())


def address(text: str) -> str:
    """Return *text* without unseen characters, nor spaces at its ends or beside a dot or the @.

    Dictation puts them there. One between two words stays, and makes it no address: nobody knows
    whether it stands for a dot, a hyphen or nothing.
    """
    return _BESIDE_A_SIGN.sub(r"\1", tidied(harmless(text))).strip()


def day(parts: list[str]) -> date | None:
    """Return the day that three numbers (day, month, year) name, or None for none."""
    try:
        number, month, year = (int(part) for part in parts if part.isascii())
        return date(year, month, number)
    except (ValueError, OverflowError):
        return None


def is_address(text: str) -> bool:
    """Return whether Notify would take *text* as an address."""
    try:
        normalise(text)
    except InvalidAddress:
        return False
    return True


def masked(address: str | None) -> str:
    """Return *address* as its owner knows it and nobody else reads it: a•••@example.com."""
    local, _, host = (address or "").rpartition("@")
    return f"{local[:1]}•••@{host}" if local else ""


def is_telephone(text: str) -> bool:
    """Return whether *text* can be a telephone number: 7 to 15 digits (ITU-T E.164), any way."""
    digits = sum(character.isdigit() for character in text)
    return (
        text.isascii()
        and len(text) <= 40
        and 7 <= digits <= 21
        and bool(_TELEPHONE.fullmatch(text))
    )
