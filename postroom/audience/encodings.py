"""Which encoding a text is in that is not UTF-8: Windows' own, or an older Mac's or DOS's.

All three read every byte as something. What tells them apart is what stands where: an apostrophe
stands between letters, a pound before figures, and no word has a capital É in its middle.
"""

import codecs
import re
from pathlib import Path

from postroom.errors import AudienceError, WhichEncoding

WINDOWS = "cp1252"
OTHERS = ("mac-roman", "cp850")
CALLED = {WINDOWS: "Windows", "mac-roman": "an older Mac program", "cp850": "DOS"}
_places = re.compile(rb"[\x80-\xff]")
PLACES_LOOKED_AT = 500

_small = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœß")
_large = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒ")
_common = frozenset("éèêëáàâäåíîïóôöøúûüçñ")


def of_text(file: Path, part: bytes) -> str:
    """Return the encoding of *file*, a *part* of which holds bytes that are no UTF-8.

    Raises `WhichEncoding` when another reading than Windows' makes better sense.
    """
    scores = {encoding: _sense(part, encoding) for encoding in (WINDOWS, *OTHERS)}
    best = max(scores, key=scores.__getitem__)  # the first of equals: Windows
    if best == WINDOWS:
        return WINDOWS
    likely_first = sorted(scores, key=scores.__getitem__, reverse=True)
    readings = [(encoding, _word(part, encoding)) for encoding in likely_first]
    raise WhichEncoding(
        f"{file}: it is not certain in which encoding this text was saved; it looks like that of "
        f"{CALLED[best]} ({best}). Open it in the program that made it and save it as “CSV "
        "UTF-8”.",
        readings=readings,
    )


def named(encoding: str) -> str:
    """Return *encoding*, as somebody said it. Raises `AudienceError` when there is none such."""
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise AudienceError(
            f"There is no encoding “{encoding}”. Usual ones are: utf-8, {WINDOWS}, "
            f"{', '.join(OTHERS)}."
        ) from None


def _sense(part: bytes, encoding: str) -> int:
    """Return how much sense the signs beyond ASCII make where they stand, read as *encoding*."""
    total = 0
    for place, _ in zip(_places.finditer(part), range(PLACES_LOOKED_AT), strict=False):
        at = place.start()
        before, sign, after = (
            part[n : n + 1].decode(encoding, "replace") if n >= 0 else ""
            for n in (at - 1, at, at + 1)
        )
        total += _sense_of(before, sign, after)
    return total


def _sense_of(before: str, sign: str, after: str) -> int:
    in_word = before.isalpha() or after.isalpha()
    match sign:
        case "’" | "‘":
            return 3 if in_word else 1
        case "£":
            return 3 if after.isdigit() else 0
        case "–" | "—":
            return 2 if not before.isalpha() or not after.isalpha() else 0
        case "“" | "”" | "…" | "•" | "½" | "°" | "\u00a0" | "€":
            return 1
        case _ if sign in _small:
            return (2 if sign in _common else 1) if in_word else -1
        case _ if sign in _large:
            return -2 if before.islower() or not in_word else 1
        case _:
            return -2


def _word(part: bytes, encoding: str) -> str:
    """Return the first word with a sign beyond ASCII, as *encoding* reads it."""
    place = _places.search(part)
    at = place.start() if place else 0
    start = max(part.rfind(sep, 0, at) for sep in (b" ", b"\n", b"\r", b",", b";", b"\t", b'"')) + 1
    end = re.compile(rb"[\s,;\"]").search(part, at)
    return part[start : end.start() if end else at + 20][:40].decode(encoding, "replace")
