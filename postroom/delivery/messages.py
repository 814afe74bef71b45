"""Questions about messages: how many, which, and how far. Reads only."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import urns
from postroom.errors import NotPermitted
from postroom.tables import Approval, Mailing, Message, Status
from postroom.tables.outbox import ACCEPTED, UNFINISHED


@dataclass(frozen=True)
class Planned:
    """What planning did: counts of messages."""

    to_send: int
    left_out: int
    already_sent: int


def planned_counts(session: Session, mailing_id: int) -> Planned:
    """Return how a mailing stands between planning and sending."""
    return Planned(
        to_send=count(session, mailing_id, [Status.PLANNED]),
        left_out=count(session, mailing_id, [Status.SKIPPED]),
        already_sent=count(session, mailing_id, ACCEPTED),
    )


def find_mailing(session: Session, campaign: str, mode: str, *, part: str = "") -> Mailing | None:
    """Return the row for that *part* of *campaign* in *mode*, or None when none was ever made.

    Without a part it is that of the campaign's own emails.
    """
    return session.exec(
        select(Mailing).where(
            Mailing.campaign == campaign, Mailing.mode == mode, Mailing.part == part
        )
    ).first()


def mailing_ids(session: Session, mode: str) -> list[int]:
    """Return the id of every mailing of *mode*, whatever it is a part of, oldest first."""
    ids = session.exec(select(Mailing.id).where(Mailing.mode == mode).order_by(col(Mailing.id)))
    return [mailing_id for mailing_id in ids if mailing_id is not None]


def set_digest(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the digest of a set of (address key, content hash), in any order."""
    digest = hashlib.sha256()
    for address_key, content_hash in sorted(pairs):
        digest.update(address_key + content_hash)
    return digest.digest()


def planned_set(session: Session, mailing_id: int) -> list[tuple[bytes, bytes]]:
    """Return (address key, content hash) of every message planned and not yet sent."""
    rows = session.execute(
        sa.select(col(Message.address_key), col(Message.content_hash)).where(
            col(Message.mailing_id) == mailing_id, col(Message.status) == Status.PLANNED
        )
    )
    return [(row.address_key, row.content_hash) for row in rows]


def in_doubt(session: Session, campaign: str, mode: str, reference: str) -> Message:
    """Return the message in doubt under *reference*. Raises `NotPermitted` when there is none."""
    message = session.exec(
        select(Message)
        .join(Mailing)
        .where(
            Mailing.campaign == campaign,
            Mailing.mode == mode,
            Message.reference == reference,
            Message.status == Status.IN_DOUBT,
        )
    ).first()
    if message is None:
        raise NotPermitted(
            f"No message of {campaign} in {mode} mode with that reference is in doubt. "
            f"See which are: outreach status {campaign} --mode {mode}"
        )
    return message


@dataclass(frozen=True)
class Doubt:
    """A message in doubt: an email of a campaign, or one of its confirmations."""

    part: str
    """Of the mailing it is in: empty for the campaign's own emails."""

    reference: str
    reason: str
    until: datetime | None
    """When it can be settled by looking it up (UTC)."""

    asked_at: datetime | None
    """When it was asked for, as nearly as we know (UTC)."""


def doubts(session: Session, campaign: str, mode: str) -> list[Doubt]:
    """Return every message of *campaign* in doubt, confirmations too, oldest first."""
    rows = session.execute(
        sa.select(
            col(Mailing.part),
            col(Message.reference),
            col(Message.reason),
            col(Message.doubt_until),
            col(Message.claimed_at),
        )
        .join_from(Message, Mailing, col(Mailing.id) == col(Message.mailing_id))
        .where(
            col(Mailing.campaign) == campaign,
            col(Mailing.mode) == mode,
            col(Message.status) == Status.IN_DOUBT,
        )
        .order_by(col(Message.id))
    )
    return [Doubt(*row) for row in rows]


def first_and_last(
    session: Session, approval: Approval, *, last_id: int | None = None
) -> tuple[str, str]:
    """Return the addresses of the first and last message still to be sent; empty when none is.

    With *last_id*, of a wave: those up to that message.
    """
    waiting = (
        select(Message.address)
        .where(
            Message.mailing_id == approval.mailing_id,
            Message.status == Status.PLANNED,
            Message.approval_id == approval.id,
            col(Message.address).is_not(None),  # the erased have none, and get nothing
            sa.true() if last_id is None else col(Message.id) <= last_id,
        )
        .limit(1)
    )
    first = session.exec(waiting.order_by(col(Message.id))).first()
    last = session.exec(waiting.order_by(col(Message.id).desc())).first()
    return first or "", last or ""


