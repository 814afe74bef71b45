"""Text that somebody typed, without what cannot be seen in it."""

import unicodedata

_TURNS_TEXT_AROUND = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NEVER = {"Cs", "Co", "Cn"}  # halves of characters, private and unassigned ones


def one_line(text: str) -> str:
    """Return *text* on one line, without control characters, spaces at its ends or in a row."""
    return " ".join(harmless(text).split())


def several_lines(text: str) -> str:
    """Return *text* with one kind of line end, otherwise as `one_line` cleans each line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(one_line(line) for line in lines).strip()


def harmless(text: str) -> str:
    """Return *text* with a space for each control character, without what turns text around."""
    return "".join(
        " " if unicodedata.category(character) == "Cc" else character
        for character in text
        if character not in _TURNS_TEXT_AROUND and unicodedata.category(character) not in _NEVER
    )
