"""Checks: something that should have been filled in was left in."""

import re
from collections.abc import Iterator

from postroom.content.checks.kinds import Brief, Check, Rank
from postroom.content.checks.passages import Passage
from postroom.content.editions import Edition

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_FILL_IN = (
    r"(?i:insert|add|enter|link|name|date|school|form|url|amount|your|to be|tbc|tba|tbd|x+|"
    r"first ?name|last ?name|full name|placeholder|fill in|deadline)\b"
)
_IN_CAPITALS = r"[A-Z][A-Z0-9 /_'’\n-]*"
_BRACKETED = re.compile(
    # Not [a link](its address), nor [one], defined below. A note may run over two lines.
    r"(?<!!)\[(?=[^\]\[]{2,60}\](?![(\[:]))"
    rf"(?:{_IN_CAPITALS}|{_FILL_IN}[^\]\n]*(?:\n[^\]\n]*)?|[A-Z]{{2,3}}: [^\]\n]*)\]"
    # The words of a link that are a note themselves.
    r"|(?<!!)\[(?:(?i:insert|tbc|tba|tbd|placeholder)\b[^\]\n]*|(?:[A-Z ]* )?(?:LINK|URL|NAME|DATE)"
    r"(?: [A-Z ]*)?)\](?=\()"
)
_LEFT = re.compile(
    r"\(\([^()\n]{1,80}\)\)"
    r"|\{\{[^}\n]*\}?\}?|\{%[^%\n]*%?\}?|(?<![{$%])\{[A-Za-z][\w .-]{0,40}\}(?!\})"
    r"|\$\{[^}\n]{0,80}\}|%\([a-z_]{1,80}\)s|%[A-Za-z][A-Za-z_]{1,80}%|(?<![\w$])\$[A-Za-z_]{2,40}\b"
    r"|<!--|\?{3,}|\b(?i:dd ?[/.-] ?mm ?[/.-] ?yy(?:yy)?)\b|\bDD (?:MM|[Mm]onth|MONTH)\b"
    r"|\b(?:Dear|Hello|Hi|by|on|at) (?:(?:FIRST|FULL|LAST|SCHOOL) )?(?:NAME|DATE|TIME)\b"
    r"|<(?i:insert|add|enter|name|date|link)\b[^>\n]{0,80}>"
    # What Word merges, what a form leaves room for, and what people write without brackets.
    r"|«[ \w]{1,30}»|@@[\w .-]{1,40}@@|(?<=[ \t(:£])_{3,}(?!\w)|(?<!\w)_{3,}(?=[ \t,.;:)]+\S)"
    r"|\((?:date|name|amount|url)\)"
    r"|(?<!\])\((?:[A-Z]+ )*(?:LINK|URL|NAME|DATE|INSERT)(?: [A-Z]+)*\)"
    r"|\b(?:(?:LINK|URL|NAME|DATE) HERE|PLACEHOLDER)\b"
    r"|\b(?i:insert (?:\w+ )?(?:link|name|text|date|url) here)\b"
    r"|\b(?:TBC|TBA|TBD|TODO|FIXME|X{3,}|tbc|tba|xxx+|(?i:lorem ipsum))\b"
    rf"|\b(?i:xx?)(?:st|nd|rd|th)?[ ](?:of )?(?i:{_MONTH})[a-z]*\b"
    r"|£[ ]?(?i:x+)\b|\b[Xx]{2}[/:.][Xx]{2}\b"
)
_SAID_WHOLE = {"TBC", "TBA", "TBD", "TODO", "FIXME", "tbc", "tba"}
# "Hello," greets everybody; a space before the comma shows that a name was to stand there.
_EMPTY_GREETING = re.compile(
    r"(?m)^[ \t]*(?:Dear|(?:Hello|Hi|Good (?:morning|afternoon))(?=[ \t]))[ \t]*[,.!:]?[ \t]*$"
)
_GAP = re.compile(
    r"(?<=\w)[ \t]+[.,;](?=\s|$)|\([ \t]*\)|,[ \t]*,|£(?=[ \t]*(?:[^\s\d]|$))|\[[ \t]*\](?!\()",
    re.MULTILINE,
)
_ODD = re.compile(
    r"(?<![\w#/.-])(?:nan|NaN|NaT|None|NULL|null|undefined|[nN]/[aA]"
    r"|#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!))(?![\w/-])"
)


