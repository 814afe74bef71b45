"""What `worker` does on Mondays: it tells researchers who is still missing, in numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from postroom.commands.desk import Desk, now
from postroom.commands.printing import london, say, warn
from postroom.content.campaign_file import Campaign
from postroom.content.editions import campaigns_in
from postroom.content.rendering import Email
from postroom.delivery import test_sends
from postroom.delivery.gateway import Notify, Parcel
from postroom.errors import InDoubt, NotifyError
from postroom.london import london_day
from postroom.reports.weekly_summary import summary_email
from postroom.research import signups, weekly, who_is_missing
from postroom.settings import Mode

LOOK_EVERY = timedelta(minutes=1)


@dataclass
class Summariser:
    """Sends the weekly summaries of one mode."""

    desk: Desk
    mode: Mode
    notify: Notify
    next_look: datetime | None = None

    def look(self) -> None:
        """Send what is due, once in a while. Commits. Raises `NotifyError`."""
        if self.next_look is not None and now() < self.next_look:
            return
        self.next_look = now() + LOOK_EVERY
        for campaign in self._campaigns():
            with self.desk.database.read() as session:
                week = weekly.week_due(session, campaign, self.mode, now=now())
            if week is not None:
                self._send(campaign, week)

    def _campaigns(self) -> list[Campaign]:
        """Return the campaigns whose researcher is somebody in the team."""
        return [
            campaign
            for _, campaign in campaigns_in(self.desk.workspace.root)
            if isinstance(campaign, Campaign)  # `outreach check` says what is wrong with the others
            and campaign.researcher
            and self.desk.settings.is_in_team(campaign.researcher)
        ]

    def _send(self, campaign: Campaign, week: str) -> None:
        email, to = self._email(campaign), campaign.researcher or ""
        with self.desk.database.write() as session:
            if not weekly.claim(session, campaign, self.mode, week, now=now()):
                return
        try:
            self.notify.send(Parcel(to, test_sends.reference("summary"), email))
        except InDoubt:
            warn(f"{london(now())}: the weekly summary of {campaign.name} may not have arrived.")
            return
        except NotifyError:
            with self.desk.database.write() as session:
                weekly.give_back(session, campaign, self.mode, week, now=now())
            raise
        say(f"{london(now())}: {campaign.name}: told its researcher who is still missing.")

    def _email(self, campaign: Campaign) -> Email:
        moment = now()
        with self.desk.database.read() as session:
            listed = signups.listing(
                session, campaign=campaign.name, mode=self.mode, today=london_day(moment)
            )
            lines = [line for line in listed if line.purposes]  # and not who took every yes back
            regions = who_is_missing.regions_of(session, lines)
        counts = who_is_missing.counts(lines, regions, campaign.wanted)
        lately = sum(1 for line in lines if line.signed_up_at > moment - timedelta(days=7))
        email = summary_email(campaign, self.mode, counts, signed_up=len(lines), this_week=lately)
        prefix = self.desk.office(self.mode).subject_prefix
        return Email(prefix + email.subject, email.body)
