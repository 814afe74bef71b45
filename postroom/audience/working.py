"""Contacts that do not work any more: flagged so that somebody mends them, never deleted.

An address that Notify could not deliver to for good is probably misspelt, or its mailbox is gone.
The flag holds nothing back: it is shown wherever the contact is, until another address takes its
place or an email does arrive.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.tables import Membership, Recipient, RecipientList
from postroom.tables.statements import batches


def note_failures(
    session: Session, address_keys: Iterable[bytes], mode: str, *, now: datetime
) -> int:
    """Flag the recipients with *address_keys* as not working since *now*; return how many are new.

    Whoever is flagged stays flagged since then, but that live mode's word replaces any other's.
    Who is no recipient is passed over. Does not commit.
    """
    flag, flagged_in = col(Recipient.not_working_since), col(Recipient.not_working_in)
    free = sa.or_(flag.is_(None), sa.and_(flagged_in != mode, sa.literal(mode == "live")))
    return _set(session, address_keys, free, since=now, mode=mode)


def note_arrivals(session: Session, address_keys: Iterable[bytes], mode: str) -> int:
    """Take the flag that *mode* gave off the recipients with *address_keys*: an email arrived.

    Returns how many had it. Does not commit.
    """
    flag, flagged_in = col(Recipient.not_working_since), col(Recipient.not_working_in)
    theirs = sa.and_(flag.is_not(None), flagged_in == mode)
    return _set(session, address_keys, theirs, since=None, mode="")


def not_working(
    session: Session, address_keys: Iterable[bytes], mode: str
) -> dict[bytes, datetime]:
    """Return those of *address_keys* flagged in *mode*, with since when (UTC). Read-only."""
    found: dict[bytes, datetime] = {}
    for some in batches(address_keys):
        flagged = sa.select(col(Recipient.address_key), col(Recipient.not_working_since)).where(
            col(Recipient.address_key).in_(some), *_flagged(mode)
        )
        found.update((bytes(key), since) for key, since in session.execute(flagged))
    return found


def counts_by_list(session: Session, mode: str) -> dict[str, int]:
    """Return how many contacts of each list, by its name, are flagged in *mode*. Read-only."""
    rows = session.execute(
        sa.select(col(RecipientList.name), sa.func.count())
        .join_from(Membership, Recipient, col(Recipient.id) == col(Membership.recipient_id))
        .join(RecipientList, col(RecipientList.id) == col(Membership.list_id))
        .where(*_flagged(mode))
        .group_by(col(RecipientList.name))
    )
    return {row[0]: row[1] for row in rows}


def _flagged(mode: str) -> list[sa.ColumnElement[bool]]:
    return [col(Recipient.not_working_since).is_not(None), col(Recipient.not_working_in) == mode]


def _set(
    session: Session,
    address_keys: Iterable[bytes],
    where: sa.ColumnElement[bool],
    *,
    since: datetime | None,
    mode: str,
) -> int:
    changed = 0
    for some in batches(address_keys):
        update = sa.update(Recipient).where(col(Recipient.address_key).in_(some), where)
        result = session.execute(update.values(not_working_since=since, not_working_in=mode))
        changed += result.rowcount  # type: ignore[attr-defined]
    return changed
