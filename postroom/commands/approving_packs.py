"""Review and approval of a partner's pack: the same questions as for a send, of another thing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from postroom.audience import partners
from postroom.commands.desk import Desk, now
from postroom.commands.printing import ask, say, show_by_source, show_point, warn
from postroom.content.editions import Edition
from postroom.content.previews import Preview
from postroom.delivery import approval as approvals
from postroom.delivery import approval_requests, outbox, packs, stop_answers, test_sends
from postroom.delivery.approval import Terms
from postroom.delivery.gateway import Notify, Parcel
from postroom.delivery.packs import Pack
from postroom.delivery.planning import OpenStops
from postroom.errors import NotPermitted
from postroom.london import london_day
from postroom.reports import review_pack
from postroom.settings import Mode
from postroom.tables import Approval, ApprovalRequest, Event

Tick = Callable[[], Mapping[str, str] | None]
"""Asks about each fact; gives those ticked, or None when one was not."""


@dataclass(frozen=True)
class Passed(Preview):
    """A text of the pack, with what it is in place of rows."""

    what: str = ""

    @property
    def label(self) -> str:
        return self.what


def pack_for(
    desk: Desk, edition: Edition, mode: Mode, partner_name: str | None = None
) -> packs.Pack:
    """Return the pack of a partner's campaign; without a name, of the partner it names.

    Raises `AudienceError` when there is no such partner, and as `packs.make_pack` does.
    """
    with desk.database.read() as session:
        name = partner_name or _named_in(session, edition)
        partner = partners.named(session, name)
        return packs.make_pack(
            *(session, desk.workspace.root, edition, partner, desk.office(mode)),
            today=london_day(now()),
        )


def with_note(edition: Edition) -> Edition:
    """Return *edition* with the covering note's facts among its own: all are to be checked."""
    campaign = edition.campaign
    of_note = {f"note_{name}": fact for name, fact in campaign.covering_note.items()}
    both = campaign.model_copy(update={"facts": {**campaign.facts, **of_note}})
    return replace(edition, campaign=both)


def refuse_open_stops(desk: Desk, pack: Pack, mode: Mode) -> None:
    """Raise `OpenStops` when the pack has stops that nobody has mended or answered."""
    with desk.database.read() as session:
        stops = packs.open_stops(session, pack)
    if stops:
        raise OpenStops(pack.edition.campaign.name, mode, stops)


def for_review(desk: Desk, pack: Pack, mode: Mode, terms: Terms) -> review_pack.ReviewPack:
    """Return what an approver is shown of *pack*: both its texts, facts and problems."""
    with desk.database.read() as session:
        answers = stop_answers.answers(session, pack.edition.campaign.name)
    return review_pack.ReviewPack(
        edition=with_note(pack.edition),
        mode=mode.value,
        terms=terms,
        to_send=[],
        left_out=[],
        texts=[
            Passed(pack.email, (), f"for {pack.partner} to pass on"),
            Passed(pack.note, (), f"the covering note to {pack.partner}"),
        ],
        problems=pack.problems,
        answers=answers,
        made_at=now(),
    )


def ask_by_email(
    desk: Desk,
    notify: Notify,
    pack: Pack,
    shown: review_pack.ReviewPack,
    *,
    approver: str,
    asker: str,
    page: str,
) -> None:
    """Send the approver the pack's texts with a code. Commits before the email leaves."""
    refuse_open_stops(desk, pack, Mode(shown.mode))
    approval_requests.may_be_asked(approver, asker, pack.edition.campaign, desk.settings)
    code, moment = approval_requests.new_code(), now()
    with desk.database.write() as session:
        test_sends.refuse_over_limit(session, desk.settings, now=moment)
        mailing = outbox.mailing_for(session, pack.edition.campaign.name, shown.mode, now=moment)
        approval_requests.note_request(
            session,
            mailing,
            edition_id=approvals.keep_edition(session, pack.edition, now=moment),
            terms=shown.terms,
            approver=approver,
            asker=asker,
            code_hash=desk.keys.code_hash(code),
            now=moment,
            digest=pack.digest,
        )
        test_sends.note_request(session, mailing.campaign, mailing.mode, asker, now=moment)
    asking = review_pack.request_email(shown, code=code, pack_hash=review_pack.page_hash(page))
    notify.send(Parcel(approver, test_sends.reference("approval"), asking))


