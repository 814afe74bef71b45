"""`approve`: show what will be sent, ask, and record the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import typer

from postroom.commands import approving_texts
from postroom.commands.approving_texts import ConfirmationsOption, fixed, part_of, terms_now
from postroom.commands.checking import show_problems
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
from postroom.commands.printing import (
    ask,
    plural,
    say,
    show,
    show_by_source,
    slow_bar,
    to_schools,
    warn,
)
from postroom.content.campaign_file import Route
from postroom.content.confirmations import PART
from postroom.content.editions import Edition
from postroom.delivery import approval as approvals
from postroom.delivery import approval_requests, outbox
from postroom.delivery.approval import Terms
from postroom.delivery.gateway import Notify
from postroom.delivery.planning import Plan, plan_campaign
from postroom.errors import NotPermitted
from postroom.reasons import stated
from postroom.settings import Mode
from postroom.tables import Approval, ApprovalRequest, Event, Mailing

app = typer.Typer()


@app.command()
def approve(
    campaign: CampaignArgument,
    code: Annotated[str | None, typer.Option(help="The code the approver was sent.")] = None,
    facts: Annotated[
        str | None,
        typer.Option(help="The numbers of the facts the approver checked, like 1,2,5, or all."),
    ] = None,
    refuse: Annotated[str | None, typer.Option(help="Say no, with this reason.")] = None,
    confirmations: ConfirmationsOption = False,
    mode: ModeOption = None,
    yes: YesOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Approve exactly the emails that will be sent.

    Shows who gets it, every fact with its source and every open problem, then asks. What is
    approved is frozen: a changed word or a new recipient needs a new approval. In live mode it
    takes the code that `outreach review --email` sent to an approver. With --confirmations it is
    of the emails that are sent by themselves, which are approved once, as texts.

    Example: outreach approve bpn-invite
    """
    desk, part = open_desk(workspace), part_of(confirmations)
    the_mode = desk.mode(mode)
    if refuse is not None:
        in_a_child(lambda: _refuse(desk, desk.edition(campaign), the_mode, part, why=refuse))
        return
    answered = _Answered(yes, code, facts)
    in_a_child(lambda: _approve(desk, desk.edition(campaign), the_mode, part, answered))


@dataclass(frozen=True)
class _Answered:
    """What was answered on the command line, before anything was asked."""

    yes: bool
    code: str | None
    facts: str | None


def _approve(desk: Desk, edition: Edition, mode: Mode, part: str, answered: _Answered) -> None:
    with open_notify(desk, mode, edition.campaign) as notify:
        approval = approve_here(
            desk,
            edition,
            mode,
            notify,
            yes=answered.yes,
            code=answered.code,
            facts_checked=answered.facts,
            part=part,
        )
    if approval is None:
        show("Not approved. Nothing will be sent.")
        raise typer.Exit(1)
    _tell(edition, mode, approval, part)


def _tell(edition: Edition, mode: Mode, approval: Approval, part: str) -> None:
    """Say what is approved now, and what comes next."""
    name = edition.campaign.name
    if part == PART:
        show(f"Approved: the confirmations of {name} in {mode} mode.")
        show(f"Next: outreach serve --mode {mode}, which sends them as they are due.")
        return
    if edition.campaign.route is Route.PARTNER:
        show(f"Approved: the pack of {name} in {mode} mode.")
        show(f"Next: outreach partner pack {name} PARTNER --mode {mode}")
        return
    live = f" --approved {approval.count}" if mode is Mode.LIVE else ""
    show(f"Approved: {plural(approval.count, 'email')} of {name} in {mode} mode.")
    show(f"Next: outreach send {name} --mode {mode}{live}")


def approve_here(
    desk: Desk,
    edition: Edition,
    mode: Mode,
    notify: Notify,
    *,
    yes: bool,
    code: str | None = None,
    facts_checked: str | None = None,
    part: str = "",
) -> Approval | None:
    """Plan, show and ask; return the approval, or None when the answer was no. Commits.

    Raises `NotPermitted` while a stop is open, and in live mode without an approver's code.
    """
    typist = desk.who(mode)
    _refuse_own(edition, mode, code)
    _refuse_unread(mode, facts_checked, yes=yes)
    terms = terms_now(desk, notify)
    if (texts := fixed(desk, edition, mode, part)) is not None:
        return approving_texts.approve_texts(
            desk,
            texts,
            mode,
            terms,
            lambda stated: _ticked(stated, facts_checked, yes=yes),
            code=code,
            yes=yes,
        )
    if facts_checked is not None:  # said before anything is planned
        _numbers(facts_checked, len(edition.campaign.facts))
    asked = _request(desk, edition, mode, code) if code is not None else None
    plan = _plan(desk, edition, mode)
    if asked is not None:
        _refuse_changes(desk, asked, plan, terms)
    _show_what_is_approved(desk, edition, mode, plan)
    ticked = _ticked(edition, facts_checked, yes=yes)
    if ticked is None:
        return None
    if not ask(f"Approve these {plural(plan.planned.to_send, 'email')} in {mode} mode?", yes=yes):
        return None
    return _record(desk, plan, terms, asked, ticked, typist=typist)


def _plan(desk: Desk, edition: Edition, mode: Mode) -> Plan:
    with slow_bar("Checking") as progress:
        return plan_campaign(
            desk.database, edition, desk.office(mode), now=now(), progress=progress
        )


