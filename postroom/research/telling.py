"""Telling people by email that they have signed up, or asking whether they meant to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from postroom.audience.addresses import normalise, tidied
from postroom.content.confirmations import Confirmation
from postroom.delivery import confirmations
from postroom.delivery.confirmations import Happened
from postroom.delivery.preparing import Office
from postroom.research.volunteers import Person, Purpose

IN_SHORT: Mapping[Purpose, str] = {
    Purpose.THIS_SERVICE: "research on this service",
    Purpose.OTHER_RESEARCH: "other research",
    Purpose.SURVEY: "surveys",
    Purpose.UPDATES: "news about this service",
}
"""What they said yes to, as their confirmation says it."""


def signed_up(
    session: Session,
    root: Path,
    office: Office,
    person: Person,
    campaign: str,
    reference: str,
    purposes: Sequence[Purpose],
    *,
    now: datetime,
) -> bool:
    """Plan the email that confirms a sign-up; return whether one goes. Does not commit."""
    says = {
        "reference": reference,
        "choices": ", ".join(IN_SHORT[purpose] for purpose in Purpose if purpose in purposes),
    }
    address_key = office.keys.address_key(normalise(person.address))
    what = Happened(Confirmation.SIGNED_UP, campaign, tidied(person.address), address_key, says)
    return confirmations.plan(session, root, office, what, now=now)


def asked_to_confirm(
    session: Session, root: Path, office: Office, person: Person, campaign: str, *, now: datetime
) -> bool:
    """Plan the email that asks if a sign-up counts; return whether one goes. Does not commit."""
    address_key = office.keys.address_key(normalise(person.address))
    what = Happened(
        Confirmation.SIGNED_UP_AFTER_STOPPING, campaign, tidied(person.address), address_key
    )
    return confirmations.plan(session, root, office, what, now=now)
