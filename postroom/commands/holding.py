"""`stop`, `resume`, `settle`: hold a campaign, let it go on, close a doubt."""

from enum import StrEnum
from typing import Annotated

import typer
from sqlmodel import Session

from postroom.commands.approving_texts import ConfirmationsOption, part_of
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.letting_go import act, sent_and_not
from postroom.commands.printing import london, plural, show
from postroom.content.campaign_file import campaign_names
from postroom.content.confirmations import PART
from postroom.delivery import messages, outbox, schedules, settling
from postroom.errors import NotPermitted
from postroom.reasons import stated
from postroom.reports.counts import standing
from postroom.settings import Mode
from postroom.tables import Mailing, Status

app = typer.Typer()


class Word(StrEnum):
    """What a person found out about a message in doubt."""

    SENT = "sent"
    NOT_SENT = "not-sent"


@app.command()
def stop(
    campaign: CampaignArgument,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    confirmations: ConfirmationsOption = False,
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Stop a campaign: nothing more of it is sent.

    A run on another machine ends by itself within two seconds. What Notify has already accepted
    cannot be called back. Its confirmations go on, unless it is they that are stopped.

    Example: outreach stop bpn-invite --reason "wrong figure"
    """
    why = stated(reason, "--reason") if reason else ""
    desk, the_mode = _at_work(workspace, mode)
    if confirmations:
        _stop_confirmations(desk, campaign, the_mode, why)
        return
    with desk.database.write() as session:
        mailing = messages.find_mailing(session, campaign, the_mode)
        if mailing is None:
            _refuse_unknown(desk, campaign)
            raise NotPermitted(f"{campaign} was never planned in {the_mode} mode: nothing to stop.")
        _refuse_to_stop(session, mailing)
        outbox.stop(mailing, why=why or "stopped by a person", now=now())
        cancelled = schedules.cancel(session, mailing.id or 0, why="stopped", now=now())
        session.add(act(desk.settings.who(), "stopped", campaign, the_mode, why=why))
        found = standing(session, campaign, the_mode)
    show(f"{campaign} is stopped in {the_mode} mode. {sent_and_not(found)}")
    if cancelled:
        show(f"{plural(cancelled, 'time')} set for it given up: set another once it may go on.")
    show(f"To go on: outreach resume {campaign} --mode {the_mode}")


def _stop_confirmations(desk: Desk, campaign: str, mode: Mode, why: str) -> None:
    desk.edition(campaign)  # an unknown campaign is answered with those there are
    with desk.database.write() as session:
        mailing = outbox.mailing_for(session, campaign, mode, part=PART, now=now())
        if mailing.stopped_at is not None:
            raise NotPermitted(
                f"The confirmations of {campaign} are stopped in {mode} mode already, since "
                f"{london(mailing.stopped_at)}: {mailing.stopped_why}. To let them go on: "
                f"outreach resume {campaign} --confirmations --mode {mode}"
            )
        outbox.stop(mailing, why=why or "stopped by a person", now=now())
        session.add(act(desk.settings.who(), "stopped confirmations", campaign, mode, why=why))
    show(f"No confirmation of {campaign} is sent in {mode} mode. What people do is recorded still.")
    show(f"To go on: outreach resume {campaign} --confirmations --mode {mode}")


@app.command()
def resume(
    campaign: CampaignArgument,
    confirmations: ConfirmationsOption = False,
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a stopped campaign, or its confirmations, go on. Sends nothing itself.

    Example: outreach resume bpn-invite
    """
    desk, the_mode = _at_work(workspace, mode)
    who, part = desk.who(the_mode), part_of(confirmations)
    what = f"The confirmations of {campaign}" if part else campaign
    with desk.database.write() as session:
        mailing = messages.find_mailing(session, campaign, the_mode, part=part)
        if mailing is None:
            _refuse_unknown(desk, campaign)
        if mailing is None or mailing.stopped_at is None:
            verb = "are" if part else "is"
            raise NotPermitted(f"{what} {verb} not stopped in {the_mode} mode.")
        outbox.resume(mailing)
        session.add(act(who, f"resumed {part}".strip(), campaign, the_mode))
    show(f"{what} may go on in {the_mode} mode.")
    if not part:
        show(f"Next: outreach send {campaign} --mode {the_mode}")


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

    Notify is asked first, and what it holds counts. A word counts only where Notify can be asked
    no more: it has forgotten, or the message went under another key. "not-sent" plans it again.

    Example: outreach settle bpn-invite --reference ab…7q --as sent --reason "seen in Notify"
    """
    why = stated(reason, "--reason")
    desk, the_mode = _at_work(workspace, mode)
    said = settling.Word(campaign, the_mode, reference, word is Word.SENT, why, desk.who(the_mode))
    settings = desk.settings
    with open_notify(desk, the_mode) as notify:
        counted = settling.settle(
            desk.database,
            notify,
            said,
            waits=settings.waits(the_mode),
            retention=settings.retention,
            now=now(),
        )
    show(counted)
    with desk.database.read() as session:
        found = standing(session, campaign, the_mode)
    if found.counts.get(Status.PLANNED):
        show(f"To send what waits: outreach send {campaign} --mode {the_mode}")


def _refuse_unknown(desk: Desk, campaign: str) -> None:
    """Raise `CampaignError` where there is no such campaign, with those there are."""
    if campaign not in campaign_names(desk.workspace.campaigns):
        desk.edition(campaign)


def _refuse_to_stop(session: Session, mailing: Mailing) -> None:
    """Raise `NotPermitted` when there is nothing to stop, or it is stopped already."""
    name, mode = mailing.campaign, mailing.mode
    if mailing.stopped_at is not None:
        raise NotPermitted(
            f"{name} is stopped in {mode} mode already, since {london(mailing.stopped_at)}: "
            f"{mailing.stopped_why}. To let it go on: outreach resume {name} --mode {mode}"
        )
    found = messages.counts(session, mailing.id or 0)
    if messages.is_finished(found) and schedules.open_schedule(session, name, mode) is None:
        raise NotPermitted(
            f"{name} is finished in {mode} mode: nothing of it waits or is being sent, so there "
            "is nothing to stop. What Notify has accepted cannot be called back."
        )


def _at_work(workspace: WorkspaceOption, mode: Mode | None) -> tuple[Desk, Mode]:
    desk = open_desk(workspace)
    return desk, desk.mode(mode)
