"""A send set for a time: asked about, recorded, and shown where people look."""

from datetime import datetime, timedelta

import typer

from postroom.commands import letting_go, orders
from postroom.commands.desk import now
from postroom.commands.printing import ask, london, plural, say, show, warn
from postroom.delivery import messages, schedules, workers
from postroom.errors import NotPermitted
from postroom.settings import Mode
from postroom.tables import Approval, Schedule, ScheduleState


def set_a_time(order: orders.Order, approval: Approval, start_at: datetime) -> None:
    """Ask, then record that *approval* is to be sent at *start_at* (UTC). Commits."""
    orders.refuse_another_number(order.mode, approval.count, order.approved)
    with order.desk.database.read() as session:
        left = messages.count_approved(session, approval)
        before = schedules.open_schedule(session, order.campaign, order.mode)
    if not left:
        raise NotPermitted(f"Nothing of {order.campaign} is left to send. Nothing was scheduled.")
    if before is not None:
        say(f"Until now: {in_words(before, order.campaign, order.mode)}")
    say(f"{order.mode.upper()} mode: {plural(left, 'email')}, on {london(start_at)} in London.")
    if not ask(f"Send them then, in {order.mode.upper()} mode?", yes=order.yes):
        raise typer.Exit(1)
    minutes = order.desk.settings.missed_start_minutes
    with order.desk.database.write() as session:
        schedules.set_time(
            session,
            approval,
            start_at=start_at,
            grace=timedelta(minutes=minutes),
            who=order.who,
            now=now(),
        )
        session.add(
            letting_go.act(
                order.who, "scheduled", order.campaign, order.mode, why=start_at.isoformat()
            )
        )
    show(f"{plural(left, 'email')} of {order.campaign} will be sent on {london(start_at)}.")
    show(f"To call it off: outreach stop {order.campaign} --mode {order.mode}")
    _say_who_sends(order, minutes)


def in_words(schedule: Schedule, campaign: str, mode: str) -> str:
    """Return, in a sentence, how *schedule* stands and what a person may have to do."""
    when = f"set for {london(schedule.start_at)} in London by {schedule.scheduled_by}"
    match schedule.state:
        case ScheduleState.WAITING:
            return f"{when}. outreach worker sends it."
        case ScheduleState.RUNNING:
            return f"{when}; a worker is sending it."
        case ScheduleState.MISSED:
            return (
                f"{when}, but {schedule.why}. It was not sent: send it now "
                f"(outreach send {campaign} --mode {mode}) or set another time (--at)."
            )
        case ScheduleState.HELD:
            return f"{when}, but it is held: {schedule.why.rstrip('.')}."
        case other:
            return f"{when}; {other}."


def _say_who_sends(order: orders.Order, minutes: int) -> None:
    with order.desk.database.read() as session:
        worker = workers.first_alive(session, order.mode, now=now())
    if worker is None:
        live = Mode.LIVE
        as_whom = " (as one of `people`)" if order.mode is live else ""
        warn(
            f"No worker is running in {order.mode} mode. Start one{as_whom}, and keep it running: "
            f"outreach worker --mode {order.mode}"
        )
    say(f"A start missed by more than {plural(minutes, 'minute')} asks you instead of sending.")
