"""Whether the links in a real email will lead to a site that shares this database."""

import requests
from sqlmodel import Session

from postroom.content.campaign_file import Campaign
from postroom.errors import NotPermitted
from postroom.settings import SAMPLE_PUBLIC_URL, Mode, Settings
from postroom.tables import Identity

ANSWER_SECONDS = 10


def check_public_site(session: Session, campaign: Campaign, mode: Mode, settings: Settings) -> None:
    """Raise `NotPermitted` when links would lead nowhere, or to a site with another database.

    Somebody who stops there must be known here before the next email leaves. Only team and live
    mail is read by anyone, and only live is worth a request to the site.
    """
    if mode in (Mode.LOCAL, Mode.TEST) or (campaign.form and campaign.stop_address):
        return
    if settings.public_url == SAMPLE_PUBLIC_URL:
        raise NotPermitted(
            f"OUTREACH_PUBLIC_URL is not set, so every link would lead to {SAMPLE_PUBLIC_URL}. "
            "Set it to where `outreach serve` is reached, or give the campaign a `form` and a "
            "`stop_address`."
        )
    if mode is Mode.LIVE:
        check_site(session, settings.public_url)


def check_site(session: Session, public_url: str) -> None:
    """Raise `NotPermitted` unless a site at *public_url* answers from this database."""
    if _database_behind(public_url) != _database_here(session):
        raise NotPermitted(
            f"{public_url} works from another database than this one: whoever stopped there would "
            "not be known here. Send from that site's machine, or share its database."
        )


def _database_here(session: Session) -> str:
    return session.get_one(Identity, 1).database_id


def _database_behind(public_url: str) -> str:
    try:
        answer = requests.get(f"{public_url}/health", timeout=ANSWER_SECONDS)
        answer.raise_for_status()
        return str(answer.json()["database"])
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise NotPermitted(
            f"{public_url}/health does not answer as `outreach serve` does "
            f"({type(error).__name__}), so the links in the email would not work. Start it first."
        ) from error
