"""Which known word somebody meant who wrote another."""

from collections.abc import Iterable
from difflib import get_close_matches

from postroom.content.same_words import as_compared

NEAR = 0.6  # of difflib's ratio, and what it takes unless told


def nearest(said: str, known: Iterable[str], *, near: float = NEAR) -> str:
    """Return the one of *known* that is most like *said*; nothing where none is."""
    return next(iter(get_close_matches(said, list(known), n=1, cutoff=near)), "")


def nearest_words(said: str, known: Iterable[str], *, near: float = NEAR) -> str:
    """Return the heading or option of *known* that reads most like *said*; nothing where none."""
    by_words = {as_compared(words): words for words in known}
    return by_words.get(nearest(as_compared(said), by_words, near=near), "")


def quoted(words: str) -> str:
    """Return *words* in quotation marks; nothing for none."""
    return f"“{words}”" if words else ""


def did_you_mean(name: str) -> str:
    """Return the question to put behind a sentence; nothing for no *name*."""
    return f" Did you mean {name}?" if name else ""
