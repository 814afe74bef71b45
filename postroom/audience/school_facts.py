"""What the register of schools says of a recipient's school, for segments and templates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from postroom.audience import staging
from postroom.audience.schools import OUTSIDE_ENGLAND
from postroom.content.bands import Band, banded
from postroom.tables import RecipientList, School
from postroom.tables.schools import OPEN_CODES
from postroom.tables.statements import batches

ROWS_SHOWN = 20
UNKNOWN, CLOSED, OUTSIDE = "not in the register", "not open", "outside England"
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
    "school_type_group": "type_group",
    "street": "street",
    "locality": "locality",
    "town": "town",
    "county": "county",
    "postcode": "postcode",
    "lowest_age": "lowest_age",
    "highest_age": "highest_age",
    "pupils": "pupils",
    "federation": "federation",
    "ukprn": "ukprn",
    "urban_rural": "urban_rural",
    "religious_character": "religious_character",
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


@dataclass(frozen=True)
class Findings:
    """The schools of a list that are not as its maker may think."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """How many rows, by what is odd: not in the register, closed, outside England."""
    first: Sequence[Finding] = ()
    """The first of them, in the order of the rows."""

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


def told(session: Session, urns: Iterable[str], bands: Mapping[str, Band]) -> dict[str, Fields]:
    """Return, for each of *urns* and for a blank one, what the register says; read-only.

    A school that the register has not gets the same fields, blank. Empty when no register was
    imported: then a list's own columns are all there is.
    """
    if session.execute(sa.select(col(School.urn)).limit(1)).first() is None:
        return {}
    blank = _fields(None, bands)
    known: dict[str, Fields] = {"": blank}
    for some in batches(sorted(set(urns) - {""})):
        known |= dict.fromkeys(some, blank)
        rows = session.scalars(sa.select(School).where(col(School.urn).in_(some))).all()
        now_there = _standing(session, {school.successor_urn for school in rows} - {""})
        known |= {
            school.urn: _fields(school, bands, now_there.get(school.successor_urn, ("", "")))
            for school in rows
        }
    return known


def findings(bench: sa.Connection) -> Findings:
    """Return what is odd about the schools of the staged rows. Read-only.

    Nothing when no register was imported.
    """
    return _findings(bench, staging.staged, ())


def findings_on_lists(session: Session) -> dict[str, Findings]:
    """Return, by list, what is odd about the schools of its recipients. Read-only."""
    lists = session.exec(select(RecipientList).order_by(RecipientList.name)).all()
    members: sa.Table = SQLModel.metadata.tables["memberships"]
    bench = session.connection()
    found = {row.name: _findings(bench, members, [members.c.list_id == row.id]) for row in lists}
    return {name: odd for name, odd in found.items() if odd.counts}


def _findings(
    bench: sa.Connection, people: sa.Table, where: Sequence[sa.ColumnElement[bool]]
) -> Findings:
    if bench.execute(sa.select(col(School.urn)).limit(1)).first() is None:
        return Findings()
    register: sa.Table = SQLModel.metadata.tables["schools"]
    kind = sa.case(
        (register.c.urn.is_(None), UNKNOWN),
        (register.c.type_code.in_(OUTSIDE_ENGLAND), OUTSIDE),
        (register.c.status_code.not_in(OPEN_CODES), CLOSED),
        else_="",
    )
    at_schools = people.join(register, register.c.urn == people.c.school_urn, isouter=True)
    odd = sa.and_(people.c.school_urn != "", kind != "", *where)
    counted = sa.select(kind, sa.func.count()).select_from(at_schools).where(odd).group_by(kind)
    counts = {row[0]: row[1] for row in bench.execute(counted)}
    says = ("status_code", "status", "type_code", "closed_on", "successor_urn")
    first = (
        sa.select(people.c.row, people.c.school_urn, *(register.c[name] for name in says))
        .select_from(at_schools)
        .where(odd)
        .order_by(people.c.row)
        .limit(ROWS_SHOWN)
    )
    rows = bench.execute(first).all()
    instead = _standing(bench, {row.successor_urn for row in rows if row.successor_urn})
    return Findings(counts, [_finding(row, instead) for row in rows])


def _finding(row: Any, instead: Mapping[str, tuple[str, str]]) -> Finding:
    urn, name = instead.get(row.successor_urn, ("", ""))
    return Finding(row.row, row.school_urn, _oddity(row), f"{name} ({urn})" if urn else "")


def _oddity(row: Any) -> str:
    if row.status_code is None:
        return "is not in the register"
    if row.type_code in OUTSIDE_ENGLAND:
        return "is outside England"
    since = f" since {row.closed_on.day} {row.closed_on:%B %Y}" if row.closed_on else ""
    return f"is not open ({row.status.lower() or 'closed'}{since})"


def _standing(session: Session | sa.Connection, urns: set[str]) -> dict[str, tuple[str, str]]:
    """Return, for each of *urns* that is registered, the URN and name of who stands there now."""
    said: dict[str, tuple[str, str]] = {}  # name, and who took over
    asked = urns
    for _ in range(STEPS):
        if not asked:
            break
        columns = (col(School.urn), col(School.name), col(School.successor_urn))
        rows = session.execute(sa.select(*columns).where(col(School.urn).in_(asked))).all()
        said |= {urn: (name, successor) for urn, name, successor in rows}
        asked = {successor for _, _, successor in rows if successor} - said.keys()
    return {urn: _last(urn, said) for urn in urns if urn in said}


def _last(urn: str, said: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    for _ in range(STEPS):
        successor = said[urn][1]
        if successor not in said:
            break
        urn = successor
    return urn, said[urn][0]


def _laestab(school: School | None) -> str:
    """Return the number that local authorities use: 202/2024."""
    if school is None or not (school.local_authority_code and school.establishment_number):
        return ""
    return f"{school.local_authority_code}/{school.establishment_number}"


def _fields(
    school: School | None, bands: Mapping[str, Band], successor: tuple[str, str] = ("", "")
) -> Fields:
    """Return the names that segments and templates use, with what they are for *school*."""
    register = {name: str(getattr(school, column, "")) for name, column in FIELDS.items()}
    register["school_status"] = _status(school)
    register["laestab"] = _laestab(school)
    register["successor"], register["successor_name"] = successor
    if school is not None and school.type_code in OUTSIDE_ENGLAND:
        register["district_code"] = ""  # bands are England's
    return banded(register, bands)


def _status(school: School | None) -> str:
    return STATUSES.get(school.status_code, "") if school else ""
