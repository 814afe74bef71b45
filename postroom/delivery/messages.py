"""Questions about messages: how many, which, and how far. Reads only."""

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.errors import NotPermitted
from postroom.tables import Approval, Mailing, Message, Status
from postroom.tables.outbox import UNFINISHED


def find_mailing(session: Session, campaign: str, mode: str) -> Mailing | None:
    """Return the row for *campaign* in *mode*, or None when nothing was ever planned."""
    return session.exec(
        select(Mailing).where(Mailing.campaign == campaign, Mailing.mode == mode)
    ).first()


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


def doubts(session: Session, campaign: str, mode: str) -> list[tuple[str, str]]:
    """Return (reference, reason) of every message in doubt, oldest first."""
    rows = session.exec(
        select(Message.reference, Message.reason)
        .join(Mailing)
        .where(
            Mailing.campaign == campaign,
            Mailing.mode == mode,
            Message.status == Status.IN_DOUBT,
        )
        .order_by(col(Message.id))
    )
    return [(reference, reason) for reference, reason in rows]


def first_and_last(session: Session, approval: Approval) -> tuple[str, str]:
    """Return the addresses of the first and last message still to be sent; empty when none is."""
    waiting = (
        select(Message.address)
        .where(Message.approval_id == approval.id, Message.status == Status.PLANNED)
        .limit(1)
    )
    first = session.exec(waiting.order_by(col(Message.id))).first()
    last = session.exec(waiting.order_by(col(Message.id).desc())).first()
    return first or "", last or ""


def count(session: Session, mailing_id: int, statuses: Iterable[Status]) -> int:
    """Return how many messages of a mailing are in any of *statuses*."""
    number: int = session.execute(
        sa.select(sa.func.count())
        .select_from(Message)
        .where(col(Message.mailing_id) == mailing_id, col(Message.status).in_(list(statuses)))
    ).scalar_one()
    return number


def count_approved(session: Session, approval: Approval) -> int:
    """Return how many messages under *approval* are still to be sent; none once it is stopped."""
    if session.get_one(Mailing, approval.mailing_id).stopped_at is not None:
        return 0
    number: int = session.execute(
        sa.select(sa.func.count())
        .select_from(Message)
        .where(
            col(Message.mailing_id) == approval.mailing_id,
            col(Message.status) == Status.PLANNED,
            col(Message.approval_id) == approval.id,
        )
    ).scalar_one()
    return number


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
