"""What a check is, what it may ask, and what it says."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Generic, TypeVar

from postroom.content.campaign_file import Campaign, Fact
from postroom.content.dates import MONTHS, WEEKDAYS, DateMention, dates_in, months_in
from postroom.content.editions import Edition
from postroom.content.facts import SharedFact, SharedFacts, shared_facts
from postroom.content.figures import amounts_in, measures_in, unit_named
from postroom.content.mentions import links_in
from postroom.content.places import Place
from postroom.content.rendering import fields_shown

_WORD = re.compile(r"\S+")
_EDGES = ".,:;!?()[]{}<>\"'“”‘’*_#^`|"
_LONGEST_QUOTE = 100


class Rank(StrEnum):
    """How much a problem matters. Only a stop blocks, until it is mended or answered."""

    STOP = "stop"
    WARN = "warn"
    ADVICE = "advice"

    @property
    def label(self) -> str:
        """The word that people see, alike in the terminal, in the review pack and in emails."""
        return {Rank.STOP: "STOP", Rank.WARN: "warning", Rank.ADVICE: "advice"}[self]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and the rows of the spreadsheet it touches.

    `text` names no recipient; `rows` ascend, and none means the campaign as a whole.
    """

    rank: Rank
    check: str
    text: str
    rows: tuple[Place, ...] = ()
    findings: tuple[bytes, ...] = ()
    """Of a stop, the digest of each thing found, in full: two that read alike here may differ."""


@dataclass(frozen=True)
class Person:
    """A recipient, as the checks of values need them."""

    address: str
    fields: Mapping[str, str]
    """What the list says."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What templates can use: that, and what the register of schools adds."""


