"""Checks: what Notify makes of a link is not what its author meant."""

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from postroom.content.checks.kinds import Brief, Check, Rank
from postroom.content.checks.passages import Passage

_UNMADE = re.compile(
    r"(?<!!)\[[^\[\]\n]{1,200}\](?:(?P<spaced>[ \t]+)\((?=https?:|www\.|mailto:)[^)\s]*\)?"
    r"|\((?=https?:|www\.|mailto:)[^()\n]*$)",
    re.IGNORECASE | re.MULTILINE,
)


def _link_changed(passage: Passage, brief: Brief) -> Iterator[str]:
    for target in changed_links(passage):
        start = unquote(target)[:20]
        arrives = next((href for href in passage.hrefs if unquote(href).startswith(start)), "")
        outcome = (
            f"arrives as {brief.quoted(unquote(arrives))}" if arrives else "is not made a link"
        )
        yield (
            f"The link {brief.quoted(target)} {outcome}. Write brackets in it as %28 and %29, "
            "and leave a space before what follows it."
        )


def changed_links(passage: Passage) -> Iterator[str]:
    """Yield where each link was meant to lead that Notify lets lead elsewhere or nowhere."""
    hrefs = {unquote(href) for href in passage.hrefs}
    for link in passage.links:
        if unquote(_read_entities(link.target)) not in hrefs and not _without_scheme(link.target):
            yield link.target


def _read_entities(target: str) -> str:
    return re.sub(r"&(?:#\w+|\w+);", lambda entity: html.unescape(entity[0]), target)


def _without_scheme(target: str) -> bool:
    return not re.match(r"(?i)(?:https?|ftp|file|mailto|tel):", target)


def _link_not_made(passage: Passage, brief: Brief) -> Iterator[str]:
    for match in _UNMADE.finditer(passage.source):
        why = "there is a space before its (" if match["spaced"] else "its ( is never closed"
        yield (
            f"{brief.quoted(match[0].strip())} is not made a link with those words: {why}. Write "
            "[words](https://address), with nothing between."
        )
    for link in passage.links:
        if link.label and re.search(r"\s", link.target) and "TBC" not in link.target:
            yield (
                f"The link {brief.quoted(link.target)} has words in its address. A title needs "
                'quotes: [words](https://address "title").'
            )


def _plus_encoded(passage: Passage, brief: Brief) -> Iterator[str]:
    for link in passage.links:
        if link.target.lower().startswith("tel:") and "+" in link.target:
            yield (
                f"The link {brief.quoted(link.target)} arrives with %2B for its +, and telephones "
                "do not dial that. Write 00 for the +, or show the number only."
            )
        elif "+" in link.target.partition("?")[2]:
            yield (
                f"The + in {brief.quoted(link.target)} arrives as %2B, which the page reads as a "
                "plus and not as a space. Write %20 where a space is meant."
            )


def _mailto_encoded(passage: Passage, brief: Brief) -> Iterator[str]:
    for link in passage.links:
        address = link.target.removeprefix("mailto:").split("?")[0]
        if link.target.startswith("mailto:") and address not in passage.shown:
            yield (
                f"The link to {brief.quoted(address)} arrives as {brief.quoted(link.target)} with "
                "its @ written %40, which some mail programs do not read. Show the address itself, "
                "so that people can copy it."
            )


def _link_spoilt_in_text(passage: Passage, brief: Brief) -> Iterator[str]:
    changed = set(changed_links(passage))
    for link in passage.links:
        if _without_scheme(link.target) or _read_entities(link.target) in passage.text:
            continue
        if link.target not in changed:
            yield (
                f"The link {brief.quoted(link.target)} is spoilt in the plain text part, where "
                "Notify reads &region, &copy and the like as signs and curls quotes. Reorder "
                "or rename its parts, or write & as %26 where it is not a separator."
            )


PASSAGE_CHECKS = (
    Check[Passage](
        "link-changed",
        Rank.STOP,
        "A link does not lead where it was written to lead: it is cut at a bracket, takes in the ! "
        "or ; after it, or is no link at all.",
        "Write ( as %28 and ) as %29, and leave a space after it.",
        _link_changed,
    ),
    Check[Passage](
        "link-spoilt-in-text",
        Rank.STOP,
        "A link is right in the HTML part and wrong in the plain text part: &region= becomes "
        "®ion=, quotes are curled.",
        "Reorder or rename the parts of the address.",
        _link_spoilt_in_text,
    ),
    Check[Passage](
        "link-not-made",
        Rank.STOP,
        "A link is written so that its brackets are shown: with a space between ] and (, without "
        "its ), or with a title that has no quotes.",
        "Write [words](https://address), with nothing between.",
        _link_not_made,
    ),
    Check[Passage](
        "plus-encoded",
        Rank.WARN,
        "A + in a telephone link, or after the ? of an address, arrives as %2B.",
        "Write 00 for the + of a telephone number, and %20 for a space.",
        _plus_encoded,
    ),
    Check[Passage](
        "mailto-encoded",
        Rank.ADVICE,
        "A link that opens a new email hides the address, and some mail programs cannot read what "
        "Notify makes of it.",
        "Show the address itself as the text of the link.",
        _mailto_encoded,
    ),
)
