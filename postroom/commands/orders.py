"""One person's order to send: what was asked, how it is run, and what is said of it after."""

from dataclasses import dataclass
from datetime import datetime

import typer

from postroom.commands import letting_go
from postroom.commands.desk import Desk, now
from postroom.commands.printing import london, plural, progress_bar, say, show, warn
from postroom.content.editions import Edition
from postroom.delivery import messages, workers
from postroom.delivery.gateway import Notify
from postroom.delivery.runs import Run
from postroom.errors import NotifyError, NotPermitted
from postroom.reports.counts import Standing, standing
from postroom.settings import Mode
from postroom.tables import Approval, Status


@dataclass(frozen=True)
class Order:
    """What a person asked to be sent, and how."""

    desk: Desk
    edition: Edition
    mode: Mode
    notify: Notify
    who: str
    approved: int | None
    yes: bool

    @property
    def campaign(self) -> str:
        return self.edition.campaign.name


def refuse_another_number(mode: Mode, count: int, approved: int | None) -> None:
    """Raise `NotPermitted` unless *approved* is *count*; outside live it may be left unsaid."""
    if approved is None and mode is not Mode.LIVE:
        return
    if approved != count:
        where = "In live mode say" if approved is None else "Say"
        raise NotPermitted(
            f"{where} how many were approved: --approved {count}"
            + ("" if approved is None else f" (you said {approved})")
        )


def run(order: Order, approval: Approval, last_id: int | None = None) -> Run:
    """Send what *approval* covers, with a progress bar; return how it went. Commits."""
    desk, mode = order.desk, order.mode
    with desk.database.read() as session:
        left = messages.count_approved(session, approval, last_id=last_id)
    letting_go.note(desk, order.who, "began to send", order.campaign, mode)
    with letting_go.stoppable() as interrupted, progress_bar(f"Sending ({mode})", left) as bar:
        try:
            run = letting_go.run(
                desk,
                mode,
                order.notify,
                approval,
                interrupted=interrupted,
                progress=lambda run: bar.reach(run.tally["accepted"], _in_short(run)),
                waiting=_say_waiting,
                last_id=last_id,
            )
        except NotifyError as error:
            run = Run(ended_because=str(error))
    letting_go.note(desk, order.who, "ended sending", order.campaign, mode, why=run.ended_because)
    return run


def standing_of(order: Order) -> Standing:
    """Return how the campaign stands in the order's mode."""
    with order.desk.database.read() as session:
        return standing(session, order.campaign, order.mode)


def tell(order: Order, run: Run, option: str = "") -> None:
    """Say how *run* went, what waits and what to do next. Ends with 1 when it ended early or
    left somebody in doubt.

    *option* is what `send` was given, and is to be given again to go on.
    """
    found = standing_of(order)
    show(letting_go.sent_and_not(found))
    for reason, number in found.not_sent.items():
        warn(f"{plural(number, 'email')} refused: {reason}")
    again = f"outreach send {order.campaign} --mode {order.mode}{option}"
    if run.ended_because:
        warn(f"The run ended early: {run.ended_because}")
        if found.stopped_why is not None:
            again = f"outreach resume {order.campaign} --mode {order.mode}"
        show(f"To go on from here: {again}")
        raise typer.Exit(1)
    if waits := found.counts.get(Status.PLANNED, 0):
        show(f"{plural(waits, 'email')} held. When the first have arrived as they should: {again}")
    _tell_who_fetches(order, found)
    if doubts := found.counts.get(Status.IN_DOUBT):
        warn(
            f"Still in doubt: {plural(doubts, 'email')}. Which, and what to do: outreach status "
            f"{order.campaign} --mode {order.mode}"
        )
        raise typer.Exit(1)


def _tell_who_fetches(order: Order, found: Standing) -> None:
    moment, retention = now(), order.desk.settings.retention
    with order.desk.database.read() as session:
        worker = workers.first_alive(session, order.mode, now=moment)
    if worker is not None:
        show("The worker that is running fetches what becomes of them.")
        return
    forgets = found.notify_forgets_at(retention)
    by = f", before {london(forgets)}" if forgets else ""
    show(
        f"No worker is running. To fetch what became of them: outreach sync --mode {order.mode}"
        f"{by} (Notify forgets them after {retention.days} days)"
    )


def _in_short(run: Run) -> str:
    notes = {"refused": run.tally["refused"], "in doubt": len(run.open_doubts)}
    notes["asked to slow down"] = run.tally["asked to slow down"]
    return ", ".join(f"{number} {what}" for what, number in notes.items() if number)


def _say_waiting(until: datetime, why: str) -> None:
    say(f"Waiting until {until.astimezone():%H:%M:%S}: {why} Ctrl-C is safe.")