@dataclass(frozen=True)
class Brief:
    """What a check may ask besides what it judges."""

    edition: Edition
    today: date
    live_on: date | None = None  # the day of a live send, when this is one
    public_url: str = ""
    names_recipients: bool = False  # whether what is quoted is quoted in full, names and all

    @property
    def campaign(self) -> Campaign:
        return self.edition.campaign

    @cached_property
    def fields_shown(self) -> frozenset[str]:
        """The recipient's fields that the templates show, with no word for when they are blank."""
        return fields_shown(self.edition)

    @cached_property
    def shared(self) -> SharedFacts:
        """The facts of facts/*.toml. Raises `ContentError` when they need mending."""
        return shared_facts({**self.edition.files, **self.edition.facts_files})

    @cached_property
    def stated(self) -> tuple[str, ...]:
        """The value of every fact that the campaign declares or shares with others."""
        own = (fact.value for fact in self.campaign.facts.values())
        return (*own, *(fact.value for fact in self.shared.facts.values()))

    @cached_property
    def amounts(self) -> Mapping[tuple[str, Decimal | str], str]:
        """Every amount of money that is stated, by its key, in the words that state it."""
        return {amount.key: amount.words for value in self.stated for amount in amounts_in(value)}

    @cached_property
    def figures(self) -> Mapping[str, tuple[frozenset[object], frozenset[tuple[int, int]]]]:
        """Of each fact with amounts or dates: the amounts' keys, and the dates' days and months."""
        found = {
            name: (
                frozenset(amount.key for amount in amounts_in(fact.value)),
                frozenset((mention.day, mention.month) for mention in dates_in(fact.value)),
            )
            for name, fact in self.campaign.facts.items()
        }
        return {name: keys for name, keys in found.items() if any(keys)}

    @cached_property
    def measures(self) -> Mapping[str, Mapping[Decimal, str]]:
        """Every number of hours, per cent and the like that is stated: unit, number, words.

        Those of a shared file count where the campaign states something of that file: an hour here
        is no hour of a grant that this campaign is not about.
        """
        found: dict[str, dict[Decimal, str]] = {}
        facts: list[tuple[str, Fact | SharedFact]] = [
            *self.campaign.facts.items(),
            *self._shared_of_same_files(),
        ]
        for name, fact in facts:
            unit = unit_named(name)
            given = [*measures_in(fact.value), *measures_in(fact.sum or "")]
            if unit and not given:
                given = list(measures_in(f"{fact.value} {unit}"))
            for one in given:
                if one.value is not None:
                    found.setdefault(one.unit, {})[one.value] = one.words
        return found

    def _shared_of_same_files(self) -> Iterator[tuple[str, SharedFact]]:
        told = {fact.value for fact in self.campaign.facts.values()}
        named = {fact.shared for fact in self.campaign.facts.values()}
        files = {
            self.shared.files[name]
            for name, fact in self.shared.facts.items()
            if fact.value in told or {name, fact.group} & named - {None}
        }
        for name, fact in self.shared.facts.items():
            if self.shared.files[name] in files:
                yield name, fact

    @cached_property
    def dates(self) -> frozenset[tuple[int, int, int | None]]:
        """The dates stated, as (day, month, year or None); day 0 is a whole month."""
        mentions = (m for value in self.stated for m in (*dates_in(value), *months_in(value)))
        sent = self.campaign.send_on
        own = {(sent.day, sent.month, sent.year)}
        return frozenset({(m.day, m.month, m.year) for m in mentions} | own)

    def states(self, mention: DateMention) -> bool:
        """Return whether *mention* is a date that is stated, in full or less than in full."""
        return any(
            mention.month == month
            and mention.day in (0, day)
            and mention.year in ((None, year) if mention.day else (year,))
            for day, month, year in self.dates
        )

    @cached_property
    def links(self) -> frozenset[str]:
        """The whole links that are stated, as `alike` gives them."""
        return frozenset(alike(link.target) for value in self.stated for link in links_in(value))

    @cached_property
    def lines(self) -> frozenset[str]:
        """Each line that colleagues wrote for readers: of the templates, and the facts."""
        written = (*self.edition.templates.values(), *self.stated)
        return frozenset(line.strip() for text in written for line in text.splitlines())

    @cached_property
    def prose(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the campaign's own files: what may be quoted without naming anybody."""
        return frozenset(
            part.strip(_EDGES)
            for text in self.edition.files.values()
            for piece in _WORD.findall(text)
            for part in (piece, *re.split(r"[^\w£.,@/:%+’'-]+", piece))
        )

    def without_names(self, text: str) -> str:
        """Return *text* with a stand-in for each name and long number that a list brought.

        They can mean nothing to Markdown or to a check, and differ in every email: without them
        thousands of passages are the same few.
        """
        return _PERSONAL.sub(self._without_name, text)

    def _without_name(self, run: re.Match[str]) -> str:
        if run["kept"]:
            return run[0]
        words = run[0].split(" ")
        if any(word in self.words or word in _TELLING or set(word) == {"X"} for word in words):
            return run[0]
        return _NAME if run["names"] else _NUMBER

    def quoted(self, text: str) -> str:
        """Return *text* in quotation marks, with … for each word that a list or a link brought."""
        if self.names_recipients:
            return f"“{text}”"
        shown = (self._shown(piece) for piece in _WORD.findall(text))
        joined = re.sub(r"…(?: …)+", "…", " ".join(shown))
        if len(joined) > _LONGEST_QUOTE:
            joined = joined[:_LONGEST_QUOTE].rstrip() + "…"
        return f"“{joined}”"

    def _shown(self, piece: str) -> str:
        bare = piece.strip(_EDGES)
        if not bare or bare in self.words:
            return piece
        if "/" in bare or "@" in bare:
            known = any(bare in text for text in self.edition.files.values())
            return piece if known else "…"
        parts = [part for part in re.split(r"[\W_]+", bare) if part]
        return piece if all(part in self.words for part in parts) else "…"


Judged = TypeVar("Judged")


@dataclass(frozen=True)
class Check(Generic[Judged]):
    """One rule: `find` yields a sentence for each thing it finds in what it judges."""

    name: str
    rank: Rank
    meaning: str
    mend: str
    find: Callable[[Judged, Brief], Iterable[str]]


def alike(target: str) -> str:
    """Return what two links to one page share: host in small letters, no / at the end, no token."""
    scheme, separator, rest = without_tokens(target).partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{separator}{host.lower()}{slash}{path}".rstrip("/")


def is_ours(target: str, brief: Brief) -> bool:
    """Return whether *target* is a link that we make ourselves: sign up, stop, or a sample."""
    if target == brief.campaign.form:
        return True
    if brief.public_url:
        return target.startswith(brief.public_url.rstrip("/") + "/")
    return OWN_LINK in target or bool(_SAMPLE.search(target))


OWN_LINK = "/signed-link"
_SAMPLE = re.compile(r"^https://[^/]+/sample/(?:sign-up|stop|page)$")
_NAME, _NUMBER = "Zz", "1000000"
_CAPITALISED = r"[A-Z][A-Za-zà-ÿ]*+(?:['’-][A-Za-zà-ÿ]++)*+"
_UNIT = r"\s?(?:%|per cent|GBP|pounds|euros?|hours?|minutes?|days?|weeks?|months?|years?)"
_PERSONAL = re.compile(
    # What is in brackets may be a note to the author, which is judged as it stands; the words of a
    # link are not one.
    r"(?P<kept>\[[^\[\]\n]{1,80}\](?!\()|\(\([^()\n]{1,80}\)\)|\{[^{}\n]{1,80}\})"
    r"|(?<![\w@./:%&?=#~+'’\\\[{(<-])(?:"
    rf"(?P<names>{_CAPITALISED}(?: {_CAPITALISED})*+)|(?<![£€,])(?<!GBP )[1-9]\d{{4,}}+(?!{_UNIT})"
    r")(?![\w@'’-]|[,./:][\w/])"
)
_TELLING = {*map(str.title, (*MONTHS, *WEEKDAYS)), *(month[:3].title() for month in MONTHS)} | {
    "Sept",
    "None",
    "NaN",
    "NaT",
    "NULL",
    "TBC",
    "TBD",
    "TODO",
    "FIXME",
    "Lorem",
    "Ipsum",
    "Dear",
    "Hello",
    "Hi",
    "Good",
}
_PREFIX = re.compile(r"^(?:\[(?:LOCAL|TEST|TEAM)\]|TEST:|FOR APPROVAL:?) *")
_LONG_SEGMENT = re.compile(r"(?<=[\w])/([\w.=-]{24,})")


def without_tokens(text: str) -> str:
    """Return *text* with the signed part of each link replaced, which differs in every email."""
    return _LONG_SEGMENT.sub(_untokened, text)


def _untokened(segment: re.Match[str]) -> str:
    letters = segment[1]
    words = "-" in letters and letters.islower()
    opaque = not words and any(letter.isdigit() or letter.isupper() for letter in letters)
    return OWN_LINK if opaque else segment[0]


def without_prefix(subject: str) -> str:
    """Return *subject* without what modes other than live put before it."""
    return _PREFIX.sub("", subject)
