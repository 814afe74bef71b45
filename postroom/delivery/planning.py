"""Planning a campaign: prepared, without an open stop, and written to the outbox. Commits."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.content.campaign_file import Route
from postroom.content.checks import Problem
from postroom.content.editions import Edition
from postroom.database import Database
from postroom.delivery import approval as approvals
from postroom.delivery import messages, outbox, rechecking, stop_answers
from postroom.delivery.messages import Planned
from postroom.delivery.preparing import Office, Prepared, prepare
from postroom.errors import NotPermitted
from postroom.london import london_day
from postroom.progress import Progress, unseen
from postroom.settings import Mode
from postroom.tables import Message, Status


class OpenStops(NotPermitted):
    """The campaign has stops that nobody has mended or answered."""

    def __init__(self, campaign: str, mode: Mode, stops: list[Problem]):
        self.stops = stops
        super().__init__(
            f"{campaign} has open stops in {mode} mode. Nothing was planned or sent.",
            *(f"  {stop.text}" for stop in stops),
            "Mend each, or answer it with a reason: outreach check "
            f"{campaign} --mode {mode} --answer {stops[0].check} --because REASON",
        )


@dataclass(frozen=True)
class Plan:
    """What was planned: everything still to be sent, whoever was sent to before left aside.

    `prepared` holds only those; `digest` is of exactly their rows, as an approval quotes it.
    """

    prepared: Prepared
    planned: Planned
    digest: bytes
    edition_id: int
    mailing_id: int
    looked_at: rechecking.Note
    """What it was made and checked from, to be kept with an approval."""


def plan_campaign(
    database: Database,
    edition: Edition,
    office: Office,
    *,
    now: datetime,
    progress: Progress = unseen,
) -> Plan:
    """Prepare *edition* and write one row of the outbox a recipient; return what was planned.

    Where everything is planned already just so, nothing is written, and an approval of it stands.
    Else every earlier approval of what is still unsent ends. Raises `OpenStops`, and
    `NotPermitted` when the campaign does not go to a list of ours or nobody is to get it. Commits.
    """
    campaign = edition.campaign
    refuse_other_routes(edition)
    with database.read() as session:
        prepared = prepare(session, edition, office, today=london_day(now), progress=progress)
        stops = stop_answers.unanswered(session, campaign.name, prepared.problems)
        note = rechecking.note_of(
            session, edition, office, prepared.problems, today=london_day(now)
        )
    if stops:
        raise OpenStops(campaign.name, office.mode, stops)
    if not prepared.to_send:
        raise NotPermitted(
            f"{campaign.name} has nobody to send to: its list or segment is empty, or everybody "
            f"on it is left out. See: outreach check {campaign.name} "
            f"--mode {office.mode}"
        )
    plan = _written(database, prepared, note, office, now=now)
    if not plan.planned.to_send:
        raise NotPermitted(
            f"{campaign.name} is finished in {office.mode} mode: everybody on its list was sent "
            "to, and nothing is left to approve."
        )
    with database.read() as session:
        approvals.check_not_refused(
            session, plan.mailing_id, plan.digest, edition_id=plan.edition_id
        )
    return plan


def _written(
    database: Database, prepared: Prepared, note: rechecking.Note, office: Office, *, now: datetime
) -> Plan:
    """Write what is *prepared* to the outbox, unless it is there just so; return what waits."""
    edition = prepared.edition
    with database.write() as session:
        mailing = outbox.mailing_for(session, edition.campaign.name, office.mode, now=now)
        assert mailing.id is not None  # noqa: S101  # flushed
        edition_id = approvals.keep_edition(session, edition, now=now)
        if not _is_planned(session, mailing.id, edition_id, prepared):
            approvals.end_approvals(session, mailing.id, now=now)
            outbox.plan(session, mailing.id, edition_id=edition_id, drafts=prepared.drafts, now=now)
        planned = messages.planned_counts(session, mailing.id)
        waiting = messages.planned_set(session, mailing.id)
        digest = messages.set_digest(waiting)
        return Plan(_only(prepared, waiting), planned, digest, edition_id, mailing.id, note)


def _is_planned(session: Session, mailing_id: int, edition_id: int, prepared: Prepared) -> bool:
    """Return whether the outbox holds exactly what planning *prepared* would write.

    So that somebody who looks and says no, or asks an approver again, ends no run under way.
    """
    rows = {
        row.address_key: row
        for row in session.execute(
            sa.select(
                col(Message.address_key),
                col(Message.content_hash),
                col(Message.status),
                col(Message.reason),
                col(Message.edition_id),
            ).where(col(Message.mailing_id) == mailing_id, col(Message.occasion) == "")
        )
    }
    waiting = {key for key, row in rows.items() if row.status == Status.PLANNED}
    for draft in prepared.drafts:
        row = rows.get(draft.address_key)
        if row is None:
            return False
        if row.status == Status.SKIPPED and row.reason != draft.left_out:
            return False
        if row.status == Status.PLANNED:
            as_planned = (row.content_hash, row.edition_id) == (draft.content_hash, edition_id)
            if draft.left_out or not as_planned:
                return False
        waiting.discard(draft.address_key)
    return not waiting


def _only(prepared: Prepared, waiting: list[tuple[bytes, bytes]]) -> Prepared:
    """Return *prepared* for those of *waiting* and the left out: what is new since last time."""
    keys = {address_key for address_key, _ in waiting}
    return replace(
        prepared,
        drafts=[d for d in prepared.drafts if d.left_out or d.address_key in keys],
        chosen_to_send=[c for c in prepared.chosen_to_send if c.address_key in keys],
    )


def refuse_other_routes(edition: Edition) -> None:
    """Raise `NotPermitted` for a campaign that does not go to a list of ours."""
    campaign = edition.campaign
    if campaign.route is not Route.DIRECT:
        raise NotPermitted(
            f"{campaign.name} goes by the {campaign.route} route: no recipient of it is held "
            "here, so nothing of it can be sent from here."
            + (
                f" Make what they pass on with: outreach partner pack {campaign.name} PARTNER"
                if campaign.route is Route.PARTNER
                else ""
            )
        )
