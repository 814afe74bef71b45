"""`review`: put what would be sent before an approver, in a file and by email."""

from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import suppression
from postroom.commands import approving_texts
from postroom.commands.approving_texts import ConfirmationsOption, fixed, part_of, terms_now
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.printing import (
    show,
    write_privately,
)
from postroom.content.editions import Edition
from postroom.delivery import approval_requests, stop_answers, test_sends
from postroom.delivery.approval import Terms
from postroom.delivery.fixed_texts import FixedTexts
from postroom.delivery.gateway import Notify, Parcel
from postroom.delivery.planning import Plan, plan_campaign
from postroom.delivery.preparing import Prepared, prepare
from postroom.delivery.reviewing import texts_of
from postroom.errors import InDoubt
from postroom.london import london_day
from postroom.reports import review_pack
from postroom.settings import Mode
from postroom.tables import Mailing

app = typer.Typer()


@app.command()
def review(
    campaign: CampaignArgument,
    email: Annotated[
        str | None, typer.Option("--email", help="Ask this approver, with a code, by email.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the pack here, not into out/.")] = None,
    confirmations: ConfirmationsOption = False,
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make the review pack: everything an approver needs, in one file.

    With --confirmations it is of the emails that are sent by themselves: to whoever signs up,
    stops emails, or asks for or deletes their details. They are approved once, as texts.

    It holds every distinct text, every fact with its source, who is left out and why, and every
    problem; schools and counts, never a person's address. With --email the approver gets the same
    in an email with a code, for `outreach approve --code`.

    Example: outreach review bpn-invite
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    asker = desk.who(the_mode)
    edition = desk.edition(campaign)
    if (texts := fixed(desk, edition, the_mode, part_of(confirmations))) is not None:
        _review_texts(desk, texts, the_mode, email=email, asker=asker, out=out)
        return
    with open_notify(desk, the_mode, edition.campaign) as notify:
        terms = terms_now(desk, notify)
        if email is None:
            prepared = _prepared(desk, edition, the_mode)
        else:
            approval_requests.may_be_asked(email, asker, edition.campaign, desk.settings)
            plan = plan_campaign(desk.database, edition, desk.office(the_mode), now=now())
            prepared = plan.prepared
        pack = _pack(desk, edition, the_mode, prepared, terms)
        page = review_pack.page(pack)
        path = out or desk.workspace.out / f"{campaign}-{the_mode}-review.html"
        write_privately(path, page)
        show(f"Review pack: {path}")
        show(pack.differ)
        if email is not None:
            _ask_by_email(desk, notify, pack, plan, approver=email, asker=asker, page=page)
            show("Asked an approver by email, with a code.")
            show(f"Next: outreach approve {campaign} --mode {the_mode} --code CODE")


def _review_texts(
    desk: Desk, texts: FixedTexts, mode: Mode, *, email: str | None, asker: str, out: Path | None
) -> None:
    with open_notify(desk, mode, texts.edition.campaign) as notify:
        shown = approving_texts.for_review(desk, texts, mode, terms_now(desk, notify))
        page = review_pack.page(shown)
        about = "-".join(filter(None, (texts.campaign, texts.part, mode)))
        path = out or desk.workspace.out / f"{about}-review.html"
        write_privately(path, page)
        show(f"Review pack: {path}")
        if email is not None:
            approving_texts.ask_by_email(
                *(desk, notify, texts, shown), approver=email, asker=asker, page=page
            )
            show("Asked an approver by email, with a code.")
            option = f" --{texts.part}" if texts.part else ""
            show(f"Next: outreach approve {texts.campaign}{option} --mode {mode} --code CODE")


def _ask_by_email(
    desk: Desk,
    notify: Notify,
    pack: review_pack.ReviewPack,
    plan: Plan,
    *,
    approver: str,
    asker: str,
    page: str,
) -> None:
    code, moment = approval_requests.new_code(), now()
    with desk.database.write() as session:
        test_sends.refuse_over_limit(session, desk.settings, now=moment)
        mailing = session.get_one(Mailing, plan.mailing_id)
        approval_requests.note_request(
            session,
            mailing,
            edition_id=plan.edition_id,
            terms=pack.terms,
            approver=approver,
            asker=asker,
            code_hash=desk.keys.code_hash(code),
            now=moment,
        )
        test_sends.note_request(session, mailing.campaign, mailing.mode, asker, now=moment)
    asking = review_pack.request_email(pack, code=code, pack_hash=review_pack.page_hash(page))
    try:
        notify.send(Parcel(approver, test_sends.reference("approval"), asking))
    except InDoubt as error:
        raise InDoubt(
            f"{error}. The request may have arrived all the same: ask the approver. If it has not, "
            "run this again: a new code makes the old one no worse."
        ) from error


def _prepared(desk: Desk, edition: Edition, mode: Mode) -> Prepared:
    with desk.database.read() as session:
        return prepare(session, edition, desk.office(mode), today=london_day(now()))


def _pack(
    desk: Desk, edition: Edition, mode: Mode, prepared: Prepared, terms: Terms
) -> review_pack.ReviewPack:
    office = desk.office(mode)
    with desk.database.read() as session:
        answers = stop_answers.answers(session, edition.campaign.name)
        shown = texts_of(session, edition, prepared.chosen_to_send, office)
        held = suppression.scopes(
            session,
            [draft.address_key for draft in prepared.left_out],
            edition.campaign.kind,
            today=london_day(now()),
        )
    return review_pack.ReviewPack(
        edition=edition,
        mode=mode.value,
        terms=terms,
        to_send=prepared.to_send,
        left_out=prepared.left_out,
        texts=shown.texts,
        problems=prepared.problems,
        answers=answers,
        made_at=now(),
        differ=shown.summary,
        personal=shown.personal,
        held=held,
    )
