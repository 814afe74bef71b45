"""The outbox's messages that events trigger: planned one by one, each with its occasion.

Each function expects a session that holds the write lock, unless it only reads.
"""

from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.delivery.outbox import Claimed, Draft, row_of
from postroom.tables import Approval, Message, Status
from postroom.tables.outbox import UNFINISHED
from postroom.tables.statements import insert_into

_ROW = Message.__table__.c  # type: ignore[attr-defined]


def add(
    session: Session,
    mailing_id: int,
    draft: Draft,
    *,
    occasion: str,
    edition_id: int,
    approval_id: int | None,
    now: datetime,
) -> None:
    """Plan one message. Of the same person and *occasion* there is only ever one."""
    row = row_of(draft, mailing_id, edition_id, now)
    row |= {"occasion": occasion, "approval_id": approval_id}
    new = insert_into(Message.__table__, session.get_bind().dialect)  # type: ignore[attr-defined]
    session.connection().execute(new.values(row).on_conflict_do_nothing())


def planned(session: Session, mailing_id: int) -> list[Claimed]:
    """Return what is planned in a mailing, whatever approval it is under, in order. Read-only."""
    rows = session.execute(
        sa.select(*(_ROW[field.name] for field in fields(Claimed)))
        .where(_ROW.mailing_id == mailing_id, _ROW.status == Status.PLANNED)
        .order_by(_ROW.id)
    )
    return [Claimed(*row) for row in rows]


def put_under_approval(
    session: Session, message_id: int, approval: Approval, content_hash: bytes
) -> None:
    """Let one planned message go by the words of *approval*, of which it is *content_hash*."""
    words = {"approval_id": approval.id, "edition_id": approval.edition_id}
    session.execute(
        sa.update(Message)
        .where(col(Message.id) == message_id, col(Message.status) == Status.PLANNED)
        .values(**words, content_hash=content_hash)
    )


def forget(session: Session, mailing_id: int, *, occasion: str) -> int:
    """Take the person out of each message of that *occasion* that is done; return how many."""
    result = session.execute(
        sa.update(Message)
        .where(
            col(Message.mailing_id) == mailing_id,
            col(Message.occasion).startswith(f"{occasion}:"),
            col(Message.address).is_not(None),
            col(Message.status).not_in(UNFINISHED),
        )
        .values(address=None, fields={})
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
