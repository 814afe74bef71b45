"""Test sends: one recipient's email, sent to somebody in the team, and never counted."""

import secrets
from datetime import UTC, datetime, time

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.content.rendering import Email
from postroom.delivery.gateway import Accepted, Notify, Parcel
from postroom.errors import NotPermitted
from postroom.settings import Settings
from postroom.tables import Event

ACT = "sent a test"
ASKED = "asked for approval"


def allow_test_send(session: Session, settings: Settings, to: str, *, now: datetime) -> None:
    """Raise `NotPermitted` unless *to* is one of `people` and today's limit is not reached."""
    if not settings.is_in_team(to):
        raise NotPermitted(
            "A test goes only to an address in `people` (outreach.toml). Add it there first."
        )
    refuse_over_limit(session, settings, now=now)


def refuse_over_limit(session: Session, settings: Settings, *, now: datetime) -> None:
    """Raise `NotPermitted` when today's tests and requests for approval reached their limit."""
    midnight = datetime.combine(now.date(), time(), tzinfo=UTC)
    sent = session.execute(
        sa.select(sa.func.count())
        .select_from(Event)
        .where(col(Event.act).in_([ACT, ASKED]), col(Event.at) >= midnight)
    ).scalar_one()
    if sent >= settings.test_sends_a_day:
        raise NotPermitted(
            f"{sent} tests and requests were sent today, which is the limit (test_sends_a_day in "
            "outreach.toml)."
        )


def note_test_send(session: Session, campaign: str, mode: str, who: str, *, now: datetime) -> None:
    """Record that a test is about to be sent, before it is: so the day's limit counts it."""
    session.add(Event(at=now, who=who, act=ACT, target=campaign, details={"mode": mode}))


def note_request(session: Session, campaign: str, mode: str, who: str, *, now: datetime) -> None:
    """Record that an approver is about to be asked, before the email leaves."""
    session.add(Event(at=now, who=who, act=ASKED, target=campaign, details={"mode": mode}))


def reference(what: str) -> str:
    """Return a fresh reference for mail that is nobody's message: *what* and 128 random bits."""
    return f"{what}-{secrets.token_hex(16)}"


def send_test(notify: Notify, email: Email, to: str) -> Accepted:
    """Send *email* to *to*, its subject marked TEST. Raises `NotifyError`."""
    marked = Email(subject=f"TEST: {email.subject}", body=email.body)
    return notify.send(Parcel(address=to, reference=reference("test"), email=marked))
