"""Confirmations in the outbox: planned when something happens, sent by the words approved once.

What happened is the occasion of the message. They are a mailing of their own beside the campaign's
emails, so that neither counts in the other, and an approval of one is none of the other.
"""

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.content import confirmations
from postroom.content.confirmations import PART, Confirmation, Occasion
from postroom.content.editions import Edition
from postroom.database import Database
from postroom.delivery import approval as approvals
from postroom.delivery import messages, occasions, outbox
from postroom.delivery.confirmation_letters import ConfirmationWriter, samples
from postroom.delivery.gateway import Notify
from postroom.delivery.outbox import Draft
from postroom.delivery.preparing import Office, not_allowed
from postroom.delivery.runs import Clock, Run
from postroom.delivery.sending import Sender
from postroom.errors import ContentError
from postroom.settings import Mode
from postroom.tables import Approval, Mailing, Message, Status
from postroom.tables import Edition as EditionRow

log = logging.getLogger("postroom.confirmations")


@dataclass(frozen=True)
class Happened:
    """Something that somebody is told about by email."""

    confirmation: Confirmation
    campaign: str
    address: str
    address_key: bytes
    says: Mapping[str, str] = field(default_factory=dict)
    """What its template shows of it, by the names in `confirmations.SAMPLES`."""


@dataclass(frozen=True)
class Waiting:
    """Confirmations of one campaign that are planned and not yet sent."""

    mailing_id: int
    campaign: str
    number: int
    since: datetime  # UTC


def plan(
    session: Session, root: Path, office: Office, happened: Happened, *, now: datetime
) -> bool:
    """Put the confirmation of what *happened* into the outbox; return whether one will go.

    By the words that are approved; while none are, by those of the workspace at *root*, to be
    written anew once some are. None goes when the campaign does not send it, or has no template
    that can be written. Expects the write lock; does not commit.
    """
    known = messages.find_mailing(session, happened.campaign, office.mode, part=PART)
    approval = approvals.standing(session, known.id) if known and known.id else None
    try:
        edition = _edition(session, approval, root, happened.campaign)
        if happened.confirmation not in confirmations.sent_by(edition.campaign):
            return False
        writer = ConfirmationWriter(edition, office)
        occasion = str(Occasion(happened.confirmation, now))
        email, _ = writer.email(happened.address_key, occasion, happened.says)
    except ContentError as error:
        log.error("no confirmation of %s: %s", happened.campaign, error)
        return False
    draft = Draft(
        row=0,
        address=happened.address,
        address_key=happened.address_key,
        school_urn="",
        school_name="",
        fields=dict(happened.says),
        reference=writer.reference(happened.address_key, occasion),
        content_hash=email.content_hash,
        left_out=not_allowed(happened.address, office),
    )
    mailing = outbox.mailing_for(session, happened.campaign, office.mode, part=PART, now=now)
    assert mailing.id is not None  # noqa: S101  # flushed
    occasions.add(
        session,
        mailing.id,
        draft,
        occasion=occasion,
        edition_id=_edition_id(session, approval, edition, now),
        approval_id=approval.id if approval else None,
        now=now,
    )
    return not draft.left_out


def put_waiting_under(session: Session, approval: Approval, office: Office) -> int:
    """Write what waits in the approval's mailing by its words, and let it go; return how many.

    Expects the write lock; does not commit.
    """
    writer = ConfirmationWriter(approved_edition(session, approval), office)
    found = occasions.planned(session, approval.mailing_id)
    for message in found:
        email, _ = writer.write(message)
        occasions.put_under_approval(session, message.id, approval, email.content_hash)
    return len(found)


def approved_edition(session: Session, approval: Approval) -> Edition:
    """Return the edition of confirmations that *approval* is about, as it was approved."""
    row = session.get_one(EditionRow, approval.edition_id)
    return confirmations.restore(approvals.campaign_of(session, approval), row.files)


def waiting(session: Session, mode: str, *, but_not: Collection[int] = ()) -> list[Waiting]:
    """Return the confirmations of *mode* that are due to be sent, by campaign. Read-only.

    Without the messages in *but_not*.
    """
    due = _waiting_in(mode).where(
        col(Mailing.stopped_at).is_(None), col(Message.id).not_in(but_not)
    )
    return [Waiting(*row) for row in session.execute(due)]


