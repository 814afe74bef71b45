"""Planning a campaign: prepared, without an open stop, and written to the outbox. Commits."""

from dataclasses import dataclass, replace
from datetime import datetime

from postroom.content.campaign_file import Route
from postroom.content.checks import Problem
from postroom.content.editions import Edition
from postroom.database import Database
from postroom.delivery import approval as approvals
from postroom.delivery import messages, outbox, stop_answers
from postroom.delivery.outbox import Planned
from postroom.delivery.preparing import Office, Prepared, prepare
from postroom.errors import NotPermitted
from postroom.settings import Mode


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


def plan_campaign(database: Database, edition: Edition, office: Office, *, now: datetime) -> Plan:
    """Prepare *edition* and write one row of the outbox a recipient; return what was planned.

    Ends every earlier approval of what is still unsent. Raises `OpenStops`, and `NotPermitted`
    when the campaign does not go to a list of ours or nobody is to get it. Commits.
    """
    campaign = edition.campaign
    refuse_other_routes(edition)
    with database.read() as session:
        prepared = prepare(session, edition, office, today=now.date())
        stops = stop_answers.unanswered(session, campaign.name, prepared.problems)
    if stops:
        raise OpenStops(campaign.name, office.mode, stops)
    if not prepared.to_send:
        raise NotPermitted(
            f"{campaign.name} has nobody to send to: its list or segment is empty, or everybody "
            f"on it is left out. See: outreach check {campaign.name} "
            f"--mode {office.mode}"
        )
    with database.write() as session:
        mailing = outbox.mailing_for(session, campaign.name, office.mode, now=now)
        assert mailing.id is not None  # noqa: S101  # flushed
        edition_id = approvals.keep_edition(session, edition, now=now)
        approvals.end_approvals(session, mailing.id, now=now)
        planned = outbox.plan(
            session, mailing.id, edition_id=edition_id, drafts=prepared.drafts, now=now
        )
        waiting = messages.planned_set(session, mailing.id)
        digest = messages.set_digest(waiting)
        plan = Plan(_only(prepared, waiting), planned, digest, edition_id, mailing.id)
    if not waiting:
        raise NotPermitted(
            f"{campaign.name} is finished in {office.mode} mode: everybody on its list was sent "
            "to, and nothing is left to approve."
        )
    with database.read() as session:
        approvals.check_not_refused(session, plan.mailing_id, plan.digest)
    return plan


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
            "here, so there is nothing to approve or send."
            + (
                f" Make what they pass on with: outreach partner pack {campaign.name} PARTNER"
                if campaign.route is Route.PARTNER
                else ""
            )
        )
