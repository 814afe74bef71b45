"""The outbox: what is to be sent to whom, who said so, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from postroom.tables.columns import JSON, words


class Status(StrEnum):
    """Where one message has got to. From `CREATED` on, the words are Notify's own."""

    PLANNED = "planned"  # a row, nothing more
    CLAIMED = "claimed"  # a request may be on its way: look it up before sending again
    IN_DOUBT = "in-doubt"  # a request left and no usable answer came: look it up
    REFUSED = "refused"  # Notify answered that it will never take this one
    SKIPPED = "skipped"  # left out after planning, for the reason given
    CREATED = "created"  # Notify accepted it
    SENDING = "sending"
    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent-failure"
    TEMPORARY_FAILURE = "temporary-failure"
    TECHNICAL_FAILURE = "technical-failure"


UNFINISHED = frozenset({Status.PLANNED, Status.CLAIMED, Status.IN_DOUBT})
"""While any message is in one of these, the campaign is not finished."""

MOVING = frozenset({Status.CREATED, Status.SENDING})
"""Accepted by Notify, which has not yet said what became of it."""

STILL_OURS = frozenset({Status.PLANNED, Status.CLAIMED, Status.IN_DOUBT, Status.SKIPPED})
"""What Notify's own record of a message may replace; a final word of Notify's stays."""

ACCEPTED = frozenset(
    {
        Status.CREATED,
        Status.SENDING,
        Status.DELIVERED,
        Status.PERMANENT_FAILURE,
        Status.TEMPORARY_FAILURE,
        Status.TECHNICAL_FAILURE,
    }
)


class Edition(SQLModel, table=True):
    """Every file a campaign's text is made from, frozen, so that any message can be made again."""

    __tablename__ = "editions"

    id: int | None = Field(default=None, primary_key=True)
    digest: bytes = Field(unique=True)
    files: dict[str, str] = Field(sa_column=sa.Column(JSON, nullable=False))
    made_at: datetime


