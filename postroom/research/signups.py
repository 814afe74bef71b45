"""Sign-ups: who offered to help, through which campaign, and by which route."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import suppression
from postroom.audience.addresses import normalise, tidied
from postroom.errors import AudienceError
from postroom.keys import Keys
from postroom.london import london_day
from postroom.research import volunteers
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.tables import (
    AwaitedSignUp,
    Event,
    Mailing,
    Membership,
    Message,
    Permission,
    Recipient,
    Scope,
    SignUp,
    Volunteer,
)

# Read out over the telephone: without 0 and O, 1, I and L, and U, which makes words.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
ENDED_BY_SIGNING_UP = (Scope.RESEARCH, Scope.ANNOUNCEMENTS_AND_RESEARCH, Scope.ERASED)
"""Holds that a fresh sign-up ends: who offers to help wants to hear of it. "Everything" stays."""


@dataclass(frozen=True)
class Recorded:
    """What recording a sign-up did."""

    reference: str
    """What the volunteer is told, like UR-7F3K-29QM."""
    was_new: bool
    """False when this person had already signed up through this campaign: the rows were merged."""
    lifted: tuple[Scope, ...]
    """Holds this sign-up ended."""
    still_held: bool
    """They asked not to be emailed about anything; only they can end that."""


def add_sign_up(
    session: Session,
    keys: Keys,
    person: Person,
    *,
    through: Through,
    permissions: Mapping[Purpose, Wording],
    recorded_by: str,
    now: datetime,
    answers: Mapping[str, Sequence[str]] | None = None,
    reference: str = "",
) -> Recorded:
    """Record that *person* signed up and what they said yes to, in which words.

    Does not commit. Sign-ups of one address merge, however it is spelt, and the newest answers
    count; their school is taken from the list they are on when they do not say it. A sign-up that
    somebody typed into the web form lifts no hold: anybody can type anybody's address. A new
    sign-up gets *reference*, if one was told already. Records an event without personal details.
    Raises `InvalidAddress`, and `AudienceError` when there is no permission or no name.
    """
    _refuse_incomplete(person, permissions)
    address_key = keys.address_key(normalise(person.address))
    known = with_school(session, address_key, person)
    volunteer = volunteers.record(session, address_key, known, now=now)
    sign_up, was_new = _sign_up(session, volunteer, through, reference, now)
    sign_up.via_forward = _was_forwarded(session, address_key, through)
    if answers is not None:
        sign_up.answers = {name: list(chosen) for name, chosen in answers.items()}
    for purpose, wording in permissions.items():
        volunteers.permit(
            session, volunteer, purpose, wording, through=through, recorded_by=recorded_by, now=now
        )
    ended = () if through.method is Method.WEB_FORM else ENDED_BY_SIGNING_UP
    why = f"signed up, {sign_up.reference}"
    lifted = suppression.lift(
        session, address_key, scopes=ended, reason=why, who=recorded_by, now=now
    )
    session.add(_event(sign_up, through, permissions, recorded_by, now))
    return Recorded(
        reference=sign_up.reference,
        was_new=was_new,
        lifted=tuple(lifted),
        still_held=bool(suppression.of_address(session, address_key, today=london_day(now))),
    )


@dataclass(frozen=True)
class SignUpLine:
    """One sign-up as a researcher reads it."""

    reference: str
    signed_up_at: datetime
    campaign: str
    mode: str
    route: str
    name: str
    address: str
    role: str
    school_urn: str
    school_name: str
    purposes: tuple[str, ...]
    """What they said yes to and have not withdrawn, sorted."""
    via_forward: bool
    held: bool
    """They asked not to be emailed about research; signing up on the web ended no such wish."""
    answers: dict[str, list[str]]
    phone: str
    school_to_match: bool = False
    """They typed it in another form, and a person must say which school it is."""


def listing(session: Session, *, campaign: str | None, mode: str, today: date) -> list[SignUpLine]:
    """Return the sign-ups in *mode*, of one campaign or (None) of all, oldest first. Read-only.

    Who is held back is told as of *today* in London.
    """
    wanted = [col(SignUp.mode) == mode]
    if campaign is not None:
        wanted.append(col(SignUp.campaign) == campaign)
    found = session.execute(
        sa.select(SignUp, Volunteer)
        .join_from(SignUp, Volunteer, col(SignUp.volunteer_id) == col(Volunteer.id))
        .where(*wanted)
        .order_by(col(SignUp.signed_up_at), col(SignUp.id))
    )
    rows = list(found)
    purposes = _purposes(session)
    held = suppression.suppressed(
        session, (v.address_key for _, v in rows), "research", today=today
    )
    return [
        SignUpLine(
            reference=sign_up.reference,
            signed_up_at=sign_up.signed_up_at,
            campaign=sign_up.campaign,
            mode=sign_up.mode,
            route=sign_up.route,
            name=volunteer.name,
            address=volunteer.address,
            role=volunteer.role,
            school_urn=sign_up.school_urn,
            school_name=sign_up.school_name,
            school_to_match=sign_up.school_to_match,
            purposes=tuple(sorted(purposes.get(sign_up.volunteer_id, ()))),
            via_forward=sign_up.via_forward,
            held=volunteer.address_key in held,
            answers=sign_up.answers,
            phone=volunteer.phone,
        )
        for sign_up, volunteer in rows
    ]


def new_sign_up(volunteer_id: int, through: Through, reference: str, now: datetime) -> SignUp:
    """Return the sign-up of somebody who signs up *through* a campaign for the first time."""
    return SignUp(
        reference=reference,
        volunteer_id=volunteer_id,
        campaign=through.campaign,
        mode=through.mode,
        route=through.route,
        signed_up_at=now,
    )


def work_at(sign_up: SignUp, volunteer: Volunteer) -> None:
    """Have *sign_up* say that the volunteer works where they now say they do."""
    sign_up.school_urn, sign_up.school_name = volunteer.school_urn, volunteer.school_name
    sign_up.school_to_match = False


def note_export(
    session: Session, campaign: str, mode: str, number: int, *, who: str, why: str, now: datetime
) -> None:
    """Record that the sign-ups of *campaign* in *mode* were written to a file. Does not commit."""
    details = {"mode": mode, "sign_ups": number}
    session.add(
        Event(at=now, who=who, act="exported sign-ups", target=campaign, why=why, details=details)
    )


def new_reference() -> str:
    """Return a random reference to tell a volunteer: UR- and two groups of four."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"UR-{letters[:4]}-{letters[4:]}"


