"""Sign-ups whose school a person must name, because the register could not tell which it is."""

from datetime import datetime

from sqlmodel import Session, select

from postroom.errors import AudienceError
from postroom.research import workplaces
from postroom.research.workplaces import Workplace
from postroom.tables import Event, SignUp, Volunteer


def find(session: Session, reference: str) -> SignUp:
    """Return the sign-up called *reference*, however it is typed. Raises `AudienceError`."""
    typed = "".join(reference.split()).upper()
    found = session.exec(select(SignUp).where(SignUp.reference == typed)).first()
    if found is None:
        raise AudienceError(
            f"There is no sign-up {typed[:40]}. The references are in: outreach signups list"
        )
    return found


def likely(session: Session, sign_up: SignUp) -> list[Workplace]:
    """Return schools that the words typed fit, or the first of them. Read-only."""
    for words in (sign_up.school_name, sign_up.school_name.partition(",")[0]):
        if found := workplaces.search(session, words):
            return found
    return []


def settle(session: Session, reference: str, *, urn: str, who: str, now: datetime) -> Workplace:
    """Record which school a waiting sign-up is from; a blank *urn* says that it is in no register.

    Returns the school, or the words that were typed. Does not commit. Records an event. Raises
    `AudienceError` for a sign-up that does not wait, and for a school that nobody knows.
    """
    sign_up = find(session, reference)
    if not sign_up.school_to_match:
        raise AudienceError(f"{sign_up.reference} does not wait for its school to be named.")
    place = Workplace("", sign_up.school_name)
    if urn:
        known = workplaces.by_urn(session, "".join(urn.split()))
        if known is None:
            raise AudienceError(f"The register has no school {urn[:40]}. Look at the number again.")
        place = known
    volunteer = session.get(Volunteer, sign_up.volunteer_id)
    if volunteer and (volunteer.school_urn, volunteer.school_name) == ("", sign_up.school_name):
        volunteer.school_urn, volunteer.school_name = place.urn, place.name
        session.add(volunteer)
    sign_up.school_urn, sign_up.school_name = place.urn, place.name
    sign_up.school_to_match = False
    session.add(sign_up)
    details = {"reference": sign_up.reference, "mode": sign_up.mode, "urn": place.urn}
    session.add(
        Event(at=now, who=who, act="named a school", target=sign_up.campaign, details=details)
    )
    return place
