"""Sending what was approved, until everybody has it or the run must end.

A run reads Notify's list back, then sends in passes (`passing`), and between them looks up what is
in doubt.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from postroom.delivery import messages, reading_back, tracking
from postroom.delivery.passing import Pass
from postroom.delivery.runs import GIVEN_UP, INTERRUPTED, STOPPED, TRIES, Errand, Run, Waiting
from postroom.delivery.tracking import LookedUp
from postroom.settings import Waits

UNANSWERED = (
    "{number} in doubt ({said}): to be sure that Notify did not take what it did not answer."
)
IN_DOUBT_FROM_BEFORE = "some are in doubt from an earlier run, or in another one's hands."
JUST_RESTORED = (
    "Notify holds emails that were sent seconds ago and that this database, restored from a "
    "backup, does not know: to be sure that no other is on its way."
)


def see_through(sender: "Sender", *, waiting: Waiting) -> Run:
    """Send, look up what is in doubt, and send again, until nothing is left or the run must end.

    First reads Notify's list back and looks up what is in doubt from before. Calls *waiting*
    before each pause. Commits as it goes. Raises `NotifyError` when Notify cannot be asked.
    """
    run = sender.run
    if why := sender.read_back(waiting):
        run.ended_because = why
        return run
    sender.resolve_doubts()
    while _goes_on(sender, waiting):
        pass
    return run


def _goes_on(sender: "Sender", waiting: Waiting) -> bool:
    """Send once, and look up what came in doubt; return whether there is more to do."""
    run = sender.run
    sender.send_planned()
    if run.ended_because:
        return False
    again = sender.resolve_doubts().again
    if sender.left_to_send():
        return True
    if again is None:
        if run.given_up:
            number = len(run.given_up)
            said = run.last_doubt.rstrip(".")
            run.ended_because = GIVEN_UP.format(number=number, tries=TRIES, said=said)
        return False
    waiting(sender.clock() + again, sender.why_it_waits())
    run.ended_because = sender.wait(again)
    if not run.ended_because:
        sender.resolve_doubts()
    return not run.ended_because


@dataclass(frozen=True)
class Sender(Errand):
    """Does one errand."""

    @property
    def waits(self) -> Waits:
        """How long to wait for Notify in this mode."""
        return self.office.settings.waits(self.office.mode)

    def send(self) -> Run:
        """Read Notify's list back, then send what is planned, once; return how the run went.

        Commits as it goes. Raises `NotifyError` when Notify cannot be asked.
        """
        if why := self.read_back(lambda _until, _why: None):
            self.run.ended_because = why
        else:
            self.send_planned()
        return self.run

    def send_planned(self) -> None:
        """Send every approved message still planned; how it went is in `run`.

        Only after `read_back`: what a restored database holds as planned may be sent already.
        Commits as it goes. Ends early, saying why, when Notify will take no more, when the
        mailing was stopped, or when `interrupted` is set; nothing is left claimed by then.
        """
        Pass(self).run()

    def read_back(self, waiting: Waiting) -> str:
        """Read Notify's list back; return why the run must end instead, or an empty string.

        Where it tells of messages that were sent in a time that this database does not know, and
        that only just now, others may be on their way: then it waits for those, and reads again.
        Commits as it goes. Raises `NotifyError`.
        """
        longest, waited_for = self.waits.request + self.waits.landing, None
        while True:
            began = self.clock()
            lost_at = reading_back.read_back(
                self.database,
                self.notify,
                self.office.keys,
                retention=self.office.settings.retention,
                now=began,
            ).lost_at
            if lost_at is None or lost_at == waited_for or lost_at + longest <= began:
                return ""
            # No longer than a request can take, also where our clock was set back since.
            left = min(lost_at + longest - self.clock(), longest)
            if left > timedelta(0):
                waiting(self.clock() + left, JUST_RESTORED)
                if why := self.wait(left):
                    return why
            waited_for = lost_at

    def resolve_doubts(self) -> LookedUp:
        """Look up what is in doubt; return what was learnt. Commits."""
        now = time.monotonic()
        looked = tracking.resolve_doubts(
            self.database,
            self.notify,
            self.approval.mailing_id,
            waits=self.waits,
            retention=self.office.settings.retention,
            now=self.clock(),
            own=tracking.Own(
                self.run.worker,
                {
                    message: timedelta(seconds=over - now)
                    for message, over in self.run.open_doubts.items()
                },
            ),
        )
        for message in looked.held:
            del self.run.doubts[message]
        for message in (*looked.held, *looked.not_taken):
            ours = self.run.open_doubts.pop(message, None) is not None
            if ours and message in looked.held:
                self.run.tally["accepted"] += 1
        if looked.held or looked.not_taken:
            self.progress(self.run)
        return looked

    def why_it_waits(self) -> str:
        """Return, in a sentence, what the run waits for between two passes."""
        if number := len(self.run.open_doubts):
            said = self.run.last_doubt.rstrip(".")
            return UNANSWERED.format(number=number, said=said)
        return IN_DOUBT_FROM_BEFORE

    def left_to_send(self) -> int:
        """Return how many approved messages are still planned and not given up by this run."""
        with self.database.read() as session:
            return messages.count_approved(
                session, self.approval, last_id=self.last_id, but_not=self.run.given_up
            )

    def wait(self, duration: timedelta) -> str:
        """Wait so long; return why the run must end instead, or an empty string.

        By the monotonic clock: whoever sets the other one meanwhile does not change it.
        """
        end = time.monotonic() + duration.total_seconds() + 0.05
        watch, left = self.watch(), 0.0
        while not self.interrupted.wait(min(max(left, 0.0), 1.0)):
            if (stopped := watch.look(self.clock()).stopped_why) is not None:
                return STOPPED.format(why=stopped)
            left = end - time.monotonic()
            if left <= 0:
                return ""
        return INTERRUPTED