def _refuse_incomplete(person: Person, permissions: Mapping[Purpose, Wording]) -> None:
    problems = []
    if not person.name.strip():
        problems.append("A sign-up needs the person's name.")
    if not permissions:
        problems.append("A sign-up needs at least one permission: what did they say yes to?")
    if problems:
        raise AudienceError(*problems)


def with_school(session: Session, address_key: bytes, person: Person) -> Person:
    """Return *person*, tidied, with the school's name, and the school of the list they are on
    where they name none. Read-only."""
    address, name = tidied(person.address), person.name.strip()
    school_urn, school_name = person.school_urn, person.school_name
    if school_urn and not school_name:
        school_name = _name_of_school(session, school_urn)
    elif not school_urn and not school_name:
        school_urn, school_name = _school_of_recipient(session, address_key)
    return replace(
        person,
        address=address,
        name=name,
        role=person.role.strip(),
        school_urn=school_urn,
        school_name=school_name,
    )


def _name_of_school(session: Session, school_urn: str) -> str:
    return (
        session.exec(
            select(Membership.school_name)
            .where(Membership.school_urn == school_urn, col(Membership.school_name) != "")
            .order_by(col(Membership.list_id).desc())
        ).first()
        or ""
    )


def _school_of_recipient(session: Session, address_key: bytes) -> tuple[str, str]:
    found = session.exec(
        select(Membership.school_urn, Membership.school_name)
        .join(Recipient)
        .where(Recipient.address_key == address_key, col(Membership.school_name) != "")
        .order_by(col(Membership.list_id).desc())
    ).first()
    return (found[0], found[1]) if found else ("", "")


def _sign_up(
    session: Session, volunteer: Volunteer, through: Through, reference: str, now: datetime
) -> tuple[SignUp, bool]:
    if volunteer.id is None:
        raise ValueError("the volunteer was not written yet")
    known = session.exec(
        select(SignUp).where(
            SignUp.volunteer_id == volunteer.id,
            SignUp.campaign == through.campaign,
            SignUp.mode == through.mode,
        )
    ).first()
    reference = reference or unused_reference(session)
    sign_up = known or new_sign_up(volunteer.id, through, reference, now)
    work_at(sign_up, volunteer)
    session.add(sign_up)
    session.flush()
    return sign_up, known is None


def _was_forwarded(session: Session, address_key: bytes, through: Through) -> bool:
    """Return whether a link to a list of ours came from somebody whom it was not sent to."""
    if through.method is not Method.WEB_FORM or through.route != "direct":
        return False
    at_the_school = (
        select(Recipient.id)
        .join(Membership)
        .where(Recipient.address_key == address_key, Membership.school_urn == through.school)
    )
    sent_to = (
        select(Message.id)
        .join(Mailing)
        .where(
            Message.address_key == address_key,
            Message.occasion == "",
            Mailing.campaign == through.campaign,
            Mailing.mode == through.mode,
        )
    )
    on_list = through.school and session.exec(at_the_school).first() is not None
    return not on_list and session.exec(sent_to).first() is None


def unused_reference(session: Session) -> str:
    """Return a reference to tell that no sign-up has. Read-only."""
    while True:
        reference = new_reference()
        taken = (
            select(table).where(table.reference == reference) for table in (SignUp, AwaitedSignUp)
        )
        if not any(session.exec(query).first() for query in taken):
            return reference


def _purposes(session: Session) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    standing = sa.select(col(Permission.volunteer_id), col(Permission.purpose)).where(
        col(Permission.withdrawn_at).is_(None)
    )
    for volunteer_id, purpose in session.execute(standing):
        found.setdefault(volunteer_id, set()).add(purpose)
    return found


def _event(
    sign_up: SignUp,
    through: Through,
    permissions: Mapping[Purpose, Wording],
    who: str,
    now: datetime,
) -> Event:
    details = {
        "reference": sign_up.reference,
        "mode": through.mode,
        "method": through.method.value,
        "purposes": sorted(purpose.value for purpose in permissions),
    }
    return Event(at=now, who=who, act="recorded sign-up", target=through.campaign, details=details)
