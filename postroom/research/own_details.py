"""What volunteers do about their own details: see, change, pause, stop, delete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import suppression
from postroom.content.confirmations import Confirmation
from postroom.delivery import confirmations
from postroom.delivery.confirmations import Happened
from postroom.delivery.preparing import Office
from postroom.london import london_day
from postroom.research import people, volunteers
from postroom.research.people import Someone
from postroom.research.stopping import IN_WORDS, THEMSELVES
from postroom.research.volunteers import Person, Purpose, Through, Wording
from postroom.tables import (
    Event,
    Message,
    Permission,
    Scope,
    SignUp,
    SupportNeed,
    UsedLink,
    Volunteer,
)

LINK_LASTS = timedelta(hours=1)
"""A link to somebody's own details, as the email that brings it says."""
LONGEST_PAUSE = timedelta(days=730)  # by then their details are gone
STOPPED_BY_DEFAULT = (Scope.ANNOUNCEMENTS_AND_RESEARCH, Scope.RESEARCH)


@dataclass(frozen=True)
class Own:
    """What one volunteer is shown of themselves, in one mode."""

    volunteer: Volunteer
    sign_ups: Sequence[SignUp]
    """The newest first."""
    purposes: Mapping[str, Sequence[str]]
    """A sign-up's campaign → the purposes they said yes to and have not taken back."""
    support: str
    paused_until: date | None
    """The day on which their pause ends, if they pause."""
    is_stopped: bool
    """They get no announcements, or no research, from us until they say otherwise."""


def ask_for_link(
    session: Session, root: Path, office: Office, address_key: bytes, *, now: datetime
) -> bool:
    """Plan the email with a link to their details for whoever signed up with that address.

    Returns whether one goes: none does where nobody signed up. Does not commit.
    """
    volunteer = volunteers.find(session, address_key)
    if volunteer is None:
        return False
    return any(
        confirmations.plan(
            session,
            root,
            office,
            Happened(
                Confirmation.DETAILS_ASKED_FOR, sign_up.campaign, volunteer.address, address_key
            ),
            now=now,
        )
        for sign_up in _sign_ups(session, volunteer, office.mode)
    )


def volunteer_behind(session: Session, message: Message) -> int | None:
    """Return the id of the volunteer whom *message* was sent to, while there is one. Read-only."""
    volunteer = volunteers.find(session, message.address_key)
    return volunteer.id if volunteer else None


def use_link(session: Session, message: Message, *, now: datetime) -> bool:
    """Use up the link that *message* brought; return False when it was used or is too old.

    Does not commit.
    """
    if not is_open(session, message, now=now):
        return False
    session.add(UsedLink(reference=message.reference, used_at=now))
    return True


def is_open(session: Session, message: Message, *, now: datetime) -> bool:
    """Return whether the link that *message* brought can still be used. Read-only."""
    fresh = now - message.planned_at <= LINK_LASTS
    return fresh and session.get(UsedLink, message.reference) is None


def of_volunteer(session: Session, volunteer_id: int, mode: str, *, now: datetime) -> Own | None:
    """Return what is held about a volunteer; None when they are gone. Read-only."""
    volunteer = session.get(Volunteer, volunteer_id)
    if volunteer is None:
        return None
    support = session.exec(
        select(SupportNeed).where(SupportNeed.volunteer_id == volunteer_id)
    ).first()
    held_until = _held_until(session, volunteer, now)
    return Own(
        volunteer=volunteer,
        sign_ups=_sign_ups(session, volunteer, mode),
        purposes=_purposes(session, volunteer_id),
        support=support.text if support else "",
        paused_until=next((day for day in held_until if day is not None), None),
        is_stopped=None in held_until,
    )


def save(
    session: Session,
    volunteer_id: int,
    reference: str,
    person: Person,
    *,
    answers: Mapping[str, Sequence[str]],
    permissions: Mapping[Purpose, Wording],
    through: Through,
    now: datetime,
) -> None:
    """Write what a volunteer changed in the sign-up of that *reference*: blank where blank.

    A purpose newly ticked is a new permission; one no longer ticked is withdrawn. How long details
    are kept does not change by it. Records an event with no personal details; does not commit.
    """
    sign_up = session.exec(select(SignUp).where(SignUp.reference == reference)).one()
    before = set(_purposes(session, volunteer_id).get(sign_up.campaign, ()))
    address_key = session.get_one(Volunteer, volunteer_id).address_key
    volunteer = volunteers.record(session, address_key, person, now=now)
    volunteer.phone = person.phone  # blank once nobody is to telephone them
    sign_up.school_urn, sign_up.school_name = person.school_urn, person.school_name
    sign_up.answers = {name: list(chosen) for name, chosen in answers.items()}
    for purpose, wording in permissions.items():
        if purpose.value not in before:
            volunteers.permit(
                session,
                volunteer,
                purpose,
                wording,
                through=through,
                recorded_by="self",
                now=now,
            )
    kept = {purpose.value for purpose in permissions}
    _withdraw(session, volunteer, sign_up.campaign, before - kept, now)
    _note(session, sign_up, "changed their details", now)