def _placeholder_left(passage: Passage, brief: Brief) -> Iterator[str]:
    for found in dict.fromkeys(notes_in(_plain(passage.source))):
        shown = f"“{found}”" if found in _SAID_WHOLE else brief.quoted(found)
        yield f"{shown} was left in. Put what belongs there in its place."


def notes_in(text: str) -> Iterator[str]:
    """Yield each note to the author that was left in *text*."""
    for pattern in (_BRACKETED, _LEFT):
        for match in pattern.finditer(text):
            yield " ".join(match[0].split())


def _source_left(edition: Edition, _: Brief) -> Iterator[str]:
    for name, fact in edition.campaign.facts.items():
        if any(notes_in(fact.source)) or not re.search(r"\w", fact.source):
            yield (
                f"facts.{name} has no source yet. Say where it comes from: the person who signs "
                "off asks."
            )


def _empty_greeting(passage: Passage, _: Brief) -> Iterator[str]:
    if match := _EMPTY_GREETING.search(_plain(passage.source)):
        yield (
            f"The greeting “{match[0].strip()}” names nobody. Fill the column it comes from, or "
            "say what to write without one: {{ recipient.NAME|default('colleague') }}."
        )


def _gap(passage: Passage, brief: Brief) -> Iterator[str]:
    plain = _plain(passage.source)
    if match := _GAP.search(plain):
        around = plain[max(0, match.start() - 40) : match.end() + 40]
        yield (
            f"Something seems to be missing in {brief.quoted(around)}. Fill the value that was to "
            "stand there."
        )


def _odd_value(passage: Passage, brief: Brief) -> Iterator[str]:
    plain = _plain(passage.source)
    found = {match[0] for match in _ODD.finditer(plain) if not _is_authored(match, plain, brief)}
    for value in sorted(found):
        yield (
            f"“{value}” stands where a value should be. Mend the spreadsheet: it marks an empty or "
            "broken cell so."
        )


def _is_authored(found: re.Match[str], text: str, brief: Brief) -> bool:
    """Return whether a colleague wrote what was *found*: with the word beside it, or as a line."""
    start, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.end())
    line_end = len(text) if end < 0 else end
    before = re.search(r"\w+\W*$", text[start : found.start()])
    after = re.match(r"\W*\w+", text[found.end() : line_end])
    if not before and not after:
        return text[start:line_end].strip() in brief.lines
    return bool(
        (before and before[0] + found[0] in brief.prose)
        or (after and found[0] + after[0] in brief.prose)
    )


def _plain(source: str) -> str:
    return re.sub(r"\\([^\w\s])", r"\1", source)


PASSAGE_CHECKS = (
    Check[Passage](
        "placeholder-left",
        Rank.STOP,
        "A note to the author such as [LINK TO FORM], ((name)), {{ name }}, TBC, XXX or lorem "
        "ipsum is still in the text. Notify fills nothing in: readers would see it.",
        "Put what belongs there in its place.",
        _placeholder_left,
    ),
    Check[Passage](
        "empty-greeting",
        Rank.STOP,
        "A greeting such as “Dear ,” names nobody, because the value for it is blank.",
        "Fill the column, or give the template a default.",
        _empty_greeting,
    ),
    Check[Passage](
        "odd-value",
        Rank.STOP,
        "What a spreadsheet or program writes for an empty or broken cell (nan, #N/A, NULL) is in "
        "the text.",
        "Mend the cell and import the list again.",
        _odd_value,
    ),
    Check[Passage](
        "gap-in-text",
        Rank.WARN,
        "Empty brackets, two commas together, a space before a comma or full stop, or a £ without "
        "a figure: a value may be blank.",
        "Fill the value, or leave the words around it out when it is blank.",
        _gap,
    ),
)
CAMPAIGN_CHECKS = (
    Check[Edition](
        "source-left",
        Rank.WARN,
        "The source of a fact is still TBC or the like.",
        "Say where the fact comes from.",
        _source_left,
    ),
)
LINE_CHECKS = (
    Check[Passage](
        "placeholder-in-subject",
        Rank.STOP,
        "A note to the author is still in the subject.",
        "Put what belongs there in its place.",
        _placeholder_left,
    ),
    *PASSAGE_CHECKS[1:],
)
"""What is asked of a subject. The first of a body's checks has a name of its own there."""
