"""The last look before approved mail goes: it is as it was approved, and may still go."""

from collections.abc import Iterator

from sqlmodel import Session

from postroom.commands.desk import Desk, now
from postroom.commands.printing import london, plural, saying_if_slow, slow_bar
from postroom.content.checks import Problem
from postroom.content.editions import Edition
from postroom.delivery import approval as approvals
from postroom.delivery import messages, rechecking, stop_answers
from postroom.delivery.approval import Terms
from postroom.delivery.gateway import Notify
from postroom.delivery.planning import OpenStops
from postroom.delivery.preparing import prepare
from postroom.delivery.public_site import check_public_site
from postroom.errors import NotPermitted
from postroom.london import london_day
from postroom.settings import Mode
from postroom.tables import Approval


def refuse_changes(
    desk: Desk, edition: Edition, mode: Mode, notify: Notify, approval: Approval
) -> None:
    """Raise `NotPermitted` unless exactly what *approval* covers would be sent, and may be.

    Everybody's email is made and checked again only where something it goes by has changed since
    that was done; then it shows how far it is. Raises `OpenStops` when it may not go any more: a
    deadline may have passed since. Commits a note of what was looked at.
    """
    terms, today = _terms_now(desk, notify), london_day(now())
    with desk.database.read() as session:
        changes = [*terms.differences(approval.terms), *_not_covered(session, approval)]
        check_public_site(session, edition.campaign, mode, desk.settings)
        known = rechecking.holds(session, approval, edition, desk.office(mode), today=today)
        if known:
            stops = rechecking.open_stops(session, approval, edition.campaign.name)
    note = None
    if not known:
        others, stops, note = _look_at_everybody(desk, edition, mode, approval)
        changes += others
    _refuse(edition.campaign.name, mode, approval, changes)
    if stops:
        raise OpenStops(edition.campaign.name, mode, stops)
    if note is not None:
        with desk.database.write() as session:
            session.get_one(Approval, approval.id).looked_at = note


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


def _look_at_everybody(
    desk: Desk, edition: Edition, mode: Mode, approval: Approval
) -> tuple[list[str], list[Problem], rechecking.Note]:
    """Make and check everybody's email again; return what changed, the open stops, and the note."""
    office, today = desk.office(mode), london_day(now())
    with (
        slow_bar("Looking at everybody again") as progress,
        desk.database.read() as session,
    ):
        prepared = prepare(session, edition, office, today=today, progress=progress)
        changes = list(approvals.what_changed(session, approval, edition, prepared))
        stops = stop_answers.unanswered(session, edition.campaign.name, prepared.problems)
        note = rechecking.note_of(session, edition, office, prepared.problems, today=today)
    return changes, stops, note


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
