"""Letters: what the checks of an email as a whole need to know of it, and no more."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from postroom.content.checks.kinds import Brief, is_ours
from postroom.content.checks.passages import MOST_PASSAGES, Passage, passages_of
from postroom.content.figures import amounts_in
from postroom.content.notify_limits import MOST_BYTES

_MARKS = {
    "stop": r"unsubscribe|opt(?:ing)?[ -]out|stop (?:these|this|such|all|more|getting|receiving|"
    r"emails?|hearing)|not (?:want|wish) to (?:hear|get|receive)|do(?:n't| not) contact",
    "why": r"why (?:you|we)\b|because (?:you|your|we)\b|you (?:are|have been|were) (?:getting|"
    r"receiving|sent|emailed|contacted)|you (?:got|received) this|we (?:are|'re) (?:emailing|"
    r"writing to|contacting) you",
    "privacy": r"\bprivacy\b|personal information charter|how we use your (?:data|details)",
    "contact": r"(?<![\w.+-])[\w.+-]++@[\w-]++\.|contact us|reply to this email|\b0\d{2,4} ?\d{3}",
    "closing-date": r"(?:\bby|until|before|clos(?:es|ing)[^.\n]{0,20}|deadline[^.\n]{0,20})"
    r"\s+(?:\w+day,?\s+)?\d{1,2}(?:st|nd|rd|th)?\s+[A-Z][a-z]+",
    "duration": r"\b(?:\d+|ten|fifteen|twenty|thirty|forty|sixty|an|one|half an) ?-?(?:minutes?|"
    r"hours?)\b(?! of| or less of)",
    "voluntary": r"voluntary|up to you|do(?:n't| not) have to|no obligation|can say no|"
    r"can (?:withdraw|change your mind|leave at any)",
}
_OTHER_PAGE = re.compile(r"/(?:stop|page|undo|again|your-details)(?:/|$)")  # ours, no sign-up
_PATTERNS = {mark: re.compile(pattern, re.IGNORECASE) for mark, pattern in _MARKS.items()}


@dataclass(frozen=True)
class Letter:
    """An email as a whole."""

    marks: frozenset[str]  # what it tells its readers, see `marks_of`
    headings: tuple[int, ...]
    blank: bool = False  # nothing is left of the body once rendered


@dataclass(frozen=True)
class Bulk:
    """How much of a body there is; both are 0 where that is no more than is read."""

    bytes: int
    passages: int

    @classmethod
    def of(cls, body: str) -> Self:
        size = len(body.encode(errors="surrogatepass")) if len(body) * 4 > MOST_BYTES else 0
        number = passages_of(body) if body.count("\n\n") >= MOST_PASSAGES else 0
        return cls(
            size if size > MOST_BYTES else 0,
            number if number > MOST_PASSAGES else 0,
        )


@dataclass(frozen=True)
class Whole:
    """A body and its passages, for what happens between them."""

    body: Passage
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Seen:
    """What all emails together told."""

    marks: frozenset[str]


def marks_of(passage: Passage, brief: Brief) -> frozenset[str]:
    """Return what *passage* tells: stop, why, privacy, contact, sign-up and its terms, fact:NAME.

    A fact counts as told where its value stands in what readers see or where a link leads.
    """
    seen = _straight(passage.shown)
    found = {mark for mark, pattern in _PATTERNS.items() if pattern.search(seen)}
    if any(link.target.startswith("mailto:") for link in passage.links):
        found.add("contact")
    if any(_is_sign_up(link.target, brief) for link in passage.links):
        found.add("sign-up")
    return frozenset(found) | facts_told(passage, brief)


def facts_told(passage: Passage, brief: Brief) -> frozenset[str]:
    """Return fact:NAME for each fact whose value stands in *passage*, or where a link leads.

    An amount or a date is told in any spelling, and a date without its year too.
    """
    everything = " ".join([_straight(passage.shown), *(link.target for link in passage.links)])
    told = {*_facts_in(everything, brief), *_figures_in(passage, brief)}
    return frozenset(f"fact:{name}" for name in told)


def _figures_in(passage: Passage, brief: Brief) -> Iterable[str]:
    if brief.figures and re.search(r"\d", passage.shown):
        amounts = {amount.key for amount in amounts_in(passage.shown)}
        dates = {(mention.day, mention.month) for mention in passage.dates}
        for name, (its_amounts, its_dates) in brief.figures.items():
            if its_amounts <= amounts and its_dates <= dates:
                yield name


def _is_sign_up(target: str, brief: Brief) -> bool:
    return is_ours(target, brief) and not _OTHER_PAGE.search(target)


def _facts_in(text: str, brief: Brief) -> Iterable[str]:
    for name, fact in brief.campaign.facts.items():
        if _straight(fact.value) in text:
            yield name


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("‘", "'").replace("\u200b", "")
