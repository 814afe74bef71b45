"""Confirmations: the emails that tell somebody what has just been done, one for each occasion.

A campaign that states facts under [confirmations] sends them; its own facts count in them too.
Any other sends but the link to somebody's own details, without which nobody could see or delete
them by themselves. Their templates have fixed names, so that whoever edits the text finds it, and
all of them are approved together, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from postroom.content.campaign_file import Campaign, Fact, Kind, Route
from postroom.content.editions import Edition, letter_of, load_letters, restore_edition
from postroom.content.template_errors import reading

PART = "confirmations"
"""What a mailing of confirmations is, beside the campaign's own emails."""


class Confirmation(StrEnum):
    """What has happened, and so what the email says."""

    SIGNED_UP = "signed-up"
    SIGNED_UP_AFTER_STOPPING = "signed-up-after-stopping"  # asks which of the two counts
    STOPPED = "stopped"
    DETAILS_ASKED_FOR = "details-asked-for"
    DETAILS_DELETED = "details-deleted"


TEMPLATES: Mapping[Confirmation, str] = {
    Confirmation.SIGNED_UP: "sign-up-confirmation.md",
    Confirmation.SIGNED_UP_AFTER_STOPPING: "sign-up-after-stopping.md",
    Confirmation.STOPPED: "emails-stopped.md",
    Confirmation.DETAILS_ASKED_FOR: "your-details.md",
    Confirmation.DETAILS_DELETED: "details-deleted.md",
}

WHEN: Mapping[Confirmation, str] = {
    Confirmation.SIGNED_UP: "After a sign-up",
    Confirmation.SIGNED_UP_AFTER_STOPPING: "After a sign-up by somebody who had stopped our emails",
    Confirmation.STOPPED: "After emails were stopped",
    Confirmation.DETAILS_ASKED_FOR: "When somebody asks for their details",
    Confirmation.DETAILS_DELETED: "After details were deleted",
}
"""When each is sent, in words."""

SAMPLES: Mapping[str, str] = {
    "reference": "UR-7F3K-29QM",
    "choices": "research on this service",
    "stopped": "announcements and invitations to research",
}
"""What stands in for a person's own words where an approver reads the texts."""


@dataclass(frozen=True)
class Occasion:
    """One thing that happened, as a message carries it: what, and when (UTC)."""

    confirmation: Confirmation
    at: datetime

    def __str__(self) -> str:
        return f"{self.confirmation}:{self.at.isoformat()}"


def confirmation_of(occasion: str) -> Confirmation:
    """Return which confirmation a message of this *occasion* is. Raises `ValueError`."""
    return Confirmation(occasion.partition(":")[0])


def occasion_at(occasion: str) -> datetime:
    """Return when what a message tells of happened (UTC). Raises `ValueError`."""
    return datetime.fromisoformat(occasion.partition(":")[2])


def are_sent(campaign: Campaign) -> bool:
    """Return whether *campaign* sends all confirmations: it states what they need."""
    return bool(campaign.confirmations)


def sent_by(campaign: Campaign) -> tuple[Confirmation, ...]:
    """Return which confirmations *campaign* sends."""
    return tuple(Confirmation) if are_sent(campaign) else (Confirmation.DETAILS_ASKED_FOR,)


def load(root: Path, name: str) -> Edition:
    """Return the edition of what the campaign *name*, of the workspace at *root*, sends of them.

    Raises `CampaignError`, and `TemplateError` when a template is missing or cannot be read.
    """
    campaign = load_letters(root, name, ()).campaign
    templates = [TEMPLATES[confirmation] for confirmation in sent_by(campaign)]
    return _of_confirmations(load_letters(root, name, templates))


def restore(name: str, files: Mapping[str, str]) -> Edition:
    """Return the edition of the confirmations of campaign *name* that was kept as *files*."""
    return _of_confirmations(restore_edition(name, files))


def letter(edition: Edition, confirmation: Confirmation) -> Edition:
    """Return *edition*, of all confirmations, as that of one: with the template it is made of."""
    return letter_of(edition, TEMPLATES[confirmation])


def _of_confirmations(edition: Edition) -> Edition:
    # It goes to one person because of what they did: no list and no partner is behind it.
    campaign = edition.campaign
    stated = {**campaign.facts, **(campaign.confirmations or _usual_facts(campaign))}
    named = {fact for name, text in edition.templates.items() for fact in reading(text, name).facts}
    changes = {
        "kind": Kind.SERVICE,
        "route": Route.OPEN,
        "partner": None,
        "facts": {name: fact for name, fact in stated.items() if name in named},
    }
    return replace(edition, campaign=campaign.model_copy(update=changes))


def _usual_facts(campaign: Campaign) -> dict[str, Fact]:
    """Return what the link to somebody's details needs, where the campaign does not state it."""
    about = campaign.signup.about or campaign.title
    why = "you asked for this link on our web pages, or somebody did with your email address"
    return {
        "service": Fact(value=about, source="What the campaign file says its research is about"),
        "address_source": Fact(value=why, source="How the page with people’s details works"),
    }