def pause(session: Session, volunteer: Volunteer, until: date, *, now: datetime) -> None:
    """Hold research back from *volunteer* until that day, in place of an earlier pause.

    What they stopped for good stays stopped: a pause would let some of it through. Does not commit.
    """
    if None in _held_until(session, volunteer, now):
        return
    go_on(session, volunteer, now=now)
    suppression.add(
        session,
        volunteer.address_key,
        scope=Scope.RESEARCH,
        reason="paused by themselves",
        who=THEMSELVES,
        now=now,
        until=until,
    )


def go_on(session: Session, volunteer: Volunteer, *, now: datetime) -> None:
    """End what *volunteer* themselves had stopped or paused. Does not commit."""
    suppression.lift(
        session,
        volunteer.address_key,
        scopes=STOPPED_BY_DEFAULT,
        reason="ended by themselves",
        who=THEMSELVES,
        now=now,
    )


def stop(session: Session, root: Path, office: Office, own: Own, *, now: datetime) -> None:
    """Stop announcements and research for a volunteer, and tell them by email. Does not commit."""
    key = own.volunteer.address_key
    is_new = suppression.add(
        session,
        key,
        scope=Scope.ANNOUNCEMENTS_AND_RESEARCH,
        reason="stopped by themselves, with their details",
        who=THEMSELVES,
        now=now,
    )
    if is_new:
        says = {"stopped": IN_WORDS[Scope.ANNOUNCEMENTS_AND_RESEARCH]}
        _tell(session, root, office, _reader(own), Confirmation.STOPPED, says, now)


def delete(session: Session, root: Path, office: Office, own: Own, *, now: datetime) -> None:
    """Erase a volunteer everywhere, and tell them by email that it is done. Does not commit."""
    reader = _reader(own)  # before they are gone
    someone, why = Someone("", own.volunteer.address_key), "asked on the page with their details"
    people.erase(session, someone, why=why, who=THEMSELVES, now=now)
    _tell(session, root, office, reader, Confirmation.DETAILS_DELETED, {}, now)


@dataclass(frozen=True)
class _Reader:
    """Whom to tell, and by which campaign's words: the first that has some."""

    address: str
    address_key: bytes
    campaigns: Sequence[str]


def _reader(own: Own) -> _Reader:
    campaigns = [sign_up.campaign for sign_up in own.sign_ups]
    return _Reader(own.volunteer.address, own.volunteer.address_key, campaigns)


def _tell(
    session: Session,
    root: Path,
    office: Office,
    reader: _Reader,
    confirmation: Confirmation,
    says: Mapping[str, str],
    now: datetime,
) -> None:
    for campaign in reader.campaigns:
        what = Happened(confirmation, campaign, reader.address, reader.address_key, says)
        if confirmations.plan(session, root, office, what, now=now):
            return


def _held_until(session: Session, volunteer: Volunteer, now: datetime) -> list[date | None]:
    """Return the end of each hold on announcements or research to *volunteer*; None: for good."""
    standing = suppression.of_address(session, volunteer.address_key, today=london_day(now))
    return [hold.until for hold in standing if hold.scope in STOPPED_BY_DEFAULT]


def _sign_ups(session: Session, volunteer: Volunteer, mode: str) -> list[SignUp]:
    rows = select(SignUp).where(SignUp.volunteer_id == _id(volunteer.id), SignUp.mode == mode)
    newest_first = col(SignUp.signed_up_at).desc(), col(SignUp.id).desc()
    return list(session.exec(rows.order_by(*newest_first)))


def _purposes(session: Session, volunteer_id: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = session.exec(
        select(Permission.campaign, Permission.purpose)
        .where(Permission.volunteer_id == volunteer_id, col(Permission.withdrawn_at).is_(None))
        .distinct()
    )
    for campaign, purpose in rows:
        found.setdefault(campaign, []).append(purpose)
    return found


def _withdraw(
    session: Session, volunteer: Volunteer, campaign: str, purposes: set[str], now: datetime
) -> None:
    session.execute(
        sa.update(Permission)
        .where(
            col(Permission.volunteer_id) == volunteer.id,
            col(Permission.campaign) == campaign,
            col(Permission.purpose).in_(purposes),
            col(Permission.withdrawn_at).is_(None),
        )
        .values(withdrawn_at=now)
    )


def _note(session: Session, sign_up: SignUp, act: str, now: datetime) -> None:
    details = {"reference": sign_up.reference, "mode": sign_up.mode}
    session.add(Event(at=now, who=THEMSELVES, act=act, target=sign_up.campaign, details=details))


def _id(volunteer_id: int | None) -> int:
    if volunteer_id is None:
        raise ValueError("the volunteer was not written yet")
    return volunteer_id
