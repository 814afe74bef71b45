"""Asking an approver by email, and the code that shows they read it.

The code is sent to the approver's mailbox and stored hashed; it stands in no file and no log. It
is evidence that somebody reading that mailbox agreed, not a lock against whoever holds the keys
and the database.
"""

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from postroom.audience.addresses import tidied
from postroom.content.campaign_file import Campaign
from postroom.delivery import messages
from postroom.delivery.approval import Terms
from postroom.errors import NotPermitted
from postroom.keys import Keys
from postroom.settings import Settings
from postroom.tables import ApprovalRequest, Mailing

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread: no i, l, o, 0, 1
CODE_LENGTH = 12  # of 31 letters: 59 bits, for a code that lives a week
LASTS = timedelta(days=7)


def new_code() -> str:
    """Return a fresh approval code, like k7qf-2m9x-hd4t."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def may_be_asked(
    approver: str, asker: str, campaign: Campaign, settings: Settings, *, last_editor: str = ""
) -> None:
    """Raise `NotPermitted` unless *approver* is named in the settings and had no hand in it.

    The author is who the campaign file names, *last_editor* who changed its files last where that
    is known; what was changed since counts as the hand of whoever asks.
    """
    if tidied(approver).lower() not in {tidied(address).lower() for address in settings.approvers}:
        raise NotPermitted(
            "Only an address in `approvers` (outreach.toml) can be asked to approve. "
            "Add it there first."
        )
    if _mailbox(approver) in (_mailbox(campaign.author), _mailbox(asker)):
        raise NotPermitted(
            f"The author of {campaign.name}, or whoever asks, may not approve it. "
            "Ask another approver."
        )
    if last_editor and _mailbox(approver) == _mailbox(last_editor):
        raise NotPermitted(
            f"Whoever changed the files of {campaign.name} last, as git has it, may not approve "
            "it. Ask another approver."
        )


def _mailbox(address: str) -> str:
    """Return *address* less a +tag: whose mail it is, however it is spelt."""
    local, at, host = tidied(address).lower().rpartition("@")
    return local.partition("+")[0] + at + host


def note_request(
    session: Session,
    mailing: Mailing,
    *,
    edition_id: int,
    digest: bytes,
    terms: Terms,
    approver: str,
    asker: str,
    code_hash: bytes,
    now: datetime,
) -> ApprovalRequest:
    """Record that *approver* is asked about what *digest* is of; return the record.

    That is the set planned now, or texts that stand by themselves: a partner's pack.
    """
    assert mailing.id is not None  # noqa: S101  # it was read from the database
    asked = ApprovalRequest(
        mailing_id=mailing.id,
        edition_id=edition_id,
        set_digest=digest,
        terms=asdict(terms),
        approver=approver,
        code_hash=code_hash,
        requested_by=asker,
        requested_at=now,
    )
    session.add(asked)
    return asked


def request_with_code(
    session: Session,
    keys: Keys,
    code: str,
    mailing: Mailing,
    *,
    now: datetime,
    digest: bytes | None = None,
) -> ApprovalRequest:
    """Return the open request that *code* answers; *digest* as `note_request` was given it.

    Raises `NotPermitted` for a code that is wrong, used, too old or another campaign's, and when
    the messages have changed since the approver was asked.
    """
    asked = session.exec(
        select(ApprovalRequest)
        .where(ApprovalRequest.code_hash == keys.code_hash(code))
        .order_by(col(ApprovalRequest.id).desc())
    ).first()
    ask_again = _ask_again(mailing)
    if asked is None:
        raise NotPermitted(f"That is not a code we sent. Read it again. {ask_again}")
    if asked.mailing_id != mailing.id:
        raise NotPermitted(f"That code is for another campaign or another mode. {ask_again}")
    if asked.answered_at is not None:
        raise NotPermitted(f"That code has been used already. {ask_again}")
    if now - asked.requested_at > LASTS:
        raise NotPermitted(f"That code is more than {LASTS.days} days old. {ask_again}")
    assert mailing.id is not None  # noqa: S101  # it was read from the database
    present = digest or messages.set_digest(messages.planned_set(session, mailing.id))
    if present != asked.set_digest:
        raise NotPermitted(
            f"The emails have changed since the approver was asked. Nothing was approved. "
            f"{ask_again}"
        )
    return asked


def refuse_changes(
    asked: ApprovalRequest, mailing: Mailing, *, digest: bytes, edition_id: int, terms: Terms
) -> None:
    """Raise `NotPermitted` where it is no longer so what the approver was *asked* about.

    The edition counts too: a fact's source, or who the author is, changes without a changed word.
    """
    if (asked.set_digest, asked.edition_id) != (digest, edition_id):
        raise NotPermitted(
            "The campaign has changed since the approver was asked. Nothing was approved. "
            f"{_ask_again(mailing)}"
        )
    if differences := terms.differences(asked.terms):
        raise NotPermitted("Since the approver was asked:", *differences, "Ask again.")


def _ask_again(mailing: Mailing) -> str:
    return (
        f"Ask again with: outreach review {mailing.campaign} --mode {mailing.mode} --email ADDRESS"
    )