def chosen_keys(session: Session, mailing_id: int) -> set[bytes]:
    """Return the address keys of a mailing's messages, less those that were left out."""
    return set(
        session.exec(
            select(Message.address_key).where(
                Message.mailing_id == mailing_id, Message.status != Status.SKIPPED
            )
        )
    )


def count(session: Session, mailing_id: int, statuses: Iterable[Status]) -> int:
    """Return how many messages of a mailing are in any of *statuses*."""
    number: int = session.execute(
        sa.select(sa.func.count())
        .select_from(Message)
        .where(col(Message.mailing_id) == mailing_id, col(Message.status).in_(list(statuses)))
    ).scalar_one()
    return number


def count_approved(
    session: Session,
    approval: Approval,
    *,
    last_id: int | None = None,
    but_not: Collection[int] = (),
) -> int:
    """Return how many messages under *approval* are still to be sent; none once it is stopped.

    With *last_id* only those up to that message count: a wave. Those in *but_not* do not.
    """
    if session.get_one(Mailing, approval.mailing_id).stopped_at is not None:
        return 0
    number: int = session.execute(
        sa.select(sa.func.count())
        .select_from(Message)
        .where(
            col(Message.mailing_id) == approval.mailing_id,
            col(Message.status) == Status.PLANNED,
            col(Message.approval_id) == approval.id,
            sa.true() if last_id is None else col(Message.id) <= last_id,
            col(Message.id).not_in(but_not),
        )
    ).scalar_one()
    return number


def count_schools(session: Session, approval: Approval) -> int:
    """Return how many schools the messages are for that are still to be sent under *approval*."""
    places = session.execute(
        sa.select(col(Message.school_urn), col(Message.school_name))
        .distinct()
        .where(
            col(Message.mailing_id) == approval.mailing_id,
            col(Message.status) == Status.PLANNED,
            col(Message.approval_id) == approval.id,
        )
    )
    return urns.count_schools((place.school_urn, place.school_name) for place in places)


def count_outside(session: Session, approval: Approval) -> int:
    """Return how many messages wait to be sent for the first time that *approval* does not cover.

    They were in doubt when it was given, and Notify turned out not to have taken them.
    """
    of_others = sa.or_(  # three ranges of an index: "is distinct from" would read every row
        col(Message.approval_id).is_(None),
        col(Message.approval_id) < approval.id,
        col(Message.approval_id) > approval.id,
    )
    number: int = session.execute(
        sa.select(sa.func.count())
        .select_from(Message)
        .where(
            col(Message.mailing_id) == approval.mailing_id,
            col(Message.status) == Status.PLANNED,
            col(Message.attempt) == 1,
            of_others,
        )
    ).scalar_one()
    return number


def end_of_wave(session: Session, approval: Approval, size: int) -> int:
    """Return the id of the last of the next *size* messages to be sent under *approval*.

    Raises `NotPermitted` when fewer are left.
    """
    refuse_too_large_a_wave(size, left=count_approved(session, approval))
    found = session.exec(
        select(Message.id)
        .where(
            Message.mailing_id == approval.mailing_id,
            Message.status == Status.PLANNED,
            Message.approval_id == approval.id,
        )
        .order_by(col(Message.id))
        .offset(size - 1)
        .limit(1)
    ).one()
    assert found is not None  # noqa: S101  # a primary key
    return found


def refuse_too_large_a_wave(size: int, *, left: int) -> None:
    """Raise `NotPermitted` when a wave of *size* is more than the *left* to be sent."""
    if size > left:
        raise NotPermitted(
            f"A wave of {size:,} is more than the {left:,} still to be sent. Nothing was sent. "
            "Name a smaller number, or send them all without --wave."
        )


def counts(session: Session, mailing_id: int) -> dict[Status, int]:
    """Return how many messages of a mailing are in each status there is, in the order of life."""
    rows = session.execute(
        sa.select(col(Message.status), sa.func.count())
        .where(col(Message.mailing_id) == mailing_id)
        .group_by(col(Message.status))
    )
    found = {Status(status): number for status, number in rows}
    return {status: found[status] for status in Status if status in found}


def is_finished(found: dict[Status, int]) -> bool:
    """Return whether nothing is planned, claimed or in doubt any more."""
    return not any(found.get(status) for status in UNFINISHED)
