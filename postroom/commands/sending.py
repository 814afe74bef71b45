"""`send`, `stop`, `resume`, `settle`: let an approved campaign go, and hold it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from types import FrameType
from typing import Annotated

import typer

from postroom.commands.approving import approve_here
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    ModeOption,
    WorkspaceOption,
    YesOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.printing import ask, london, plural, progress_bar, say, show, warn
from postroom.content.editions import Edition
from postroom.delivery import approval as approvals
from postroom.delivery import messages, outbox, tracking
from postroom.delivery.gateway import Notify
from postroom.delivery.preparing import prepare
from postroom.delivery.public_site import check_public_site
from postroom.delivery.sending import Run, Sender, see_through
from postroom.errors import NotPermitted
from postroom.reports.counts import MEANINGS, Standing, standing
from postroom.settings import Mode
from postroom.tables import Approval, Event

app = typer.Typer()


class Word(StrEnum):
    """What a person found out about a message in doubt."""

    SENT = "sent"
    NOT_SENT = "not-sent"


@app.command()
def send(
    campaign: CampaignArgument,
    mode: ModeOption = None,
    approved: Annotated[
        int | None, typer.Option("--approved", help="Live only: how many emails were approved.")
    ] = None,
    yes: YesOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Send an approved campaign.

    Sends each approved email once, whatever happens: run it again after an interruption and it
    goes on from where it was. In local mode no mail leaves this machine.

    Example: outreach send bpn-invite
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    who = desk.who(the_mode)
    edition = desk.edition(campaign)
    with open_notify(desk, the_mode, edition.campaign) as notify:
        if _nothing_left(desk, campaign, the_mode):
            return
        approval = _approval(desk, edition, the_mode, notify, yes=yes)
        if not _agreed(desk, edition, the_mode, approval, approved=approved, yes=yes):
            raise typer.Exit(1)
        tracking.read_back(desk.database, notify, now=now())
        _note(desk, who, "began to send", campaign, the_mode)
        run = _send(desk, edition, the_mode, notify, approval)
        _note(desk, who, "ended sending", campaign, the_mode, why=run.ended_because)
    _say_how_it_went(desk, campaign, the_mode, run)


@app.command()
def stop(
    campaign: CampaignArgument,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Stop a campaign: nothing more of it is sent.

    A run on another machine ends by itself within two seconds. What Notify has already accepted
    cannot be called back.

    Example: outreach stop bpn-invite --reason "wrong figure"
    """
    desk, the_mode = _at_work(workspace, mode)
    with desk.database.write() as session:
        mailing = messages.find_mailing(session, campaign, the_mode)
        if mailing is None:
            raise NotPermitted(f"{campaign} was never planned in {the_mode} mode: nothing to stop.")
        outbox.stop(mailing, why=reason or "stopped by a person", now=now())
        session.add(_event(desk.settings.who(), "stopped", campaign, the_mode, why=reason))
        found = standing(session, campaign, the_mode)
    show(f"{campaign} is stopped in {the_mode} mode. {_sent_and_not(found)}")
    show(f"To go on: outreach resume {campaign}")


@app.command()
def resume(
    campaign: CampaignArgument, mode: ModeOption = None, workspace: WorkspaceOption = None
) -> None:
    """Let a stopped campaign go on. Sends nothing itself.

    Example: outreach resume bpn-invite
    """
    desk, the_mode = _at_work(workspace, mode)
    who = desk.who(the_mode)
    with desk.database.write() as session:
        mailing = messages.find_mailing(session, campaign, the_mode)
        if mailing is None or mailing.stopped_at is None:
            raise NotPermitted(f"{campaign} is not stopped in {the_mode} mode.")
        outbox.resume(mailing)
        session.add(_event(who, "resumed", campaign, the_mode))
    show(f"{campaign} may go on in {the_mode} mode. Next: outreach send {campaign}")


