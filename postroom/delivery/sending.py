"""Sending what was approved, until everybody has it or the run must end.

A run reads Notify's list back, then sends in passes (`passing`), and between them looks up what is
in doubt.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from postroom.delivery import messages, reading_back, tracking
from postroom.delivery.passing import Pass
from postroom.delivery.runs import INTERRUPTED, STOPPED, Errand, Run, Waiting

UNANSWERED = "Notify did not answer for some messages: to be sure that it did not take them."
JUST_RESTORED = (
    "Notify holds emails that were sent seconds ago and that this database, restored from a "
    "backup, does not know: to be sure that no other is on its way."
)


def see_through(sender: "Sender", *, waiting: Waiting) -> Run:
    """Send, look up what is in doubt, and send again, until nothing is left or the run must end.

    First reads Notify's list back and looks up what is in doubt from before. Calls *waiting*
    before each pause. Commits as it goes. Raises `NotifyError` when Notify cannot be asked.
    """
    total = Run()
    if why := sender.read_back(waiting):
        return Run(ended_because=why)
    sender.resolve_doubts()
    while True:
        run = sender.send_planned()
        total.tally += run.tally
        total.ended_because = run.ended_because
        if total.ended_because:
            return total
        look_again = sender.resolve_doubts()
        if sender.left_to_send():
            continue
        if look_again is None:
            return total
        waiting(look_again, UNANSWERED)
        total.ended_because = sender.wait_until(look_again)
        if total.ended_because:
            return total
        sender.resolve_doubts()


@dataclass(frozen=True)
class Sender(Errand):
    """Does one errand."""

    def send(self) -> Run:
        """Read Notify's list back, then send what is planned, once; return how the run went.

        Commits as it goes. Raises `NotifyError` when Notify cannot be asked.
        """
        why = self.read_back(lambda _until, _why: None)
        return Run(ended_because=why) if why else self.send_planned()

    def send_planned(self) -> Run:
        """Send every approved message still planned; return how the run went.

        Only after `read_back`: what a restored database holds as planned may be sent already.
        Commits as it goes. Ends early, saying why, when Notify will take no more, when the
        mailing was stopped, or when `interrupted` is set; nothing is left claimed by then.
        """
        return Pass(self).run()

    def read_back(self, waiting: Waiting) -> str:
        """Read Notify's list back; return why the run must end instead, or an empty string.

        Where it tells of messages that were sent in a time that this database does not know, and
        that only just now, others may be on their way: then it waits for those, and reads again.
        Commits as it goes. Raises `NotifyError`.
        """
        waits = self.office.settings.waits(self.office.mode)
        while True:
            learnt = reading_back.read_back(
                self.database, self.notify, self.office.keys, now=self.clock()
            )
            if learnt.lost_at is None:
                return ""
            landed = learnt.lost_at + waits.request + waits.landing
            if landed > self.clock():
                waiting(landed, JUST_RESTORED)
                if why := self.wait_until(landed):
                    return why

    def resolve_doubts(self) -> datetime | None:
        """Look up what is in doubt; return when to look again (UTC), or None. Commits."""
        settings = self.office.settings
        return tracking.resolve_doubts(
            self.database,
            self.notify,
            self.approval.mailing_id,
            waits=settings.waits(self.office.mode),
            retention=timedelta(days=settings.notify_retention_days),
            now=self.clock(),
        )

    def left_to_send(self) -> int:
        """Return how many approved messages are still planned."""
        with self.database.read() as session:
            return messages.count_approved(session, self.approval, last_id=self.last_id)

    def wait_until(self, moment: datetime) -> str:
        """Wait until *moment* (UTC); return why the run must end instead, or an empty string.

        How long that is, is read off the clock once: whoever sets it later does not change it.
        """
        end = time.monotonic() + (moment - self.clock()).total_seconds() + 0.05
        watch, left = self.watch(), 0.0
        while not self.interrupted.wait(min(max(left, 0.0), 1.0)):
            if (stopped := watch.look(self.clock()).stopped_why) is not None:
                return STOPPED.format(why=stopped)
            left = end - time.monotonic()
            if left <= 0:
                return ""
        return INTERRUPTED
