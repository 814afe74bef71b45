"""The condition `was_sent = "CAMPAIGN"`: everybody who may have read that campaign's email.

It is what a correction goes to: exactly those to whom the old words were delivered, or may have
been. Whoever it certainly did not reach has nothing to be corrected. Reads only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from postroom.errors import AudienceError
from postroom.tables import Mailing, Message, Status

WAS_SENT = "was_sent"
MAY_HAVE_IT = (
    *(Status.CLAIMED, Status.IN_DOUBT),  # a request may have reached Notify
    *(Status.CREATED, Status.SENDING, Status.DELIVERED),
)


@dataclass(frozen=True)
class Sent:
    """Somebody who may have the email: as it was sent to them."""

    address: str
    address_key: bytes
    school_urn: str
    school_name: str
    fields: dict[str, Any]


def who_may_have(session: Session, campaigns: Sequence[str], mode: str) -> list[Sent]:
    """Return those who may have the email of any of *campaigns*, sent in *mode*; each once.

    In the order they were sent to. Raises `AudienceError` for a campaign never planned in *mode*.
    """
    _refuse_unknown(session, campaigns, mode)
    rows = session.exec(
        select(Message)
        .join(Mailing)
        .where(
            col(Mailing.campaign).in_(campaigns),
            Mailing.mode == mode,
            col(Message.status).in_(MAY_HAVE_IT),
            Message.occasion == "",
        )
        .order_by(col(Message.id))
    )
    return list(_each_once(rows).values())


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
