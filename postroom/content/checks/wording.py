"""Checks: advice on the subject, the headings and what an invitation should say."""

import re
from collections.abc import Iterator

from postroom.content.checks.kinds import Brief, Check, Rank, without_prefix
from postroom.content.checks.letters import Letter
from postroom.content.checks.passages import Passage

_LONGEST_SUBJECT = 70  # characters: about what a narrow window shows before it cuts
_SUBJECT_MARKS = re.compile(
    r"\*\*[^*]+\*\*|^#|\[[^\]]*\]\([^)]*\)|</?[a-z][^>]*>|&(?:#\d+|[a-z]+);|https?://",
    re.IGNORECASE,
)
_ATTACHED = re.compile(
    r"\b(?:see|find|read|in|open|using|please) (?:the |an? |our )?(?:attached|attachments?)\b"
    r"|\battach(?:ed|ments?) (?:to this email|is|are|you)\b"
    r"|\b(?:is|are|have|we've) attached(?! to)\b"
    r"|\battached (?:document|form|letter|guid\w+|file|pdf|spreadsheet|template|leaflet|flyer)\b",
    re.IGNORECASE,
)
_TERMS = {
    "closing-date": "until when they can",
    "duration": "how long taking part takes",
    "voluntary": "that it is up to them",
}


def _subject_long(subject: str, _: Brief) -> Iterator[str]:
    if len(without_prefix(subject)) > _LONGEST_SUBJECT:
        yield (
            f"The subject is longer than {_LONGEST_SUBJECT} characters, where many screens cut it. "
            "Put what matters first, and shorten it."
        )


def _subject_shouts(subject: str, _: Brief) -> Iterator[str]:
    words = re.findall(r"[^\W\d_]{4,}", without_prefix(subject))
    if words and sum(word.isupper() for word in words) * 2 > len(words):
        yield "The subject is mostly in capitals, as junk mail's are. Write it as a sentence."


def _subject_marks(subject: str, brief: Brief) -> Iterator[str]:
    if match := _SUBJECT_MARKS.search(without_prefix(subject)):
        yield (
            f"{brief.quoted(match[0])} in the subject is shown as it is written: a subject has no "
            "Markdown, links or HTML. Take it out."
        )


def _several_top_headings(letter: Letter, _: Brief) -> Iterator[str]:
    if (number := letter.headings.count(1)) > 1:
        yield (
            f"There are {number} headings with one #. Screen readers list headings by level: keep "
            "# for the first and use ## for the rest."
        )


def _heading_order(letter: Letter, _: Brief) -> Iterator[str]:
    if letter.headings and letter.headings[0] != 1 and 1 in letter.headings:
        yield "A heading with ## comes before the first with #. Begin with #."


def _heading_shouts(passage: Passage, brief: Brief) -> Iterator[str]:
    if passage.headings and passage.lines:
        words = re.findall(r"[^\W\d_]+", passage.lines[0])
        if len(words) > 1 and all(word.isupper() for word in words):
            yield (
                f"The heading {brief.quoted(passage.lines[0])} is in capitals, which is hard to "
                "read. Write it as a sentence."
            )


def _attachment_promised(passage: Passage, brief: Brief) -> Iterator[str]:
    if match := _ATTACHED.search(passage.shown):
        yield (
            f"{brief.quoted(match[0])}: nothing can be attached to these emails. Link to the "
            "document instead."
        )


def _invitation_terms(letter: Letter, _: Brief) -> Iterator[str]:
    missing = [words for mark, words in _TERMS.items() if mark not in letter.marks]
    if "sign-up" in letter.marks and missing:
        yield (
            "The email asks people to sign up, but does not say: "
            f"{'; '.join(missing)}. Say so, and more will."
        )


SUBJECT_CHECKS = (
    Check[str](
        "subject-marks",
        Rank.WARN,
        "Markdown, HTML, an entity such as &amp; or a link in the subject is shown as typed.",
        "Take it out.",
        _subject_marks,
    ),
    Check[str](
        "subject-long",
        Rank.ADVICE,
        f"The subject is over {_LONGEST_SUBJECT} characters, and is cut off on many screens.",
        "Put what matters first, and shorten it.",
        _subject_long,
    ),
    Check[str](
        "subject-shouts",
        Rank.ADVICE,
        "The subject is mostly in capitals.",
        "Write it as a sentence.",
        _subject_shouts,
    ),
)
PASSAGE_CHECKS = (
    Check[Passage](
        "attachment-promised",
        Rank.WARN,
        "The text speaks of an attachment. These emails have none.",
        "Link to the document instead.",
        _attachment_promised,
    ),
    Check[Passage](
        "heading-shouts",
        Rank.ADVICE,
        "A heading is in capitals.",
        "Write it as a sentence.",
        _heading_shouts,
    ),
)
LETTER_CHECKS = (
    Check[Letter](
        "several-top-headings",
        Rank.ADVICE,
        "More than one heading has a single #.",
        "Keep # for the first and use ## for the rest.",
        _several_top_headings,
    ),
    Check[Letter](
        "heading-order",
        Rank.ADVICE,
        "A heading with ## comes before the first with #.",
        "Begin with #.",
        _heading_order,
    ),
    Check[Letter](
        "invitation-terms",
        Rank.ADVICE,
        "The email links to the sign-up form, but does not say until when it is open, how long "
        "taking part takes, or that nobody has to.",
        "Say it in a sentence beside the link.",
        _invitation_terms,
    ),
)
