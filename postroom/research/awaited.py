"""Sign-ups that wait for their person's word, because they had asked not to be emailed.

Anybody can type anybody's address into a form. So such a sign-up is nobody's until the reader of
that mailbox says that it counts, and it is deleted when they do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.delivery.preparing import Office
from postroom.keys import Keys
from postroom.research import signups, telling
from postroom.research.signups import ENDED_BY_SIGNING_UP
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.tables import AwaitedSignUp, Event, SignUp, Volunteer

DAYS = 14
"""How long such a sign-up waits, as the email that asks says."""


def put_by(
    session: Session,
    keys: Keys,
    person: Person,
    *,
    through: Through,
    permissions: Mapping[Purpose, Wording],
    answers: Mapping[str, Sequence[str]] | None,
    now: datetime,
) -> str:
    """Keep what somebody said until they confirm it; return the reference to tell.

    A later sign-up with the same address through the same campaign takes its place. Records an
    event without personal details; does not commit.
    """
    address_key = keys.address_key(normalise(person.address))
    known = find(session, address_key, through.campaign, through.mode)
    row = known or AwaitedSignUp(
        reference=signups.unused_reference(session),
        address_key=address_key,
        campaign=through.campaign,
        mode=through.mode,
        said={},
        signed_up_at=now,
        delete_at=now,
    )
    row.said = _written(person, through, permissions, answers)
    row.signed_up_at, row.delete_at = now, now + timedelta(days=DAYS)
    session.add(row)
    details = {"reference": row.reference, "mode": through.mode, "method": through.method.value}
    session.add(
        Event(at=now, who="self", act="sign-up awaits", target=through.campaign, details=details)
    )
    session.flush()
    return row.reference


def find(session: Session, address_key: bytes, campaign: str, mode: str) -> AwaitedSignUp | None:
    """Return the sign-up that waits for the word of whoever has that address. Read-only."""
    return session.exec(
        select(AwaitedSignUp).where(
            AwaitedSignUp.address_key == address_key,
            AwaitedSignUp.campaign == campaign,
            AwaitedSignUp.mode == mode,
        )
    ).first()


def confirmed(
    session: Session, address_key: bytes, campaign: str, mode: str, *, today: date
) -> str | None:
    """Return the reference of the sign-up that already counts, or None. Read-only.

    It counts while nothing that a sign-up ends keeps its person from being emailed.
    """
    holds = suppression.of_address(session, address_key, today=today)
    if any(hold.scope in ENDED_BY_SIGNING_UP for hold in holds):
        return None
    return session.exec(
        select(SignUp.reference)
        .join(Volunteer)
        .where(
            Volunteer.address_key == address_key,
            SignUp.campaign == campaign,
            SignUp.mode == mode,
        )
    ).first()


def count(session: Session, *, campaign: str | None, mode: str) -> int:
    """Return how many sign-ups wait, of one campaign or (None) of all. Read-only."""
    wanted = [col(AwaitedSignUp.mode) == mode]
    if campaign is not None:
        wanted.append(col(AwaitedSignUp.campaign) == campaign)
    rows = sa.select(sa.func.count()).select_from(AwaitedSignUp).where(*wanted)
    return int(session.execute(rows).scalar_one())


def confirm(
    session: Session, root: Path, office: Office, waiting: AwaitedSignUp, *, now: datetime
) -> str:
    """Let *waiting* count, by its person's word, and end what kept them from being emailed.

    Returns the reference of their sign-up, and plans the email that confirms it. Does not commit.
    """
    person, through, permissions, answers = _read(waiting.said)
    suppression.lift(
        session,
        waiting.address_key,
        scopes=ENDED_BY_SIGNING_UP,
        reason=f"confirmed their sign-up, {waiting.reference}",
        who="themselves",
        now=now,
    )
    recorded = signups.add_sign_up(
        session,
        office.keys,
        person,
        through=through,
        permissions=permissions,
        recorded_by="self",
        now=now,
        answers=answers,
        reference=waiting.reference,
    )
    session.delete(waiting)
    reference, said_yes_to = recorded.reference, tuple(permissions)
    telling.signed_up(
        session, root, office, person, through.campaign, reference, said_yes_to, now=now
    )
    return reference


def _written(
    person: Person,
    through: Through,
    permissions: Mapping[Purpose, Wording],
    answers: Mapping[str, Sequence[str]] | None,
) -> dict[str, Any]:
    return {
        "person": asdict(person),
        "through": asdict(through),
        "permissions": {purpose.value: asdict(words) for purpose, words in permissions.items()},
        "answers": None if answers is None else {name: list(to) for name, to in answers.items()},
    }


def _read(
    said: Mapping[str, Any],
) -> tuple[Person, Through, dict[Purpose, Wording], dict[str, list[str]] | None]:
    through = Through(**{**said["through"], "method": Method(said["through"]["method"])})
    permissions = {Purpose(name): Wording(**words) for name, words in said["permissions"].items()}
    return Person(**said["person"]), through, permissions, said["answers"]
