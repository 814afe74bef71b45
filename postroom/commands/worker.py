"""`worker`: runs what was set for a time, fetches statuses, and settles doubts, until ended."""

import os
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import typer

from postroom.commands import last_look, letting_go
from postroom.commands.desk import (
    Desk,
    ModeOption,
    WorkspaceOption,
    YesOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.posting import ApprovedTextsOption, Poster, offer_to_switch_on
from postroom.commands.printing import london, plural, say, show, warn
from postroom.commands.summarising import Summariser
from postroom.delivery import approval as approvals
from postroom.delivery import schedules, tracking, workers
from postroom.delivery.gateway import Notify
from postroom.delivery.runs import INTERRUPTED, Run
from postroom.errors import DatabaseError, NotifyError, NotPermitted, PostroomError, SettingsError
from postroom.research import replaying
from postroom.settings import Mode, Waits
from postroom.tables import Approval, Mailing, Schedule, ScheduleState

app = typer.Typer()

LOOK_EVERY = 1.0  # seconds
AFTER_TROUBLE = 10.0  # seconds
REST_FACTOR = 10  # after fetching statuses, rest this many times as long as it took


@dataclass
class Shift:
    """One worker at work: where, in which mode, under which name."""

    desk: Desk
    mode: Mode
    ended: threading.Event
    poster: Poster
    summariser: Summariser
    name: str = field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    )
    rest_until: float = 0.0  # monotonic: no statuses are fetched before
    at_work: Schedule | None = None
    """What is being sent. Held for as long as it is, and no longer: whatever ends that, even a
    database that cannot be told, leaves the schedule to the next worker."""

    @property
    def waits(self) -> Waits:
        return self.desk.settings.waits(self.mode)

    @property
    def lease(self) -> timedelta:
        return self.waits.lease + self.waits.skew

    @property
    def retention(self) -> timedelta:
        return self.desk.settings.retention