def _waiting_in(mode: str) -> sa.Select[int | None, str, int, datetime]:
    return (
        sa.select(
            col(Mailing.id),
            col(Mailing.campaign),
            sa.func.count(),
            sa.func.min(col(Message.planned_at)),
        )
        .join_from(Mailing, Message, col(Message.mailing_id) == col(Mailing.id))
        .where(
            col(Mailing.mode) == mode,
            col(Mailing.part) == PART,
            col(Message.status) == Status.PLANNED,
        )
        .group_by(col(Mailing.id), col(Mailing.campaign))
        .order_by(col(Mailing.campaign))
    )


def held_up(session: Session, mode: Mode) -> list[tuple[Waiting, str]]:
    """Return the confirmations of *mode* that are still to be sent, each with why. Read-only."""
    rows = session.execute(_waiting_in(mode))
    return [(one := Waiting(*row), _why(session, one.mailing_id, mode)) for row in rows]


def _why(session: Session, mailing_id: int, mode: Mode) -> str:
    mailing, approval = (
        session.get_one(Mailing, mailing_id),
        approvals.standing(session, mailing_id),
    )
    if mailing.stopped_at is not None:
        return f"they are stopped ({mailing.stopped_why})"
    if approval is None and mode in (Mode.TEAM, Mode.LIVE):
        return "their texts are not approved"
    if approval is not None and not may_leave(approval, mode):
        return "they are approved, and not switched on"
    return "`outreach serve` or `outreach worker` sends them"


def switch_on(session: Session, approval_id: int, *, who: str, now: datetime) -> None:
    """Let confirmations under an approval leave in live from now on. Does not commit."""
    approval = session.get_one(Approval, approval_id)
    approval.switched_on_at, approval.switched_on_by = now, who


def subjects(session: Session, approval: Approval, office: Office) -> list[str]:
    """Return the subjects of the confirmations under *approval*. Read-only."""
    edition = approved_edition(session, approval)
    return [email.subject for email in samples(edition, office).values()]


def switched_off(session: Session, mode: str) -> list[Approval]:
    """Return the standing approvals of confirmations that nobody has switched on. Read-only."""
    return list(
        session.exec(
            select(Approval)
            .join(Mailing)
            .where(
                Mailing.mode == mode,
                Mailing.part == PART,
                col(Approval.ended_at).is_(None),
                col(Approval.refused).is_(False),
                col(Approval.switched_on_at).is_(None),
            )
            .order_by(col(Mailing.campaign))
        )
    )


def may_leave(approval: Approval | None, mode: Mode) -> bool:
    """Return whether what is under *approval* is sent: in live, once it is switched on."""
    if approval is None:
        return False
    return mode is not Mode.LIVE or approval.switched_on_at is not None


def send_waiting(
    database: Database,
    notify: Notify,
    office: Office,
    approval: Approval,
    *,
    clock: Clock,
    interrupted: threading.Event,
    but_not: Collection[int] = (),
) -> Run:
    """Send what waits under *approval*; return how it went. Commits as it goes.

    The messages in *but_not* are left for another time. Whoever was erased is told so, and then
    their address is gone from here too.
    """
    with database.read() as session:
        edition = approved_edition(session, approval)
    run = Sender(
        database=database,
        notify=notify,
        office=office,
        approval=approval,
        writer=ConfirmationWriter(edition, office),
        clock=clock,
        interrupted=interrupted,
        progress=lambda _run: None,
        run=Run(set_aside=frozenset(but_not)),
    ).send()
    with database.write() as session:
        occasions.forget(session, approval.mailing_id, occasion=Confirmation.DETAILS_DELETED)
    return run


def _edition(session: Session, approval: Approval | None, root: Path, campaign: str) -> Edition:
    if approval is not None:
        return approved_edition(session, approval)
    return confirmations.load(root, campaign)


def _edition_id(
    session: Session, approval: Approval | None, edition: Edition, now: datetime
) -> int:
    return approval.edition_id if approval else approvals.keep_edition(session, edition, now=now)
