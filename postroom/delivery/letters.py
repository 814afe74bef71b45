"""A claimed message made into the very letter that was approved, or refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from postroom.content.editions import Edition
from postroom.content.rendering import Email, Links
from postroom.delivery.gateway import Parcel
from postroom.delivery.outbox import Claimed
from postroom.delivery.preparing import EmailWriter, Office
from postroom.errors import NotPermitted


@dataclass(frozen=True)
class Letter:
    """A claimed message, ready to be asked for."""

    message_id: int
    parcel: Parcel
    leave_at: float  # its turn, on this process's monotonic clock: no one can set that
    lease_until: datetime
    lease_ends: float  # the same moment on the monotonic clock


class Writer(Protocol):
    """Writes the emails of one approval again, from what the outbox kept of each."""

    campaign: str
    kind: str
    """What kind of mail it is, as `suppression` knows kinds."""

    def write(self, message: Claimed) -> tuple[Email, Links]:
        """Return the email of *message* and the links in it."""


class CampaignWriter:
    """Writes the emails of one edition of a campaign, as they were approved."""

    def __init__(self, edition: Edition, office: Office):
        self.campaign = edition.campaign.name
        self.kind = edition.campaign.kind.value
        self._writer = EmailWriter(edition, office)

    def write(self, message: Claimed) -> tuple[Email, Links]:
        """Return the email of *message* and the links in it."""
        return self._writer.write(
            message.fields,
            school_urn=message.school_urn,
            address_key=message.address_key,
            occasion=message.occasion,
        )


def write_letter(
    writer: Writer, message: Claimed, leave_at: float, lease_until: datetime, ends: float
) -> Letter:
    """Return the letter of *message*, to leave at *leave_at* (monotonic) while its lease holds.

    Raises `NotPermitted` when it would not say, byte for byte, what was approved.
    """
    email, links = writer.write(message)
    if email.content_hash != message.content_hash:
        raise NotPermitted(
            f"Message {message.reference} would not say what was approved. Nothing more was sent. "
            f"See what changed with: outreach check {writer.campaign}"
        )
    parcel = Parcel(message.address, message.reference, email, stop_url=links.stop)
    return Letter(message.id, parcel, leave_at, lease_until, ends)
