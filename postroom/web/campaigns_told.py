"""What a public page may tell of a campaign: its title, who sent it, whom to write to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.content import confirmations
from postroom.content.campaign_file import FOLDER, Campaign, read_campaign
from postroom.content.editions import campaign_file_text, campaigns_in
from postroom.content.signup_form import LINKS_LAST, SignUpForm
from postroom.errors import ContentError
from postroom.research import volunteers
from postroom.research.volunteers import Purpose
from postroom.tables import Edition, Mailing, Message
from postroom.workspace import Workspace


@dataclass(frozen=True)
class Told:
    """A campaign as the public may see it. Parts that the campaign does not state are empty."""

    title: str
    organisation: str
    mailbox: str
    privacy_notice: str
    has_ended: bool
    """Its sign-up links have."""
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
    def asks(self) -> object:
        """All that its form asks: equal as long as every question and statement is."""
        return self.form, tuple(self.statements.items())

    @property
    def sender(self) -> str:
        """The organisation as a sentence begins with it, or empty."""
        return self.organisation[:1].upper() + self.organisation[1:]


def campaign_told(
    session: Session, workspace: Workspace, name: str, *, mode: str, now: datetime
) -> Told | None:
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
        has_ended=_has_ended(session, campaign, now),
        name=name,
        form=campaign.signup,
        statements=volunteers.statements_of(campaign),
        edition=edition,
        outside_form=campaign.form is not None,
        confirms=confirmations.are_sent(campaign),
    )


def organisation_of(workspace: Workspace) -> str:
    """Return who sends the emails, for pages about no single campaign; the newest campaign's word.

    Empty where no campaign says it.
    """
    told = [
        (campaign.send_on, campaign.facts["organisation"].value)
        for _, campaign in campaigns_in(workspace.root)
        if isinstance(campaign, Campaign)  # `outreach check` says what is wrong with the others
        and "organisation" in campaign.facts
    ]
    return max(told, default=(None, ""))[1]


def _campaign(
    session: Session, workspace: Workspace, name: str, mode: str
) -> tuple[Campaign, str] | None:
    """Return the campaign and what tells one edition of it from another, or None."""
    planned = session.exec(_PLANNED, params={"campaign": name, "mode": mode}).first()
    try:
        if planned is not None:
            edition_id, digest = planned
            if (known := _READ.get((name, digest))) is None:
                files = session.get_one(Edition, edition_id).files
                known = _READ[name, digest] = read_campaign(name, files[f"{FOLDER}/{name}.toml"])
            return known, digest.hex()[:12]
        text = campaign_file_text(workspace.root, name)
        return _read(name, text), hashlib.sha256(text.encode()).hexdigest()[:12]
    except (ContentError, OSError):
        return None


_PLANNED = (
    select(Edition.id, Edition.digest)
    .join(Mailing, col(Mailing.edition_id) == col(Edition.id))
    .where(col(Mailing.campaign) == sa.bindparam("campaign"), Mailing.part == "")
    .order_by(col(Mailing.mode) != sa.bindparam("mode"), col(Edition.id).desc())
    .limit(1)
)
_READ: dict[tuple[str, bytes], Campaign] = {}
"""Editions never change, and a page is shown often: each is read once a process."""
_read = lru_cache(maxsize=64)(read_campaign)


def _has_ended(session: Session, campaign: Campaign, now: datetime) -> bool:
    """Return whether it is too late: long after the day it was meant for, and its last email."""
    meant = datetime.combine(campaign.send_on, time.max, tzinfo=UTC)
    return now > meant + LINKS_LAST and now > _last_accepted(session, campaign, meant) + LINKS_LAST


def _last_accepted(session: Session, campaign: Campaign, meant: datetime) -> datetime:
    last = session.execute(
        sa.select(sa.func.max(col(Message.accepted_at)))
        .join_from(Message, Mailing, col(Message.mailing_id) == col(Mailing.id))
        .where(col(Mailing.campaign) == campaign.name, col(Mailing.part) == "")
    ).scalar_one()
    return last or meant
