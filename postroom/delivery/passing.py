"""One pass of a run: claim, wait for the pace, ask Notify, record.

One thread owns the database; a pool of threads does nothing but wait and ask. The order of the
steps is the guarantee: a batch is claimed and committed before its first request leaves, so a
crash leaves rows that say which messages must be looked up (`tracking.resolve_doubts`).
"""

import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta

from sqlmodel import Session

from postroom.delivery import outbox, pace, reading_back
from postroom.delivery.gateway import Accepted
from postroom.delivery.letters import Letter, write_letter
from postroom.delivery.runs import GIVEN_UP, INTERRUPTED, STOPPED, TRIES, Answer, Errand
from postroom.delivery.watching import LOOK_EVERY
from postroom.errors import InDoubt, NotifyError, NotPermitted, Paused, Refused
from postroom.tables import Approval

REFUSED_FOR_PACE = (
    "{times} times in a row Notify refused for pace, though everybody here was silent between, "
    "for longer and longer. Another program sends under the same key, or rate_per_minute is above "
    "what Notify lets this service send. {said}"
)
RECORD_EVERY = 0.05  # seconds: answers wait this long to be committed together
SAME_ANSWER_LIMIT = 5
"""After this many identical refusals, or unanswered requests, in a row the run stops itself."""
GIVEN_UP_LIMIT = 100
"""When so many messages got no usable answer as often as a run asks, it stops itself."""
SILENCES_LIMIT = 5
"""After this many refusals for pace in a row, each with a silence after it, it does too."""


