"""The lists of people that are held: their names, by what right, and how many are on each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import columns as column_names
from postroom.audience.urns import count_schools
from postroom.errors import UnknownList
from postroom.tables import Membership, RecipientList


@dataclass(frozen=True)
class Terms:
    """By what right a list is held. None leaves what is recorded as it is."""

    owner: str | None = None
    source: str | None = None
    purpose: str | None = None
    lawful_basis: str | None = None
    gone_by: date | None = None
    partner: str | None = None
    """The partner whose people these are. Their agreement is asked before anything is written."""


def personal_columns(session: Session, names: Iterable[str]) -> frozenset[str]:
    """Return what templates call the columns of the lists *names* that somebody said are personal.

    Names and addresses under headings that do not tell it by themselves. Read-only.
    """
    rows = session.exec(select(RecipientList).where(col(RecipientList.name).in_(list(names))))
    return frozenset(
        column for row in rows for column in column_names.said_to_be_personal(row.columns)
    )


@dataclass(frozen=True)
class ListSummary:
    """A list and how many people are on it."""

    name: str
    people: int
    schools: int
    terms: Terms
    imported_at: datetime


def summaries(session: Session) -> list[ListSummary]:
    """Return every list, by name. Read-only."""
    schools = _schools(session)
    counted = (
        sa.select(
            RecipientList,
            sa.func.count(col(Membership.recipient_id)).label("people"),
        )
        .join_from(
            RecipientList,
            Membership,
            col(Membership.list_id) == col(RecipientList.id),
            isouter=True,
        )
        .group_by(col(RecipientList.id))
        .order_by(col(RecipientList.name))
    )
    return [
        ListSummary(
            name=row.name,
            people=people,
            schools=count_schools(schools[row.id]),
            terms=Terms(
                row.owner,
                row.source,
                row.purpose,
                row.lawful_basis,
                row.gone_by,
                partner=row.partner,
            ),
            imported_at=row.imported_at,
        )
        for row, people in session.execute(counted)
    ]


def _schools(session: Session) -> Mapping[int, list[tuple[str, str]]]:
    """Return the schools on each list, each as its URN and its name."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for list_id, urn, name in session.execute(
        sa.select(
            col(Membership.list_id), col(Membership.school_urn), col(Membership.school_name)
        ).distinct()
    ):
        found[list_id].append((urn, name))
    return found


def list_named(session: Session, name: str) -> RecipientList:
    """Return the list *name*. Raises `UnknownList` that names the lists there are."""
    found = session.exec(select(RecipientList).where(RecipientList.name == name)).first()
    if found is not None:
        return found
    there_are = session.exec(select(RecipientList.name).order_by(RecipientList.name)).all()
    if not there_are:
        raise UnknownList(
            f"There is no list “{name}”, nor any other yet. Bring it in with: "
            f"outreach recipients import FILE --list {name}"
        )
    raise UnknownList(
        f"There is no list “{name}”. The lists are: {', '.join(there_are)}. Bring it in with: "
        f"outreach recipients import FILE --list {name}"
    )
