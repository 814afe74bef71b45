"""A site over a real database, with one campaign and one message sent to one person."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from postroom.keys import Page, SignUpLink
from postroom.tables import Edition, Mailing, Message, Status
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.databases import database, database_place, keys, now, office_of

__all__ = ["database", "database_place", "keys", "now"]

PERSON = "ada.bell@example.com"
CAMPAIGN_FILE = """
title = "Get ready to claim"
kind = "announcement"
template = "invite.md"
route = "direct"
list = "bpn"
send_on = 2026-01-10
author = "policy@example.com"

[facts]
contact = { value = "funding@example.com", source = "the team" }
organisation = { value = "the Department of Examples", source = "the team" }
privacy_notice = { value = "https://www.example.com/privacy", source = "the team" }
"""


class Clock:
    """The time, as a test sets it."""

    def __init__(self, moment):
        self.moment = moment

    def __call__(self):
        return self.moment

    def pass_days(self, days):
        self.moment += timedelta(days=days)


@dataclass
class Post:
    """What the person got in their email."""

    address_key: bytes
    stop: str
    sign_up: str


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
def client(tmp_path, database, keys, clock):
    site = create_app(Workspace(tmp_path), database, office_of(keys), clock=clock)
    return site.test_client()


@pytest.fixture
def post(database, keys, now):
    address_key = keys.address_key(PERSON)
    reference = keys.reference(campaign="bpn-invite", mode="live", address_key=address_key)
    with database.write() as session:
        files = {"campaigns/bpn-invite.toml": CAMPAIGN_FILE}
        session.add(Edition(id=1, digest=b"d" * 32, files=files, made_at=now))
        session.add(Mailing(id=1, campaign="bpn-invite", mode="live", edition_id=1, made_at=now))
        session.flush()
        session.add(
            Message(
                mailing_id=1,
                address_key=address_key,
                address=PERSON,
                school_name="Oak Primary",
                fields={"name": "Ada Bell"},
                edition_id=1,
                content_hash=b"c" * 32,
                reference=reference,
                status=Status.DELIVERED,
                planned_at=now,
                accepted_at=now,
            )
        )
    link = SignUpLink("bpn-invite", "direct", "900001")
    return Post(
        address_key,
        stop=f"/stop/{keys.page_token(Page.STOP, reference)}",
        sign_up=f"/r/{keys.sign_up_token(link)}",
    )
