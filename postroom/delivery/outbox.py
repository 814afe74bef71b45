"""The outbox: with `attempts` and `adopting` the only writer of a message's status.

Each function is one step of a message's life and expects a session that holds the write lock
(`Database.write`). A claim is committed before its request leaves, and what came of it is
recorded after, so a crash at any instruction leaves a row that says what must be looked up.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.audience import suppression
from postroom.content.places import Place
from postroom.delivery import adopting, messages
from postroom.delivery.gateway import Accepted
from postroom.london import london_day
from postroom.tables import Approval, Mailing, Message, Status
from postroom.tables.outbox import STILL_OURS
from postroom.tables.statements import insert_into

ERASED = "erased: no address is held any more"
NO_LONGER_CHOSEN = "no longer on the list or in the segment"
_ROW = Message.__table__.c  # type: ignore[attr-defined]
# Made once: claiming and recording must cost next to nothing.
_ACCEPT = (
    sa.update(Message.__table__)  # type: ignore[attr-defined]
    .where(
        _ROW.reference == sa.bindparam("of"), sa.or_(*(_ROW.status == each for each in STILL_OURS))
    )
    .values(
        status=Status.CREATED,
        reason="",
        notify_id=sa.bindparam("as"),
        accepted_at=sa.bindparam("at"),
        doubt_until=None,
    )
)
_TAKE = (
    sa.update(Message.__table__)  # type: ignore[attr-defined]
    .where(_ROW.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        status=Status.CLAIMED,
        **{
            name: sa.bindparam(f"by_{name}")
            for name in (
                "worker",
                "claimed_at",
                "lease_until",
                "service",
                "key_type",
                "base_url",
            )
        },
    )
)


@dataclass(frozen=True)
class Draft:
    """A message about to be planned: what would be sent to whom, and why not if it will not be."""

    row: Place
    address: str
    address_key: bytes
    school_urn: str
    school_name: str
    fields: dict[str, str]
    reference: str
    content_hash: bytes
    left_out: str = ""  # empty: it is to be sent


@dataclass(frozen=True)
class Claimed:
    """A message that was claimed: what it takes to write it again and to send it."""

    id: int
    reference: str
    address: str
    address_key: bytes
    occasion: str
    school_urn: str
    fields: dict[str, str]
    content_hash: bytes


@dataclass(frozen=True)
class Taken:
    """What Notify accepted, by the reference of that very attempt, and when we heard it (UTC)."""

    reference: str
    accepted: Accepted
    at: datetime


@dataclass(frozen=True)
class Claim:
    """Who claims, until when, and through which door of Notify."""

    worker: str
    lease_until: datetime
    service: str
    key_type: str
    base_url: str


def mailing_for(
    session: Session, campaign: str, mode: str, *, now: datetime, part: str = ""
) -> Mailing:
    """Return the row for that *part* of *campaign* in *mode*, made if it is not there."""
    known = messages.find_mailing(session, campaign, mode, part=part)
    if known is None:
        known = Mailing(campaign=campaign, mode=mode, part=part, made_at=now)
        session.add(known)
        session.flush()
    return known


def plan(
    session: Session, mailing_id: int, *, edition_id: int, drafts: Iterable[Draft], now: datetime
) -> None:
    """Write one row a draft, replacing rows not yet sent; what was sent stays as it is.

    Whoever was planned before and is not among *drafts* is skipped, with the reason. Every
    earlier approval of rows still unsent is undone: what is approved must be shown again.
    """
    take_back_approval(session, mailing_id)
    session.get_one(Mailing, mailing_id).edition_id = edition_id
    batch: list[dict[str, Any]] = []
    for draft in drafts:
        batch.append(row_of(draft, mailing_id, edition_id, now))
        if len(batch) == 1_000:
            _upsert(session, batch)
            batch = []
    if batch:
        _upsert(session, batch)
    session.execute(
        sa.update(Message)
        .where(
            col(Message.mailing_id) == mailing_id,
            col(Message.occasion) == "",
            col(Message.status) == Status.PLANNED,
            col(Message.planned_at) != now,
        )
        .values(status=Status.SKIPPED, reason=NO_LONGER_CHOSEN)
    )
    adopting.adopt_all_strays(session, now=now)


def put_under_approval(session: Session, approval: Approval) -> int:
    """Mark every planned message as approved by *approval*; return how many."""
    result = session.execute(
        sa.update(Message)
        .where(
            col(Message.mailing_id) == approval.mailing_id,
            col(Message.status) == Status.PLANNED,
        )
        .values(approval_id=approval.id)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def claim(
    session: Session,
    approval: Approval,
    claim: Claim,
    *,
    kind: str,
    limit: int,
    now: datetime,
    last_id: int | None = None,
    but_not: Collection[int] = (),
) -> list[Claimed]:
    """Claim up to *limit* approved messages and return them, in the order they were planned.

    With *last_id* none beyond that message is claimed: the rest waits for another wave. None of
    those in *but_not* is claimed either.

    Asks suppression about each in this very transaction: whoever has since asked not to be
    emailed is skipped. What Notify is known to hold already is adopted. Returns an empty list when
    nothing is left, or the mailing was stopped.
    """
    mailing = session.get_one(Mailing, approval.mailing_id)
    if mailing.stopped_at is not None:
        return []
    within = _ROW.id.not_in(but_not)
    if last_id is not None:
        within = sa.and_(within, _ROW.id <= last_id)
    while candidates := _candidates(session, approval, limit, within):
        if taken := _those_to_send(session, candidates, kind, now):
            _take(session, [row.id for row in taken], claim, now)
            return taken
    return []


def record_accepted(session: Session, taken: Sequence[Taken]) -> None:
    """Notify took them. True whatever became of the claims meanwhile, so it is always written."""
    if taken:
        rows = [{"of": t.reference, "as": t.accepted.notify_id, "at": t.at} for t in taken]
        session.connection().execute(_ACCEPT, rows)


def record_refused(
    session: Session, message_id: int, worker: str, *, reason: str, now: datetime
) -> None:
    """Notify will never take it."""
    _close_claim(
        session, message_id, worker, status=Status.REFUSED, reason=reason, completed_at=now
    )


def record_in_doubt(
    session: Session, message_id: int, worker: str, *, reason: str, doubt_until: datetime
) -> None:
    """No usable answer came; from *doubt_until* on an empty look-up means "not accepted"."""
    _close_claim(
        session,
        message_id,
        worker,
        status=Status.IN_DOUBT,
        reason=reason,
        doubt_until=doubt_until,
    )


def record_unsent(session: Session, message_id: int, worker: str) -> None:
    """No request left, or Notify certainly did not take it: it is simply still to be sent."""
    _close_claim(session, message_id, worker, status=Status.PLANNED, worker="")


def stop(mailing: Mailing, *, why: str, now: datetime) -> None:
    """Let no more of this mailing be claimed. What Notify accepted cannot be called back."""
    if mailing.stopped_at is None:
        mailing.stopped_at, mailing.stopped_why = now, why


def resume(mailing: Mailing) -> None:
    """Let it be claimed again."""
    mailing.stopped_at, mailing.stopped_why = None, ""


def row_of(draft: Draft, mailing_id: int, edition_id: int, now: datetime) -> dict[str, Any]:
    """Return *draft* as a row of the outbox: planned, or skipped for its reason."""
    return {
        "mailing_id": mailing_id,
        "occasion": "",
        "address_key": draft.address_key,
        "address": draft.address,
        "school_urn": draft.school_urn,
        "school_name": draft.school_name,
        "fields": draft.fields,
        "edition_id": edition_id,
        "content_hash": draft.content_hash,
        "approval_id": None,
        "reference": draft.reference,
        "attempt": 1,
        "status": Status.SKIPPED if draft.left_out else Status.PLANNED,
        "reason": draft.left_out,
        "planned_at": now,
        "worker": "",
        "service": "",
        "key_type": "",
        "base_url": "",
    }


def _upsert(session: Session, batch: list[dict[str, Any]]) -> None:
    new = insert_into(Message.__table__, session.get_bind().dialect)  # type: ignore[attr-defined]
    replaced = (
        "address",
        "school_urn",
        "school_name",
        "fields",
        "edition_id",
        "content_hash",
        "approval_id",
        "status",
        "reason",
        "planned_at",
    )
    session.connection().execute(
        new.on_conflict_do_update(
            index_elements=["mailing_id", "address_key", "occasion"],
            set_={name: new.excluded[name] for name in replaced},
            where=sa.or_(
                col(Message.status) == Status.PLANNED, col(Message.status) == Status.SKIPPED
            ),
        ),
        batch,
    )


def take_back_approval(session: Session, mailing_id: int) -> None:
    """Leave nothing unsent under any approval: a run under way claims no more."""
    session.execute(
        sa.update(Message)
        .where(col(Message.mailing_id) == mailing_id, col(Message.status) == Status.PLANNED)
        .values(approval_id=None)
    )


def _candidates(
    session: Session, approval: Approval, limit: int, within: sa.ColumnElement[bool]
) -> list[Claimed]:
    rows = session.execute(
        sa.select(*(_ROW[field.name] for field in fields(Claimed)))
        .where(
            _ROW.mailing_id == approval.mailing_id,
            _ROW.status == Status.PLANNED,
            _ROW.approval_id == approval.id,
            within,
        )
        .order_by(_ROW.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Claimed(*row) for row in rows]


def _those_to_send(
    session: Session, candidates: Sequence[Claimed], kind: str, now: datetime
) -> list[Claimed]:
    """Return those of *candidates* that may go; note of the others why they do not."""
    sent = adopting.adopt_strays(session, [row.reference for row in candidates], now=now)
    left = [row for row in candidates if row.reference not in sent]
    keys = [row.address_key for row in left]
    held = suppression.suppressed(session, keys, kind, today=london_day(now))
    # Whoever was erased is held back too; this holds should that ever be lifted.
    held |= {row.address_key: ERASED for row in left if not row.address}
    for row in left:
        if reason := held.get(row.address_key):
            _skip(session, row.id, reason)
    return [row for row in left if row.address_key not in held]


def _skip(session: Session, message_id: int, reason: str) -> None:
    session.execute(
        sa.update(Message)
        .where(col(Message.id) == message_id)
        .values(status=Status.SKIPPED, reason=reason)
    )


def _take(session: Session, message_ids: Sequence[int], claim: Claim, now: datetime) -> None:
    by = {f"by_{name}": value for name, value in vars(claim).items()}
    session.connection().execute(_TAKE, {"ids": message_ids, "by_claimed_at": now, **by})


def _close_claim(session: Session, message_id: int, held_by: str, **changes: Any) -> None:
    # Only while the claim is still this worker's: once its lease has run out another process may
    # have looked the message up and claimed it again, and what that one wrote stands.
    session.execute(
        sa.update(Message)
        .where(
            col(Message.id) == message_id,
            col(Message.status) == Status.CLAIMED,
            col(Message.worker) == held_by,
        )
        .values(**changes)
    )
