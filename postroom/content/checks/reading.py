"""Reading every email once: each distinct passage is judged once, and its rows are gathered."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

from postroom.content.checks.kinds import (
    Brief,
    Check,
    Judged,
    Person,
    Problem,
    Rank,
    without_prefix,
    without_tokens,
)
from postroom.content.checks.letters import Bulk, Letter, Seen, Whole, facts_told, marks_of
from postroom.content.checks.passages import Passage, SubjectLine, split
from postroom.content.editions import Edition
from postroom.content.places import Place
from postroom.content.rendering import Email

_KEPT = 4_096  # distinct passages remembered: what differs for everybody is soon forgotten
_MOST_TEXTS = 20  # of one check: a list that is wrong in every row is one thing to mend
_RANKS = tuple(Rank)

Digest = Callable[[str], bytes]
"""Takes what a check found, recipients' words and all, and gives what is kept of it."""
_Found = tuple[Problem, bytes]
"""A problem, and of a stop the digest of what was found."""


@dataclass
class _Noted:
    """Where one problem was found, and which things it is that were found."""

    rows: list[Place] = field(default_factory=list)
    findings: set[bytes] = field(default_factory=set)


@dataclass(frozen=True)
class Policy:
    """The checks, by what they judge."""

    campaign: tuple[Check[Edition], ...]
    subject: tuple[Check[str], ...]
    line: tuple[Check[Passage], ...]  # asked of the subject's words too
    bulk: tuple[Check[Bulk], ...]  # an email that these stop is not read at all
    gates: tuple[Check[Passage], ...]  # asked first: what they stop is not judged further
    passage: tuple[Check[Passage], ...]
    letter: tuple[Check[Letter], ...]
    whole: tuple[Check[Whole], ...]
    person: tuple[Check[Person], ...]
    seen: tuple[Check[Seen], ...]

    def all_checks(self) -> tuple[Check[Any], ...]:
        """Return every check: stops first, then warnings, then advice, each by name."""
        checks: list[Check[Any]] = [*self.campaign, *self.seen, *self.person, *self.subject]
        checks += [*self.bulk, *self.gates, *self.passage, *self.letter, *self.whole]
        names = {check.name for check in checks}
        checks += [check for check in self.line if check.name not in names]
        return tuple(sorted(checks, key=lambda check: (_RANKS.index(check.rank), check.name)))


@dataclass(frozen=True)
class _Read:
    """What one passage gave."""

    found: tuple[_Found, ...]
    passage: Passage | None  # None when it cannot be rendered
    shape: str = ""
    marks: frozenset[str] = frozenset()
    headings: tuple[int, ...] = ()
    blank: bool = False


