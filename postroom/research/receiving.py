"""A sign-up that came in: recorded, or kept until its person confirms it; and told by email.

The form on the web and whoever types in what came by telephone do the same thing here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.delivery.preparing import Office
from postroom.london import london_day
from postroom.research import awaited, signups, telling
from postroom.research.signups import Recorded
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording


@dataclass(frozen=True)
class Received:
    """What became of a sign-up."""

    reference: str
    """What to tell whoever signed up."""
    recorded: Recorded | None
    """None when it waits for its person's word."""
    is_confirmed: bool
    """An email about it is on its way."""


def receive(
    session: Session,
    root: Path,
    office: Office,
    person: Person,
    *,
    through: Through,
    permissions: Mapping[Purpose, Wording],
    recorded_by: str,
    now: datetime,
    answers: Mapping[str, Sequence[str]] | None = None,
) -> Received:
    """Record a sign-up and tell its person; return what became of it. Does not commit.

    From the web form, the sign-up of somebody who had asked not to be emailed is put by, and one
    message asks them. Templates are those of the workspace at *root*. Raises as
    `signups.add_sign_up` does.
    """
    address_key = office.keys.address_key(normalise(person.address))
    if through.method is Method.WEB_FORM and _is_held(session, address_key, now):
        return _put_by(
            session,
            root,
            office,
            person,
            through=through,
            permissions=permissions,
            now=now,
            answers=answers,
        )
    recorded = signups.add_sign_up(
        session,
        office.keys,
        person,
        through=through,
        permissions=permissions,
        recorded_by=recorded_by,
        now=now,
        answers=answers,
    )
    reference, said_yes_to = recorded.reference, tuple(permissions)
    is_told = telling.signed_up(
        session, root, office, person, through.campaign, reference, said_yes_to, now=now
    )
    return Received(reference, recorded, is_told)


def _put_by(
    session: Session,
    root: Path,
    office: Office,
    person: Person,
    *,
    through: Through,
    permissions: Mapping[Purpose, Wording],
    now: datetime,
    answers: Mapping[str, Sequence[str]] | None,
) -> Received:
    reference = awaited.put_by(
        session,
        office.keys,
        person,
        through=through,
        permissions=permissions,
        answers=answers,
        now=now,
    )
    is_asked = telling.asked_to_confirm(session, root, office, person, through.campaign, now=now)
    return Received(reference, None, is_asked)


def _is_held(session: Session, address_key: bytes, now: datetime) -> bool:
    today = london_day(now)
    return bool(suppression.suppressed(session, [address_key], "research", today=today))