class Pass:
    """One pass over what is planned, and the little it must remember."""

    def __init__(self, errand: Errand):
        self._s = errand
        self._run = errand.run
        self._key = {"service": errand.notify.service, "key_type": errand.notify.key_type}
        self._waits = errand.office.settings.waits(errand.office.mode)
        self._workers = errand.office.settings.workers
        self._quiet_until = 0.0  # monotonic: after a 429 no thread asks before this
        self._over = threading.Event()  # wakes the letters that wait for their turn
        self._watch = errand.watch()
        self._next_look = 0.0
        self._rest_until = 0.0  # monotonic: no turn comes within reach before this
        self._silences = 0
        self._failure: NotPermitted | None = None

    def run(self) -> None:
        """Send what is planned; note in the errand's run how it went. Nothing is left claimed."""
        with self._s.database.write() as session:
            rate = self._s.office.settings.rate_per_minute
            pace.open_pace(session, **self._key, rate_per_minute=rate)
        ended_before = self._approval_ended()  # a second attempt goes by the approval of the first
        with ThreadPoolExecutor(self._workers) as pool:
            in_flight: set[Future[Answer]] = set()
            while True:
                in_flight |= {pool.submit(self._ask, letter) for letter in self._next(in_flight)}
                if in_flight:
                    in_flight -= self._record_those_done(in_flight)
                elif not self._rest():
                    break
                self._look_around()
        if self._failure is not None:
            raise self._failure
        if not self._over.is_set() and self._approval_ended() and not ended_before:
            self._end("the campaign was planned or approved anew while this run went on")
        self._next_look = 0.0  # that nothing more could be claimed may be a stop
        self._look_around()

    def _approval_ended(self) -> bool:
        with self._s.database.read() as session:
            return session.get_one(Approval, self._s.approval.id).ended_at is not None

    def _next(self, in_flight: set[Future[Answer]]) -> list[Letter]:
        # As many wait as are being asked, and as many again, so that no thread runs dry meanwhile.
        room = 3 * self._workers - len(in_flight)
        if room < self._workers or self._ending() or time.monotonic() < self._rest_until:
            return []
        try:
            return self._claim(room)
        except NotPermitted as error:
            # Raised only once the answers still awaited are recorded.
            self._failure = error
            self._end(str(error))
            return []

    def _rest(self) -> bool:
        """Wait a little for the next turn to come within reach; return False when none is to."""
        left = self._rest_until - time.monotonic()
        if left <= 0 or self._ending():
            return False
        self._s.interrupted.wait(min(left, LOOK_EVERY))
        return True

    def _ending(self) -> bool:
        if self._s.interrupted.is_set():
            self._end(INTERRUPTED)
        return self._over.is_set()

    def _end(self, why: str) -> None:
        self._run.ended_because = self._run.ended_because or why
        self._over.set()

    def _look_around(self) -> None:
        """Hear what other processes said: a stop ends the run, a refusal for pace silences it."""
        if self._ending() or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY
        seen = self._watch.look(self._s.clock())
        if seen.stopped_why is not None:
            self._end(STOPPED.format(why=seen.stopped_why))
        self._silences = seen.silences
        if seen.silent_for:
            self._fall_quiet(seen.silent_for)

    def _fall_quiet(self, duration: timedelta) -> None:
        # Bounded, because another machine's clock may be ahead of this one's.
        until = time.monotonic() + min(duration, pace.LONGEST_SILENCE).total_seconds()
        self._quiet_until = max(self._quiet_until, until)

    def _claim(self, limit: int) -> list[Letter]:
        """Claim as many messages as have a turn in half a lease, at the most *limit*."""
        began, now = time.monotonic(), self._s.clock()
        claim = outbox.Claim(
            worker=self._run.worker,
            lease_until=now + self._waits.lease,
            base_url=self._s.notify.base_url,
            **self._key,
        )
        with self._s.database.write_beside() as session:
            # More than that would wait in line until their leases run out, and never leave.
            found = pace.turns(
                session, **self._key, most=limit, within=self._waits.lease / 2, now=now
            )
            if not found.times:
                self._rest_until = began + found.wait.total_seconds()
                return []
            claimed = outbox.claim(
                session,
                self._s.approval,
                claim,
                kind=self._s.writer.kind,
                limit=len(found.times),
                now=now,
                last_id=self._s.last_id,
                but_not=self._run.given_up,
            )
            pace.take(session, found, len(claimed), **self._key)
            turns = [began + (leave_at - now).total_seconds() for leave_at in found.times]
            ends = began + self._waits.lease.total_seconds()
            # Made inside the transaction: a message that is not as approved undoes the claim.
            return [
                write_letter(self._s.writer, message, turn, claim.lease_until, ends)
                for message, turn in zip(claimed, turns, strict=False)
            ]

    def _ask(self, letter: Letter) -> Answer:
        """Wait for the letter's turn, check its lease, ask once. Runs in the pool."""
        pause = letter.leave_at - time.monotonic()
        if pause > 0:
            self._over.wait(pause)
        asked_at = self._s.clock()
        if self._must_not_leave(letter):
            return Answer(letter, None, asked_at, asked_at, time.monotonic())
        try:
            outcome: Accepted | NotifyError = self._s.notify.send(letter.parcel)
        except Paused as error:
            self._fall_quiet(pace.SILENCE)
            outcome = error
        except NotifyError as error:
            outcome = error
        return Answer(letter, outcome, asked_at, self._s.clock(), time.monotonic())

    def _must_not_leave(self, letter: Letter) -> bool:
        # The lease is held against both clocks: one stops in suspend, the other can be set back.
        return (
            self._ending()
            or time.monotonic() < self._quiet_until
            or time.monotonic() > letter.lease_ends
            or self._s.clock() > letter.lease_until
        )

    def _record_those_done(self, in_flight: set[Future[Answer]]) -> set[Future[Answer]]:
        # Not at the first answer but after a moment: many answers, one commit.
        wait(in_flight, timeout=RECORD_EVERY)
        done = {future for future in in_flight if future.done()}
        if done:
            answers = [future.result() for future in done]
            with self._s.database.write_beside() as session:
                outbox.record_accepted(session, [taken for a in answers if (taken := a.taken)])
                for answer in answers:
                    self._record(session, answer)
                self._note_newest(session, answers)
            self._s.progress(self._run)
        return done

    def _note_newest(self, session: Session, answers: list[Answer]) -> None:
        """Note what the newest email accepted just now means for the pace and for reading back."""
        taken = [answer for answer in answers if isinstance(answer.outcome, Accepted)]
        if not taken:
            return
        newest = max(taken, key=lambda answer: answer.asked_at)
        asked_at = min(newest.asked_at, newest.at)  # a clock may be set meanwhile
        assert isinstance(newest.outcome, Accepted)  # noqa: S101  # chosen so
        reading_back.move_on(
            session, **self._key, notify_id=newest.outcome.notify_id, asked_at=asked_at
        )
        if self._silences:
            pace.note_acceptance(session, **self._key, asked_at=asked_at)

    def _record(self, session: Session, answer: Answer) -> None:
        message_id = answer.letter.message_id
        match answer.outcome:
            case Accepted() as accepted:
                self._count("accepted")
                self._compare(answer.letter, accepted)
            case Refused() as error:
                outbox.record_refused(
                    session, message_id, self._run.worker, reason=str(error), now=answer.at
                )
                self._count("refused", said=str(error))
            case InDoubt() as error:
                outbox.record_in_doubt(
                    session,
                    message_id,
                    self._run.worker,
                    reason=str(error),
                    doubt_until=answer.at + self._waits.landing + self._waits.skew,
                )
                self._note_doubt(message_id, answer.heard, str(error))
            case other:
                outbox.record_unsent(session, message_id, self._run.worker)
                self._hold_back(session, other)

    def _hold_back(self, session: Session, outcome: NotifyError | None) -> None:
        if isinstance(outcome, Paused):
            self._run.tally["asked to slow down"] += 1
            now = self._s.clock()
            silence = pace.fall_silent(session, **self._key, now=now)
            self._fall_quiet(silence.until - now)
            self._silences = silence.in_a_row
            if silence.in_a_row >= SILENCES_LIMIT:
                self._end(REFUSED_FOR_PACE.format(times=silence.in_a_row, said=outcome))
        elif outcome is not None:
            self._end(str(outcome))

    def _note_doubt(self, message_id: int, heard: float, said: str) -> None:
        self._run.doubts[message_id] += 1
        self._run.open_doubts[message_id] = heard + self._waits.landing.total_seconds()
        self._run.last_doubt = said
        self._count("in doubt", said=said)
        if len(self._run.given_up) >= GIVEN_UP_LIMIT:
            self._end(GIVEN_UP.format(number=len(self._run.given_up), tries=TRIES, said=said))

    def _count(self, what: str, said: str = "") -> None:
        self._run.tally[what] += 1
        if not said:
            self._run.streak.clear()
            return
        repeated = self._run.streak[said] + 1
        self._run.streak = Counter({said: repeated})
        if repeated >= SAME_ANSWER_LIMIT:
            self._end(f"{repeated} in a row came to the same: {said}")

    def _compare(self, letter: Letter, accepted: Accepted) -> None:
        """Stop the run when Notify's account of the message is not what was approved."""
        agreed = self._s.approval.terms["template_version"]
        if accepted.template_version not in (agreed, None):
            self._end(
                f"the template in Notify was changed during the run (version {agreed} was "
                f"approved, {accepted.template_version} was used). Approve again before going on."
            )
        elif not accepted.tells_of(letter.parcel.email):
            self._end("Notify's account of the message differs from what was approved")
