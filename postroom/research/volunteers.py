"""Volunteers: who offered to take part in research, and what they said yes to, in which words.

A permission is evidence of what was agreed and a limit on use. It is not the lawful basis, which
a public body usually finds in its public task.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, select

from postroom.content.campaign_file import Campaign
from postroom.content.signup_form import Purpose as Purpose
from postroom.tables import Permission, SupportNeed, Volunteer

YEARS_KEPT = 2
"""From the last permission on (the department's research manual, `using-lists-for-recruitment`)."""


class Method(StrEnum):
    """How a permission was given."""

    WEB_FORM = "web-form"
    TELEPHONE = "telephone"
    EMAIL = "email"
    PAPER = "paper"
    EVENT = "event"
    IMPORT = "import"  # from a form made with another tool


STATEMENTS = {
    Purpose.THIS_SERVICE: "You can contact me about research for “{title}”.",
    Purpose.OTHER_RESEARCH: "{controller} can contact me about other research.",
    Purpose.SURVEY: "You can send me surveys about “{title}”.",
    Purpose.UPDATES: "You can email me news about “{title}”.",
}
"""What is read out when nothing else is agreed. What was really said is stored, word for word."""


@dataclass(frozen=True)
class Wording:
    """What a volunteer was told when they were asked."""

    statement: str
    controller: str = ""
    privacy_notice_url: str = ""
    version: str = ""
    """Of the form that the statement stood on."""
    privacy_notice_version: str = ""


@dataclass(frozen=True)
class Through:
    """Where a volunteer came from, and how they said yes."""

    campaign: str
    mode: str
    route: str
    method: Method
    evidence: str = ""
    """Where the proof is kept: a note's reference, an email's date. Never an IP address."""
    template_version: str = ""
    """Of the email that asked."""
    school: str = ""
    """The URN that the link named, if it named one."""


@dataclass(frozen=True)
class Person:
    """What a volunteer says of themselves. Blank parts leave what is already known."""

    address: str
    name: str
    role: str = ""
    school_urn: str = ""
    school_name: str = ""
    phone: str = ""
    support: str | None = None
    """What would help them take part; None leaves what is known, empty text takes it away."""


def statements_of(campaign: Campaign) -> dict[Purpose, str]:
    """Return the words in which *campaign* asks for each permission: its own, or the usual ones."""
    return dict(campaign.signup.permissions) or {
        purpose: usual_statement(campaign, purpose) for purpose in Purpose
    }


def usual_statement(campaign: Campaign, purpose: Purpose) -> str:
    """Return the usual words for *purpose*, about what the research of *campaign* is about."""
    organisation = campaign.facts.get("organisation")
    words = STATEMENTS[purpose].format(
        title=campaign.signup.about or campaign.title,
        controller=organisation.value if organisation else "the team",
    )
    return words[0].upper() + words[1:]


def find(session: Session, address_key: bytes) -> Volunteer | None:
    """Return the volunteer with this address, or None. Read-only."""
    return session.exec(select(Volunteer).where(Volunteer.address_key == address_key)).first()


def record(session: Session, address_key: bytes, person: Person, *, now: datetime) -> Volunteer:
    """Return the volunteer for *person*, made or brought up to date. Does not commit."""
    volunteer = find(session, address_key) or Volunteer(
        address=person.address,
        address_key=address_key,
        name=person.name,
        first_signed_up_at=now,
    )
    update(volunteer, person)
    session.add(volunteer)
    session.flush()
    if person.support is not None:
        _record_support(session, volunteer, person.support, now)
    return volunteer


def update(volunteer: Volunteer, person: Person) -> None:
    """Bring *volunteer* up to date with what *person* says; blank parts leave what is known."""
    for part in ("name", "role", "phone"):
        said = getattr(person, part)
        if said:
            setattr(volunteer, part, said)
    if person.school_urn or person.school_name:  # one place: not the name of this, the URN of that
        volunteer.school_urn, volunteer.school_name = person.school_urn, person.school_name


def _record_support(session: Session, volunteer: Volunteer, text: str, now: datetime) -> None:
    known = session.exec(
        select(SupportNeed).where(SupportNeed.volunteer_id == _id(volunteer))
    ).first()
    if not text:
        if known:
            session.delete(known)
        return
    need = known or SupportNeed(volunteer_id=_id(volunteer), text="", given_at=now)
    need.text, need.given_at = text, now
    session.add(need)


def permit(
    session: Session,
    volunteer: Volunteer,
    purpose: Purpose,
    wording: Wording,
    *,
    through: Through,
    recorded_by: str,
    now: datetime,
) -> Permission:
    """Record that *volunteer* said yes to *purpose* at *now*. Does not commit.

    A permission given again is a new row: the newest counts, the older ones stay as evidence.
    """
    permission = Permission(
        volunteer_id=_id(volunteer),
        purpose=purpose.value,
        given_at=now,
        expires_at=years_after(now, YEARS_KEPT),
        method=through.method.value,
        statement_text=wording.statement,
        statement_sha256=hashlib.sha256(wording.statement.encode()).hexdigest(),
        statement_version=wording.version,
        privacy_notice_url=wording.privacy_notice_url,
        privacy_notice_version=wording.privacy_notice_version,
        controller=wording.controller,
        campaign=through.campaign,
        template_version=through.template_version,
        route=through.route,
        evidence=through.evidence,
        recorded_by=recorded_by,
    )
    session.add(permission)
    return permission


def years_after(moment: datetime, years: int) -> datetime:
    """Return the same day *years* later; 29 February becomes the 28th."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def _id(volunteer: Volunteer) -> int:
    if volunteer.id is None:
        raise ValueError("the volunteer was not written yet")
    return volunteer.id
