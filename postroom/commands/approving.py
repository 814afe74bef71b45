"""`approve` and `test-send`: say yes to exactly what will be sent."""

from typing import Annotated

import typer

from postroom.audience import segments
from postroom.commands.content import show_problems
from postroom.commands.desk import (
    Desk,
    ModeOption,
    WorkspaceOption,
    YesOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.printing import ask, plural, say, show, show_table, warn
from postroom.content.editions import Edition
from postroom.content.rendering import Renderer, sample_links
from postroom.delivery import approval as approvals
from postroom.delivery import messages, outbox, test_sends
from postroom.delivery.gateway import Notify
from postroom.delivery.outbox import Planned
from postroom.delivery.preparing import Prepared, prepare
from postroom.errors import NotPermitted, Stopped
from postroom.settings import Mode
from postroom.tables import Approval, Event

app = typer.Typer()


@app.command()
def approve(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN")],
    mode: ModeOption = None,
    yes: YesOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Approve exactly the emails that will be sent.

    Shows who gets it, every fact with its source and every open problem, then asks. What is
    approved is frozen: a changed word or a new recipient needs a new approval.

    Example: outreach approve bpn-invite
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    edition = desk.edition(campaign)
    with open_notify(desk, the_mode, edition.campaign) as notify:
        approval = approve_here(desk, edition, the_mode, notify, yes=yes)
    if approval is None:
        show("Not approved. Nothing will be sent.")
        raise typer.Exit(1)
    live = f" --approved {approval.count}" if the_mode is Mode.LIVE else ""
    show(f"Approved: {plural(approval.count, 'email')} of {campaign} in {the_mode} mode.")
    show(f"Next: outreach send {campaign} --mode {the_mode}{live}")


@app.command("test-send")
def send_a_test(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN")],
    to: Annotated[str, typer.Option(help="Where to send it: an address in `people`.")],
    row: Annotated[int | None, typer.Option(help="Whose email: a row of the list.")] = None,
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Send one person's email to somebody in the team.

    Its subject begins with TEST, its links are samples, and it never counts as sent to that
    person. It needs no approval.

    Example: outreach test-send bpn-invite --to me@example.com --row 14
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    who = desk.who(the_mode)
    edition = desk.edition(campaign)
    with desk.database.read() as session:
        everybody = segments.recipients_of(session, edition.campaign)
        chosen = _row_of(everybody, row)
    renderer = Renderer(edition, subject_prefix=desk.office(the_mode).subject_prefix)
    email = renderer.render(chosen.fields, sample_links(desk.settings.public_url))
    with desk.database.write() as session:
        test_sends.allow_test_send(session, desk.settings, to, now=now())
        test_sends.note_test_send(session, campaign, the_mode, who, now=now())
    with open_notify(desk, the_mode, edition.campaign) as notify:
        test_sends.send_test(notify, email, to)
    show(f"Sent row {chosen.row} of {campaign} as a test, in {the_mode} mode.")


def approve_here(
    desk: Desk, edition: Edition, mode: Mode, notify: Notify, *, yes: bool
) -> Approval | None:
    """Plan, show and ask; return the approval, or None when the answer was no. Commits.

    Raises `NotPermitted` while a stop is open, or when this person may not approve in *mode*.
    """
    who = desk.who(mode)
    approvals.may_approve(edition, mode, who, desk.settings)
    template = notify.template()
    if not template.passes_through:
        raise Stopped(
            f"Template {notify.template_id} in Notify is not a pass-through: its subject must be "
            "((subject)) and its body ((body)), with nothing else. Mend it there."
        )
    prepared, planned, edition_id = _plan(desk, edition, mode)
    _show_what_is_approved(edition, mode, prepared, planned)
    if not ask(f"Approve these {plural(planned.to_send, 'email')} in {mode} mode?", yes=yes):
        return None
    terms = approvals.terms_of(notify, template, desk.settings)
    pairs = [(draft.address_key, draft.content_hash) for draft in prepared.to_send]
    with desk.database.write() as session:
        mailing = outbox.mailing_for(session, edition.campaign.name, mode, now=now())
        approval = approvals.approve(
            session,
            mailing,
            edition_id=edition_id,
            digest=messages.set_digest(pairs),
            terms=terms,
            who=who,
            now=now(),
        )
        session.add(
            Event(
                at=now(),
                who=who,
                act="approved",
                target=edition.campaign.name,
                details={"mode": mode.value, "count": approval.count},
            )
        )
    return approval


def _plan(desk: Desk, edition: Edition, mode: Mode) -> tuple[Prepared, Planned, int]:
    name = edition.campaign.name
    if edition.campaign.route != "direct":
        raise NotPermitted(
            f"{name} goes by the {edition.campaign.route} route: it has no recipients of ours "
            "to approve or send to."
        )
    with desk.database.read() as session:
        prepared = prepare(session, edition, desk.office(mode), today=now().date())
    if prepared.stops:
        show_problems(prepared.problems)
        raise NotPermitted(f"{name} has open problems. Nothing was approved.")
    if not prepared.to_send:
        raise NotPermitted(
            f"{name} has nobody to send to: its list or segment is empty, or everybody on it "
            f"is left out. See: outreach check {name}"
        )
    moment = now()
    with desk.database.write() as session:
        mailing = outbox.mailing_for(session, name, mode, now=moment)
        assert mailing.id is not None  # noqa: S101  # flushed
        edition_id = approvals.keep_edition(session, edition, now=moment)
        approvals.end_approvals(session, mailing.id, now=moment)
        planned = outbox.plan(
            session, mailing.id, edition_id=edition_id, drafts=prepared.drafts, now=moment
        )
    return prepared, planned, edition_id


def _show_what_is_approved(
    edition: Edition, mode: Mode, prepared: Prepared, planned: Planned
) -> None:
    schools = {draft.school_urn for draft in prepared.to_send if draft.school_urn}
    say(
        f"{edition.campaign.name} in {mode.upper()} mode: {plural(planned.to_send, 'email')} to "
        f"{plural(len(schools), 'school')}; {planned.left_out} left out; "
        f"{planned.already_sent} already sent."
    )
    if edition.campaign.facts:
        show_table(
            ("Fact", "Says", "Source"),
            (
                (name.replace("_", " "), fact.value, fact.source)
                for name, fact in edition.campaign.facts.items()
            ),
        )
    if prepared.problems:
        warn(f"{plural(len(prepared.problems), 'thing')} a careful colleague would say:")
        show_problems(prepared.problems)


def _row_of(everybody: list[segments.Chosen], row: int | None) -> segments.Chosen:
    if not everybody:
        raise NotPermitted("Nobody is chosen, so there is no email to send as a test.")
    if row is None:
        return everybody[0]
    for chosen in everybody:
        if chosen.row == row:
            return chosen
    rows = [chosen.row for chosen in everybody]
    raise NotPermitted(f"Nobody is on row {row}. Rows run from {min(rows)} to {max(rows)}.")
