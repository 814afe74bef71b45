"""Checks: the email can be sent at all, and nothing in it is invisible."""

import re
import unicodedata
from collections.abc import Iterator

from postroom.content.checks.kinds import Brief, Check, Rank, without_prefix
from postroom.content.checks.letters import Bulk, Letter
from postroom.content.checks.passages import LONGEST_PASSAGE, MOST_PASSAGES, Passage
from postroom.content.notify_limits import MOST_BYTES
from postroom.content.notify_markdown import RenderingError

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u3164]")
_GAP = "\u200b"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ufffd]")
_C1 = re.compile("[\x80-\x9f]")
# UTF-8 read as cp1252 or latin-1: ’ is three of these, é and £ are two.
_DAMAGED = re.compile(
    "â(?:€|\x80)|[ÃÂ](?:[\x80-\xbf]|[‚ƒ„…†‡ˆ‰‹‘’“”•–—˜™›](?=[a-z])|(?<=Ã)[ŠŒŽšœžŸ])|ï»¿"
)


def _cannot_be_rendered(passage: Passage, _: Brief) -> Iterator[str]:
    try:
        passage.render()
    except RenderingError as error:
        yield f"This text cannot be sent. {error}"


def _too_long_to_check(passage: Passage, _: Brief) -> Iterator[str]:
    if len(passage.source) > LONGEST_PASSAGE:
        yield (
            f"More than {LONGEST_PASSAGE:,} characters stand together without a blank line. Break "
            "them up: they cannot be checked as they are."
        )


def _too_long(bulk: Bulk, _: Brief) -> Iterator[str]:
    if bulk.bytes:
        yield (
            f"The body has {bulk.bytes:,} bytes. Notify takes {MOST_BYTES:,} at most: shorten it."
        )


def _too_many_passages(bulk: Bulk, _: Brief) -> Iterator[str]:
    if bulk.passages:
        yield (
            f"The body has {bulk.passages:,} paragraphs. Nobody reads more than "
            f"{MOST_PASSAGES:,}, and they are not checked: shorten it."
        )


def _empty_body(letter: Letter, _: Brief) -> Iterator[str]:
    if letter.blank:
        yield "The body is empty once Notify has rendered it. Check the template and its values."


def _empty_subject(subject: str, _: Brief) -> Iterator[str]:
    if not without_prefix(subject).strip():
        yield "The subject is empty. Notify would send it so: fill the template's block subject."


def _control_character(passage: Passage, _: Brief) -> Iterator[str]:
    for character in sorted(set(_CONTROL.findall(passage.source))):
        yield (
            f"There is a character in the text that cannot be shown (U+{ord(character):04X}). "
            "Delete it: it often comes with text copied from elsewhere."
        )


def is_damaged(text: str) -> bool:
    """Return whether *text* was read in the wrong encoding somewhere on its way."""
    return bool(_DAMAGED.search(text) or _C1.search(text))


def _damaged_text(passage: Passage, brief: Brief) -> Iterator[str]:
    if match := _DAMAGED.search(passage.source):
        around = passage.source[max(0, match.start() - 20) : match.end() + 20]
        yield (
            f"{brief.quoted(around)} holds letters that were read in the wrong encoding, such as "
            "â€™ for ’. Type them again."
        )


def _invisible_character(passage: Passage, brief: Brief) -> Iterator[str]:
    for character in sorted(set(_INVISIBLE.findall(passage.source))):
        if character == _GAP and not any(_GAP in text for text in brief.edition.files.values()):
            continue  # put there to keep a value from becoming Markdown
        name = unicodedata.name(character, "no name").lower()
        yield (
            f"There is an invisible character in the text (U+{ord(character):04X}, {name}). Delete "
            "it: it can hide or turn round what people read."
        )


GATES = (
    Check[Passage](
        "passage-too-long",
        Rank.STOP,
        f"More than {LONGEST_PASSAGE:,} characters stand together without a blank line. Nobody "
        "reads that, and it is not checked further.",
        "Break it up with blank lines.",
        _too_long_to_check,
    ),
    Check[Passage](
        "cannot-be-rendered",
        Rank.STOP,
        "Notify would refuse the text or never finish it: half a character, or brackets, fences or "
        "tags that are nested without end.",
        "Mend what the message names.",
        _cannot_be_rendered,
    ),
)
BULK_CHECKS = (
    Check[Bulk](
        "body-too-long",
        Rank.STOP,
        f"The body is over {MOST_BYTES:,} bytes, the most that Notify takes.",
        "Shorten it.",
        _too_long,
    ),
    Check[Bulk](
        "too-many-passages",
        Rank.STOP,
        f"The body has more than {MOST_PASSAGES:,} paragraphs. Nobody reads that, and it is not "
        "checked further.",
        "Shorten it.",
        _too_many_passages,
    ),
)
LETTER_CHECKS = (
    Check[Letter](
        "body-empty",
        Rank.STOP,
        "Nothing is left of the body once it is rendered.",
        "Check the template and the values it shows.",
        _empty_body,
    ),
)
SUBJECT_CHECKS = (
    Check[str](
        "subject-empty",
        Rank.STOP,
        "The subject is empty. Notify does not refuse that.",
        "Fill the template's block subject.",
        _empty_subject,
    ),
)
PASSAGE_CHECKS = (
    Check[Passage](
        "damaged-text",
        Rank.STOP,
        "The text holds letters that were read in the wrong encoding, such as â€™ for ’.",
        "Type them again, and save the file as UTF-8.",
        _damaged_text,
    ),
    Check[Passage](
        "control-character",
        Rank.STOP,
        "A character that cannot be shown is in the text: a NUL, or the sign for a character that "
        "was lost.",
        "Delete it, or type the right one.",
        _control_character,
    ),
    Check[Passage](
        "invisible-character",
        Rank.WARN,
        "A zero-width or direction-changing character is in the text.",
        "Delete it.",
        _invisible_character,
    ),
)
