"""Reading every email once: each distinct passage is judged once, and its rows are gathered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from postroom.content.checks.kinds import (
    Brief,
    Check,
    Judged,
    Person,
    Problem,
    Rank,
    without_tokens,
)
from postroom.content.checks.letters import Letter, Seen, Whole, marks_of
from postroom.content.checks.passages import Passage, split
from postroom.content.editions import Edition
from postroom.content.rendering import MOST_BYTES, Email

_KEPT = 4_096  # distinct passages remembered: what differs for everybody is soon forgotten
_RANKS = tuple(Rank)


@dataclass(frozen=True)
class Policy:
    """The checks, by what they judge."""

    campaign: tuple[Check[Edition], ...]
    subject: tuple[Check[str], ...]
    gates: tuple[Check[Passage], ...]  # asked first: what they stop is not judged further
    passage: tuple[Check[Passage], ...]
    letter: tuple[Check[Letter], ...]
    whole: tuple[Check[Whole], ...]
    person: tuple[Check[Person], ...]
    seen: tuple[Check[Seen], ...]

    def all_checks(self) -> tuple[Check[Any], ...]:
        """Return every check: stops first, then warnings, then advice, each by name."""
        checks: list[Check[Any]] = [*self.campaign, *self.seen, *self.person, *self.subject]
        checks += [*self.gates, *self.passage, *self.letter, *self.whole]
        return tuple(sorted(checks, key=lambda check: (_RANKS.index(check.rank), check.name)))


@dataclass(frozen=True)
class _Read:
    """What one passage gave."""

    found: tuple[Problem, ...]
    passage: Passage | None  # None when it cannot be rendered
    shape: str = ""
    marks: frozenset[str] = frozenset()
    headings: tuple[int, ...] = ()
    blank: bool = False


class Reader:
    """Judges emails and people as they come; keeps problems and rows, never the emails."""

    def __init__(self, policy: Policy, brief: Brief):
        self._policy = policy
        self._brief = brief
        self._rows: dict[Problem, list[int]] = {}
        self._marks: set[frozenset[str]] = set()
        # Emails of one campaign share nearly all their passages: this is what makes it fast.
        self._read_passage = lru_cache(_KEPT)(self._passage_read)
        self._judge_subject = lru_cache(_KEPT)(partial(self._judge, policy.subject))
        self._judge_letter = lru_cache(_KEPT)(partial(self._judge, policy.letter))
        self._whole_found: dict[tuple[str, ...], tuple[Problem, ...]] = {}

    def judge_campaign(self) -> None:
        """Note what is wrong with the campaign as a whole, before any email."""
        for problem in self._judge(self._policy.campaign, self._brief.edition):
            self._rows.setdefault(problem, [])

    def read(self, row: int, email: Email) -> None:
        """Note what is wrong with the *email* for *row*; row 0 is a text that nobody here gets."""
        body = self._brief.without_names(without_tokens(email.body))
        read = [self._read_passage(source) for source in split(body)]
        for part in read:
            self._note(part.found, row)
        self._note(self._judge_subject(email.subject), row)
        letter = Letter(
            marks=frozenset().union(*(part.marks for part in read)),
            headings=tuple(level for part in read for level in part.headings),
            too_long=_bytes_too_many(email.body),
            blank=all(part.blank for part in read),
        )
        self._marks.add(letter.marks)
        self._note(self._judge_letter(letter), row)
        self._note(self._judge_whole(body, read), row)

    def meet(self, row: int, person: Person) -> None:
        """Note what is odd about the values of the *person* in *row*."""
        self._note(self._judge(self._policy.person, person), row)

    def problems(self) -> list[Problem]:
        """Return everything noted: stops first, then warnings, then advice, each by first row."""
        if self._marks:
            seen = Seen(frozenset().union(*self._marks))
            for problem in self._judge(self._policy.seen, seen):
                self._rows.setdefault(problem, [])
        gathered = (
            Problem(problem.rank, problem.check, problem.text, tuple(sorted(set(rows))))
            for problem, rows in self._rows.items()
        )
        return sorted(gathered, key=lambda p: (_RANKS.index(p.rank), p.rows[:1]))

    def _note(self, found: Iterable[Problem], row: int) -> None:
        for problem in found:
            rows = self._rows.setdefault(problem, [])
            if row and rows[-1:] != [row]:
                rows.append(row)

    def _judge(self, checks: Iterable[Check[Judged]], judged: Judged) -> tuple[Problem, ...]:
        return tuple(
            Problem(check.rank, check.name, text)
            for check in checks
            for text in check.find(judged, self._brief)
        )

    def _passage_read(self, source: str) -> _Read:
        passage = Passage(source)
        if found := self._stopped_at_gate(passage):
            return _Read(found, None)
        return _Read(
            self._judge(self._policy.passage, passage),
            passage,
            shape=passage.shape,
            marks=marks_of(passage, self._brief),
            headings=passage.headings,
            blank=not passage.shown.strip(),
        )

    def _stopped_at_gate(self, passage: Passage) -> tuple[Problem, ...]:
        for gate in self._policy.gates:
            if found := self._judge((gate,), passage):
                return found
        return ()

    def _judge_whole(self, body: str, read: list[_Read]) -> tuple[Problem, ...]:
        """Judge what happens between passages, once for each run of passages of these shapes."""
        passages = tuple(_renderable(read))
        if len(passages) < len(read):
            return ()
        shapes = tuple(part.shape for part in read)
        if shapes not in self._whole_found:
            if len(self._whole_found) >= _KEPT:
                self._whole_found.clear()
            whole = Whole(Passage(body), passages)
            self._whole_found[shapes] = self._judge(self._policy.whole, whole)
        return self._whole_found[shapes]


def _renderable(read: Iterable[_Read]) -> Iterator[Passage]:
    for part in read:
        if part.passage is not None:
            yield part.passage


def _bytes_too_many(body: str) -> int:
    if len(body) * 4 <= MOST_BYTES:
        return 0
    size = len(body.encode(errors="surrogatepass"))
    return size if size > MOST_BYTES else 0