def _refuse_changes(desk: Desk, asked: ApprovalRequest, plan: Plan, terms: Terms) -> None:
    with desk.database.read() as session:
        approval_requests.refuse_changes(
            asked,
            session.get_one(Mailing, plan.mailing_id),
            digest=plan.digest,
            edition_id=plan.edition_id,
            terms=terms,
        )


def _refuse_unread(mode: Mode, facts_checked: str | None, *, yes: bool) -> None:
    if mode is Mode.LIVE and yes and facts_checked is None:
        raise NotPermitted(
            "In live mode say which facts the approver checked, by their numbers or all: --facts"
        )


def _refuse_own(edition: Edition, mode: Mode, code: str | None) -> None:
    if mode is Mode.LIVE and code is None:
        raise NotPermitted(
            "In live mode somebody else approves: nobody approves their own. Ask an approver "
            f"with: outreach review {edition.campaign.name} --mode live --email ADDRESS",
            "and give their code with --code.",
        )


def _record(
    desk: Desk,
    plan: Plan,
    terms: Terms,
    asked: ApprovalRequest | None,
    ticked: Mapping[str, str],
    *,
    typist: str,
) -> Approval:
    moment = now()
    with desk.database.write() as session:
        mailing = session.get_one(Mailing, plan.mailing_id)
        approval = approvals.approve(
            session,
            mailing,
            edition_id=plan.edition_id,
            digest=plan.digest,
            terms=terms,
            facts=ticked,
            who=asked.approver if asked else typist,
            recorded_by=typist,
            now=moment,
            looked_at=plan.looked_at,
        )
        if asked is not None:
            session.get_one(ApprovalRequest, asked.id).answered_at = moment
        details = {"mode": mailing.mode, "count": approval.count, "by": approval.approved_by}
        session.add(
            Event(at=moment, who=typist, act="approved", target=mailing.campaign, details=details)
        )
    return approval


def _refuse(desk: Desk, edition: Edition, mode: Mode, part: str, *, why: str) -> None:
    who = desk.who(mode)
    why = stated(why, "--refuse")
    if (texts := fixed(desk, edition, mode, part)) is not None:
        approving_texts.refuse_texts(desk, texts, mode, why=why, who=who)
        show(f"Refused: {texts.what}, in {mode} mode. It stands until something in it changes.")
        return
    plan = _plan(desk, edition, mode)
    moment, name = now(), edition.campaign.name
    with desk.database.write() as session:
        approvals.refuse(
            session,
            outbox.mailing_for(session, name, mode, now=moment),
            edition_id=plan.edition_id,
            digest=plan.digest,
            why=why,
            who=who,
            now=moment,
        )
        session.add(Event(at=moment, who=who, act="refused", target=name, why=why))
    show(f"Refused: {name} in {mode} mode. It cannot be approved until something in it changes.")


def _request(desk: Desk, edition: Edition, mode: Mode, code: str) -> ApprovalRequest:
    moment = now()
    with desk.database.write() as session:
        mailing = outbox.mailing_for(session, edition.campaign.name, mode, now=moment)
        return approval_requests.request_with_code(session, desk.keys, code, mailing, now=moment)


def _show_what_is_approved(desk: Desk, edition: Edition, mode: Mode, plan: Plan) -> None:
    prepared, planned = plan.prepared, plan.planned
    say(
        f"{edition.campaign.name} in {mode.upper()} mode: {plural(planned.to_send, 'email')}"
        f"{to_schools(prepared.schools)}; {planned.left_out} left out; "
        f"{planned.already_sent} already sent."
    )
    if edition.campaign.facts:
        show_by_source(
            (f"{number}. {name.replace('_', ' ')}", fact.value, fact.source)
            for number, (name, fact) in enumerate(edition.campaign.facts.items(), 1)
        )
    if prepared.problems:
        warn(f"{plural(len(prepared.problems), 'thing')} a careful colleague would say:")
        show_problems(desk, prepared)


def _ticked(edition: Edition, checked: str | None, *, yes: bool) -> dict[str, str] | None:
    """Return the facts that were checked, with their values; None when one was not."""
    facts = edition.campaign.facts
    if checked is not None:
        wanted = _numbers(checked, len(facts))
        missing = [str(n) for n in range(1, len(facts) + 1) if n not in wanted]
        if missing:
            warn(f"Not checked: facts {', '.join(missing)}. Every fact must be.")
            return None
    elif not yes:
        for number, (name, fact) in enumerate(facts.items(), 1):
            words = f"{number}. {name.replace('_', ' ')} is {fact.value}. Is it right?"
            if not ask(words, yes=False):
                return None
    return {name: fact.value for name, fact in facts.items()}


def _numbers(checked: str, last: int) -> set[int]:
    if checked.strip() == "all":
        return set(range(1, last + 1))
    try:
        numbers = {int(part) for part in checked.split(",")}
    except ValueError:
        raise typer.BadParameter("give numbers like 1,2,5, or all", param_hint="--facts") from None
    if unknown := sorted(numbers - set(range(1, last + 1))):
        named = ", ".join(map(str, unknown))
        raise NotPermitted(f"There is no fact {named}: they run from 1 to {last}. Look again.")
    return numbers
