"""Where volunteers work: looked up in the register of schools, where one has been imported."""

import re
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.tables import Membership, School
from postroom.tables.schools import OPEN_CODES

MOST_SHOWN = 15
"""More than these do not fit a page of radios; the page asks for more of the name instead."""

_ANY_SCHOOL = select(School.urn).limit(1)
_SCHOOL = select(School.urn, School.name, School.town, School.postcode).where(
    col(School.urn) == sa.bindparam("urn")
)
_POSTCODE = re.compile(r"[A-Za-z]{1,2}\d[A-Za-z\d]?\s*\d[A-Za-z]{2}")


@dataclass(frozen=True)
class Workplace:
    """A school, as somebody choosing from a list knows it."""

    urn: str
    name: str
    town: str = ""
    postcode: str = ""

    @property
    def label(self) -> str:
        """Name, town and postcode: two schools of one name must be told apart."""
        return ", ".join(filter(None, (self.name, self.town, self.postcode)))


def has_register(session: Session) -> bool:
    """Return whether schools have been imported. Read-only."""
    return session.exec(_ANY_SCHOOL).first() is not None


def is_missing(session: Session, urn: str) -> bool:
    """Return whether schools have been imported, and none has this URN. Read-only."""
    return has_register(session) and session.exec(_SCHOOL, params={"urn": urn}).first() is None


def search(session: Session, words: str) -> list[Workplace]:
    """Return open schools that *words* (a URN, a postcode or words of a name) fit, by name.

    One more than `MOST_SHOWN` at most, so that the caller knows there are more. Read-only.
    """
    if not words.strip():
        return []
    open_ones = select(School).where(col(School.status_code).in_(OPEN_CODES), *_fits(words))
    found = session.exec(open_ones.order_by(School.name, School.urn).limit(MOST_SHOWN + 1))
    return [_workplace(school) for school in found]


def by_urn(session: Session, urn: str) -> Workplace | None:
    """Return the school with this URN, from the register or from any list. Read-only."""
    if not urn:
        return None
    school = session.exec(_SCHOOL, params={"urn": urn}).first()
    if school is not None:
        return Workplace(*school)
    name = session.exec(
        select(Membership.school_name).where(
            Membership.school_urn == urn, Membership.school_name != ""
        )
    ).first()
    return Workplace(urn, name) if name else None


def _workplace(school: School) -> Workplace:
    return Workplace(school.urn, school.name, school.town, school.postcode)


def _fits(words: str) -> list[sa.ColumnElement[bool]]:
    digits = "".join(words.split())
    if digits.isascii() and digits.isdecimal():
        return [col(School.urn) == digits]
    if _POSTCODE.fullmatch(words.strip()):
        return [sa.func.replace(School.postcode, " ", "") == digits.upper()]
    return [
        sa.or_(
            col(School.name).icontains(word, autoescape=True),
            col(School.town).icontains(word, autoescape=True),
        )
        for word in words.replace(",", " ").split()[:8]
    ]
