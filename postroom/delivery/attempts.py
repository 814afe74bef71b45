"""The outbox's second chances: a claim that came to nothing, a doubt settled, a new attempt.

With `outbox` and `adopting` the only writer of a message's status. Each function expects a session
that holds the write lock; what a message was before is kept in the table `attempts`.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.keys import Keys
from postroom.settings import Waits
from postroom.tables import Attempt, Mailing, Message, Status


def doubt_expired_claims(session: Session, mailing_id: int, *, waits: Waits, now: datetime) -> int:
    """Turn claims whose lease ran out into doubts, as after a crash; return how many.

    Such a sender may have begun its request at the last moment of its lease, waited for the
    answer, and Notify may take it later still; its clock may differ from the one that tells *now*.
    """
    expired = session.exec(
        select(Message)
        .where(
            Message.mailing_id == mailing_id,
            Message.status == Status.CLAIMED,
            col(Message.lease_until) < now - waits.skew,
        )
        .with_for_update()  # its sender may be about to record an answer after all
    ).all()
    for row in expired:
        assert row.lease_until is not None  # noqa: S101  # the query says so
        row.status = Status.IN_DOUBT
        row.reason = "the program sending it ended before it could record an answer"
        row.doubt_until = row.lease_until + waits.request + waits.landing + waits.skew
    session.flush()
    return len(expired)


def return_to_planned(session: Session, message: Message, *, now: datetime) -> None:
    """Notify does not hold it and no longer will: keep the attempt, and plan it again.

    The reason stays, until another answer comes: it says why the message still waits.
    """
    session.add(_attempt(message, now))
    message.status, message.doubt_until = Status.PLANNED, None


def settle_by_hand(
    session: Session, message: Message, *, was_sent: bool, reason: str, now: datetime
) -> None:
    """Close a doubt by a person's word: as accepted (its fate unknown), or to be sent again."""
    if not was_sent:
        return_to_planned(session, message, now=now)
        return
    session.add(_attempt(message, now))
    message.status, message.reason = Status.CREATED, f"sent, by a person's word: {reason}"
    message.accepted_at = message.claimed_at or now
    message.lost_track_at, message.doubt_until = now, None


def waiting_again(session: Session, mailing_id: int) -> list[Message]:
    """Return the messages whose new attempt is still to be sent, in the order of the list."""
    return list(
        session.exec(
            select(Message)
            .where(
                Message.mailing_id == mailing_id,
                Message.status == Status.PLANNED,
                Message.attempt > 1,
                col(Message.approval_id).is_not(None),
            )
            .order_by(col(Message.id))
        )
    )


def ended_as(session: Session, mailing_id: int, status: Status) -> list[Message]:
    """Return the messages whose last attempt ended in *status*, in the order of the list."""
    return list(
        session.exec(
            select(Message)
            .where(
                Message.mailing_id == mailing_id,
                Message.status == status,
                col(Message.approval_id).is_not(None),
                col(Message.address).is_not(None),
            )
            .order_by(col(Message.id))
        )
    )


def begin_again(session: Session, message: Message, keys: Keys, *, now: datetime) -> None:
    """Plan *message* once more under the approval that covered it, its words unchanged.

    The attempt that failed is kept. The new one has a reference of its own, derived like every
    other, so that a restored backup plans the very reference that Notify may already hold.
    """
    session.add(_attempt(message, now))
    mailing = session.get_one(Mailing, message.mailing_id)
    message.attempt += 1
    message.reference = keys.reference(
        campaign=mailing.campaign,
        mode=mailing.mode,
        address_key=message.address_key,
        occasion=message.occasion,
        attempt=message.attempt,
    )
    message.status, message.reason, message.planned_at = Status.PLANNED, "", now
    message.worker, message.notify_id = "", None
    message.claimed_at = message.lease_until = message.doubt_until = None
    message.accepted_at = message.completed_at = message.lost_track_at = None


def first_attempt(session: Session, reference: str) -> Message | None:
    """Return the message whose first attempt has *reference*, or None. Read-only."""
    earlier = sa.select(col(Attempt.message_id)).where(
        col(Attempt.reference) == reference, col(Attempt.attempt) == 1
    )
    return session.exec(
        select(Message).where(
            sa.or_(col(Message.reference) == reference, col(Message.id).in_(earlier))
        )
    ).first()


def _attempt(message: Message, now: datetime) -> Attempt:
    assert message.id is not None  # noqa: S101  # it was read from the database
    return Attempt(
        message_id=message.id,
        attempt=message.attempt,
        reference=message.reference,
        status=message.status.value,
        reason=message.reason,
        notify_id=message.notify_id,
        claimed_at=message.claimed_at,
        ended_at=now,
    )
