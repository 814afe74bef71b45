"""What a public page may tell of a campaign: its title, who sent it, whom to write to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.content import confirmations
from postroom.content.campaign_file import (
    FOLDER,
    Campaign,
    campaign_names,
    check_name,
    read_campaign,
)
from postroom.content.signup_form import SignUpForm
from postroom.errors import ContentError
from postroom.research import volunteers
from postroom.research.volunteers import Purpose
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
    name: str
    form: SignUpForm
    statements: Mapping[Purpose, str]
    """The words of each purpose that the form asks for; the first is needed to sign up."""
    edition: str
    """The start of the digest of what was last planned, or of the campaign file as it is now."""
    outside_form: bool
    confirms: bool
    """Whether people are told by email what they did."""

    @property
    def about(self) -> str:
        """What the research is about."""
        return self.form.about or self.title

    @property
    def sender(self) -> str:
        """The organisation as a sentence begins with it, or empty."""
        return self.organisation[:1].upper() + self.organisation[1:]


def campaign_told(session: Session, workspace: Workspace, name: str, *, mode: str) -> Told | None:
    """Return what may be told of the campaign *name*, or None when nothing is known of it.

    What was last planned counts, not what its file has become since; and what was planned in
    *mode* before all else, so that a rehearsal changes no page that people were sent to. Read-only.
    """
    known = _campaign(session, workspace, name, mode)
    if known is None:
        return None
    campaign, edition = known
    facts = {fact: stated.value for fact, stated in campaign.facts.items()}
    privacy_notice = facts.get("privacy_notice", "")
    organisation = facts.get("organisation", "")
    return Told(
        title=campaign.title,
        organisation=organisation,
        mailbox=facts.get("contact", ""),
        privacy_notice=privacy_notice if privacy_notice.startswith("https://") else "",
        links_end=_end(session, campaign) + LINKS_LAST,
        name=name,
        form=campaign.signup,
        statements=_statements(campaign, organisation),
        edition=edition,
        outside_form=campaign.form is not None,
        confirms=confirmations.are_sent(campaign),
    )


def organisation_of(workspace: Workspace) -> str:
    """Return who sends the emails, for pages about no single campaign; the newest campaign's word.

    Empty where no campaign says it.
    """
    told = []
    for name in campaign_names(workspace.root / FOLDER):
        try:
            text = (workspace.root / FOLDER / f"{name}.toml").read_text(encoding="utf-8")
            campaign = read_campaign(name, text)
        except (ContentError, OSError, UnicodeDecodeError):
            continue  # `outreach check` says what is wrong with it
        if "organisation" in campaign.facts:
            told.append((campaign.send_on, campaign.facts["organisation"].value))
    return max(told, default=(None, ""))[1]


def _statements(campaign: Campaign, organisation: str) -> dict[Purpose, str]:
    about = campaign.signup.about or campaign.title
    return dict(campaign.signup.permissions) or {
        purpose: volunteers.statement(purpose, title=about, controller=organisation)
        for purpose in Purpose
    }


def _campaign(
    session: Session, workspace: Workspace, name: str, mode: str
) -> tuple[Campaign, str] | None:
    """Return the campaign and what tells one edition of it from another, or None."""
    path = f"{FOLDER}/{name}.toml"
    kept = session.exec(
        select(Edition.files, Edition.digest)
        .join(Message)
        .join(Mailing)
        .where(Mailing.campaign == name, Mailing.part == "")
        .order_by(col(Mailing.mode) != mode, col(Message.planned_at).desc(), col(Edition.id).desc())
    ).first()
    try:
        if kept is not None and path in kept[0]:
            return read_campaign(name, kept[0][path]), kept[1].hex()[:12]
        check_name(name)
        text = (workspace.root / path).read_text(encoding="utf-8")
        return read_campaign(name, text), hashlib.sha256(text.encode()).hexdigest()[:12]
    except (ContentError, OSError, UnicodeDecodeError):
        return None


def _end(session: Session, campaign: Campaign) -> datetime:
    """Return the day it was meant for, or the moment its last message was accepted, if later."""
    meant = datetime.combine(campaign.send_on, time.max, tzinfo=UTC)
    last = session.execute(
        sa.select(sa.func.max(col(Message.accepted_at)))
        .join_from(Message, Mailing, col(Message.mailing_id) == col(Mailing.id))
        .where(col(Mailing.campaign) == campaign.name, col(Mailing.part) == "")
    ).scalar_one()
    return max(meant, last) if last else meant