@app.command()
def settle(
    campaign: CampaignArgument,
    reference: Annotated[str, typer.Option(help="The message, as `outreach status` shows it.")],
    word: Annotated[Word, typer.Option("--as", help="What became of it.")],
    reason: Annotated[str, typer.Option(help="How you know, for the record.")],
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Close a message in doubt by a person's word.

    For a message that Notify can no longer be asked about. "not-sent" plans it again.

    Example: outreach settle bpn-invite --reference ab…7q --as sent --reason "seen in Notify"
    """
    desk, the_mode = _at_work(workspace, mode)
    who = desk.who(the_mode)
    with desk.database.write() as session:
        outbox.settle_by_hand(
            session,
            messages.in_doubt(session, campaign, the_mode, reference),
            was_sent=word is Word.SENT,
            reason=reason,
            now=now(),
        )
        session.add(_event(who, f"settled as {word}", reference, the_mode, why=reason))
    show(f"Message {reference} is settled as {word}.")


def _at_work(workspace: WorkspaceOption, mode: Mode | None) -> tuple[Desk, Mode]:
    desk = open_desk(workspace)
    return desk, desk.mode(mode)


def _nothing_left(desk: Desk, campaign: str, mode: Mode) -> bool:
    with desk.database.read() as session:
        found = standing(session, campaign, mode)
    if found.stopped_why is not None:
        raise NotPermitted(
            f"{campaign} is stopped in {mode} mode ({found.stopped_why}). "
            f"To let it go on: outreach resume {campaign}"
        )
    if not (found.total and found.finished and found.accepted):
        return False
    show(f"{campaign} is finished in {mode} mode: nothing is left to send. {_sent_and_not(found)}")
    show(f"See who got what: outreach status {campaign}")
    return True


def _approval(desk: Desk, edition: Edition, mode: Mode, notify: Notify, *, yes: bool) -> Approval:
    name = edition.campaign.name
    with desk.database.read() as session:
        approval = approvals.standing_approval(session, name, mode)
    if approval is None and mode in (Mode.LOCAL, Mode.TEST):
        say(f"{name} is not approved yet. In {mode} mode you may approve it yourself.")
        approval = approve_here(desk, edition, mode, notify, yes=yes)
    if approval is None:
        raise NotPermitted(approvals.NOT_APPROVED.format(campaign=name, mode=mode))
    _refuse_changes(desk, edition, mode, notify, approval)
    return approval


def _refuse_changes(
    desk: Desk, edition: Edition, mode: Mode, notify: Notify, approval: Approval
) -> None:
    terms = approvals.terms_of(notify, notify.template(), desk.settings)
    with desk.database.read() as session:
        prepared = prepare(session, edition, desk.office(mode), today=now().date())
        changes = [
            *terms.differences(approval.terms),
            *approvals.what_changed(session, approval, edition, prepared.to_send),
        ]
        check_public_site(session, edition.campaign, mode, desk.settings)
    if changes:
        raise NotPermitted(
            f"{edition.campaign.name} is not as it was approved on "
            f"{london(approval.approved_at)}. Nothing was sent.",
            *(f"  - {change}" for change in changes),
            f"Undo the change, or approve it: outreach approve {edition.campaign.name}",
        )


def _agreed(
    desk: Desk,
    edition: Edition,
    mode: Mode,
    approval: Approval,
    *,
    approved: int | None,
    yes: bool,
) -> bool:
    if mode is Mode.LIVE and approved != approval.count:
        raise NotPermitted(
            f"In live mode say how many were approved: --approved {approval.count}"
            + ("" if approved is None else f" (you said {approved})")
        )
    with desk.database.read() as session:
        found = standing(session, edition.campaign.name, mode)
        left = messages.count_approved(session, approval)
        first, last = messages.first_and_last(session, approval)
    schools = sum(1 for school in found.schools if school.urn)
    say(
        f"{mode.upper()} mode: {plural(left, 'email')} to send of {approval.count} approved, "
        f"{plural(schools, 'school')}."
    )
    if left:
        say(f"First: {first}   Last: {last}")
    return ask(f"Send {plural(left, 'email')} in {mode.upper()} mode?", yes=yes)


def _send(desk: Desk, edition: Edition, mode: Mode, notify: Notify, approval: Approval) -> Run:
    with desk.database.read() as session:
        left = messages.count_approved(session, approval)
        approved_edition = approvals.stored_edition(session, approval, edition.campaign.name)
    with _stoppable() as interrupted, progress_bar(f"Sending ({mode})", left) as bar:
        sender = Sender(
            database=desk.database,
            notify=notify,
            office=desk.office(mode),
            approval=approval,
            edition=approved_edition,
            clock=now,
            interrupted=interrupted,
            progress=lambda run: bar.reach(run.tally["accepted"], _in_short(run)),
        )
        sender.resolve_doubts()
        return see_through(sender, waiting=_say_waiting)


def _in_short(run: Run) -> str:
    troubles = {what: number for what, number in run.tally.items() if what != "accepted"}
    return ", ".join(f"{number} {what}" for what, number in troubles.items())


def _say_waiting(until: datetime) -> None:
    say(
        "Notify did not answer for some messages. Waiting until "
        f"{until.astimezone():%H:%M:%S} to be sure that it did not take them; Ctrl-C is safe."
    )


def _say_how_it_went(desk: Desk, campaign: str, mode: Mode, run: Run) -> None:
    with desk.database.read() as session:
        found = standing(session, campaign, mode)
    show(_sent_and_not(found))
    for reason, number in found.not_sent.items():
        warn(f"{plural(number, 'email')} refused: {reason}")
    if run.ended_because:
        warn(f"The run ended early: {run.ended_because}")
        show(f"To go on from here: outreach send {campaign} --mode {mode}")
        raise typer.Exit(1)
    days = desk.settings.notify_retention_days
    show(
        f"To fetch what became of them: outreach sync --mode {mode} "
        f"(Notify forgets them after {days} days)"
    )


def _sent_and_not(found: Standing) -> str:
    parts = [f"{number} {MEANINGS[status]}" for status, number in found.counts.items()]
    return f"{plural(found.total, 'email')}: {'; '.join(parts)}." if parts else "Nothing planned."


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
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


def _note(desk: Desk, who: str, act: str, campaign: str, mode: Mode, why: str = "") -> None:
    with desk.database.write() as session:
        session.add(_event(who, act, campaign, mode, why=why))


def _event(who: str, act: str, target: str, mode: Mode, why: str = "") -> Event:
    return Event(at=now(), who=who, act=act, target=target, why=why, details={"mode": mode.value})
