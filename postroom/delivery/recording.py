"""What Notify answered, written down and counted; and what it means for the run.

All answers of a moment are one commit. A database that cannot be written to for a while loses
none of them: they are kept and tried again. Given up after that, their rows stay claimed, which
says that they must be looked up.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import inf

from sqlmodel import Session

from postroom.delivery import outbox, pace, reading_back
from postroom.delivery.gateway import Accepted
from postroom.delivery.letters import Letter
from postroom.delivery.pace import Silence
from postroom.delivery.runs import GIVEN_UP, TRIES, Answer, Errand
from postroom.errors import DatabaseError, InDoubt, Paused, Refused

REFUSED_FOR_PACE = (
    "{times} times in a row Notify refused for pace, though everybody here was silent between, "
    "for longer and longer. Another program sends under the same key, or rate_per_minute is above "
    "what Notify lets this service send. {said}"
)
SAME_ANSWER_LIMIT = 5
"""After this many identical refusals, or unanswered requests, in a row the run stops itself."""
GIVEN_UP_LIMIT = 100
"""When so many messages got no usable answer as often as a run asks, it stops itself."""
SILENCES_LIMIT = 7
"""After this many refusals for pace in a row, each with a silence after it, it does too.

The silences between them last 70 s. A bucket that nobody else draws on is full after 20."""
PATIENCE = timedelta(seconds=30)
"""For so long the database may be out of reach, however soon it says so: a server that starts
again, or another that takes over, needs seconds."""


class Trouble:
    """With the database: since when it has been out of reach, by the monotonic clock."""

    def __init__(self) -> None:
        self._since = self._last = -inf

    def lasts_too_long(self, moment: float) -> bool:
        """Note that there is trouble at *moment*; return whether it is time to give up."""
        if moment - self._last > PATIENCE.total_seconds():  # what was before is over
            self._since = moment
        self._last = moment
        return moment - self._since >= PATIENCE.total_seconds()


class Recorder:
    """Writes down the answers of one pass.

    `end` ends the run; `quiet` silences it for so long after a moment of the monotonic clock.
    """

    def __init__(
        self,
        errand: Errand,
        *,
        end: Callable[[str], None],
        quiet: Callable[[timedelta, float], None],
    ):
        self._errand, self._run = errand, errand.run
        self._end, self._quiet = end, quiet
        self._key = {"service": errand.notify.service, "key_type": errand.notify.key_type}
        self._waits = errand.office.settings.waits(errand.office.mode)
        self._trouble = Trouble()
        self.silences = 0
        """For pace, in a row, as far as known here."""
        self.unrecorded: list[Answer] = []
        self.given_up_for = ""
        """What the database said when it was given up."""

    def record(self, answers: Sequence[Answer]) -> bool:
        """Write down *answers* and those that could not be before; return whether it went well."""
        self.unrecorded += answers
        try:
            with self._errand.database.write_beside() as session:
                silence = self._write(session, self.unrecorded)
        except DatabaseError as error:
            self.hinder(error)
            return False
        written, self.unrecorded, self._trouble = self.unrecorded, [], Trouble()
        for answer in written:
            self._count_one(answer)
        if silence is not None:
            self._fall_silent(silence, written)
        self._errand.progress(self._run)
        return True

    def hinder(self, error: DatabaseError) -> None:
        """Note that the database was out of reach, and give up after a while."""
        if self._trouble.lasts_too_long(time.monotonic()) and not self.given_up_for:
            self.given_up_for = str(error).removesuffix(" Nothing was changed.")
            self._end(self.given_up_for)

    def failure(self) -> DatabaseError:
        """Return why the database was given up, and what that means for what was sent."""
        number = len(self.unrecorded)
        lost = (
            f"What became of {number} emails could not be recorded: they are looked up at Notify "
            "before anything more is sent."
        )
        return DatabaseError(
            self.given_up_for,
            lost if number else "All that was sent is recorded.",
            "Once the database can be used again, run outreach send again: it goes on from there.",
        )

    def _write(self, session: Session, answers: Sequence[Answer]) -> Silence | None:
        """Write what became of each; return the silence that follows when Notify wants one."""
        outbox.record_accepted(session, [taken for a in answers if (taken := a.taken)])
        for answer in answers:
            self._write_one(session, answer)
        silence = None
        if any(isinstance(answer.outcome, Paused) for answer in answers):
            silence = pace.fall_silent(session, **self._key, now=self._errand.clock())
        self._write_newest(session, answers)
        return silence

    def _write_one(self, session: Session, answer: Answer) -> None:
        message_id, worker = answer.letter.message_id, self._run.worker
        match answer.outcome:
            case Accepted():
                pass  # written with all the others
            case Refused() as error:
                outbox.record_refused(session, message_id, worker, reason=str(error), now=answer.at)
            case InDoubt() as error:
                until = answer.at + self._waits.landing + self._waits.skew
                outbox.record_in_doubt(
                    session, message_id, worker, reason=str(error), doubt_until=until
                )
            case _:
                outbox.record_unsent(session, message_id, worker)

    def _write_newest(self, session: Session, answers: Sequence[Answer]) -> None:
        """Note what the newest email accepted just now means for the pace and for reading back."""
        taken = [answer for answer in answers if answer.taken]
        if not taken:
            return
        newest = max(taken, key=lambda answer: answer.asked_at)
        assert isinstance(newest.outcome, Accepted)  # noqa: S101  # chosen so
        asked_at: datetime = min(newest.asked_at, newest.at)  # a clock may be set meanwhile
        reading_back.move_on(
            session, **self._key, notify_id=newest.outcome.notify_id, asked_at=asked_at
        )
        if self.silences:
            pace.note_acceptance(session, **self._key, asked_at=asked_at)

    def _count_one(self, answer: Answer) -> None:
        match answer.outcome:
            case Accepted() as accepted:
                self._count("accepted")
                self._compare(answer.letter, accepted)
            case Refused() as error:
                self._count("refused", said=str(error))
            case InDoubt() as error:
                self._count_doubt(answer, str(error))
            case Paused():
                self._run.tally["asked to slow down"] += 1
            case None:
                pass  # no request left: it is simply still to be sent
            case error:
                self._end(str(error))

    def _count_doubt(self, answer: Answer, said: str) -> None:
        message_id = answer.letter.message_id
        self._run.doubts[message_id] += 1
        self._run.open_doubts[message_id] = answer.heard + self._waits.landing.total_seconds()
        self._run.last_doubt = said
        self._count("in doubt", said=said)
        if len(self._run.given_up) >= GIVEN_UP_LIMIT:
            number = len(self._run.given_up)
            self._end(GIVEN_UP.format(number=number, tries=TRIES, said=said.rstrip(".")))

    def _count(self, what: str, said: str = "") -> None:
        self._run.tally[what] += 1
        repeated = self._run.note_said(said)
        if repeated >= SAME_ANSWER_LIMIT:
            self._end(f"{repeated} in a row came to the same: {said}")

    def _fall_silent(self, silence: Silence, answers: Sequence[Answer]) -> None:
        since = time.monotonic()
        self._quiet(silence.until - self._errand.clock(), since)
        self.silences = silence.in_a_row
        if silence.in_a_row >= SILENCES_LIMIT:
            said = next(a.outcome for a in answers if isinstance(a.outcome, Paused))
            self._end(REFUSED_FOR_PACE.format(times=silence.in_a_row, said=said))

    def _compare(self, letter: Letter, accepted: Accepted) -> None:
        """Stop the run when Notify's account of the message is not what was approved."""
        agreed = self._errand.approval.terms["template_version"]
        if accepted.template_version not in (agreed, None):
            self._end(
                f"the template in Notify was changed during the run (version {agreed} was "
                f"approved, {accepted.template_version} was used). Approve again before going on."
            )
        elif not accepted.tells_of(letter.parcel.email):
            self._end("Notify's account of the message differs from what was approved")
