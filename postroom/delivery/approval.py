"""Who said yes to exactly what, and whether that is still what would be sent.

An approval holds for the rows planned when it was given, byte for byte, and for its terms:
service, key type, template and its version, reply-to and the base of the links. Suppression may
take rows away from it; nothing may add or change one.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from postroom.content.editions import Edition, restore_edition
from postroom.delivery import messages, outbox
from postroom.delivery.gateway import Notify, NotifyTemplate
from postroom.delivery.preparing import NOT_ALLOWED_HERE, Prepared, rows_in_words
from postroom.errors import NotPermitted
from postroom.settings import Mode, Settings
from postroom.tables import Approval, Mailing, Message, Status
from postroom.tables import Edition as EditionRow

LINES_SHOWN = 8
NOTHING: Mapping[str, Any] = {}
NOT_APPROVED = (
    "{campaign} is not approved in {mode} mode. Run: outreach approve {campaign} --mode {mode}"
)


@dataclass(frozen=True)
class Terms:
    """How the approved messages will travel. Anything else needs a new approval."""

    service: str
    key_type: str
    template_id: str
    template_version: int
    reply_to_id: str
    public_url: str

    def differences(self, agreed: dict[str, object]) -> list[str]:
        """Return, in words, where *agreed* (an approval's terms) says otherwise."""
        return [
            f"{name.replace('_', ' ')} was {agreed.get(name) or 'none'}, now {value or 'none'}"
            for name, value in asdict(self).items()
            if agreed.get(name) != value
        ]


def terms_of(notify: Notify, template: NotifyTemplate, settings: Settings) -> Terms:
    """Return the terms under which *notify* would send now."""
    return Terms(
        service=notify.service,
        key_type=notify.key_type,
        template_id=notify.template_id,
        template_version=template.version,
        reply_to_id=notify.reply_to_id or "",
        public_url=settings.public_url,
    )


def keep_edition(session: Session, edition: Edition, *, now: datetime) -> int:
    """Return the id of the stored *edition*, stored now if it is new."""
    known = session.exec(select(EditionRow).where(EditionRow.digest == edition.digest)).first()
    if known is None:
        known = EditionRow(digest=edition.digest, files=dict(edition.files), made_at=now)
        session.add(known)
        session.flush()
    assert known.id is not None  # noqa: S101  # flushed
    return known.id


def campaign_of(session: Session, approval: Approval) -> str:
    """Return the name of the campaign that *approval* is about."""
    return session.get_one(Mailing, approval.mailing_id).campaign


def stored_edition(session: Session, approval: Approval, campaign: str) -> Edition:
    """Return the edition that *approval* is about, exactly as it was approved."""
    row = session.get_one(EditionRow, approval.edition_id)
    return restore_edition(campaign, row.files)


def refuse(
    session: Session,
    mailing: Mailing,
    *,
    edition_id: int,
    digest: bytes,
    why: str,
    who: str,
    now: datetime,
) -> None:
    """Record *who* said no to the set with this digest. It stands until something changes."""
    assert mailing.id is not None  # noqa: S101  # it was read from the database
    end_approvals(session, mailing.id, now=now)
    outbox.take_back_approval(session, mailing.id)
    session.add(
        Approval(
            mailing_id=mailing.id,
            edition_id=edition_id,
            set_digest=digest,
            count=0,
            terms={},
            approved_by=who,
            recorded_by=who,
            approved_at=now,
            refused=True,
            why=why,
            ended_at=now,
        )
    )


def check_not_refused(session: Session, mailing_id: int, digest: bytes, *, edition_id: int) -> None:
    """Raise `NotPermitted` when the very set with this digest was refused before.

    What it was made from counts too: a fact's source changes without changing a word sent.
    """
    no = session.exec(
        select(Approval).where(
            Approval.mailing_id == mailing_id,
            Approval.set_digest == digest,
            Approval.edition_id == edition_id,
            col(Approval.refused).is_(True),
        )
    ).first()
    if no is not None:
        raise NotPermitted(
            f"{no.approved_by} said no to exactly this: {no.why}",
            "That stands until something changes: mend the campaign, then ask again.",
        )


def approve(
    session: Session,
    mailing: Mailing,
    *,
    edition_id: int,
    digest: bytes,
    terms: Terms,
    facts: Mapping[str, str],
    who: str,
    recorded_by: str,
    now: datetime,
    looked_at: Mapping[str, Any] = NOTHING,
) -> Approval:
    """Record that *who* approved the planned set whose digest they were shown; return the record.

    *facts* are those they ticked, each with its value; *recorded_by* is who typed it in;
    *looked_at* is what the set was made and checked from.
    Raises `NotPermitted` when the outbox has changed since it was shown. Ends earlier approvals.
    """
    assert mailing.id is not None  # noqa: S101  # it was read from the database
    planned = messages.planned_set(session, mailing.id)
    if messages.set_digest(planned) != digest:
        raise NotPermitted(
            "The messages changed while they were being approved. Nothing was approved: "
            "run the same command again to see what is new."
        )
    approval = Approval(
        mailing_id=mailing.id,
        edition_id=edition_id,
        set_digest=digest,
        count=len(planned),
        terms=asdict(terms),
        facts=dict(facts),
        approved_by=who,
        recorded_by=recorded_by,
        approved_at=now,
        looked_at=dict(looked_at),
    )
    put_in_place(session, approval)
    outbox.put_under_approval(session, approval)
    return approval


def put_in_place(session: Session, approval: Approval) -> None:
    """Let *approval* count from when it was given, and no earlier one of its mailing any more."""
    end_approvals(session, approval.mailing_id, now=approval.approved_at)
    session.add(approval)
    session.flush()


def end_approvals(session: Session, mailing_id: int, *, now: datetime) -> None:
    """Note that no earlier approval of this mailing counts any more."""
    for earlier in session.exec(
        select(Approval).where(Approval.mailing_id == mailing_id, col(Approval.ended_at).is_(None))
    ):
        earlier.ended_at = now


def standing_approval(session: Session, campaign: str, mode: Mode) -> Approval | None:
    """Return the approval of the campaign's own emails that counts now, or None."""
    mailing = messages.find_mailing(session, campaign, mode)
    if mailing is None or mailing.id is None:
        return None
    return standing(session, mailing.id)


def standing(session: Session, mailing_id: int) -> Approval | None:
    """Return the approval of a mailing that counts now, or None."""
    return session.exec(
        select(Approval)
        .where(Approval.mailing_id == mailing_id, col(Approval.ended_at).is_(None))
        .order_by(col(Approval.id).desc())
    ).first()


def what_changed(
    session: Session, approval: Approval, edition: Edition, prepared: Prepared
) -> Iterator[str]:
    """Yield, in words, everything that would be sent now and was not approved.

    People who would no longer be sent to are not a change, for an approval may always shrink; but
    those whom `allowed_addresses` keeps out since are: nobody asks about them as mail is claimed.
    """
    drafts = prepared.to_send
    approved = stored_edition(session, approval, edition.campaign.name)
    for name in sorted(set(approved.files) | set(edition.files)):
        before, after = approved.files.get(name, ""), edition.files.get(name, "")
        if before != after:
            yield f"{name} was changed after the approval:{_difference(before, after)}"
    held = _rows(session, approval)
    kept_out = [
        draft.row
        for draft in prepared.left_out
        if draft.left_out == NOT_ALLOWED_HERE
        and (row := held.get(draft.address_key)) is not None
        and row.status == Status.PLANNED
    ]
    if kept_out:
        yield f"{len(kept_out)} {NOT_ALLOWED_HERE} ({rows_in_words(kept_out)})"
    new = [draft for draft in drafts if draft.address_key not in held]
    # What was sent, perhaps in other words and under an earlier approval, is no change to come.
    changed = [
        draft
        for draft in drafts
        if (row := held.get(draft.address_key)) is not None
        and (row.status, row.approval_id) == (Status.PLANNED, approval.id)
        and row.content_hash != draft.content_hash
    ]
    if new:
        rows = rows_in_words([one.row for one in new])
        yield f"{len(new)} new on the list since the approval ({rows})"
    if changed and approved.digest == edition.digest:
        rows = rows_in_words([one.row for one in changed])
        yield f"{len(changed)} would get other words than approved ({rows})"


def _rows(session: Session, approval: Approval) -> dict[bytes, Any]:
    """Return how each message stands that is or was to be sent, by its address key."""
    rows = session.execute(
        select(
            Message.address_key, Message.content_hash, Message.status, Message.approval_id
        ).where(
            Message.mailing_id == approval.mailing_id,
            col(Message.status) != Status.SKIPPED,
        )
    )
    return {row.address_key: row for row in rows}


def _difference(before: str, after: str) -> str:
    """Return the changed lines of a file, - as approved and + as now; of many the first ones.

    The files are the team's own text: no recipient is in them.
    """
    changed = [
        f"\n      {line[0]} {line[1:].strip()}"
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        if line[0] in "+-" and not line.startswith(("+++", "---")) and line[1:].strip()
    ]
    more = f"\n      … and {len(changed) - LINES_SHOWN} more" if len(changed) > LINES_SHOWN else ""
    return "".join(changed[:LINES_SHOWN]) + more
