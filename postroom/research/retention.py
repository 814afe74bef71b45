"""What must be gone by today: found, counted, and deleted when somebody says so.

Lists go on their day, with everybody who is on no other, and so does whoever was taken off the
last list they were on; permissions when they end, with the volunteers who have none left. Messages
stay, with their school and what became of them, and lose the person. Nobody who asked not to be
emailed is forgotten: that is kept as a keyed hash.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from postroom.london import LONDON
from postroom.research.people import holds_somebody
from postroom.research.personal_columns import DECLARED
from postroom.tables import (
    AwaitedSignUp,
    Event,
    Membership,
    Message,
    Permission,
    Recipient,
    RecipientList,
    UsedLink,
    Volunteer,
)
from postroom.tables.outbox import UNFINISHED

LINKS_KEPT = timedelta(days=2)  # used links to own details, which end after an hour anyway


@dataclass(frozen=True)
class ListDue:
    """A list whose day has come."""

    name: str
    gone_by: date
    people: int


@dataclass(frozen=True)
class Due:
    """What is due; once applied, what was done."""

    lists: list[ListDue]
    people: int
    """Recipients who are then on no list, those among them whom somebody took off before."""
    permissions: int
    volunteers: int
    """Volunteers of whom no permission is left."""
    messages: int
    """Messages that lose the person, and keep school and outcome."""
    waiting: int
    """Messages of people who are gone that are still to be sent or in doubt: emptied after that."""
    awaited: int
    """Sign-ups that their person did not confirm in time."""

    @property
    def is_nothing(self) -> bool:
        """Nothing is due."""
        due = (self.lists, self.people, self.permissions, self.messages, self.awaited)
        return not any(due)


def apply(session: Session, *, who: str, now: datetime) -> Due:
    """Delete what is due at *now*; return what it was. Records an event; does not commit.

    Doing it again finds nothing more. To see what is due, do it and undo the transaction: then
    what is told is what would be done.
    """
    lists, people = _lists(session, now)
    permissions, volunteers = _permissions(session, now)
    awaited = _awaited(session, now)
    messages, waiting = _messages(session)
    due = Due(lists, people, permissions, volunteers, messages, waiting, awaited)
    if not due.is_nothing:
        counts = {name: number for name, number in asdict(due).items() if name != "lists"}
        details = counts | {"lists": [one.name for one in lists]}
        why = "past the day it must be gone by"
        session.add(
            Event(at=now, who=who, act="deleted", target="what was due", why=why, details=details)
        )
    return due


def _lists(session: Session, now: datetime) -> tuple[list[ListDue], int]:
    """Delete the lists whose day has come, and everybody who is on no other.

    Somebody taken off a list, or replaced on it, has no day of their own any more: they go too.
    """
    today = now.astimezone(LONDON).date()
    rows = session.execute(
        sa.select(RecipientList, sa.func.count(col(Membership.recipient_id)))
        .join_from(
            RecipientList,
            Membership,
            col(Membership.list_id) == col(RecipientList.id),
            isouter=True,
        )
        .where(col(RecipientList.gone_by) <= today)
        .group_by(col(RecipientList.id))
        .order_by(col(RecipientList.name))
    ).all()
    due = [ListDue(row.name, row.gone_by, number) for row, number in rows]
    ids = [row.id for row, _ in rows]
    staying = sa.select(col(Membership.recipient_id)).where(col(Membership.list_id).not_in(ids))
    people = _done(session, sa.delete(Recipient).where(col(Recipient.id).not_in(staying)))
    if ids:
        _done(session, sa.delete(RecipientList).where(col(RecipientList.id).in_(ids)))
    return due, people


def _permissions(session: Session, now: datetime) -> tuple[int, int]:
    """Delete the permissions that ended, and the volunteers they were the last of."""
    ended = col(Permission.expires_at) <= now
    theirs = sa.select(col(Permission.volunteer_id)).where(ended)
    left = sa.select(col(Permission.volunteer_id)).where(sa.not_(ended))
    volunteer = col(Volunteer.id)
    number = session.execute(
        sa.select(sa.func.count()).select_from(Permission).where(ended)
    ).scalar_one()
    last = sa.delete(Volunteer).where(volunteer.in_(theirs), volunteer.not_in(left))
    volunteers = _done(session, last)
    _done(session, sa.delete(Permission).where(ended))
    return number, volunteers


def _awaited(session: Session, now: datetime) -> int:
    """Delete the sign-ups that nobody confirmed in time; and links whose hour is long over."""
    over = col(UsedLink.used_at) < now - LINKS_KEPT
    _done(session, sa.delete(UsedLink).where(over))
    return _done(session, sa.delete(AwaitedSignUp).where(col(AwaitedSignUp.delete_at) <= now))


def _messages(session: Session) -> tuple[int, int]:
    """Empty the messages of people who are on no list and no volunteers; count what must wait."""
    known = sa.union(sa.select(col(Recipient.address_key)), sa.select(col(Volunteer.address_key)))
    gone = sa.and_(
        holds_somebody(SQLModel.metadata.tables["messages"], DECLARED["messages"]),
        col(Message.address_key).not_in(known),
    )
    unfinished = col(Message.status).in_(UNFINISHED)
    waiting = session.execute(
        sa.select(sa.func.count()).select_from(Message).where(gone, unfinished)
    ).scalar_one()
    emptying = sa.update(Message).where(gone, sa.not_(unfinished))
    return _done(session, emptying.values(**DECLARED["messages"].emptied)), waiting


def _done(session: Session, statement: Any) -> int:
    return int(session.connection().execute(statement).rowcount)
