"""`review`: put what would be sent before an approver, in a file and by email."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import suppression
from postroom.commands import approving_texts
from postroom.commands.approving_texts import ConfirmationsOption, fixed, part_of, terms_now
from postroom.commands.asking_approvers import ask_by_email
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.editors import last_editor
from postroom.commands.limits import in_a_child
from postroom.commands.printing import (
    show,
    slow_bar,
    write_privately,
)
from postroom.content.editions import Edition
from postroom.delivery import approval_requests, stop_answers
from postroom.delivery.approval import Terms
from postroom.delivery.fixed_texts import FixedTexts
from postroom.delivery.gateway import Notify
from postroom.delivery.planning import plan_campaign
from postroom.delivery.preparing import Prepared, prepare
from postroom.delivery.reviewing import texts_of
from postroom.london import london_day
from postroom.progress import Progress
from postroom.reports import review_pack
from postroom.settings import Mode

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
    """Make the review pack: all an approver needs, in one file.

    With --confirmations the pack shows the emails that go out by themselves, when somebody signs
    up, stops our emails, or asks to see or delete their details. Each text is approved once.

    It holds every distinct text, every fact with its source, who is left out and why, and every
    problem; schools and counts, never a person's address. With --email the approver gets the same
    in an email with a code, for `outreach approve --code`.

    Example: outreach review bpn-invite
    """
    desk = open_desk(workspace)
    asked = _Asked(campaign, part_of(confirmations), email, out)
    in_a_child(lambda: _review(desk, desk.mode(mode), asked))


@dataclass(frozen=True)
class _Asked:
    """What was asked for on the command line."""

    campaign: str
    part: str
    email: str | None
    out: Path | None


def _review(desk: Desk, mode: Mode, asked: _Asked) -> None:
    edition, asker = desk.edition(asked.campaign), desk.who(mode)
    texts = fixed(desk, edition, mode, asked.part)
    with open_notify(desk, mode, edition.campaign) as notify:
        if texts is not None:
            _review_texts(desk, notify, texts, mode, asked, asker=asker)
        else:
            _review_emails(desk, notify, edition, mode, asked, asker=asker)


def _review_emails(
    desk: Desk, notify: Notify, edition: Edition, mode: Mode, asked: _Asked, *, asker: str
) -> None:
    terms, plan = terms_now(desk, notify), None
    with slow_bar("Checking") as progress:
        if asked.email is None:
            prepared = _prepared(desk, edition, mode, progress)
        else:
            approval_requests.may_be_asked(
                asked.email,
                asker,
                edition.campaign,
                desk.settings,
                last_editor=last_editor(desk.workspace.root, edition),
            )
            plan = plan_campaign(
                desk.database, edition, desk.office(mode), now=now(), progress=progress
            )
            prepared = plan.prepared
    pack = _pack(desk, edition, mode, prepared, terms)
    page = _write(desk, pack, asked, f"{asked.campaign}-{mode}")
    show(pack.differ)
    if asked.email is not None and plan is not None:
        ask_by_email(
            desk,
            notify,
            pack,
            part=asked.part,
            digest=plan.digest,
            approver=asked.email,
            asker=asker,
            page=page,
        )
        _say_next(asked, mode)


def _review_texts(
    desk: Desk, notify: Notify, texts: FixedTexts, mode: Mode, asked: _Asked, *, asker: str
) -> None:
    shown = approving_texts.for_review(desk, texts, mode, terms_now(desk, notify))
    page = _write(desk, shown, asked, "-".join(filter(None, (texts.campaign, texts.part, mode))))
    if asked.email is not None:
        approving_texts.ask_by_email(
            desk, notify, texts, shown, approver=asked.email, asker=asker, page=page
        )
        _say_next(asked, mode)


def _write(desk: Desk, pack: review_pack.ReviewPack, asked: _Asked, about: str) -> str:
    page = review_pack.page(pack)
    path = asked.out or desk.workspace.out / f"{about}-review.html"
    write_privately(path, page)
    show(f"Review pack: {path}")
    return page


def _say_next(asked: _Asked, mode: Mode) -> None:
    option = f" --{asked.part}" if asked.part else ""
    show("Asked an approver by email, with a code.")
    show(f"Next: outreach approve {asked.campaign}{option} --mode {mode} --code CODE")


def _prepared(desk: Desk, edition: Edition, mode: Mode, progress: Progress) -> Prepared:
    office, today = desk.office(mode), london_day(now())
    with desk.database.read() as session:
        return prepare(session, edition, office, today=today, progress=progress)


def _pack(
    desk: Desk, edition: Edition, mode: Mode, prepared: Prepared, terms: Terms
) -> review_pack.ReviewPack:
    office = desk.office(mode)
    with desk.database.read() as session, slow_bar("Writing") as progress:
        answers = stop_answers.answers(session, edition.campaign.name)
        shown = texts_of(session, edition, prepared.chosen_to_send, office, progress=progress)
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