def approve_pack(
    desk: Desk,
    edition: Edition,
    mode: Mode,
    terms: Terms,
    tick: Tick,
    *,
    code: str | None,
    yes: bool,
) -> Approval | None:
    """Show the pack and ask; return the approval, or None when the answer was no. Commits.

    Raises `OpenStops` while a stop is open, and `NotPermitted` for a code of another pack.
    """
    typist = desk.who(mode)
    pack = pack_for(desk, edition, mode)
    refuse_open_stops(desk, pack, mode)
    _show(pack, mode)
    ticked = tick()
    if ticked is None:
        return None
    if not ask(f"Approve this pack for {pack.partner} in {mode} mode?", yes=yes):
        return None
    moment, name = now(), edition.campaign.name
    with desk.database.write() as session:
        asked = _request(session, desk, pack, mode, code) if code is not None else None
        if asked is not None and (differences := terms.differences(asked.terms)):
            raise NotPermitted("Since the approver was asked:", *differences, "Ask again.")
        approval = packs.approve(
            session,
            outbox.mailing_for(session, name, mode, now=moment),
            pack,
            terms=terms,
            facts=ticked,
            who=asked.approver if asked else typist,
            recorded_by=typist,
            now=moment,
        )
        if asked is not None:
            asked.answered_at = moment
        details = {"mode": mode.value, "pack for": pack.partner, "by": approval.approved_by}
        session.add(Event(at=moment, who=typist, act="approved", target=name, details=details))
    return approval


def refuse_pack(desk: Desk, edition: Edition, mode: Mode, *, why: str, who: str) -> None:
    """Record that *who* said no to exactly this pack. It stands until something changes."""
    pack, moment, name = pack_for(desk, edition, mode), now(), edition.campaign.name
    with desk.database.write() as session:
        approvals.refuse(
            session,
            outbox.mailing_for(session, name, mode, now=moment),
            edition_id=approvals.keep_edition(session, edition, now=moment),
            digest=pack.digest,
            why=why,
            who=who,
            now=moment,
        )
        session.add(Event(at=moment, who=who, act="refused", target=name, why=why))


def _request(session: Session, desk: Desk, pack: Pack, mode: Mode, code: str) -> ApprovalRequest:
    moment = now()
    mailing = outbox.mailing_for(session, pack.edition.campaign.name, mode, now=moment)
    asked = approval_requests.request_with_code(
        session, desk.keys, code, mailing, now=moment, digest=pack.digest
    )
    # A fact's source, or who the author is, changes without changing a word of the pack.
    if asked.edition_id != approvals.keep_edition(session, pack.edition, now=moment):
        raise NotPermitted(
            "The campaign has changed since the approver was asked. Nothing was approved. "
            f"Ask again with: outreach review {mailing.campaign} --mode {mailing.mode} "
            "--email ADDRESS"
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


def _show(pack: Pack, mode: Mode) -> None:
    campaign = pack.edition.campaign
    say(f"{campaign.name} in {mode.upper()} mode: a pack for {pack.partner} to pass on.")
    say(f"Its sign-up link: {pack.link}")
    show_by_source(
        (f"{number}. {name.replace('_', ' ')}", fact.value, fact.source)
        for number, (name, fact) in enumerate(with_note(pack.edition).campaign.facts.items(), 1)
    )
    if pack.problems:
        warn("A careful colleague would say:")
        for problem in pack.problems:
            show_point(f"  {problem.rank:8} ", problem.text)
