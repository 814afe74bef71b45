"""Whether what an approval covers has to be looked at again, person by person, before mail goes.

To choose, write and check everybody takes minutes for a quarter of a million people, and nearly
always nothing has changed since it was done. What it goes by leaves a trace when it changes: files
have a digest, and whatever brings people or columns into the audience, or takes a list away, an
event of its own. So a note of what was looked at, and when, is kept with the approval. While it
holds, the outcome is known: the stops that were found are in the note, and whether each is
answered still is asked anew.

What this decides is only whether to look again. Rows are frozen by the approval whatever changes,
and each email is compared with what was approved as it is sent.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import suppression
from postroom.audience.segments import OF_WHAT_HAPPENED
from postroom.content.checks import CHECKS, Problem, Rank
from postroom.content.editions import Edition
from postroom.delivery import stop_answers
from postroom.delivery.preparing import Office
from postroom.settings import Mode
from postroom.tables import Approval, Event, Message, Status
from postroom.tables import Edition as EditionRow

IMPORTED, REPLACED, DELETED, LIFTED = "imported", "replaced an address", "deleted", "lifted"
"""The acts that can bring somebody into an audience, change what a list says of them, or leave a
campaign without its list."""

Note = dict[str, Any]


def note_of(
    session: Session,
    edition: Edition,
    office: Office,
    problems: Iterable[Problem],
    *,
    today: date,
) -> Note:
    """Return what was looked at in *session*, where everybody was chosen, written and checked.

    *problems* are those that were found.
    """
    newest = session.execute(sa.select(sa.func.max(col(Event.id)))).scalar_one()
    stops = [
        [one.check, one.text, [finding.hex() for finding in one.findings]]
        for one in problems
        if one.rank is Rank.STOP
    ]
    return {
        "event": newest or 0,
        "day": today.isoformat(),
        "around": _around(edition, office),
        "stops": stops,
    }


def holds(
    session: Session, approval: Approval, edition: Edition, office: Office, *, today: date
) -> bool:
    """Return whether looking at everybody again would find what the approval's note says."""
    note = approval.looked_at
    if not note or set(edition.campaign.segment) & set(OF_WHAT_HAPPENED):
        return False  # what happened changes by itself, as other campaigns go and time passes
    approved = session.get_one(EditionRow, approval.edition_id)
    day = date.fromisoformat(note["day"])
    return (
        approved.digest == edition.digest
        and note["around"] == _around(edition, office)
        # Deadlines are judged on the day of a live send, and on send_on otherwise.
        and (office.mode is not Mode.LIVE or day == today)
        and not suppression.ended_since(session, day, today=today)
        and not any(
            _concerns(session, approval, edition, event)
            for event in _acts_since(session, note["event"])
        )
    )


def open_stops(session: Session, approval: Approval, campaign: str) -> list[Problem]:
    """Return the stops of the approval's note that nobody has given a reason for. Read-only."""
    found = [
        Problem(Rank.STOP, check, text, findings=tuple(map(bytes.fromhex, findings)))
        for check, text, findings in approval.looked_at["stops"]
    ]
    return stop_answers.unanswered(session, campaign, found)


def _around(edition: Edition, office: Office) -> str:
    """Return a digest of what choosing and checking go by besides the edition and the lists.

    A newer program may know more checks than the one that looked.
    """
    whole = hashlib.sha256()
    groups = (
        sorted(office.settings.allowed_addresses),
        [office.settings.public_url],
        [text for pair in sorted(edition.facts_files.items()) for text in pair],
        [one.name for one in CHECKS],
    )
    for part in (part for group in groups for part in (str(len(group)), *group)):
        whole.update(len(part.encode()).to_bytes(8) + part.encode())
    return whole.hexdigest()


def _acts_since(session: Session, event_id: int) -> list[Event]:
    return list(
        session.exec(
            select(Event).where(
                col(Event.id) > event_id,
                col(Event.act).in_([IMPORTED, REPLACED, DELETED, LIFTED]),
            )
        )
    )


def _concerns(session: Session, approval: Approval, edition: Edition, event: Event) -> bool:
    """Return whether the act may have changed this campaign's audience."""
    lists = edition.campaign.list or ()
    if event.act == DELETED:
        return not set(lists).isdisjoint(event.details.get("lists", ()))
    if event.act != LIFTED:
        return event.target in (*lists, "schools")
    let_in = bytes.fromhex(event.details["address_key"])
    of_theirs = select(Message.id).where(
        Message.mailing_id == approval.mailing_id,
        Message.address_key == let_in,
        Message.status == Status.SKIPPED,
    )
    return session.exec(of_theirs).first() is not None
