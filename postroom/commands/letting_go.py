"""What `send` and `worker` share: the run itself, and what is recorded and said of it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from postroom.commands.desk import Desk, now
from postroom.commands.printing import plural, warn
from postroom.delivery import approval as approvals
from postroom.delivery.gateway import Notify
from postroom.delivery.letters import CampaignWriter
from postroom.delivery.runs import Run, Waiting
from postroom.delivery.sending import Sender, see_through
from postroom.reports.counts import MEANINGS, Standing
from postroom.research import replaying
from postroom.settings import Mode
from postroom.tables import Approval, Event


def run(
    desk: Desk,
    mode: Mode,
    notify: Notify,
    approval: Approval,
    *,
    interrupted: threading.Event,
    progress: Callable[[Run], None],
    waiting: Waiting,
    last_id: int | None = None,
) -> Run:
    """Send what *approval* covers, as it was approved; return how it went. Commits as it goes.

    First does again the opt-outs that a restored database lost.
    Ends early when *interrupted* is set. With *last_id* nothing beyond that message is sent.
    """
    if lost := replaying.replay(desk.database, now=now()):
        warn(
            f"The database is older than {desk.workspace.journal_file.name}: "
            f"{plural(lost, 'opt-out')} or the like recorded there were done again first."
        )
    with desk.database.read() as session:
        campaign = approvals.campaign_of(session, approval)
        edition = approvals.stored_edition(session, approval, campaign)
    sender = Sender(
        database=desk.database,
        notify=notify,
        office=desk.office(mode),
        approval=approval,
        writer=CampaignWriter(edition, desk.office(mode)),
        clock=now,
        interrupted=interrupted,
        progress=progress,
        last_id=last_id,
    )
    return see_through(sender, waiting=waiting)


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C or a polite kill sets, instead of breaking off in mid-step."""
    interrupted = threading.Event()

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        interrupted.set()

    before = {which: signal.signal(which, interrupt) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupted
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def act(who: str, what: str, target: str, mode: Mode, why: str = "") -> Event:
    """Return the event that *who* did *what* now."""
    return Event(at=now(), who=who, act=what, target=target, why=why, details={"mode": mode.value})


def note(desk: Desk, who: str, what: str, campaign: str, mode: Mode, why: str = "") -> None:
    """Record an act. Commits."""
    with desk.database.write() as session:
        session.add(act(who, what, campaign, mode, why=why))


def sent_and_not(found: Standing) -> str:
    """Return, in a sentence, how many emails are in which state."""
    parts = [f"{number} {MEANINGS[status]}" for status, number in found.counts.items()]
    return f"{plural(found.total, 'email')}: {'; '.join(parts)}." if parts else "Nothing planned."
