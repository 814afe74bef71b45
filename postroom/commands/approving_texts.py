"""Review and approval of texts that stand by themselves: the same questions as for a send."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import typer
from sqlmodel import Session

from postroom.audience import partners
from postroom.commands import asking_approvers
from postroom.commands.desk import Desk, now
from postroom.commands.editors import last_editor
from postroom.commands.printing import ask, say, show_by_source, warn
from postroom.commands.showing_problems import show_found
from postroom.content.campaign_file import Route
from postroom.content.confirmations import PART
from postroom.content.editions import Edition
from postroom.content.previews import Preview
from postroom.delivery import approval as approvals
from postroom.delivery import (
    approval_requests,
    confirmation_letters,
    fixed_texts,
    outbox,
    packs,
)
from postroom.delivery import confirmations as waiting
from postroom.delivery.approval import Terms
from postroom.delivery.fixed_texts import FixedTexts
from postroom.delivery.gateway import Notify
from postroom.delivery.packs import Pack
from postroom.delivery.planning import OpenStops
from postroom.delivery.stop_answers import answers
from postroom.errors import NotPermitted, Stopped
from postroom.london import london_day
from postroom.reports import review_pack
from postroom.settings import Mode
from postroom.tables import Approval, ApprovalRequest, Event, Mailing

Tick = Callable[[Edition], Mapping[str, str] | None]
"""Asks about each fact of an edition; gives those ticked, or None when one was not."""


ConfirmationsOption = Annotated[
    bool,
    typer.Option(
        "--confirmations",
        help="Not the campaign’s own email, but those that answer a sign-up, a stop or a question.",
    ),
]


@dataclass(frozen=True)
class Passed(Preview):
    """A text with what it is in place of rows."""

    what: str = ""

    @property
    def label(self) -> str:
        return self.what


def pack_for(desk: Desk, edition: Edition, mode: Mode, partner_name: str | None = None) -> Pack:
    """Return the pack of a partner's campaign; without a name, of the partner it names.

    Raises `AudienceError` when there is no such partner, and as `packs.make_pack` does.
    """
    with desk.database.read() as session:
        name = partner_name or _named_in(session, edition)
        partner = partners.named(session, name)
        return packs.make_pack(
            session,
            desk.workspace.root,
            edition,
            partner,
            desk.office(mode),
            today=london_day(now()),
        )


def confirmations_of(desk: Desk, edition: Edition, mode: Mode) -> FixedTexts:
    """Return the confirmations of a campaign: all, or but the link to people's details."""
    return confirmation_letters.texts(
        desk.workspace.root, edition.campaign.name, desk.office(mode), today=london_day(now())
    )


def part_of(confirmations: bool) -> str:  # an option of the command line
    """Return which part of a campaign's mailings is meant."""
    return PART if confirmations else ""


def fixed(desk: Desk, edition: Edition, mode: Mode, part: str) -> FixedTexts | None:
    """Return the texts to be approved as they stand; None where it is a set of messages."""
    if part == PART:
        return confirmations_of(desk, edition, mode)
    if edition.campaign.route is Route.PARTNER:
        return pack_for(desk, edition, mode).texts
    return None


def terms_now(desk: Desk, notify: Notify) -> Terms:
    """Return the terms that hold now. Raises `Stopped` unless the template passes all through."""
    template = notify.template()
    if not template.passes_through:
        raise Stopped(
            f"Template {notify.template_id} in Notify is not a pass-through: its subject must be "
            "((subject)) and its body ((body)), with nothing else. Mend it there."
        )
    return approvals.terms_of(notify, template, desk.settings)


def refuse_open_stops(desk: Desk, texts: FixedTexts, mode: Mode) -> None:
    """Raise `OpenStops` when *texts* have stops that nobody has mended or answered."""
    with desk.database.read() as session:
        stops = fixed_texts.open_stops(session, texts)
    if stops:
        raise OpenStops(texts.campaign, mode, stops)


def for_review(desk: Desk, texts: FixedTexts, mode: Mode, terms: Terms) -> review_pack.ReviewPack:
    """Return what an approver is shown of *texts*: each of them, facts and problems."""
    with desk.database.read() as session:
        given = answers(session, texts.campaign)
    return review_pack.ReviewPack(
        edition=texts.edition,
        mode=mode.value,
        terms=terms,
        to_send=[],
        left_out=[],
        texts=[Passed(email, (), what=what) for what, email in texts.emails.items()],
        problems=texts.problems,
        answers=given,
        made_at=now(),
        fixed=texts.what,
    )


