"""`send`: let an approved campaign go, now, in a wave, at a time, or again to those it missed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from sqlmodel import Session

from postroom.commands import last_look, letting_go, orders
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
from postroom.commands.limits import in_a_child
from postroom.commands.printing import ask, plural, say, show, to_schools
from postroom.commands.scheduling import in_words, set_a_time
from postroom.commands.sending_again import send_again
from postroom.content.campaign_file import Route
from postroom.content.editions import Edition
from postroom.delivery import approval as approvals
from postroom.delivery import messages, schedules
from postroom.delivery.planning import refuse_other_routes
from postroom.delivery.preparing import people_of
from postroom.errors import NotPermitted
from postroom.london import london_day
from postroom.settings import Mode
from postroom.tables import Approval, Mailing, Status
from postroom.tables.outbox import ACCEPTED

app = typer.Typer()


class Again(StrEnum):
    """What may be sent again: only what failed for the moment, or never left Notify."""

    TEMPORARY_FAILURE = "temporary-failure"
    TECHNICAL_FAILURE = "technical-failure"
    REFUSED = "refused"


@app.command()
def send(
    campaign: CampaignArgument,
    mode: ModeOption = None,
    wave: Annotated[
        int | None, typer.Option(min=1, help="Send to the next N of the approved, then hold.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="'YYYY-MM-DD HH:MM'",
            help="Send at this time in London; outreach worker does it.",
        ),
    ] = None,
    again: Annotated[
        Again | None, typer.Option(help="Send once more to those whose email ended so.")
    ] = None,
    approved: Annotated[
        int | None, typer.Option("--approved", help="Live only: how many emails were approved.")
    ] = None,
    yes: YesOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Send an approved campaign.

    Sends each approved email once, whatever happens: run it again after an interruption and it
    goes on from where it was. In local mode no mail leaves this machine.

    Example: outreach send bpn-invite --wave 5
    """
    if sum(option is not None for option in (wave, at, again)) > 1:
        raise typer.BadParameter("give one of --wave, --at and --again, not two")
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    who, start_at = desk.who(the_mode), _time_in_london(at)
    edition = desk.edition(campaign)
    if again is None:
        _write_within_limits(desk, edition, the_mode, wave, yes=yes)
    with open_notify(desk, the_mode, edition.campaign) as notify:
        order = orders.Order(desk, edition, the_mode, notify, who, approved, yes)
        _refuse_what_may_not_go(order)
        if again is not None:
            send_again(order, Status(again))
        elif not _nothing_left(order):
            _send_or_set(order, wave, start_at)


def _write_within_limits(
    desk: Desk, edition: Edition, mode: Mode, wave: int | None, *, yes: bool
) -> None:
    """Write the emails of templates that are not approved as they are in a child with limits.

    Those that are were written so when they were approved. Ends as the child ends when they may
    not go. In local and test mode one person may approve and send: here they are asked to.
    """
    name = edition.campaign.name
    with desk.database.read() as session:
        if edition.campaign.route is not Route.DIRECT or _will_be_refused(session, name, mode):
            return
        approval = approvals.standing_approval(session, name, mode)
        approved = approvals.stored_edition(session, approval, name) if approval else None
    if approved is None and mode in (Mode.LOCAL, Mode.TEST):
        _refuse_a_wave_of_more_than_all(desk, edition, mode, wave)
        in_a_child(lambda: _approve_first(desk.afresh(), edition, mode, yes=yes))
    elif approved is not None and approved.digest != edition.digest:
        in_a_child(lambda: _look_again(desk.afresh(), edition, mode))


def _will_be_refused(session: Session, campaign: str, mode: Mode) -> bool:
    mailing = messages.find_mailing(session, campaign, mode)
    return mailing is not None and (mailing.stopped_at is not None or _is_done(session, mailing))


def _look_again(desk: Desk, edition: Edition, mode: Mode) -> None:
    with desk.database.read() as session:
        approval = approvals.standing_approval(session, edition.campaign.name, mode)
    if approval is not None:
        with open_notify(desk, mode, edition.campaign) as notify:
            last_look.refuse_changes(desk, edition, mode, notify, approval)


def _approve_first(desk: Desk, edition: Edition, mode: Mode, *, yes: bool) -> None:
    # What is shown and asked says that this is the approval.
    with open_notify(desk, mode, edition.campaign) as notify:
        approval = approve_here(desk, edition, mode, notify, yes=yes)
    if approval is None:
        raise NotPermitted(approvals.NOT_APPROVED.format(campaign=edition.campaign.name, mode=mode))


