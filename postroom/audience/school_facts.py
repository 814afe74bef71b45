"""What the register of schools says of a recipient's school, for segments and templates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.audience import staging
from postroom.audience.schools import OPEN, OUTSIDE_ENGLAND
from postroom.content.bands import Band, banded
from postroom.tables import School

URNS_A_QUERY = 1_000
STEPS = 10  # from a closed school to the one that stands now: more would be a circle

FIELDS = {
    "school": "name",
    "region": "region",
    "local_authority": "local_authority",
    "district": "district",
    "district_code": "district_code",
    "phase": "phase",
    "school_type": "type",
    "trust": "trust",
    "town": "town",
    "postcode": "postcode",
}
"""What segments and templates can ask of a school, and the register's column for it."""

STATUSES = {"1": "open", "2": "closed", "3": "open", "4": "proposed to open"}
"""The register's EstablishmentStatus (code) in the words of segments: 3 is proposed to close."""

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """A school that a list names and that is not as its maker may think."""

    row: int
    urn: str
    what: str
    """In words: not in the register, closed, outside England."""
    instead: str = ""
    """The name and URN of the school that took over, when it is known."""


def told(session: Session, urns: Iterable[str], bands: Mapping[str, Band]) -> dict[str, Fields]:
    """Return, for each of *urns* and for a blank one, what the register says; read-only.

    A school that the register has not gets the same fields, blank. Empty when no register was
    imported: then a list's own columns are all there is.
    """
    if session.execute(sa.select(col(School.urn)).limit(1)).first() is None:
        return {}
    blank = _fields(None, bands)
    known: dict[str, Fields] = {"": blank}
    wanted = sorted(set(urns) - {""})
    for start in range(0, len(wanted), URNS_A_QUERY):
        some = wanted[start : start + URNS_A_QUERY]
        known |= dict.fromkeys(some, blank)
        rows = session.scalars(sa.select(School).where(col(School.urn).in_(some)))
        known |= {school.urn: _fields(school, bands) for school in rows}
    return known


def findings(bench: sa.Connection) -> list[Finding]:
    """Return every staged row whose school is unknown, closed or outside England, in row order.

    Empty when no register was imported. Read-only.
    """
    if bench.execute(sa.select(col(School.urn)).limit(1)).first() is None:
        return []
    odd = sa.or_(
        col(School.urn).is_(None),
        col(School.status_code).not_in(OPEN),
        col(School.type_code).in_(OUTSIDE_ENGLAND),
    )
    return [
        Finding(row.row, row.school_urn, _oddity(row), _successor(bench, row.successor_urn or ""))
        for row in bench.execute(staging.with_schools(odd)).all()
    ]


def _oddity(row: Any) -> str:
    if row.status_code is None:
        return "is not in the register"
    if row.type_code in OUTSIDE_ENGLAND:
        return "is outside England"
    since = f" since {row.closed_on.day} {row.closed_on:%B %Y}" if row.closed_on else ""
    return f"is not open ({row.status.lower() or 'closed'}{since})"


def _successor(bench: sa.Connection, urn: str) -> str:
    """Return the school that stands now where the one succeeded by *urn* was, or nothing."""
    last = ""
    for _ in range(STEPS):
        school = bench.execute(
            sa.select(col(School.name), col(School.successor_urn)).where(col(School.urn) == urn)
        ).first()
        if school is None:
            break
        last, urn = f"{school.name} ({urn})", school.successor_urn
    return last


def _fields(school: School | None, bands: Mapping[str, Band]) -> Fields:
    """Return the names that segments and templates use, with what they are for *school*."""
    register = {name: str(getattr(school, column, "")) for name, column in FIELDS.items()}
    register["school_status"] = _status(school)
    if school is not None and school.type_code in OUTSIDE_ENGLAND:
        register["district_code"] = ""  # bands are England's
    return banded(register, bands)


def _status(school: School | None) -> str:
    return STATUSES.get(school.status_code, "") if school else ""
