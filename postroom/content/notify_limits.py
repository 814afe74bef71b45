"""Which bodies are not rendered at all: those that Notify itself would refuse, or never finish."""

import re

MOST_BYTES = 2_000_000
"""Notify's own limit: "Emails cannot be longer than 2000000 bytes"."""

_SHORT = 4_000  # characters: below this, no shape of text takes noticeable time
_MOST_WORK = 500_000_000  # characters looked at, roughly: two to five seconds
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_FENCE = re.compile(r"(?m)^ *(`{3,}|~{3,})")
_BRACKET = re.compile(r"[\[\]]")
_TAG = re.compile(r"<[\w!]")
# How far a tag's attributes can reach from where it begins, however they are read: names are
# letters, and only after an "=" does a value hold anything else.
_TAG_REACH = re.compile(
    r"""<\w+(?:[\sa-zA-Z\-]++|=\s*+(?:[^\s'">]*+(?<==)\s*+)*+(?:"[^"]*+"|'[^']*+'|[^\s'">]++)?)*+"""
)
# One whole run of a tag's value that ends in "=", from its first character: looked at once.
_RUN = re.compile(r"""(?<![^\s'">])[^\s'">]++(?<==)(?=[\s'"])""")
_MOST_TWO_WAY_VALUES = 12  # each doubles the ways in which a tag can be read


class RenderingError(ValueError):
    """A body or subject that cannot be rendered. The text says why, and holds none of it."""


def check(value: str) -> None:
    """Raise `RenderingError` if *value* cannot be rendered, or not in a few seconds."""
    if broken := _LONE_SURROGATE.search(value):
        raise RenderingError(
            f"Character {broken.start() + 1} is half of a character (a lone surrogate), which "
            "cannot be sent. Delete it and type it again."
        )
    if len(value) <= _SHORT:
        too_much = "<" in value and _two_way(value)
    else:
        size = len(value.encode())
        if size > MOST_BYTES:
            raise RenderingError(f"Notify takes {MOST_BYTES} bytes at most. This is {size} bytes.")
        too_much = _work(value) > _MOST_WORK or ("<" in value and _two_way(value))
    if too_much:
        raise RenderingError(
            "There are too many brackets, fences (``` or ~~~) or tags that are never closed for "
            "this to be read as Markdown in good time. Close them, or take them out."
        )


def _two_way(value: str) -> bool:
    """Return whether some tag can be read in too many ways: none of its values leaves it."""
    return any(
        sum(_has_another(value, run) for run in _RUN.finditer(value, tag.start(), _end(value, tag)))
        > _MOST_TWO_WAY_VALUES
        for tag in _TAG.finditer(value)
    )


def _end(value: str, tag: re.Match[str]) -> int:
    """Return where the attributes of *tag* end, with the character that follows them."""
    reach = _TAG_REACH.match(value, tag.start())
    return reach.end() + 1 if reach else tag.end()


def _has_another(value: str, run: re.Match[str]) -> bool:
    """Return whether an "=" stands in *run* before its last, or before the space before it."""
    if "=" in run[0][:-1]:
        return True
    before = run.start() - 1
    while before >= 0 and value[before].isspace():
        before -= 1
    return before >= 0 and before < run.start() - 1 and value[before] == "="


def _work(value: str) -> int:
    # What looks for its end from every place where it could begin. The tens are what was measured.
    return (
        10 * _searches(value, "[", "]")
        + 10 * sum(map(_labels_read, value.split("\n\n")))
        + _searches(value, "]", "[")
        + 10 * _searches(value, "](", ")")
        + len(value) * (value.count("<") + 10 * len(_TAG.findall(value)))
        + len(value) * sum(map(len, _FENCE.findall(value)))
    )


def _labels_read(block: str) -> int:
    """Return how many characters are read where each "[" of *block* could begin a link's words.

    Such words hold whole pairs of brackets, so they may run on over many of them. Taken from the
    back, each place knows where the words that come to it would end.
    """
    total = 0
    end = len(block)  # of the words that go on behind the mark
    closing, end_behind_it = len(block), len(block)
    following = ""
    for mark in reversed(list(_BRACKET.finditer(block))):
        at = mark.start()
        if mark[0] == "]":
            closing, end_behind_it = at, end
            end = end if following == "]" else at
        else:
            total += end - at
            end = end_behind_it if closing < len(block) else at
        following = mark[0]
    return total


def _searches(value: str, opening: str, closing: str) -> int:
    return sum(part.count(opening) * len(part) for part in value.split(closing))
