"""What a text mentions that could be wrong: addresses and links. Dates are in `dates`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ADDRESS = re.compile(r"(?<![\w.+%/:'-])[\w.+%'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LONGEST_TARGET = 2_000  # characters: no browser takes more of an address
_BARE_LINK = re.compile(r"https?://[^\s<>\[\]\"“”]+", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?P<image>!?)\[(?P<label>(?:\\.|[^\[\]\\]|\[[^\[\]]{0,200}\]){0,500})\]\((?=[^)\n])"
)


@dataclass(frozen=True)
class LinkMention:
    """A link as its author meant it; `label` is empty for an address that stands bare."""

    label: str
    target: str
    start: int
    end: int  # just after its last character


def addresses_in(text: str) -> Iterator[str]:
    """Yield each email address in *text*."""
    for match in _ADDRESS.finditer(text):
        yield match[0].rstrip(".")


def links_in(source: str) -> Iterator[LinkMention]:
    """Yield each link of the Markdown *source* as its author meant it: brackets in pairs."""
    taken: list[tuple[int, int]] = []
    for match in _LABELLED.finditer(source):
        end = _closing_bracket(source, match.end())
        if end:
            taken.append((match.start(), end))
            target = re.split(r"\s+[\"'(]", source[match.end() : end].strip())[0]
            if not match["image"]:
                yield LinkMention(match["label"].strip(), target, match.start(), end + 1)
    for match in _BARE_LINK.finditer(source):
        if not any(start <= match.start() < end for start, end in taken):
            target = _without_full_stop(match[0])
            yield LinkMention("", target, match.start(), match.start() + len(target))


def _closing_bracket(source: str, start: int) -> int:
    depth = 1
    for place in range(start, min(len(source), start + _LONGEST_TARGET)):
        match source[place]:
            case "(":
                depth += 1
            case ")":
                depth -= 1
            case "\n":
                return 0
        if depth == 0:
            return place
    return 0


def _without_full_stop(link: str) -> str:
    link = link.rstrip(".,:;!?'’*_…")
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1].rstrip(".,:;!?'’*_…")
    return link
