"""`status`, `sync`, `report`: what became of every message."""

import sys
import webbrowser
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from postroom.commands import confirming, in_doubt
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.printing import (
    london,
    plural,
    say,
    show,
    show_json,
    show_table,
    warn,
    write_privately,
)
from postroom.commands.scheduling import in_words
from postroom.content.campaign_file import Route, campaign_names, check_name
from postroom.delivery import messages, schedules, tracking, workers
from postroom.delivery.gateway import Notify
from postroom.errors import NotPermitted
from postroom.reports import by_message
from postroom.reports.counts import MEANINGS, Standing, mailings, standing
from postroom.reports.page import report_page
from postroom.settings import Mode
from postroom.tables import Event, ScheduleState, Status

app = typer.Typer()

FORGETS_SOON = timedelta(days=2)
"""Nearer than this to Notify's forgetting, `status` warns."""


@app.command()
def status(
    campaign: Annotated[
        str | None, typer.Argument(metavar="[CAMPAIGN]", help="All campaigns, if none is named.")
    ] = None,
    mode: ModeOption = None,
    as_json: JsonOption = False,  # an option of the command line
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print one row a message, as CSV: schools, no people.")
    ] = False,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="With --csv: people's addresses too.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Say what became of every message.

    The counts add up to everyone who was chosen. Shows what is known here; `outreach sync`
    fetches the newest word from Notify.

    Example: outreach status bpn-invite
    """
    desk = open_desk(workspace)
    if as_csv and (as_json or campaign is None):
        raise typer.BadParameter("--csv wants a campaign, and not --json beside it")
    if campaign is None:
        _show_all(desk, mode, as_json=as_json)
        return
    the_mode = desk.mode(mode)
    found = _standing(desk, campaign, the_mode)
    if as_csv:
        _show_csv(desk, found, first=0 if addresses else 1)
    elif as_json:
        show_json(found.as_json() | _as_json(desk, found))
    else:
        _show_standing(desk, found)


@app.command()
def sync(
    mode: ModeOption = None,
    as_json: JsonOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Fetch what became of messages from Notify.

    Reads Notify's list by pages of 250. Notify forgets messages (after 7 days, unless it is set
    otherwise there): run it at least that often, or let `outreach worker` do it.

    Example: outreach sync --mode local
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    waiting, forgotten = _fetch(desk, the_mode)
    with desk.database.read() as session:
        standings = [
            standing(session, mailing.campaign, mailing.mode)
            for mailing in mailings(session)
            if mailing.mode == the_mode
        ]
    if as_json:
        show_json([found.as_json() for found in standings])
        return
    if not standings:
        show(f"Nothing was ever sent in {the_mode} mode.")
    for found in standings:
        show(f"{found.campaign}: {_in_words(found)}")
    if waiting:
        say(f"{plural(waiting, 'message')} in doubt cannot be settled yet; run this again later.")
    if forgotten:
        say(
            f"{plural(forgotten, 'message')} in doubt can no longer be looked up at Notify, so a "
            f"person has to say what became of each. Which: outreach status CAMPAIGN "
            f"--mode {the_mode}"
        )


@app.command()
def report(
    campaign: CampaignArgument,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the page. Default: out/ in the workspace.")
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    mode: ModeOption = None,
    as_json: JsonOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Write a report of a campaign.

    One page with counts by status and by school and the sign-ups that came from it. It holds
    schools and numbers, never a person's address.

    Example: outreach report bpn-invite --open
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    found = _standing(desk, campaign, the_mode)
    if as_json:
        show_json(found.as_json())
        return
    path = out or desk.workspace.out / f"{campaign}-{the_mode}-report.html"
    title = _title(desk, campaign)
    write_privately(path, report_page(found, title=title, now=now()))
    show(f"Report: {path}")
    if open_it:
        webbrowser.open(path.resolve().as_uri())


def _fetch(desk: Desk, mode: Mode) -> tuple[int, int]:
    """Fetch statuses and look up doubts; return how many stay in doubt: to be looked up later, and
    for a person."""
    with open_notify(desk, mode) as notify:
        written = tracking.sync(
            desk.database,
            notify,
            desk.keys,
            mode,
            retention=desk.settings.retention,
            now=now(),
        )
        waiting = _look_up_doubts(desk, mode, notify)
    with desk.database.write() as session:
        session.add(
            Event(
                at=now(),
                who=desk.settings.who(),
                act="synced",
                target="all campaigns",
                details={"mode": mode.value, "messages": written},
            )
        )
    return waiting


def _title(desk: Desk, campaign: str) -> str:
    return desk.edition(campaign).campaign.title


def _standing(desk: Desk, campaign: str, mode: Mode) -> Standing:
    check_name(campaign)
    with desk.database.read() as session:
        found = standing(session, campaign, mode)
        if not (found.total or found.partners or found.signups):
            _refuse_if_a_partner_sends(desk, campaign, mode)
            known = sorted({f"{m.campaign} ({m.mode})" for m in mailings(session)})
            raise NotPermitted(
                f"{campaign} was never planned in {mode} mode. Planned so far: "
                f"{', '.join(known) or 'nothing'}. {_how_to_plan(desk, campaign, mode)}"
            )
        return found


def _refuse_if_a_partner_sends(desk: Desk, campaign: str, mode: Mode) -> None:
    if campaign not in campaign_names(desk.workspace.campaigns):
        return
    if desk.edition(campaign).campaign.route is Route.PARTNER:
        raise NotPermitted(
            f"{campaign} goes by the partner route: what we know is what the partner tells us. "
            f"Nothing is recorded in {mode} mode yet, and nobody has signed up. When they answer: "
            f"outreach partner record {campaign} PARTNER --sent-to N --on DATE --mode {mode}"
        )


def _how_to_plan(desk: Desk, campaign: str, mode: Mode) -> str:
    names = campaign_names(desk.workspace.campaigns)
    if campaign not in names:
        desk.edition(campaign)  # says which there are, and which was meant
    if mode is Mode.LIVE:
        return f"Its approval plans it: outreach review {campaign} --mode live --email APPROVER"
    return f"Its approval plans it: outreach approve {campaign} --mode {mode}"


def _show_all(desk: Desk, mode: Mode | None, *, as_json: bool) -> None:
    with desk.database.read() as session:
        found = [
            standing(session, m.campaign, m.mode)
            for m in mailings(session)
            if mode in (None, m.mode)
        ]
    if as_json:
        show_json([each.as_json() for each in found])
    elif not found:
        where = f" in {mode} mode" if mode else ""
        show(f"Nothing was planned or sent{where} yet. See: outreach campaigns")
    else:
        show_table(
            ("Campaign", "Mode", "Emails", "Accepted", "State"),
            ((f.campaign, f.mode, f.total, f.accepted, _state(f)) for f in found),
        )


def _state(found: Standing) -> str:
    if found.stopped_why is not None:
        return "stopped"
    if not found.total:
        return "passed on" if found.partners else "none of its emails is planned"
    if found.settled:
        return "settled"
    return "finished" if found.finished else "under way"


def _show_standing(desk: Desk, found: Standing) -> None:
    show(f"{found.campaign} in {found.mode.upper()} mode: {_state(found)}.")
    if found.total or not found.partners:
        show_table(
            ("Emails", "Status", "Meaning"),
            (
                *((n, status, MEANINGS[status]) for status, n in found.counts.items()),
                (found.total, "in all", ""),
            ),
        )
    for reason, number in found.left_out.items():
        show(f"  left out: {number}, {reason}")
    for reason, number in found.not_sent.items():
        show(f"  refused: {number}, {reason}")
    for reason, number in found.tried.items():
        show(f"  asked for before, and waiting: {number}, {reason}")
    reached, not_reached = (found.schools_that_are(o) for o in ("reached", "not reached"))
    if found.schools:
        show(f"Schools: {len(reached)} of {len(found.schools)} reached.")
        for school in not_reached:
            show(f"  not reached: {school.name or school.urn}")
    for sent in found.partners:
        failed = f", {sent.not_delivered:,} not delivered" if sent.not_delivered else ""
        show(f"Passed on by {sent.partner}: {sent.sent_to:,}{failed}, as they told us.")
    show(f"Sign-ups: {found.signups}.")
    for sentence in confirming.that_wait(desk, Mode(found.mode), found.campaign):
        show(sentence)
    if stopped := confirming.stopped(desk, Mode(found.mode), found.campaign):
        warn(stopped)
    _show_times(desk, found)


def _show_csv(desk: Desk, found: Standing, *, first: int) -> None:
    with desk.database.read() as session:
        for line in by_message.as_csv(
            by_message.rows(session, found.campaign, found.mode), first=first
        ):
            sys.stdout.write(line)


def _as_json(desk: Desk, found: Standing) -> dict[str, object]:
    with desk.database.read() as session:
        schedule = schedules.open_schedule(session, found.campaign, found.mode)
        worker = workers.first_alive(session, found.mode, now=now())
    named = ("state", "start_at", "scheduled_by", "why")
    return {
        "schedule": schedule and {name: getattr(schedule, name) for name in named},
        "worker": worker is not None,
        "confirmations": confirming.as_json(desk, Mode(found.mode), found.campaign),
        "for_a_person": len(in_doubt.found(desk, found)[1]),
    }


def _show_schedule(desk: Desk, found: Standing) -> None:
    with desk.database.read() as session:
        schedule = schedules.open_schedule(session, found.campaign, found.mode)
    if schedule is None:
        return
    tell = warn if schedule.state in (ScheduleState.MISSED, ScheduleState.HELD) else show
    tell(f"Scheduled: {in_words(schedule, found.campaign, found.mode)}")


def _show_times(desk: Desk, found: Standing) -> None:
    _show_schedule(desk, found)
    if found.stopped_why is not None:
        warn(
            f"Stopped: {found.stopped_why}. To go on: "
            f"outreach resume {found.campaign} --mode {found.mode}"
        )
    in_doubt.show_all(desk, found)
    if found.lost_track and found.lost_track_at:
        warn(
            f"{plural(found.lost_track, 'email')} forgotten by Notify before its last word: track "
            f"was lost on {london(found.lost_track_at)}. The last status is kept."
        )
    synced = london(found.synced_at) if found.synced_at else "never"
    show(f"Last synced: {synced}.")
    forgets = found.notify_forgets_at(desk.settings.retention)
    if forgets is not None and not found.settled:
        _show_who_fetches(desk, found.mode, forgets)


def _show_who_fetches(desk: Desk, mode: str, forgets: datetime) -> None:
    with desk.database.read() as session:
        worker = workers.first_alive(session, mode, now=now())
    if worker is not None:
        show(f"A worker is running: it fetches the rest before Notify forgets ({london(forgets)}).")
        return
    tell = warn if forgets - now() < FORGETS_SOON else show
    tell(
        f"Notify begins to forget them on {london(forgets)}. No worker is running: before that, "
        f"run `outreach sync --mode {mode}`."
    )


def _in_words(found: Standing) -> str:
    parts = (f"{number} {status}" for status, number in found.counts.items())
    return f"{', '.join(parts)} ({_state(found)})"


def _look_up_doubts(desk: Desk, mode: Mode, notify: Notify) -> tuple[int, int]:
    with desk.database.read() as session:
        ids = messages.mailing_ids(session, mode)
    waiting = forgotten = 0
    for mailing_id in ids:
        looked = tracking.resolve_doubts(
            desk.database,
            notify,
            mailing_id,
            waits=desk.settings.waits(mode),
            retention=desk.settings.retention,
            now=now(),
        )
        with desk.database.read() as session:
            waiting += messages.count(session, mailing_id, [Status.IN_DOUBT])
        forgotten += len(looked.forgotten)
    return waiting - forgotten, forgotten