def _time_in_london(typed: str | None) -> datetime | None:
    if typed is None:
        return None
    try:
        text = typed.strip().replace("T", " ")
        wanted = datetime.strptime(text, schedules.TIME_FORMAT)  # noqa: DTZ007  # London's, below
    except ValueError:
        raise typer.BadParameter(
            f'“{typed}” is not a day and a time. Write it like "2026-01-14 09:30".',
            param_hint="--at",
        ) from None
    return schedules.london_time(wanted, now=now())


def _send_or_set(order: orders.Order, wave: int | None, start_at: datetime | None) -> None:
    approval = _approval(order)
    if start_at is not None:
        set_a_time(order, approval, start_at)
        return
    with order.desk.database.read() as session:
        last_id = messages.end_of_wave(session, approval, wave) if wave is not None else None
    if not _agreed(order, approval, last_id):
        say("Nothing was sent.")
        raise typer.Exit(1)
    with order.desk.database.write() as session:
        schedules.answer(session, approval.mailing_id, now=now())
    run = orders.run(order, approval, last_id)
    with order.desk.database.write() as session:
        if messages.is_finished(messages.counts(session, approval.mailing_id)):
            schedules.end_with_nothing_left(session, approval.mailing_id, now=now())
    orders.tell(order, run)


def _refuse_what_may_not_go(order: orders.Order) -> None:
    refuse_other_routes(order.edition)
    with order.desk.database.read() as session:
        mailing = messages.find_mailing(session, order.campaign, order.mode)
    if mailing is not None and mailing.stopped_at is not None:
        raise NotPermitted(
            f"{order.campaign} is stopped in {order.mode} mode ({mailing.stopped_why}). "
            f"To let it go on: outreach resume {order.campaign} --mode {order.mode}"
        )


def _is_done(session: Session, mailing: Mailing) -> bool:
    """Return whether everything was sent, and nothing is left to send."""
    counts = messages.counts(session, mailing.id or 0)
    return messages.is_finished(counts) and bool(ACCEPTED & set(counts))


def _nothing_left(order: orders.Order) -> bool:
    with order.desk.database.read() as session:
        mailing = messages.find_mailing(session, order.campaign, order.mode)
        if mailing is None or not _is_done(session, mailing):
            return False
    found = orders.standing_of(order)
    show(
        f"{order.campaign} is finished in {order.mode} mode: nothing is left to send. "
        f"{letting_go.sent_and_not(found)}"
    )
    show(f"See who got what: outreach status {order.campaign} --mode {order.mode}")
    if new := _new_since(order, mailing):
        show(
            f"{plural(new, 'more address', 'more addresses')} would get it by now. To look at "
            f"those and approve them: outreach approve {order.campaign} --mode {order.mode}"
        )
    return True


def _new_since(order: orders.Order, mailing: Mailing) -> int:
    """Return how many came to the list or into the segment since all was sent."""
    office, today = order.desk.office(order.mode), london_day(now())
    with order.desk.database.read() as session:
        people = people_of(session, order.edition, office, today=today)
        known = messages.chosen_keys(session, mailing.id or 0)
    return sum(one.address_key not in known for one in people.to_send)


def _approval(order: orders.Order) -> Approval:
    desk, edition, mode, notify = order.desk, order.edition, order.mode, order.notify
    with desk.database.read() as session:
        approval = approvals.standing_approval(session, order.campaign, mode)
    if approval is None:
        raise NotPermitted(approvals.NOT_APPROVED.format(campaign=order.campaign, mode=mode))
    last_look.refuse_changes(desk, edition, mode, notify, approval)
    return approval


def _refuse_a_wave_of_more_than_all(
    desk: Desk, edition: Edition, mode: Mode, wave: int | None
) -> None:
    if wave is None:
        return
    with desk.database.read() as session:
        people = people_of(session, edition, desk.office(mode), today=london_day(now()))
    messages.refuse_too_large_a_wave(wave, left=len(people.to_send))


def _agreed(order: orders.Order, approval: Approval, last_id: int | None) -> bool:
    orders.refuse_another_number(order.mode, approval.count, order.approved)
    with order.desk.database.read() as session:
        left = messages.count_approved(session, approval)
        now_sent = messages.count_approved(session, approval, last_id=last_id)
        first, last = messages.first_and_last(session, approval, last_id=last_id)
        schools = messages.count_schools(session, approval)
        schedule = schedules.open_schedule(session, order.campaign, order.mode)
    say(
        f"{order.mode.upper()} mode: {plural(left, 'email')} to send of {approval.count} approved"
        f"{to_schools(schools)}."
    )
    if last_id is not None:
        say(f"This wave: the next {now_sent:,}. The other {left - now_sent:,} wait.")
    if left:
        say(f"First: {first}   Last: {last}")
    if schedule is not None:
        say(f"It is {in_words(schedule, order.campaign, order.mode)} Once all are sent that ends.")
    return ask(f"Send {plural(now_sent, 'email')} in {order.mode.upper()} mode?", yes=order.yes)
