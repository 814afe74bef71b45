"""The links an email carries: derived again whenever they are needed, stored nowhere."""

from dataclasses import dataclass

from postroom.content.campaign_file import Campaign
from postroom.content.rendering import Links
from postroom.keys import Keys, Page, SignUpLink


@dataclass(frozen=True)
class LinkMaker:
    """Makes the links of one campaign's emails."""

    keys: Keys
    public_url: str
    campaign: Campaign

    def links(self, *, school: str, first_reference: str) -> Links:
        """Return the links for a recipient at *school* (a URN or empty).

        The sign-up link names campaign, route and school but no person, so it may be forwarded.
        The stop link belongs to the message whose first attempt has *first_reference*; a campaign
        with an outside `form` and a `stop_address` mailbox has none.
        """
        return Links(sign_up=self.sign_up(school), stop=self.stop(first_reference))

    def sign_up(self, school: str) -> str:
        if self.campaign.form:
            return str(self.campaign.form)
        token = self.keys.sign_up_token(SignUpLink(self.campaign.name, self.campaign.route, school))
        return f"{self.public_url}/r/{token}"

    def stop(self, first_reference: str) -> str:
        if self.campaign.stop_address:
            return ""
        return f"{self.public_url}/stop/{self.keys.page_token(Page.STOP, first_reference)}"
