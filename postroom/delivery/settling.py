"""A doubt closed by a person: by their word only where Notify can no longer be asked.

A request whose answer was lost may land half a minute later, and whoever looks at Notify's pages
before that sees nothing. So Notify is asked here first, as `send` and `sync` would, and a person's
word counts for nothing that it still knows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from postroom.database import Database
from postroom.delivery import attempts, messages, tracking
from postroom.delivery.gateway import Notification, Notify
from postroom.delivery.tracking import Verdict
from postroom.errors import NotifyError, NotPermitted
from postroom.london import london
from postroom.settings import Waits
from postroom.tables import Event, Message


@dataclass(frozen=True)
class Word:
    """What a person says became of a message in doubt."""

    campaign: str
    mode: str
    reference: str
    was_sent: bool
    how: str
    """How they know."""
    who: str

    @property
    def as_said(self) -> str:
        return "sent" if self.was_sent else "not-sent"


def settle(
    database: Database,
    notify: Notify,
    word: Word,
    *,
    waits: Waits,
    retention: timedelta,
    now: datetime,
) -> str:
    """Close the doubt that *word* is about; return, in a sentence, what counted. Commits.

    Raises `NotPermitted` while its request may still be on its way, when Notify knows otherwise,
    and when it can be asked and does not answer.
    """
    message = _in_doubt(database, word, waits, now)
    found, verdict = _asked(notify, word, message, retention=retention, now=now)
    if verdict is Verdict.TOO_EARLY:
        raise NotPermitted(
            f"The request of message {word.reference} may still reach Notify, until "
            f"{london(message.doubt_until or now)}. Nothing was changed: after that, `outreach "
            f"sync --mode {word.mode}` or `send` asks Notify, which knows."
        )
    if verdict is Verdict.NOT_TAKEN and word.was_sent:
        raise NotPermitted(
            f"Notify was asked just now and does not hold message {word.reference}: it was not "
            f"sent. Nothing was changed. To send it: outreach send {word.campaign} "
            f"--mode {word.mode}"
        )
    with database.write() as session:
        session.add(_event(word, verdict, now))
        if verdict is not Verdict.FORGOTTEN:
            tracking.carry_out(session, message, verdict, found, now=now)
        elif row := tracking.still_in_doubt(session, message):
            attempts.settle_by_hand(session, row, was_sent=word.was_sent, reason=word.how, now=now)
    return _in_words(word, verdict)


def _in_doubt(database: Database, word: Word, waits: Waits, now: datetime) -> Message:
    with database.write() as session:
        mailing = messages.find_mailing(session, word.campaign, word.mode)
        if mailing is not None and mailing.id is not None:
            attempts.doubt_expired_claims(session, mailing.id, waits=waits, now=now)
        return messages.in_doubt(session, word.campaign, word.mode, word.reference)


def _asked(
    notify: Notify, word: Word, message: Message, *, retention: timedelta, now: datetime
) -> tuple[list[Notification], Verdict]:
    """Return what Notify holds of *message*, and what follows from it.

    Under the key of another service or type, or when it has forgotten what is as old as that, it
    need not answer: a person's word counts then.
    """
    left = tracking.still_on_its_way(message, now=now)
    verdict_on = partial(tracking.verdict_on, message, left=left, retention=retention, now=now)
    from_silence = verdict_on([])
    if (notify.service, notify.key_type) != (message.service, message.key_type):
        early = from_silence is Verdict.TOO_EARLY
        return [], Verdict.TOO_EARLY if early else Verdict.FORGOTTEN
    try:
        found = notify.find(message.reference)
    except NotifyError as error:
        if from_silence is Verdict.FORGOTTEN:
            return [], from_silence
        forgets = london((message.claimed_at or now) + retention)
        raise NotPermitted(
            f"Notify knows what became of message {word.reference}. It could not be asked: {error}",
            f"Nothing was changed. Notify's word counts until it has forgotten, on {forgets}.",
        ) from error
    return found, verdict_on(found)


def _event(word: Word, verdict: Verdict, now: datetime) -> Event:
    act = f"settled as {word.as_said}" if verdict is Verdict.FORGOTTEN else "looked up"
    return Event(
        at=now,
        who=word.who,
        act=act,
        target=word.reference,
        why=word.how,
        details={"mode": word.mode, "shown": verdict.value},
    )


def _in_words(word: Word, verdict: Verdict) -> str:
    match verdict:
        case Verdict.HELD:
            return f"Notify holds message {word.reference}: it was sent, and nothing is left open."
        case Verdict.NOT_TAKEN:
            return f"Notify does not hold message {word.reference}, and no longer will."
        case _:
            return f"Message {word.reference} is settled as {word.as_said}, by your word."
