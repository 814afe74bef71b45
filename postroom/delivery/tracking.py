"""What became of messages: read Notify's list, look up what is in doubt, notice what it forgot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.database import Database
from postroom.delivery import adopting, attempts, reading_back
from postroom.delivery.gateway import Notification, Notify
from postroom.keys import Keys
from postroom.settings import Waits
from postroom.tables import Mailing, Message, Status
from postroom.tables.outbox import MOVING


def sync(
    database: Database,
    notify: Notify,
    keys: Keys,
    mode: str,
    *,
    retention: timedelta,
    now: datetime,
) -> int:
    """Fetch the status of every message of *mode* that is still moving; return rows written.

    Reads Notify's list a page at a time, newest first, back to the oldest such message, and as far
    as any run would: so a restored database learns what was sent after its backup. What is older
    than *retention* is noted as lost track of. Commits.
    """
    with database.read() as session:
        oldest = _oldest_moving(session, mode)
    learnt = reading_back.read_back(
        database,
        notify,
        keys,
        retention=retention,
        now=now,
        also_to=oldest and oldest - reading_back.CLOCKS,
    )
    with database.write() as session:
        for mailing in session.exec(select(Mailing).where(Mailing.mode == mode)):
            assert mailing.id is not None  # noqa: S101  # read from the database
            adopting.lose_track(session, mailing.id, accepted_before=now - retention, now=now)
            mailing.synced_at = now
    return learnt.messages


@dataclass(frozen=True)
class Own:
    """The doubts that a running sender has made itself: it knows how long it has waited."""

    worker: str = ""
    left: Mapping[int, timedelta] = field(default_factory=dict)
    """How long each message's request may still be on its way, by the sender's own timer."""


@dataclass
class LookedUp:
    """What looking up the doubts of a mailing has brought, by message ids."""

    held: list[int] = field(default_factory=list)
    not_taken: list[int] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    """For a person: Notify remembers them no more, or they went under another key than this."""
    again: timedelta | None = None
    """How long until asking again can bring more; None when nothing is left to wait for."""

    def wait_at_most(self, left: timedelta) -> None:
        self.again = left if self.again is None else min(left, self.again)


NOBODYS = Own()
A_WHILE, NONE = timedelta(minutes=5), timedelta(0)


def resolve_doubts(
    database: Database,
    notify: Notify,
    mailing_id: int,
    *,
    waits: Waits,
    retention: timedelta,
    now: datetime,
    own: Own = NOBODYS,
) -> LookedUp:
    """Look up every message in doubt; return what was learnt.

    Found: it was accepted, and Notify's record is adopted. Not found, twice, once its wait is
    over: it was not, and it is planned again. Past Notify's *retention* an empty answer proves
    nothing, and the message waits for a person (`outreach settle`). Commits one by one.
    """
    with database.write() as session:
        attempts.doubt_expired_claims(session, mailing_id, waits=waits, now=now)
    learnt = LookedUp()
    for message in _in_doubt(database, mailing_id):
        left = _left(message, own, now)
        if (message.service, message.key_type) != (notify.service, notify.key_type):
            _note(learnt, message, Verdict.FORGOTTEN if left <= NONE else Verdict.TOO_EARLY, left)
            continue
        found = notify.find(message.reference)
        if not found and left <= NONE:  # to believe it is to send again: one stumble must not do
            found = notify.find(message.reference)
        verdict = verdict_on(message, found, left=left, retention=retention, now=now)
        with database.write() as session:
            carry_out(session, message, verdict, found, now=now)
        _note(learnt, message, verdict, left)
    for end in _lease_ends(database, mailing_id):
        learnt.wait_at_most(end - now + waits.request + waits.skew)
    return learnt


def _left(message: Message, own: Own, now: datetime) -> timedelta:
    """Return how long the request of *message* may still be on its way; zero or less: it is not."""
    known = own.left.get(message.id or 0) if message.worker == own.worker else None
    return known if known is not None else still_on_its_way(message, now=now)


def still_on_its_way(message: Message, *, now: datetime) -> timedelta:
    """Return how long the request of *message*, in doubt, may still be on its way.

    As anybody can say who did not make it; zero or less: it has landed, or never will.
    """
    if message.doubt_until is None:
        return A_WHILE  # no doubt of ours is without its end: nothing is concluded from that
    return message.doubt_until - now


def _note(learnt: LookedUp, message: Message, verdict: "Verdict", left: timedelta) -> None:
    assert message.id is not None  # noqa: S101  # read from the database
    if verdict is Verdict.HELD:
        learnt.held.append(message.id)
    elif verdict is Verdict.NOT_TAKEN:
        learnt.not_taken.append(message.id)
    elif verdict is Verdict.TOO_EARLY:
        learnt.wait_at_most(left)
    else:
        learnt.forgotten.append(message.id)


class Verdict(Enum):
    """What a look-up of a message in doubt has shown."""

    HELD = "Notify holds it"
    NOT_TAKEN = "Notify does not hold it and no longer will"
    TOO_EARLY = "its request may still be on its way"
    FORGOTTEN = "Notify has forgotten what it held then, so its silence proves nothing"


def verdict_on(
    message: Message,
    found: Sequence[Notification],
    *,
    left: timedelta,
    retention: timedelta,
    now: datetime,
) -> Verdict:
    """Return what follows for *message*, in doubt, from what Notify *found* under its reference.

    *now* and *left*, how long its request may still be on its way, are from before Notify was
    asked; *retention* is how long it remembers.
    """
    if found:
        return Verdict.HELD
    if left > NONE:
        return Verdict.TOO_EARLY
    if message.claimed_at is not None and message.claimed_at > now - retention:
        return Verdict.NOT_TAKEN
    return Verdict.FORGOTTEN


def carry_out(
    session: Session,
    looked_up: Message,
    verdict: Verdict,
    found: Sequence[Notification],
    *,
    now: datetime,
) -> None:
    """Settle a doubt as a look-up has shown, where it has shown enough. Expects the write lock."""
    if verdict is Verdict.HELD:
        adopting.adopt(session, found, now=now)
    elif verdict is Verdict.NOT_TAKEN and (row := still_in_doubt(session, looked_up)):
        attempts.return_to_planned(session, row, now=now)


def still_in_doubt(session: Session, looked_up: Message) -> Message | None:
    """Return the message as it is now, locked, or None when it is no more in that very doubt.

    Another process may have settled it meanwhile, and claimed the message since: then a look-up
    says nothing about the claim that holds now.
    """
    row = session.exec(select(Message).where(Message.id == looked_up.id).with_for_update()).one()
    same = (row.status, row.claimed_at) == (Status.IN_DOUBT, looked_up.claimed_at)
    return row if same else None


def _oldest_moving(session: Session, mode: str) -> datetime | None:
    oldest: datetime | None = session.execute(
        sa.select(sa.func.min(col(Message.accepted_at)))
        .join(Mailing, col(Mailing.id) == col(Message.mailing_id))
        .where(
            col(Mailing.mode) == mode,
            col(Message.status).in_(MOVING),
            col(Message.lost_track_at).is_(None),
        )
    ).scalar_one()
    return oldest


def _in_doubt(database: Database, mailing_id: int) -> Sequence[Message]:
    with database.read() as session:
        return session.exec(
            select(Message).where(
                Message.mailing_id == mailing_id, Message.status == Status.IN_DOUBT
            )
        ).all()


def _lease_ends(database: Database, mailing_id: int) -> list[datetime]:
    """Return when the claims that other processes hold run out."""
    with database.read() as session:
        ends = session.exec(
            select(Message.lease_until).where(
                Message.mailing_id == mailing_id, Message.status == Status.CLAIMED
            )
        ).all()
    return [end for end in ends if end is not None]