class Mailing(SQLModel, table=True):
    """One campaign in one mode. Nothing done in one mode counts in another."""

    __tablename__ = "mailings"
    __table_args__ = (sa.UniqueConstraint("campaign", "mode", "part"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign: str
    mode: str
    part: str = ""  # empty: the campaign's own emails; "confirmations": what people's acts trigger
    edition_id: int | None = Field(default=None, foreign_key="editions.id")  # as last planned
    made_at: datetime
    stopped_at: datetime | None = None
    stopped_why: str = ""
    synced_at: datetime | None = None


class Approval(SQLModel, table=True):
    """Somebody's yes or no to an exact set of messages."""

    __tablename__ = "approvals"

    id: int | None = Field(default=None, primary_key=True)
    mailing_id: int = Field(foreign_key="mailings.id", index=True)
    edition_id: int = Field(foreign_key="editions.id")
    set_digest: bytes  # over every (address key, content hash) of the set, in order
    count: int
    terms: dict[str, Any] = Field(sa_column=sa.Column(JSON, nullable=False))
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=sa.Column(JSON, nullable=False))
    """Each fact that was ticked, with the value it had."""
    approved_by: str
    recorded_by: str  # who typed it in; the same person where nobody was asked by email
    approved_at: datetime
    refused: bool = False
    why: str = ""
    ended_at: datetime | None = None
    looked_at: dict[str, Any] = Field(
        default_factory=dict, sa_column=sa.Column(JSON, nullable=False)
    )
    """What everybody's email was last made and checked from, as `rechecking` notes it."""
    switched_on_at: datetime | None = None  # confirmations in live: from then on they leave
    switched_on_by: str = ""


class ApprovalRequest(SQLModel, table=True):
    """An exact set put before an approver by email, with a code that shows they read it."""

    __tablename__ = "approval_requests"

    id: int | None = Field(default=None, primary_key=True)
    mailing_id: int = Field(foreign_key="mailings.id", index=True)
    edition_id: int = Field(foreign_key="editions.id")
    set_digest: bytes
    terms: dict[str, Any] = Field(sa_column=sa.Column(JSON, nullable=False))
    approver: str
    code_hash: bytes = Field(index=True)
    requested_by: str
    requested_at: datetime
    answered_at: datetime | None = None


class StopAnswer(SQLModel, table=True):
    """Why a stop that a check found may stand: somebody's typed reason, for that text only."""

    __tablename__ = "stop_answers"
    __table_args__ = (sa.UniqueConstraint("campaign", "check", "text_digest"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign: str
    check: str
    text_digest: bytes  # of what the check found, so that another finding is not covered
    reason: str
    who: str
    at: datetime


class Message(SQLModel, table=True):
    """One email to one address of one campaign in one mode, for one occasion.

    Unique by (mailing, address key, occasion); a mailing is a campaign in a mode. `reference` is
    that of the present attempt; earlier ones are in `attempts`. Only `delivery.outbox` writes
    `status`.
    """

    __tablename__ = "messages"
    __table_args__ = (
        sa.UniqueConstraint("mailing_id", "address_key", "occasion"),
        sa.Index("ix_messages_mailing_id_status", "mailing_id", "status", "approval_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    mailing_id: int = Field(foreign_key="mailings.id")
    occasion: str = ""  # what triggered it; empty for the campaign's own
    address_key: bytes
    address: str | None = None  # gone once the person is erased
    school_urn: str = ""
    school_name: str = ""
    fields: dict[str, Any] = Field(sa_column=sa.Column(JSON, nullable=False))
    edition_id: int = Field(foreign_key="editions.id")
    content_hash: bytes
    approval_id: int | None = Field(default=None, foreign_key="approvals.id")
    reference: str = Field(unique=True)
    attempt: int = 1
    status: Status = Field(sa_column=sa.Column(words(Status), nullable=False))
    reason: str = ""
    planned_at: datetime
    worker: str = ""
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    doubt_until: datetime | None = None  # from then on an empty look-up means "not accepted"
    service: str = ""
    key_type: str = ""
    base_url: str = ""
    notify_id: str | None = Field(default=None, unique=True)
    accepted_at: datetime | None = None
    completed_at: datetime | None = None
    lost_track_at: datetime | None = None  # Notify forgot it before a final status was fetched


class Attempt(SQLModel, table=True):
    """An earlier attempt at a message: kept when a new one begins, or a claim comes to nothing."""

    __tablename__ = "attempts"

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="messages.id", index=True, ondelete="CASCADE")
    attempt: int
    reference: str = Field(index=True)
    status: str
    reason: str = ""
    notify_id: str | None = None
    claimed_at: datetime | None = None
    ended_at: datetime


class Pace(SQLModel, table=True):
    """When the next request may leave, for every sender of one Notify service and key type."""

    __tablename__ = "paces"

    service: str = Field(primary_key=True)
    key_type: str = Field(primary_key=True)
    # Microseconds since 1970 in UTC: one statement must be able to add to it on any engine.
    next_at: int = Field(sa_type=sa.BigInteger)
    # Microseconds between requests, as the settings have it.
    interval: int = Field(sa_type=sa.BigInteger)
    # Nobody asks before this, in the same count: Notify refused for pace a moment ago.
    silent_until: int = Field(sa_type=sa.BigInteger)
    silences: int = 0  # in a row, without an email accepted between
    # Until then requests are further apart, and less and less so.
    slow_until: int = Field(default=0, sa_type=sa.BigInteger)


class ReadBack(SQLModel, table=True):
    """How far back Notify's list must be read: what is older than this notification is known here.

    Of one Notify service and key type. Only a reading that came to its end moves it, and a sender
    that began with one, together with what it records: so a restore takes it back with the rest.
    """

    __tablename__ = "read_backs"

    service: str = Field(primary_key=True)
    key_type: str = Field(primary_key=True)
    notify_id: str  # Notify took this one before the row was written
    at: datetime  # when Notify took it, or earlier
    lost_at: datetime | None = None
    """When Notify took the newest message that was sent and that a restore took away, if any."""


class Stray(SQLModel, table=True):
    """What Notify holds under a reference of ours that belongs to no message here.

    It was sent in a time that a restore took away. Should that very message be planned again, it
    is known to be sent.
    """

    __tablename__ = "strays"

    reference: str = Field(primary_key=True)
    notify_id: str
    status: str  # Notify's word for it when it was read
    created_at: datetime
    completed_at: datetime | None = None
