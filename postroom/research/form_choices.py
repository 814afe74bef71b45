"""Several answers in one cell, told apart by the options that the form had."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from postroom.content.same_words import as_typed


@dataclass(frozen=True)
class Chosen:
    """What a cell says: which options, and what is none of them."""

    options: tuple[str, ...]
    """In the order of the cell, each once, as the options are written."""
    others: tuple[str, ...]
    """What lies between, as it is typed: words of their own, or an option that was renamed."""


def split(cell: str, options: Iterable[str], separator: str) -> Chosen:
    """Return which of *options* the *cell* holds, where *separator* stands between two answers.

    An option may hold the separator itself: of all ways to read the cell that leave the fewest
    words over, the one is taken that finds the longest option first. A separator at the end, and
    two in a row, do no harm.
    """
    text = as_typed(cell)
    known = {_folded(as_typed(option)): option for option in options}
    longest_first = sorted(filter(None, known), key=len, reverse=True)
    pieces = list(_read(text, longest_first, separator))
    found = [known[_folded(text[first:last])] for first, last, is_known in pieces if is_known]
    others = [text[first:last] for first, last, is_known in pieces if not is_known]
    return Chosen(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(others)))


def ambiguous(options: Iterable[str], separator: str) -> list[str]:
    """Return those of *options* that cannot be told from others chosen together."""
    every = list(options)
    return [
        option
        for option in every
        if len((rest := split(option, [o for o in every if o != option], separator)).options) > 1
        and not rest.others
    ]


_Piece = tuple[int, int, bool]  # from where to where, and whether it is an option


def _read(text: str, options: list[str], separator: str) -> Iterator[_Piece]:
    """Yield the pieces of *text* in order; what is no option in one piece, however long."""
    folded = _folded(text)
    # Where a piece can end, and where the one behind it begins.
    between = re.compile(rf"\s*{re.escape(separator)}\s*")
    after = {match.start(): match.end() for match in between.finditer(text)}
    after[len(text)] = len(text)
    ends = list(after)
    best: dict[int, tuple[int, int, bool]] = {}  # begin → words left over from here, end, is known
    for at in sorted({0, *after.values()}, reverse=True):
        best[at] = _best(at, folded, options, after, ends, best)
    at, loose = 0, None
    while at < len(text):
        _, end, is_known = best[at]
        if is_known or end == at:
            if loose:
                yield (*loose, False)
                loose = None
            if is_known:
                yield at, end, True
        else:
            loose = (loose[0] if loose else at, end)
        at = after[end]
    if loose:
        yield (*loose, False)


def _best(
    at: int,
    folded: str,
    options: list[str],
    after: dict[int, int],
    ends: list[int],
    best: dict[int, tuple[int, int, bool]],
) -> tuple[int, int, bool]:
    """Return the best way to begin a piece at *at*: what is left over from there, its end, and
    whether it is an option."""
    if at >= len(folded):
        return 0, at, False
    ways = []
    for option in options:
        end = at + len(option)
        if end in after and folded.startswith(option, at):
            ways.append((best[after[end]][0], end, True))
    end = ends[bisect_left(ends, at)]
    ways.append((best[after[end]][0] + (end > at), end, False))
    return min(ways, key=lambda way: way[0])  # of equal ones the first: the longest option


def _folded(text: str) -> str:
    """Return *text* in small letters, each in the place it had."""
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
