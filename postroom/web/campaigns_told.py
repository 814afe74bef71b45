"""What a public page may tell of a campaign: its title, who sent it, whom to write to."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.content.campaign_file import FOLDER, Campaign, read_campaign
from postroom.errors import ContentError
from postroom.tables import Edition, Mailing, Message
from postroom.workspace import Workspace

LINKS_LAST = timedelta(days=90)
"""Sign-up links end this long after their campaign."""


@dataclass(frozen=True)
class Told:
    """A campaign as the public may see it. Parts that the campaign does not state are empty."""

    title: str
    organisation: str
    mailbox: str
    privacy_notice: str
    links_end: datetime

    @property
    def sender(self) -> str:
        """The organisation as a sentence begins with it, or empty."""
        return self.organisation[:1].upper() + self.organisation[1:]


def campaign_told(session: Session, workspace: Workspace, name: str) -> Told | None:
    """Return what may be told of the campaign *name*, or None when nothing is known of it.

    What was last planned counts, not what its file has become since. Read-only.
    """
    campaign = _campaign(session, workspace, name)
    if campaign is None:
        return None
    facts = {fact: stated.value for fact, stated in campaign.facts.items()}
    privacy_notice = facts.get("privacy_notice", "")
    return Told(
        title=campaign.title,
        organisation=facts.get("organisation", ""),
        mailbox=facts.get("contact", ""),
        privacy_notice=privacy_notice if privacy_notice.startswith("https://") else "",
        links_end=_end(session, campaign) + LINKS_LAST,
    )


def campaign_of_message(session: Session, message: Message) -> str:
    """Return the name of the campaign that *message* belongs to. Read-only."""
    return session.get_one(Mailing, message.mailing_id).campaign


def _campaign(session: Session, workspace: Workspace, name: str) -> Campaign | None:
    path = f"{FOLDER}/{name}.toml"
    kept = session.exec(
        select(Edition.files)
        .join(Message)
        .join(Mailing)
        .where(Mailing.campaign == name)
        .order_by(col(Edition.id).desc())
    ).first()
    try:
        if kept is not None and path in kept:
            return read_campaign(name, kept[path])
        return read_campaign(name, (workspace.root / path).read_text(encoding="utf-8"))
    except (ContentError, OSError, UnicodeDecodeError):
        return None


def _end(session: Session, campaign: Campaign) -> datetime:
    """Return the day it was meant for, or the moment its last message was accepted, if later."""
    meant = datetime.combine(campaign.send_on, time.max, tzinfo=UTC)
    last = session.execute(
        sa.select(sa.func.max(col(Message.accepted_at)))
        .join_from(Message, Mailing, col(Message.mailing_id) == col(Mailing.id))
        .where(col(Mailing.campaign) == campaign.name)
    ).scalar_one()
    return max(meant, last) if last else meant
