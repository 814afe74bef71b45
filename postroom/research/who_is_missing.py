"""Who has signed up and who is still missing: counts by role, provider, region and route."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.content.signup_form import ROLE
from postroom.research.signups import SignUpLine
from postroom.tables import School
from postroom.tables.statements import batches

NOT_SAID = "not said"
UNKNOWN = "not known"
FORWARDED, FIRST_HAND = "by a forwarded link", "not by a forwarded link"

Wanted = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Count:
    """How many signed up of one kind, and how many are wanted."""

    group: str
    kind: str
    signed_up: int
    wanted: int | None = None

    @property
    def is_short(self) -> bool:
        return self.wanted is not None and self.signed_up < self.wanted

    @property
    def in_words(self) -> str:
        """As in "General mentor: 0 of 4"."""
        of = f" of {self.wanted}" if self.wanted is not None else ""
        return f"{self.kind}: {self.signed_up or 'none'}{of}"


def counts(lines: Sequence[SignUpLine], regions: Mapping[str, str], wanted: Wanted) -> list[Count]:
    """Return a count for every kind that signed up or is wanted: by question, region and route.

    Within a group the wanted come first, as the campaign file lists them, then the others, most
    first. Whoever took back every yes is not counted.
    """
    standing = [line for line in lines if line.purposes]
    groups = _groups(standing, regions)
    names = list(dict.fromkeys([*wanted, *groups]))
    return [count for name in names for count in _of_group(name, groups, wanted.get(name, {}))]


def regions_of(session: Session, lines: Sequence[SignUpLine]) -> dict[str, str]:
    """Return URN → region for the schools of *lines* that the register has. Read-only."""
    urns = sorted({line.school_urn for line in lines if line.school_urn})
    found: dict[str, str] = {}
    for some in batches(urns):
        known = sa.select(col(School.urn), col(School.region)).where(col(School.urn).in_(some))
        rows = session.execute(known)
        found |= {urn: region for urn, region in rows}  # noqa: C416  # a result is no mapping
    return found


def _groups(lines: Sequence[SignUpLine], regions: Mapping[str, str]) -> dict[str, Counter[str]]:
    groups: dict[str, Counter[str]] = {}
    questions = list(dict.fromkeys(name for line in lines for name in line.answers))
    if lines and ROLE not in questions:
        questions.append(ROLE)
    for name in questions:
        groups[name] = Counter(kind for line in lines for kind in _said(line, name))
    if regions:
        groups["region"] = Counter(regions.get(line.school_urn) or UNKNOWN for line in lines)
    if lines:
        groups["route"] = Counter(line.route for line in lines)
        forwarded = Counter(FORWARDED if line.via_forward else FIRST_HAND for line in lines)
        groups["forwarded"] = forwarded
    return groups


def _said(line: SignUpLine, question: str) -> Sequence[str]:
    """Return what somebody answered to *question*; their role may be known without its answer."""
    known = line.role if question == ROLE else ""
    return line.answers.get(question) or [known or NOT_SAID]


def _of_group(
    name: str, groups: Mapping[str, Counter[str]], wanted: Mapping[str, int]
) -> list[Count]:
    counted = groups.get(name, Counter())
    others = [(kind, number) for kind, number in counted.most_common() if kind not in wanted]
    return [
        *(Count(name, kind, counted[kind], number) for kind, number in wanted.items()),
        *(Count(name, kind, number) for kind, number in others),
    ]
