"""Checks: what Notify's Markdown makes of the text is not what its author meant."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from postroom.content.checks.kinds import Brief, Check, Rank
from postroom.content.checks.letters import Whole
from postroom.content.checks.link_surprises import changed_links
from postroom.content.checks.passages import Passage
from postroom.content.notify_markdown import RenderingError

_TABLE_RULE = re.compile(r"\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)+\|?|\|[ ]*:?-+:?[ ]*\|")
_DRAWN_ON = re.compile(r"(?m)^(.*\w.*) – [=-]{20,}$")
_MARKS = re.compile(
    r"(\*\*|__)(?=\S)[^\n]{1,200}?(?<=\S)\1|(?<![\w*])\*(?=\w)[^*\n]{1,200}(?<=\w)\*(?![\w*])"
    r"|(?<!\w)_(?=\w)[^_\n]{1,200}(?<=\w)_(?!\w)|`[^`\n]{1,200}`|~~[^~\n]{1,200}~~"
    r"|(?m:^)[>^](?=\s*\w)[^\n]*|<[a-z][a-z0-9]*(?: [^<>\n]{0,200})?/?>"
)
_AND_WORD = re.compile(r"&[A-Za-z]\w*+(?!;)")
_LINKED = re.compile(r"https?://\S+|\]\([^)]*\)")


def _text_lost(passage: Passage, brief: Brief) -> Iterator[str]:
    if passage.listed > len(passage.list_lines):
        return  # said by list-from-text
    lost = Counter(passage.words_meant) - Counter(passage.words_shown)
    if lost:
        words = " ".join(word for word in dict.fromkeys(passage.words_meant) if word in lost)
        yield f"Notify leaves out {brief.quoted(words)}: {_why_lost(passage)}"


def _text_changed(passage: Passage, brief: Brief) -> Iterator[str]:
    headings = sum(level <= 2 for level in passage.headings_meant)
    said_elsewhere = passage.words_meant != passage.words_shown or list(changed_links(passage))
    if said_elsewhere or len(passage.headings) != headings:
        return
    meant = [plain for word in passage.meant.split() if (plain := _plain(word))]
    shown = [plain for word in passage.shown.split() if (plain := _plain(word))]
    if "".join(meant) != "".join(shown):
        pairs = zip_longest(meant, shown, fillvalue="")
        first, arrives = next((one, other) for one, other in pairs if one != other)
        yield (
            f"{brief.quoted(first or arrives)} does not arrive as it is written: Notify takes some "
            "of its characters for marks. See the preview, and write it otherwise."
        )


def _plain(word: str) -> str:
    """Return *word* without what Notify's typography may change or a list may draw."""
    return re.sub("[\"'‘’“”•*+\u2010-\u2015\u200b-]", "", word)


def _why_lost(passage: Passage) -> str:
    if len(passage.lines) > 2 and all("|" in line for line in passage.lines[:2]):
        return "it shows no tables. Write a list instead."
    if "![" in passage.source:
        return "it shows no images. Say it in words."
    if re.search(r"(?m)^ *\[[^\]\n]+\]:", passage.source):
        return "it reads [WORD]: at the start of a line as a note to itself. Write it otherwise."
    return "see the preview, and write it otherwise."


def _heading_from_text(passage: Passage, brief: Brief) -> Iterator[str]:
    meant = [level for level in passage.headings_meant if level <= 2]
    if len(passage.headings) > len(meant):
        for line in _headings_unmeant(passage):
            yield (
                f"Notify makes the line {brief.quoted(line)} a heading, because of the line of "
                "dashes under it or the # it begins with. Leave a blank line, or take the mark out."
            )


def _heading_not_made(passage: Passage, brief: Brief) -> Iterator[str]:
    if len(passage.headings) < sum(level <= 2 for level in passage.headings_meant):
        lines = [line for line in passage.lines if re.search(r"(?:^|\s)#{1,2}\s", line)]
        yield (
            f"The heading {brief.quoted(lines[-1] if lines else passage.lines[0])} does not become "
            "one: it is part of a list. Leave a blank line before it."
        )


def _headings_unmeant(passage: Passage) -> Iterator[str]:
    lines = passage.lines
    for number, line in enumerate(lines):
        underlined = number + 1 < len(lines) and re.fullmatch(r"-+|=+", lines[number + 1])
        if underlined or re.match(r"#{1,6}(?=[^#\s])", line):
            yield line


def _heading_too_deep(passage: Passage, brief: Brief) -> Iterator[str]:
    for line in passage.lines:
        if re.match(r"#{3,6}\s", line):
            yield (
                f"Notify has two sizes of heading: {brief.quoted(line)} becomes ordinary text. "
                "Use # or ##."
            )


def _marks_shown(passage: Passage, brief: Brief) -> Iterator[str]:
    if passage.listed > len(passage.list_lines):
        return  # said by list-from-text
    plain = re.sub(r"https?://\S+|(?<!\S)[^\s@]++@\S+", "", passage.shown)
    for match in _MARKS.finditer(plain):
        yield (
            f"{brief.quoted(match[0])} arrives with its marks: Notify has no bold, italics, quotes "
            "or HTML. Take the marks out."
        )