def ask_by_email(
    desk: Desk,
    notify: Notify,
    texts: FixedTexts,
    shown: review_pack.ReviewPack,
    *,
    approver: str,
    asker: str,
    page: str,
) -> None:
    """Send the approver the texts with a code. Commits before the email leaves."""
    mode = Mode(shown.mode)
    refuse_open_stops(desk, texts, mode)
    approval_requests.may_be_asked(
        approver,
        asker,
        texts.edition.campaign,
        desk.settings,
        last_editor=last_editor(desk.workspace.root, texts.edition),
    )
    asking_approvers.ask_by_email(
        desk,
        notify,
        shown,
        part=texts.part,
        digest=texts.digest,
        approver=approver,
        asker=asker,
        page=page,
    )


def approve_texts(
    desk: Desk,
    texts: FixedTexts,
    mode: Mode,
    terms: Terms,
    tick: Tick,
    *,
    code: str | None,
    yes: bool,
) -> Approval | None:
    """Show *texts* and ask; return the approval, or None when the answer was no. Commits.

    Raises `OpenStops` while a stop is open, and `NotPermitted` for a code of other texts.
    """
    typist = desk.who(mode)
    refuse_open_stops(desk, texts, mode)
    _show(desk, texts, mode)
    ticked = tick(texts.edition)
    if ticked is None:
        return None
    if not ask(f"Approve {texts.what} in {mode} mode?", yes=yes):
        return None
    return record(desk, texts, mode, terms, ticked, typist=typist, code=code)


def record(
    desk: Desk,
    texts: FixedTexts,
    mode: Mode,
    terms: Terms,
    facts: Mapping[str, str],
    *,
    typist: str,
    code: str | None = None,
) -> Approval:
    """Record that *texts* are approved, by whose *code* it is, else by *typist*. Commits.

    Confirmations that wait for it are written by it.
    """
    moment = now()
    with desk.database.write() as session:
        mailing = outbox.mailing_for(session, texts.campaign, mode, part=texts.part, now=moment)
        asked = _request(session, desk, texts, mailing, terms, code) if code is not None else None
        approval = fixed_texts.approve(
            session,
            mailing,
            texts,
            terms=terms,
            facts=facts,
            who=asked.approver if asked else typist,
            recorded_by=typist,
            now=moment,
        )
        if asked is not None:
            asked.answered_at = moment
        if texts.part == PART:
            waiting.put_waiting_under(session, approval, desk.office(mode))
        details = {"mode": mode.value, "what": texts.what, "by": approval.approved_by}
        session.add(
            Event(at=moment, who=typist, act="approved", target=texts.campaign, details=details)
        )
    return approval


def refuse_texts(desk: Desk, texts: FixedTexts, mode: Mode, *, why: str, who: str) -> None:
    """Record that *who* said no to exactly these. It stands until something changes. Commits."""
    moment = now()
    with desk.database.write() as session:
        approvals.refuse(
            session,
            outbox.mailing_for(session, texts.campaign, mode, part=texts.part, now=moment),
            edition_id=approvals.keep_edition(session, texts.edition, now=moment),
            digest=texts.digest,
            why=why,
            who=who,
            now=moment,
        )
        session.add(Event(at=moment, who=who, act="refused", target=texts.campaign, why=why))


def _request(
    session: Session, desk: Desk, texts: FixedTexts, mailing: Mailing, terms: Terms, code: str
) -> ApprovalRequest:
    moment = now()
    asked = approval_requests.request_with_code(
        session, desk.keys, code, mailing, now=moment, digest=texts.digest
    )
    edition_id = approvals.keep_edition(session, texts.edition, now=moment)
    approval_requests.refuse_changes(
        asked, mailing, digest=texts.digest, edition_id=edition_id, terms=terms
    )
    return asked


def _named_in(session: Session, edition: Edition) -> str:
    title = (edition.campaign.partner or "").casefold()
    for partner in partners.listing(session):
        if partner.title.casefold() == title:
            return partner.name
    raise NotPermitted(
        f"{edition.campaign.name} is passed on by {edition.campaign.partner}, which is no partner "
        "here yet. Add it, with that very title: outreach partner add NAME --title "
        f'"{edition.campaign.partner}" --agreement none'
    )


def _show(desk: Desk, texts: FixedTexts, mode: Mode) -> None:
    say(f"{texts.campaign} in {mode.upper()} mode: {texts.what}.")
    for what, email in texts.emails.items():
        say(f"  {what}: {email.subject}")
    show_by_source(
        (f"{number}. {name.replace('_', ' ')}", fact.value, fact.source)
        for number, (name, fact) in enumerate(texts.edition.campaign.facts.items(), 1)
    )
    if texts.problems:
        warn("A careful colleague would say:")
        show_found(desk, texts.campaign, texts.problems)
