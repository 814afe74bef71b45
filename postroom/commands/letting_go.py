"""What `send` and `worker` share: the last look before approved mail goes, and the run itself."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from sqlmodel import Session

from postroom.commands.desk import Desk, now
from postroom.commands.printing import london, plural, saying_if_slow, warn
from postroom.content.editions import Edition
from postroom.delivery import approval as approvals
from postroom.delivery import messages, stop_answers
from postroom.delivery.approval import Terms
from postroom.delivery.gateway import Notify
from postroom.delivery.letters import CampaignWriter
from postroom.delivery.planning import OpenStops
from postroom.delivery.preparing import prepare
from postroom.delivery.public_site import check_public_site
from postroom.delivery.runs import Run, Waiting
from postroom.delivery.sending import Sender, see_through
from postroom.errors import NotPermitted
from postroom.london import london_day
from postroom.reports.counts import MEANINGS, Standing
from postroom.research import replaying
from postroom.settings import Mode
from postroom.tables import Approval, Event


def refuse_changes(
    desk: Desk, edition: Edition, mode: Mode, notify: Notify, approval: Approval
) -> None:
    """Raise `NotPermitted` unless exactly what *approval* covers would be sent, and may be.

    Raises `OpenStops` when it may not any more: a deadline may have passed since.
    """
    terms = _terms_now(desk, notify)
    with desk.database.read() as session:
        prepared = prepare(session, edition, desk.office(mode), today=london_day(now()))
        changes = [
            *terms.differences(approval.terms),
            *approvals.what_changed(session, approval, edition, prepared.to_send),
            *_not_covered(session, approval),
        ]
        stops = stop_answers.unanswered(session, edition.campaign.name, prepared.problems)
        check_public_site(session, edition.campaign, mode, desk.settings)
    _refuse(edition.campaign.name, mode, approval, changes)
    if stops:
        raise OpenStops(edition.campaign.name, mode, stops)


def refuse_other_terms(
    desk: Desk, edition: Edition, mode: Mode, notify: Notify, approval: Approval
) -> None:
    """Raise `NotPermitted` when mail would travel otherwise than *approval* says."""
    terms = _terms_now(desk, notify)
    _refuse(edition.campaign.name, mode, approval, terms.differences(approval.terms))


def refuse_other_site(desk: Desk, edition: Edition, mode: Mode) -> None:
    """Raise `NotPermitted` when the links in the mail would not lead to a site of this database."""
    with desk.database.read() as session:
        check_public_site(session, edition.campaign, mode, desk.settings)


def run(
    desk: Desk,
    mode: Mode,
    notify: Notify,
    approval: Approval,
    *,
    interrupted: threading.Event,
    progress: Callable[[Run], None],
    waiting: Waiting,
    last_id: int | None = None,
) -> Run:
    """Send what *approval* covers, as it was approved; return how it went. Commits as it goes.

    First does again the opt-outs that a restored database lost.
    Ends early when *interrupted* is set. With *last_id* nothing beyond that message is sent.
    """
    if lost := replaying.replay(desk.database, now=now()):
        warn(
            f"The database is older than {desk.workspace.journal_file.name}: "
            f"{plural(lost, 'opt-out')} or the like recorded there were done again first."
        )
    with desk.database.read() as session:
        campaign = approvals.campaign_of(session, approval)
        edition = approvals.stored_edition(session, approval, campaign)
    sender = Sender(
        database=desk.database,
        notify=notify,
        office=desk.office(mode),
        approval=approval,
        writer=CampaignWriter(edition, desk.office(mode)),
        clock=now,
        interrupted=interrupted,
        progress=progress,
        last_id=last_id,
    )
    return see_through(sender, waiting=waiting)


@contextmanager
def stoppable() -> Iterator[threading.Event]:
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


def act(who: str, what: str, target: str, mode: Mode, why: str = "") -> Event:
    """Return the event that *who* did *what* now."""
    return Event(at=now(), who=who, act=what, target=target, why=why, details={"mode": mode.value})


def note(desk: Desk, who: str, what: str, campaign: str, mode: Mode, why: str = "") -> None:
    """Record an act. Commits."""
    with desk.database.write() as session:
        session.add(act(who, what, campaign, mode, why=why))


def sent_and_not(found: Standing) -> str:
    """Return, in a sentence, how many emails are in which state."""
    parts = [f"{number} {MEANINGS[status]}" for status, number in found.counts.items()]
    return f"{plural(found.total, 'email')}: {'; '.join(parts)}." if parts else "Nothing planned."


def _terms_now(desk: Desk, notify: Notify) -> Terms:
    with saying_if_slow(f"Waiting for an answer from Notify ({notify.base_url})…"):
        template = notify.template()
    return approvals.terms_of(notify, template, desk.settings)


def _not_covered(session: Session, approval: Approval) -> Iterator[str]:
    if number := messages.count_outside(session, approval):
        yield (
            f"{plural(number, 'email')} in doubt at the approval turned out not to be sent, and "
            "must be approved with the rest"
        )


def _refuse(campaign: str, mode: Mode, approval: Approval, changes: list[str]) -> None:
    if changes:
        raise NotPermitted(
            f"{campaign} is not as it was approved on {london(approval.approved_at)}. "
            "Nothing was sent.",
            *(f"  - {change}" for change in changes),
            f"Undo the change, or approve it: outreach approve {campaign} --mode {mode}",
        )
