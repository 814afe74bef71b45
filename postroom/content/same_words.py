"""When two texts say the same: headings and answers, as people and form tools type them."""

import re
import unicodedata

_ALIKE = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"})
_AT_THE_END = re.compile(r"(?:\s*(?:\*|:|\((?:optional|required)\)))+$", re.IGNORECASE)


def as_typed(text: str) -> str:
    """Return *text* on one line, with one kind of space, quotation mark and dash.

    Two answers are exactly the same when this gives the same for both.
    """
    return " ".join(unicodedata.normalize("NFKC", text).translate(_ALIKE).split())


def as_compared(text: str) -> str:
    """Return *text* as headings and options are compared: without capital letters, too, and
    without what tools put behind a question, like "*" and "(optional)"."""
    return _AT_THE_END.sub("", as_typed(text)).casefold()
