"""Texts that are approved as they stand, and not as a set of messages: a partner's pack, say.

They are approved as a send is: a digest over every text, so that a changed word needs a new yes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from postroom.content.checks import Problem
from postroom.content.editions import Edition
from postroom.content.rendering import Email
from postroom.delivery import approval as approvals
from postroom.delivery import messages, stop_answers
from postroom.delivery.approval import Terms
from postroom.settings import Mode
from postroom.tables import Approval, Mailing


@dataclass(frozen=True)
class FixedTexts:
    """Texts of one campaign, and every problem in them."""

    edition: Edition
    """What they are made from; its campaign's facts are those to be checked."""
    part: str
    """Of the campaign's mailings, the one that they belong to."""
    what: str
    """As it reads after "approve": "this pack for the Institute"."""
    emails: Mapping[str, Email]
    """What each text is, in words, and the text."""
    problems: Sequence[Problem]

    @property
    def campaign(self) -> str:
        return self.edition.campaign.name

    @property
    def digest(self) -> bytes:
        """SHA-256 (32 bytes) over every text in order: what an approval is of."""
        return hashlib.sha256(b"".join(e.content_hash for e in self.emails.values())).digest()


def open_stops(session: Session, texts: FixedTexts) -> list[Problem]:
    """Return the stops of *texts* that nobody has mended or answered. Read-only."""
    return stop_answers.unanswered(session, texts.campaign, texts.problems)


def standing_approval(session: Session, texts: FixedTexts, mode: Mode) -> Approval | None:
    """Return the approval of exactly *texts* in *mode*; None while it is a draft. Read-only."""
    mailing = messages.find_mailing(session, texts.campaign, mode, part=texts.part)
    if mailing is None:
        return None
    return session.exec(
        select(Approval).where(
            Approval.mailing_id == mailing.id,
            Approval.set_digest == texts.digest,
            col(Approval.refused).is_(False),
            col(Approval.ended_at).is_(None),
        )
    ).first()


def approve(
    session: Session,
    mailing: Mailing,
    texts: FixedTexts,
    *,
    terms: Terms,
    facts: Mapping[str, str],
    who: str,
    recorded_by: str,
    now: datetime,
) -> Approval:
    """Record that *who* approved exactly *texts*; return the record. Ends earlier approvals.

    Raises `NotPermitted` when somebody refused the very same before. Does not commit.
    """
    assert mailing.id is not None  # noqa: S101  # flushed
    edition_id = approvals.keep_edition(session, texts.edition, now=now)
    approvals.check_not_refused(session, mailing.id, texts.digest, edition_id=edition_id)
    mailing.edition_id = edition_id
    approval = Approval(
        mailing_id=mailing.id,
        edition_id=edition_id,
        set_digest=texts.digest,
        count=0,  # how many get them is not known beforehand
        terms=asdict(terms),
        facts=dict(facts),
        approved_by=who,
        recorded_by=recorded_by,
        approved_at=now,
    )
    approvals.put_in_place(session, approval)
    return approval
