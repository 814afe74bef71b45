"""One pass of a run: claim, wait for the pace, ask Notify, record.

One thread owns the database; a pool of threads does nothing but wait and ask. The order of the
steps is the guarantee: a batch is claimed and committed before its first request leaves, so a
crash leaves rows that say which messages must be looked up (`tracking.resolve_doubts`).
"""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta

from postroom.delivery import outbox, pace
from postroom.delivery.gateway import Accepted
from postroom.delivery.letters import Letter, write_letter
from postroom.delivery.recording import Recorder
from postroom.delivery.runs import INTERRUPTED, STOPPED, Answer, Errand
from postroom.delivery.watching import LOOK_EVERY
from postroom.errors import DatabaseError, NotifyError, NotPermitted, Paused
from postroom.tables import Approval

RECORD_EVERY = 0.05  # seconds: answers wait this long to be committed together
AFTER_TROUBLE = 1.0  # seconds: the database is left alone for this long


class Pass:
    """One pass over what is planned, and the little it must remember."""

    def __init__(self, errand: Errand):
        self._errand = errand
        self._run = errand.run
        self._key = {"service": errand.notify.service, "key_type": errand.notify.key_type}
        self._waits = errand.office.settings.waits(errand.office.mode)
        self._workers = errand.office.settings.workers
        self._quiet_until = 0.0  # monotonic: after a 429 no thread asks before this
        self._over = False
        self._void = threading.Event()  # wakes the letters that wait: their turns count no more
        self._renewing = threading.Lock()  # of `_void`
        self._watch = errand.watch()
        self._next_look = 0.0
        self._rest_until = 0.0  # monotonic: nothing is claimed before this
        self._recorder = Recorder(errand, end=self._end, quiet=self._fall_quiet)
        self._failure: NotPermitted | None = None

    def run(self) -> None:
        """Send what is planned; note in the errand's run how it went.

        Nothing is left claimed, unless the database cannot be written to any more: then it raises
        `DatabaseError`.
        """
        with self._errand.database.write() as session:
            office = self._errand.office
            rate = office.settings.rate(office.mode)
            pace.open_pace(session, **self._key, rate_per_minute=rate)
        ended_before = self._approval_ended()  # a second attempt goes by the approval of the first
        with ThreadPoolExecutor(self._workers) as pool:
            in_flight: set[Future[Answer]] = set()
            while True:
                in_flight |= {
                    pool.submit(self._ask, letter, self._void) for letter in self._next(in_flight)
                }
                if in_flight or self._still_to_record:
                    in_flight -= self._record_those_done(in_flight)
                elif not self._rest():
                    break
                self._look_around()
        if self._recorder.given_up_for:
            raise self._recorder.failure()
        if self._failure is not None:
            raise self._failure
        if not self._over and self._approval_ended() and not ended_before:
            self._end("the campaign was planned or approved anew while this run went on")
        self._next_look = 0.0  # that nothing more could be claimed may be a stop
        self._look_around()

    @property
    def _still_to_record(self) -> bool:
        return bool(self._recorder.unrecorded) and not self._recorder.given_up_for

    def _approval_ended(self) -> bool:
        with self._errand.database.read() as session:
            return session.get_one(Approval, self._errand.approval.id).ended_at is not None

    def _next(self, in_flight: set[Future[Answer]]) -> list[Letter]:
        # As many wait as are being asked, and as many again, so that no thread runs dry meanwhile.
        room = 3 * self._workers - len(in_flight)
        if room < self._workers or self._recorder.unrecorded:
            return []
        if self._ending() or time.monotonic() < self._rest_until:
            return []
        try:
            return self._claim(room)
        except NotPermitted as error:
            # Raised only once the answers still awaited are recorded.
            self._failure = error
            self._end(str(error))
        except DatabaseError as error:
            self._hinder(error)
        return []

    def _hinder(self, error: DatabaseError) -> None:
        self._recorder.hinder(error)
        self._rest_until = time.monotonic() + AFTER_TROUBLE

    def _rest_for(self, found: pace.Turns) -> None:
        rest = max(found.wait.total_seconds(), RECORD_EVERY)
        if found.trying:  # an email that is accepted meanwhile, here or elsewhere, ends it early
            rest = min(rest, LOOK_EVERY)
        self._rest_until = time.monotonic() + rest

    def _rest(self) -> bool:
        """Wait a little for the next turn to come within reach; return False when none is to."""
        left = self._rest_until - time.monotonic()
        if left <= 0 or self._ending():
            return False
        self._errand.interrupted.wait(min(left, LOOK_EVERY))
        return True

    def _ending(self) -> bool:
        if self._errand.interrupted.is_set():
            self._end(INTERRUPTED)
        return self._over

    def _end(self, why: str) -> None:
        self._run.ended_because = self._run.ended_because or why
        self._over = True
        self._void_turns()

    def _void_turns(self) -> None:
        """Let the letters that wait for their turn go back; those claimed from now on may leave."""
        with self._renewing:
            self._void.set()
            self._void = threading.Event()

    def _look_around(self) -> None:
        """Hear what other processes said: a stop ends the run, a refusal for pace silences it."""
        if self._ending() or time.monotonic() < self._next_look:
            return
        began = time.monotonic()
        self._next_look = began + LOOK_EVERY
        try:
            seen = self._watch.look(self._errand.clock())
        except DatabaseError as error:
            self._hinder(error)
            return
        if seen.stopped_why is not None:
            self._end(STOPPED.format(why=seen.stopped_why))
        self._recorder.silences = seen.silences
        if seen.silent_for:
            self._fall_quiet(seen.silent_for, since=began)

    def _fall_quiet(self, duration: timedelta, since: float) -> None:
        """Let nothing leave for *duration* after *since* (monotonic), nor at a turn given before.

        The turns after a silence are given anew: the first of them are to try Notify with.
        """
        # Bounded, because another machine's clock may be ahead of this one's.
        until = since + min(duration, pace.LONGEST_SILENCE).total_seconds()
        self._quiet_until = max(self._quiet_until, until)
        self._void_turns()

    def _claim(self, limit: int) -> list[Letter]:
        """Claim as many messages as have a turn in half a lease, at the most *limit*."""
        began, now = time.monotonic(), self._errand.clock()
        claim = outbox.Claim(
            worker=self._run.worker,
            lease_until=now + self._waits.lease,
            base_url=self._errand.notify.base_url,
            **self._key,
        )
        with self._errand.database.write_beside() as session:
            # More than that would wait in line until their leases run out, and never leave.
            found = pace.turns(
                session, **self._key, most=limit, within=self._waits.lease / 2, now=now
            )
            if not found.times:
                self._rest_for(found)
                return []
            claimed = outbox.claim(
                session,
                self._errand.approval,
                claim,
                kind=self._errand.writer.kind,
                limit=len(found.times),
                now=now,
                last_id=self._errand.last_id,
                but_not=self._run.given_up | self._run.set_aside,
            )
            pace.take(session, found, len(claimed), **self._key)
            turns = [began + (leave_at - now).total_seconds() for leave_at in found.times]
            ends = began + self._waits.lease.total_seconds()
            # Made inside the transaction: a message that is not as approved undoes the claim.
            return [
                write_letter(self._errand.writer, message, turn, claim.lease_until, ends)
                for message, turn in zip(claimed, turns, strict=False)
            ]

    def _ask(self, letter: Letter, void: threading.Event) -> Answer:
        """Wait for the letter's turn, check its lease, ask once. Runs in the pool."""
        pause = letter.leave_at - time.monotonic()
        if pause > 0:
            void.wait(pause)
        asked_at = self._errand.clock()
        if void.is_set() or self._must_not_leave(letter):
            return Answer(letter, None, asked_at, asked_at, time.monotonic())
        try:
            outcome: Accepted | NotifyError = self._errand.notify.send(letter.parcel)
        except Paused as error:
            # At once: until it is recorded, which says for how long, others may leave.
            if time.monotonic() >= self._quiet_until:
                self._fall_quiet(pace.SILENCE, since=time.monotonic())
            outcome = error
        except NotifyError as error:
            outcome = error
        return Answer(letter, outcome, asked_at, self._errand.clock(), time.monotonic())

    def _must_not_leave(self, letter: Letter) -> bool:
        # The lease is held against both clocks: one stops in suspend, the other can be set back.
        return (
            self._ending()
            or time.monotonic() < self._quiet_until
            or time.monotonic() > letter.lease_ends
            or self._errand.clock() > letter.lease_until
        )

    def _record_those_done(self, in_flight: set[Future[Answer]]) -> set[Future[Answer]]:
        # Not at the first answer but after a moment: many answers, one commit.
        wait(in_flight, timeout=RECORD_EVERY)
        done = {future for future in in_flight if future.done()}
        answers = [future.result() for future in done]
        if (answers or self._recorder.unrecorded) and not self._recorder.record(answers):
            self._errand.interrupted.wait(AFTER_TROUBLE)
        return done
