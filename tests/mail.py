"""A site whose campaign confirms what people do, and the emails that it plans to send them."""

import re
import shutil
from dataclasses import dataclass

from sqlmodel import select

from postroom.content import confirmations
from postroom.delivery.confirmation_letters import ConfirmationWriter
from postroom.tables import Edition, Mailing, Message
from tests.content.test_seed import ROOT
from tests.visitors import CAMPAIGN, CAMPAIGN_FILE

FACTS = """
team = { value = "The mentor team", source = "the team" }
privacy_notice = { value = "https://www.example.com/privacy", source = "the team" }
address_source = { value = "the list of hubs", source = "the team" }

[confirmations]
service = { value = "Claim funding", source = "the team" }
kept_for = { value = "2 years", source = "the notice" }
log_kept_for = { value = "6 months", source = "the notice" }
address_source = { value = "you did this on our pages", source = "how they work" }

[signup]
"""


def have_campaign(folder):
    """Put the visitors' campaign into *folder*, with confirmations and their templates."""
    (folder / "campaigns").mkdir(exist_ok=True)
    written = CAMPAIGN_FILE.replace("\n[signup]\n", FACTS, 1)
    (folder / "campaigns" / f"{CAMPAIGN}.toml").write_text(written, encoding="utf-8")
    shutil.copytree(ROOT / "templates", folder / "templates")


@dataclass(frozen=True)
class Mail:
    """One email that is to be sent."""

    to: str
    about: str
    subject: str
    body: str

    def link(self, page):
        """Return the path of the link to *page* in it."""
        found = re.search(rf"https://outreach\.example\.com(/{page}/[a-z0-9]+)", self.body)
        assert found, self.body
        return found[1]


def planned(database, office):
    """Return every confirmation that was planned, in order, as it would be sent."""
    with database.read() as session:
        rows = session.exec(
            select(Message)
            .where(Message.occasion != "", Message.address.is_not(None))
            .order_by(Message.id)
        )
        return [_written(session, row, office) for row in rows]


def _written(session, row, office):
    mailing = session.get_one(Mailing, row.mailing_id)
    files = session.get_one(Edition, row.edition_id).files
    writer = ConfirmationWriter(confirmations.restore(mailing.campaign, files), office)
    email, _ = writer.email(row.address_key, row.occasion, row.fields)
    about = confirmations.confirmation_of(row.occasion)
    return Mail(row.address, about, email.subject, email.body)
