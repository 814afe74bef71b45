"""Planning a campaign: prepared, without an open stop, and written to the outbox. Commits."""

from dataclasses import dataclass
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


class OpenStops(NotPermitted):
    """The campaign has stops that nobody has mended or answered."""

    def __init__(self, campaign: str, stops: list[Problem]):
        self.stops = stops
        super().__init__(
            f"{campaign} has open stops. Nothing was planned.",
            *(f"  {stop.text}" for stop in stops),
            "Mend each, or answer it with a reason: "
            f"outreach check {campaign} --answer {stops[0].check} --because REASON",
        )


@dataclass(frozen=True)
class Plan:
    """What was planned: the drafts behind it, the counts, and the stored edition."""

    prepared: Prepared
    planned: Planned
    edition_id: int
    mailing_id: int

    @property
    def digest(self) -> bytes:
        """The digest of the set to be sent, as an approval quotes it."""
        pairs = ((d.address_key, d.content_hash) for d in self.prepared.to_send)
        return messages.set_digest(pairs)


def plan_campaign(database: Database, edition: Edition, office: Office, *, now: datetime) -> Plan:
    """Prepare *edition* and write one row of the outbox a recipient; return what was planned.

    Ends every earlier approval of what is still unsent. Raises `OpenStops`, and `NotPermitted`
    when the campaign does not go to a list of ours or nobody is to get it. Commits.
    """
    campaign = edition.campaign
    _refuse_other_routes(edition)
    with database.read() as session:
        prepared = prepare(session, edition, office, today=now.date())
        stops = stop_answers.unanswered(session, campaign.name, prepared.problems)
    if stops:
        raise OpenStops(campaign.name, stops)
    if not prepared.to_send:
        raise NotPermitted(
            f"{campaign.name} has nobody to send to: its list or segment is empty, or everybody "
            f"on it is left out. See: outreach check {campaign.name}"
        )
    with database.write() as session:
        mailing = outbox.mailing_for(session, campaign.name, office.mode, now=now)
        assert mailing.id is not None  # noqa: S101  # flushed
        edition_id = approvals.keep_edition(session, edition, now=now)
        approvals.end_approvals(session, mailing.id, now=now)
        planned = outbox.plan(
            session, mailing.id, edition_id=edition_id, drafts=prepared.drafts, now=now
        )
        plan = Plan(prepared, planned, edition_id, mailing.id)
    _refuse_what_was_refused(database, plan)
    return plan


def _refuse_what_was_refused(database: Database, plan: Plan) -> None:
    with database.read() as session:
        approvals.check_not_refused(session, plan.mailing_id, plan.digest)


def _refuse_other_routes(edition: Edition) -> None:
    campaign = edition.campaign
    if campaign.route is not Route.DIRECT:
        raise NotPermitted(
            f"{campaign.name} goes by the {campaign.route} route: no recipient of it is held "
            "here, so there is nothing to approve or send."
        )
