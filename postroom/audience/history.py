"""Conditions of a segment about what happened before: who signed up, who had an email lately.

`was_sent` has a module of its own, because it brings people in; these only leave people out.
Reads only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.audience.was_sent import MAY_HAVE_IT
from postroom.errors import AudienceError
from postroom.tables import Mailing, Message, SignUp, Volunteer

NOT_SIGNED_UP_TO = "not_signed_up_to"
NOT_SENT_WITHIN = "not_sent_within"
LATELY = timedelta(days=14)
"""How long an email is remembered by the school that got it, when nobody says otherwise."""

_days = re.compile(r"([1-9][0-9]{0,3}) (day|week)s?")


@dataclass(frozen=True)
class SignedUp:
    """Who signed up to a campaign: by address, and by the school whose link they used."""

    address_keys: frozenset[bytes]
    schools: frozenset[str]


def signed_up(session: Session, campaigns: Sequence[str], mode: str) -> SignedUp:
    """Return who signed up to any of *campaigns* in *mode*.

    A sign-up from a forwarded link is somebody whom the list has not: it counts for the school.
    Raises `AudienceError` for a campaign that was neither sent nor signed up to in *mode*.
    """
    _refuse_unknown(session, campaigns, mode)
    rows = session.execute(
        sa.select(col(Volunteer.address_key), col(SignUp.school_urn))
        .join_from(SignUp, Volunteer, col(Volunteer.id) == col(SignUp.volunteer_id))
        .where(col(SignUp.campaign).in_(campaigns), col(SignUp.mode) == mode)
    ).all()
    return SignedUp(frozenset(key for key, _ in rows), frozenset(urn for _, urn in rows if urn))


def sent_since(session: Session, day: date, mode: str, *, but_not: str = "") -> dict[bytes, str]:
    """Return who may have had an email in *mode* since *day* began (UTC), with its campaign.

    Emails of the campaign *but_not* do not count: it must not leave out its own readers.
    """
    rows = session.execute(
        sa.select(col(Message.address_key), col(Mailing.campaign))
        .join_from(Message, Mailing, col(Mailing.id) == col(Message.mailing_id))
        .where(*_lately(day, mode), col(Message.occasion) == "", col(Mailing.campaign) != but_not)
        .order_by(col(Message.id))
    )
    return {bytes(key): campaign for key, campaign in rows}


def schools_with_several(session: Session, day: date, mode: str) -> dict[str, int]:
    """Return each school that had two emails or more in *mode* since *day*, and how many."""
    rows = session.execute(
        sa.select(col(Message.school_urn), sa.func.count())
        .join_from(Message, Mailing, col(Mailing.id) == col(Message.mailing_id))
        .where(*_lately(day, mode), col(Message.school_urn) != "", col(Message.occasion) == "")
        .group_by(col(Message.school_urn))
        .having(sa.func.count() > 1)
    )
    return {row[0]: row[1] for row in rows}


def period(said: Sequence[str]) -> timedelta:
    """Return the time that `not_sent_within` says. Raises `AudienceError` for anything else."""
    match = _days.fullmatch(said[0].strip().lower()) if len(said) == 1 else None
    if match is None:
        raise AudienceError(
            f'{NOT_SENT_WITHIN}: write a number of days or weeks, like "14 days", not '
            f"“{', '.join(said)}”."
        )
    return timedelta(days=int(match[1]) * (7 if match[2] == "week" else 1))


def _lately(day: date, mode: str) -> list[sa.ColumnElement[bool]]:
    beginning = datetime.combine(day, time(), UTC)
    return [
        col(Mailing.mode) == mode,
        col(Message.status).in_(MAY_HAVE_IT),
        sa.func.coalesce(col(Message.accepted_at), col(Message.claimed_at)) >= beginning,
    ]


def _refuse_unknown(session: Session, campaigns: Sequence[str], mode: str) -> None:
    known: set[str] = set()
    for table in (Mailing, SignUp):
        names = sa.select(col(table.campaign)).distinct().where(col(table.mode) == mode)
        if table is Mailing:
            names = names.where(col(Mailing.part) == "")
        known.update(session.scalars(names))
    if unknown := [name for name in campaigns if name not in known]:
        raise AudienceError(
            *(
                f"{NOT_SIGNED_UP_TO}: {name} was not sent in {mode} mode, and nobody signed up."
                for name in unknown
            ),
            f"Campaigns in {mode} mode: {', '.join(sorted(known)) or 'none'}.",
        )