class Reader:
    """Judges emails and people as they come; keeps problems and rows, never the emails."""

    def __init__(self, policy: Policy, brief: Brief, digest: Digest):
        self._policy = policy
        self._brief = brief
        self._in_full = replace(brief, names_recipients=True)
        self._digest = digest
        self._noted: dict[Problem, _Noted] = {}
        self._texts_of: Counter[str] = Counter()
        self._marks: set[frozenset[str]] = set()
        # Emails of one campaign share nearly all their passages: this is what makes it fast.
        self._read_passage = lru_cache(_KEPT)(self._passage_read)
        self._judge_subject = lru_cache(_KEPT)(partial(self._judge, policy.subject))
        self._read_line = lru_cache(_KEPT)(self._line_read)
        self._judge_letter = lru_cache(_KEPT)(partial(self._judge, policy.letter))
        self._whole_found: dict[tuple[str, ...], tuple[_Found, ...]] = {}

    def judge_campaign(self) -> None:
        """Note what is wrong with the campaign as a whole, before any email."""
        self._note(self._judge(self._policy.campaign, self._brief.edition))

    def read(self, row: Place, email: Email) -> None:
        """Note what is wrong with the *email* for *row*; row 0 is a text that nobody here gets."""
        if found := self._judge(self._policy.bulk, Bulk.of(email.body)):
            self._note(found, row)
            return
        body = self._brief.without_names(without_tokens(email.body))
        read = [self._read_passage(source) for source in split(body)]
        for part in read:
            self._note(part.found, row)
        self._note(self._judge_subject(email.subject), row)
        self._read_subject(email.subject, row)
        letter = Letter(
            marks=frozenset().union(*(part.marks for part in read)),
            headings=tuple(level for part in read for level in part.headings),
            blank=all(part.blank for part in read),
        )
        self._marks.add(letter.marks)
        self._note(self._judge_letter(letter), row)
        self._note(self._judge_whole(body, read), row)

    def _read_subject(self, subject: str, row: Place) -> None:
        words = without_prefix(self._brief.without_names(without_tokens(subject)))
        found, marks = self._read_line(words)
        self._marks.add(marks)
        self._note(found, row)

    def meet(self, row: Place, person: Person) -> None:
        """Note what is odd about the values of the *person* in *row*."""
        self._note(self._judge(self._policy.person, person), row)

    def problems(self) -> list[Problem]:
        """Return everything noted: stops first, then warnings, then advice, each by first row."""
        if self._marks:
            seen = Seen(frozenset().union(*self._marks))
            self._note(self._judge(self._policy.seen, seen))
        gathered = (
            replace(
                problem, rows=tuple(sorted(set(noted.rows))), findings=tuple(sorted(noted.findings))
            )
            for problem, noted in self._noted.items()
        )
        return sorted(gathered, key=lambda p: (_RANKS.index(p.rank), p.rows[:1]))

    def _note(self, found: Iterable[_Found], row: Place = 0) -> None:
        for problem, digest in found:
            noted = self._noted_of(problem)
            if row and noted.rows[-1:] != [row]:
                noted.rows.append(row)
            if digest:
                noted.findings.add(digest)

    def _noted_of(self, problem: Problem) -> _Noted:
        """Return where *problem* is noted; beyond so many of one check, where the rest are."""
        if problem not in self._noted:
            self._texts_of[problem.check] += 1
            if self._texts_of[problem.check] > _MOST_TEXTS:
                problem = Problem(
                    problem.rank,
                    problem.check,
                    f"The same ({problem.check}) is found in other words on these rows, in more "
                    f"ways than are listed. Mend what is listed, and check again.",
                )
        return self._noted.setdefault(problem, _Noted())

    def _judge(self, checks: Iterable[Check[Judged]], judged: Judged) -> tuple[_Found, ...]:
        found: list[_Found] = []
        for check in checks:
            # Nearly always there is nothing: no more than that is done for it.
            if texts := list(check.find(judged, self._brief)):
                found += self._found_by(check, judged, texts)
        return tuple(found)

    def _found_by(self, check: Check[Judged], judged: Judged, texts: list[str]) -> Iterator[_Found]:
        digests = [b""] * len(texts)
        if check.rank is Rank.STOP:
            digests = [self._digest(text) for text in check.find(judged, self._in_full)]
        for text, digest in zip(texts, digests, strict=True):
            yield Problem(check.rank, check.name, text), digest

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

    def _line_read(self, words: str) -> tuple[tuple[_Found, ...], frozenset[str]]:
        """Return what is wrong with the *words* of a subject, and which facts they tell."""
        line = SubjectLine(words)
        if found := self._stopped_at_gate(line):
            return _in_the_subject(found), frozenset()
        return _in_the_subject(self._judge(self._policy.line, line)), facts_told(line, self._brief)

    def _stopped_at_gate(self, passage: Passage) -> tuple[_Found, ...]:
        for gate in self._policy.gates:
            if found := self._judge((gate,), passage):
                return found
        return ()

    def _judge_whole(self, body: str, read: list[_Read]) -> tuple[_Found, ...]:
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


def _in_the_subject(found: Iterable[_Found]) -> tuple[_Found, ...]:
    return tuple(
        (replace(problem, text=f"In the subject: {problem.text}"), digest)
        for problem, digest in found
    )


def _renderable(read: Iterable[_Read]) -> Iterator[Passage]:
    for part in read:
        if part.passage is not None:
            yield part.passage