def _table_shown(passage: Passage, brief: Brief) -> Iterator[str]:
    rows = [line for line in passage.lines if _TABLE_RULE.fullmatch(line)]
    if rows and "|" in passage.shown:
        yield (
            f"The table at {brief.quoted(passage.lines[0])} arrives as it is typed, | and all: "
            "Notify shows no tables. Write a list instead."
        )


def _indented(passage: Passage, brief: Brief) -> Iterator[str]:
    if passage.source[:1] in " \t" and passage.html and not passage.html.startswith("<"):
        yield (
            f"The lines from {brief.quoted(passage.lines[0])} on run together without being a "
            "paragraph, because they are indented by four spaces or a tab. Take the spaces out."
        )


def _sign_in_text(passage: Passage, brief: Brief) -> Iterator[str]:
    for found in dict.fromkeys(_AND_WORD.findall(_LINKED.sub(" ", passage.source))):
        if (sign := html.unescape(found)) != found:
            yield (
                f"{brief.quoted(found)} begins with a {sign[0]} in the plain text part: Notify "
                "reads it as that sign. Put spaces round the &, or write “and”."
            )


def _lines_joined(passage: Passage, brief: Brief) -> Iterator[str]:
    if drawn := _DRAWN_ON.search(passage.text):
        yield (
            f"In the plain text part the line under the heading {brief.quoted(drawn[1].strip())} "
            "runs on from it. Do not end a heading with a dash."
        )
        return
    shown = [line for line in passage.shown.splitlines() if line.strip()]
    text = [line for line in passage.text.splitlines() if re.search(r"\w", line)]
    shown = [line for line in shown if re.search(r"\w", line)]
    if len(text) < len(shown):
        line = next((line for line in passage.lines if re.search(r"^[-–—]|[-–—]$", line)), "")
        where = f" at {brief.quoted(line)}" if line else f" in {brief.quoted(passage.lines[0])}"
        yield (
            f"In the plain text part two lines become one{where}. Do not begin or end a line with "
            "a dash; for a list begin each line with * and a space."
        )


def _passages_joined(whole: Whole, brief: Brief) -> Iterator[str]:
    try:
        together = _lines(whole.body.text)
    except RenderingError as error:
        yield f"The passages together cannot be sent. {error}"
        return
    apart = [_lines(passage.text) for passage in whole.passages]
    if together == [line for lines in apart for line in lines]:
        return
    start = 0
    for passage, lines in zip(whole.passages, apart, strict=True):
        if together[start : start + len(lines)] != lines:
            yield (
                f"The plain text part runs on from {brief.quoted(passage.lines[-1])} to what "
                "follows, or moves it. End no line with a dash, close every ```, use no footnotes."
            )
            return
        start += len(lines)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


PASSAGE_CHECKS = (
    Check[Passage](
        "indented",
        Rank.WARN,
        "Lines that are indented by four spaces or more are run together, and are no paragraph.",
        "Take the spaces out.",
        _indented,
    ),
    Check[Passage](
        "text-lost",
        Rank.STOP,
        "Words of the text are in no part of the email that arrives: tables, images, footnotes and "
        "lines like “[note]: text” vanish.",
        "Write it as a list or in sentences.",
        _text_lost,
    ),
    Check[Passage](
        "table-shown",
        Rank.WARN,
        "A table straight after a line of text, or without rows, is shown as it is typed.",
        "Write a list instead.",
        _table_shown,
    ),
    Check[Passage](
        "text-changed",
        Rank.WARN,
        "Characters that are not words are lost or changed: a # at the end of a heading, a "
        "backslash, an entity. Curled quotes and dashes do not count.",
        "See the preview, and write it otherwise.",
        _text_changed,
    ),
    Check[Passage](
        "heading-from-text",
        Rank.WARN,
        "A line becomes a heading that was not meant as one: a signature with -- under it, #tag.",
        "Leave a blank line between, or take the mark out.",
        _heading_from_text,
    ),
    Check[Passage](
        "heading-not-made",
        Rank.WARN,
        "A heading straight after a list, or in one, becomes a part of the list.",
        "Leave a blank line before the heading.",
        _heading_not_made,
    ),
    Check[Passage](
        "marks-shown",
        Rank.WARN,
        "Bold, italics, code, > quotes and HTML do not exist in Notify: their marks are shown.",
        "Take the marks out.",
        _marks_shown,
    ),
    Check[Passage](
        "sign-in-text",
        Rank.WARN,
        "An & stands straight before letters that name a sign: “this&not that” is right in the "
        "HTML part, and “this¬ that” in the plain text part.",
        "Put spaces round the &, or write “and”.",
        _sign_in_text,
    ),
    Check[Passage](
        "lines-joined",
        Rank.WARN,
        "Two lines become one in the plain text part, because a dash stands between them, or ends "
        "a heading.",
        "Do not begin or end a line with a dash.",
        _lines_joined,
    ),
    Check[Passage](
        "heading-too-deep",
        Rank.ADVICE,
        "Headings of ### and deeper become ordinary text.",
        "Use # or ##.",
        _heading_too_deep,
    ),
)
WHOLE_CHECKS = (
    Check[Whole](
        "passages-joined",
        Rank.WARN,
        "What stands apart in the text runs together in the plain text part, or is moved.",
        "End no line with a dash, close every ```, use no footnotes.",
        _passages_joined,
    ),
)
