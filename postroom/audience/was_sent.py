"""The condition `was_sent = "CAMPAIGN"`: everybody who may have read that campaign's email.

It is what a correction goes to: exactly those to whom the old words were delivered, or may have
been. Whoever it certainly did not reach has nothing to be corrected. A campaign that was put right
half-way went out in two texts: `was_sent = "CAMPAIGN@TEXT"` means those who may have that one, by
the beginning of its edition's digest. Reads only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.errors import AudienceError
from postroom.tables import Approval, Edition, Mailing, Message, Status

WAS_SENT = "was_sent"
OF_TEXT = "@"  # in no campaign's name
DIGITS_SHOWN = 8  # of a text's digest
MAY_HAVE_IT = (
    Status.CLAIMED,
    Status.IN_DOUBT,  # a request may have reached Notify
    Status.CREATED,
    Status.SENDING,
    Status.DELIVERED,
)


@dataclass(frozen=True)
class Sent:
    """Somebody who may have the email: as it was sent to them."""

    address: str
    address_key: bytes
    school_urn: str
    school_name: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Text:
    """One text that a campaign went out in."""

    name: str
    """As `was_sent` names it, behind the campaign's name and an @."""
    edition_id: int
    approved_at: datetime | None
    """When somebody last said yes to it (UTC)."""
    people: int
    """How many may have it."""


def texts_of(session: Session, campaign: str, mode: str) -> list[Text]:
    """Return the texts of *campaign* that somebody may have in *mode*, as they were approved."""
    approved = (
        sa.select(sa.func.max(col(Approval.approved_at)))
        .where(
            col(Approval.edition_id) == col(Message.edition_id),
            col(Approval.mailing_id) == col(Mailing.id),
            col(Approval.refused).is_(False),
        )
        .correlate(Message, Mailing)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(col(Edition.digest), col(Edition.id), approved, sa.func.count())
        .select_from(Message)
        .join(Mailing, col(Mailing.id) == col(Message.mailing_id))
        .join(Edition, col(Edition.id) == col(Message.edition_id))
        .where(*_may_have([campaign], mode))
        .group_by(col(Edition.id), col(Edition.digest), col(Message.edition_id), col(Mailing.id))
    )
    found = [Text(digest.hex()[:DIGITS_SHOWN], *others) for digest, *others in rows]
    return sorted(
        found, key=lambda text: (bool(text.approved_at), text.approved_at, text.edition_id)
    )


def who_may_have(session: Session, named: Sequence[str], mode: str) -> list[Sent]:
    """Return those who may have the email of any of the *named*, sent in *mode*; each once.

    Each of those is a campaign, or one text of it. In the order they were sent to. Raises
    `AudienceError` for a campaign never planned in *mode*, and for a text never sent.
    """
    _refuse_unknown(session, [name.partition(OF_TEXT)[0] for name in named], mode)
    chosen = [_chosen(session, name, mode) for name in named]
    rows = session.exec(
        select(Message).join(Mailing).where(sa.or_(*chosen)).order_by(col(Message.id))
    )
    return list(_each_once(rows).values())


def _chosen(session: Session, name: str, mode: str) -> sa.ColumnElement[bool]:
    """Return the condition that a message is of the campaign, or the one text of it, *name*."""
    campaign, by_text, wanted = name.partition(OF_TEXT)
    of_campaign = sa.and_(*_may_have([campaign], mode))
    if not by_text:
        return of_campaign
    texts = texts_of(session, campaign, mode)
    theirs = [text.edition_id for text in texts if text.name == wanted]
    if not theirs:
        raise AudienceError(
            f"{WAS_SENT}: {campaign} was sent to nobody in {mode} mode in the text {wanted}. "
            f"Its texts: {', '.join(text.name for text in texts) or 'none'}.",
        )
    return sa.and_(of_campaign, col(Message.edition_id).in_(theirs))


def _may_have(campaigns: Sequence[str], mode: str) -> list[sa.ColumnElement[bool]]:
    return [
        col(Mailing.campaign).in_(campaigns),
        col(Mailing.mode) == mode,
        col(Message.status).in_(MAY_HAVE_IT),
        col(Message.occasion) == "",
    ]


def _each_once(rows: Iterable[Message]) -> dict[bytes, Sent]:
    return {
        row.address_key: Sent(
            row.address, row.address_key, row.school_urn, row.school_name, row.fields
        )
        for row in rows
        if row.address is not None  # erased since: never emailed again
    }


def _refuse_unknown(session: Session, campaigns: Sequence[str], mode: str) -> None:
    known = session.exec(
        select(Mailing.campaign)
        .where(Mailing.mode == mode, Mailing.part == "")
        .order_by(Mailing.campaign)
    ).all()
    if unknown := [name for name in campaigns if name not in known]:
        raise AudienceError(
            *(f"{WAS_SENT}: {name} was never sent in {mode} mode." for name in unknown),
            f"Campaigns in {mode} mode: {', '.join(known) or 'none'}.",
        )