@app.command()
def worker(
    mode: ModeOption = None,
    approved: ApprovedTextsOption = None,
    yes: YesOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Send what was set for a time, and fetch what became of it. Ctrl-C ends it.

    Keep it running for as long as mail is about. It sends what `outreach send --at` has set and
    the confirmations that are due, looks up what is in doubt, and fetches statuses: often right
    after a send, then less. On Monday mornings it tells a campaign's `researcher` who is still
    missing, in numbers. Several may run, also on several machines: they share the work, and one
    that dies is taken over. In live mode it first offers to switch confirmations on.

    Example: outreach worker --mode local
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    desk.who(the_mode)
    offer_to_switch_on(desk, the_mode, approved=approved, yes=yes)
    with letting_go.stoppable() as ended, open_notify(desk, the_mode) as notify:
        poster = Poster(desk, the_mode, notify, ended, partial(_check_site, desk, the_mode))
        shift = Shift(desk, the_mode, ended, poster, Summariser(desk, the_mode, notify))
        _beat(shift)
        show(f"Working in {the_mode.upper()} mode — Ctrl-C ends it.")
        beating = threading.Thread(target=_keep_beating, args=(shift,), daemon=True)
        beating.start()
        _work(shift, notify)
        beating.join()
        with desk.database.write() as session:
            workers.leave(session, shift.name)
    show("Ended.")


def _check_site(desk: Desk, mode: Mode, campaign: str) -> None:
    last_look.refuse_other_site(desk, desk.edition(campaign), mode)


def _work(shift: Shift, notify: Notify) -> None:
    pause = 0.0
    while not shift.ended.wait(pause):
        try:
            _look(shift, notify)
            pause = LOOK_EVERY
        except PostroomError as trouble:
            warn(f"{london(now())}: {trouble} Trying again in {AFTER_TROUBLE:.0f} seconds.")
            pause = AFTER_TROUBLE


def _look(shift: Shift, notify: Notify) -> None:
    """Do what is due now."""
    while not shift.ended.is_set() and (schedule := _take(shift)) is not None:
        shift.at_work = schedule
        try:
            _run_one(shift, schedule)
        finally:
            shift.at_work = None
    shift.poster.look()
    with shift.desk.database.read() as session:
        first = workers.first_at_leisure(session, shift.mode, now=now())
        due = workers.doubts_due(
            session, shift.mode, waits=shift.waits, retention=shift.retention, now=now()
        )
        fetch = workers.sync_is_due(session, shift.mode, now=now())
    if first != shift.name:
        return  # another worker does the rest for all
    shift.summariser.look()
    for mailing_id in due:
        tracking.resolve_doubts(
            shift.desk.database,
            notify,
            mailing_id,
            waits=shift.waits,
            retention=shift.retention,
            now=now(),
        )
    if fetch and time.monotonic() >= shift.rest_until:
        _fetch(shift, notify)


def _fetch(shift: Shift, notify: Notify) -> None:
    began = time.monotonic()
    desk = shift.desk
    tracking.sync(
        desk.database, notify, desk.keys, shift.mode, retention=shift.retention, now=now()
    )
    shift.rest_until = time.monotonic() + REST_FACTOR * (time.monotonic() - began)


def _take(shift: Shift) -> Schedule | None:
    """Return a schedule to run, held by a lease, or None. Says which were missed."""
    with shift.desk.database.read() as session:
        if not schedules.any_due(session, shift.mode, now=now()):
            return None
    with shift.desk.database.write() as session:
        missed = [
            (session.get_one(Mailing, schedule.mailing_id).campaign, schedule.start_at)
            for schedule in schedules.note_missed(session, shift.mode, now=now())
        ]
        taken = schedules.take(session, shift.mode, shift.name, lease=shift.lease, now=now())
    for campaign, start_at in missed:
        warn(
            f"{campaign} was set for {london(start_at)}, and {schedules.MISSED}. Nothing was sent. "
            f"Send it now (outreach send {campaign} --mode {shift.mode}) or set another time."
        )
    return taken


def _run_one(shift: Shift, schedule: Schedule) -> None:
    """Run *schedule* under the gates of `send`; record how it ended."""
    desk, mode = shift.desk, shift.mode
    with desk.database.read() as session:
        campaign = session.get_one(Mailing, schedule.mailing_id).campaign
    say(f"{london(now())}: {campaign} begins, as {schedule.scheduled_by} set it.")
    letting_go.note(desk, schedule.scheduled_by, "began to send as scheduled", campaign, mode)
    try:
        run = _sent(shift, schedule, campaign)
    except (NotifyError, DatabaseError):
        with desk.database.write() as session:
            schedules.put_off(session, schedule)
        raise
    except PostroomError as error:
        run = Run(ended_because=str(error))
    _record(shift, schedule, campaign, run)


def _sent(shift: Shift, schedule: Schedule, campaign: str) -> Run:
    desk, mode = shift.desk, shift.mode
    edition = desk.edition(campaign)
    approval = _approval_meant(shift, schedule, campaign)
    with open_notify(desk, mode, edition.campaign) as notify:
        last_look.refuse_changes(desk, edition, mode, notify, approval)
        return letting_go.run(
            desk,
            mode,
            notify,
            approval,
            interrupted=shift.ended,
            progress=lambda _run: None,
            waiting=lambda _until, _why: None,
        )


def _approval_meant(shift: Shift, schedule: Schedule, campaign: str) -> Approval:
    if shift.mode is Mode.LIVE and not shift.desk.settings.is_in_team(schedule.scheduled_by):
        raise SettingsError("whoever set the time is no longer one of `people` (outreach.toml)")
    with shift.desk.database.read() as session:
        approval = approvals.standing_approval(session, campaign, shift.mode)
    if approval is None or approval.id != schedule.approval_id:
        raise NotPermitted(
            "it was approved anew, or the approval was taken back, after the time was set. "
            f"Set it again: outreach send {campaign} --mode {shift.mode}"
        )
    return approval


def _record(shift: Shift, schedule: Schedule, campaign: str, run: Run) -> None:
    why, moment = run.ended_because, now()
    with shift.desk.database.write() as session:
        if why == INTERRUPTED:
            schedules.hand_back(session, schedule, now=moment)
        else:
            state = ScheduleState.HELD if why else ScheduleState.DONE
            schedules.end(session, schedule, state, why=why, now=moment)
        session.add(
            letting_go.act(schedule.scheduled_by, "ended sending", campaign, shift.mode, why=why)
        )
    sent = plural(run.tally["accepted"], "email")
    say(f"{london(moment)}: {campaign}: {sent} accepted by Notify.")
    if why:
        warn(f"{campaign} ended early: {why}")


def _keep_beating(shift: Shift) -> None:
    while not shift.ended.wait(shift.lease.total_seconds() / 3):
        try:
            _beat(shift)
        except DatabaseError:
            continue  # the lease may run out meanwhile: then another worker takes over


def _beat(shift: Shift) -> None:
    with shift.desk.database.write() as session:
        workers.beat(session, shift.name, shift.mode, lease=shift.lease, now=now())
        if (schedule := shift.at_work) is not None:
            schedules.extend(session, schedule, lease=shift.lease, now=now())
    replaying.report(shift.desk.database, now=now())  # after a restore others wait for this machine
