"""Checks: what Notify makes a list of, or does not, is not what its author meant."""

import html
import re
from collections.abc import Iterator

from postroom.content.checks.kinds import Brief, Check, Rank
from postroom.content.checks.passages import Passage

_GLUED_MARKER = re.compile(r"[ \t]*(?:[•*-]|\d+\.)(?!\s)\S|[ \t]*\d{3,}\.\s|[ \t]*[*-][ \t]+\*\*")
_UNMADE_MARKER = re.compile(r"(?:[•+]|\d{1,2}\)|\*(?=\w)(?!.*\w\*)|-(?=[^\W\d]))[ \t]*\S")
_MARKED_ITEM = re.compile(r"<li [^>]*>(?:<p [^>]*>)?((?:[*•-]|\d+\.)\s[^<]*)")
_NUMBERED = re.compile(r"\s*(\d{1,2})\.\s+\S")
_LIST_TAG = re.compile(r"<(/?)(ul|ol|li)\b(?<!/li)")
_MARKED = re.compile(r"\s*(?:(?:[*•-]|\d{1,2}\.)\s+\S|\^\s*\w)")
_BEGINS_ANEW = re.compile(r"(?!#)[^\w\s]?[^\W_a-z]")  # no indent, and a capital or a figure
_SHOWN_NUMBER = re.compile(r"(?m)^(\d+)\. ")


def _list_from_text(passage: Passage, brief: Brief) -> Iterator[str]:
    if passage.listed <= len(passage.list_lines):
        return
    glued = [line for line in passage.lines if _GLUED_MARKER.match(line)]
    for line in glued or passage.lines[:1]:
        what = (
            f"Notify takes the line {brief.quoted(line)} for a list and drops what it begins with"
        )
        if "*" in line[:6]:
            yield f"{what}. It has no bold or italics: take the stars out."
        else:
            yield f"{what}. Begin it with a word, or put a backslash in: 10\\.30am, \\-5 degrees."


def _footnote_star(passage: Passage, brief: Brief) -> Iterator[str]:
    if len(passage.list_lines) == passage.listed == 1 and passage.list_lines[0][:1] == "*":
        line = passage.list_lines[0]
        if not line[1:2].isspace():
            yield (
                f"Notify makes a bullet of {brief.quoted(line)} and drops its star. If it is a "
                "footnote, put a backslash before the star: \\*; if a list, a space after it."
            )


def _list_too_deep(passage: Passage, brief: Brief) -> Iterator[str]:
    if "\\" not in passage.source and (found := _MARKED_ITEM.search(passage.html)):
        yield (
            f"Notify's lists go six deep: {brief.quoted(html.unescape(found[1]))} is shown with "
            "its mark. Make the list flatter."
        )


def _number_changed(passage: Passage, brief: Brief) -> Iterator[str]:
    meant = [match for line in passage.lines if (match := _NUMBERED.match(line))]
    shown = _SHOWN_NUMBER.findall(passage.text)
    if len(meant) == len(shown):
        for line, number in zip(meant, shown, strict=True):
            if line[1] != number:
                text = brief.quoted(line.string)
                yield (
                    f"Notify numbers lists from 1: {text} is shown as number {number}. Renumber, "
                    f"or put a backslash before the full stop: {line[1]}\\."
                )
                return


def _list_mixed(passage: Passage, brief: Brief) -> Iterator[str]:
    kinds = tuple(_kinds_made(passage.html))
    if len(kinds) != len(passage.list_lines):
        return
    for line, kind in zip(passage.list_lines, kinds, strict=True):
        if bool(re.match(r"(?:\^\s*)*\d", line)) != (kind == "ol"):
            becomes = "a number" if kind == "ol" else "a bullet"
            yield (
                f"Notify makes one list of bullets and numbers that follow each other, so "
                f"{brief.quoted(line)} gets {becomes}. Put a sentence or two blank lines between."
            )
            return


def _kinds_made(made: str) -> Iterator[str]:
    """Yield ul or ol for each item that Notify makes, in order."""
    within: list[str] = []
    for end, tag in _LIST_TAG.findall(made):
        if tag == "li":
            yield within[-1]
        elif end:
            within.pop()
        else:
            within.append(tag)


def _line_taken_in(passage: Passage, brief: Brief) -> Iterator[str]:
    marked = False
    for line in passage.source.splitlines():
        if _MARKED.match(line):
            marked = True
        elif not line.strip():
            marked = False
        elif marked and _BEGINS_ANEW.match(line):
            yield (
                f"The line {brief.quoted(line.strip())} becomes part of the list item or inset "
                "before it. Leave a blank line before it, or indent it if it belongs there."
            )
            return


def _list_not_made(passage: Passage, brief: Brief) -> Iterator[str]:
    meant = set(passage.list_lines)
    unmade = [line for line in passage.lines if _UNMADE_MARKER.match(line) and line not in meant]
    if len(passage.lines) > 1 and passage.listed < len(passage.list_lines) + len(unmade):
        lines = unmade or list(passage.list_lines)
        yield (
            f"The line {brief.quoted(lines[0])} does not become part of a list. Leave a blank line "
            "before the list, and begin each of its lines with * and a space."
        )


PASSAGE_CHECKS = (
    Check[Passage](
        "list-mixed",
        Rank.WARN,
        "Bullets straight after a numbered list, or the reverse, become more of that list: the "
        "first item decides, also over one blank line.",
        "Put a sentence or two blank lines between the lists.",
        _list_mixed,
    ),
    Check[Passage](
        "line-taken-in",
        Rank.WARN,
        "A line straight after a list or an inset (^) becomes part of its last item, such as a "
        "signature.",
        "Leave a blank line before it.",
        _line_taken_in,
    ),
    Check[Passage](
        "list-from-text",
        Rank.STOP,
        "Notify reads a line that begins with a time, decimal, year, dash or star as a list, even "
        "with no space after the mark, and drops the mark: “10.30am start” becomes “30am start”.",
        "Begin the line with a word, or put a backslash before the mark: 10\\.30am.",
        _list_from_text,
    ),
    Check[Passage](
        "footnote-star",
        Rank.WARN,
        "A single line that begins with a star straight before a word becomes a bullet, such as "
        "*Terms apply.",
        "Put a backslash before the star, or a space after it.",
        _footnote_star,
    ),
    Check[Passage](
        "list-too-deep",
        Rank.WARN,
        "A list is more than six deep: the rest is shown with its marks.",
        "Make the list flatter.",
        _list_too_deep,
    ),
    Check[Passage](
        "number-changed",
        Rank.WARN,
        "A numbered list does not begin with 1 or skips numbers. Notify counts from 1.",
        "Renumber the list, or put a backslash before the full stop.",
        _number_changed,
    ),
    Check[Passage](
        "list-not-made",
        Rank.WARN,
        "Lines that look like a list stay ordinary lines: • straight after a sentence, +, 1).",
        "Leave a blank line before the list and use * and a space.",
        _list_not_made,
    ),
)
