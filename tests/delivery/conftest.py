"""A small workspace with one campaign and one list, over a real database and local Notify."""

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from postroom.audience.addresses import normalise
from postroom.content.editions import load_edition
from postroom.database import open_database, upgrade_database
from postroom.delivery import approval as approvals
from postroom.delivery import messages, outbox, reading_back, rechecking
from postroom.delivery.gateway import Notify
from postroom.delivery.letters import CampaignWriter
from postroom.delivery.preparing import Office, prepare
from postroom.delivery.sending import Sender
from postroom.keys import Keys, new_secret
from postroom.localnotify import KEYS, TEMPLATE_ID, LocalNotify, Service
from postroom.settings import Mode, read_settings
from postroom.tables import Membership, Message, Recipient, RecipientList
from postroom.workspace import Workspace
from tests.databases import database, database_place, keys, now

__all__ = ["database", "database_place", "keys", "now"]

SETTINGS = """
public_url = "https://outreach.example.com"
rate_per_minute = 30_000
workers = 8
request_seconds = 8.0
landing_seconds = 0.3
lease_seconds = 8.0
"""
IMPATIENT = {"request_seconds": 2.0, "lease_seconds": 2.0}
"""For tests that wait until we give a request up. Others give a busy machine its time."""
CAMPAIGN = """
title = "Cards"
kind = "announcement"
template = "cards.md"
route = "direct"
list = "cards"
send_on = 2026-01-14
author = "author@example.com"

[facts]
fee = { value = "£4", source = "The fees page" }
"""
TEMPLATE = """{% block subject %}Your card, {{ recipient.name }}{% endblock -%}
{% block body %}
Dear {{ recipient.name }},

A card costs {{ facts.fee }}. Volunteer: {{ links.sign_up }}

You can [stop these emails]({{ links.stop }}).
{% endblock %}
"""


def clock():
    return datetime.now(UTC)


@dataclass
class Post:
    """Everything a delivery test works with."""

    workspace: Workspace
    settings: object
    keys: Keys
    database: object
    server: LocalNotify

    @property
    def office(self):
        return Office(self.settings, self.keys, Mode.LOCAL)

    def notify(self, key="live", **changes):
        given = {
            "base_url": self.server.url,
            "key_type": key,
            "template_id": TEMPLATE_ID,
            "reply_to_id": None,
            "timeout": self.settings.waits(Mode.LOCAL).request,
        }
        return Notify(KEYS[key], **{**given, **changes})

    def edition(self):
        return load_edition(self.workspace.root, "cards")

    def add_people(self, *addresses):
        with self.database.write() as session:
            on = session.exec(select(RecipientList)).first()
            if on is None:
                on = RecipientList(name="cards", imported_at=clock())
                session.add(on)
                session.flush()
            for row, address in enumerate(addresses, start=2):
                key = self.keys.address_key(normalise(address))
                person = Recipient(address=address, address_key=key)
                session.add(person)
                session.flush()
                session.add(
                    Membership(
                        list_id=on.id,
                        recipient_id=person.id,
                        row=row,
                        school_urn=f"9{row:05}",
                        school_name=f"School {row}",
                        fields={"name": f"Reader {row}"},
                    )
                )

    def approve(self, notify=None):
        notify = notify or self.notify()
        edition, now = self.edition(), clock()
        with self.database.read() as session:
            today = date(2026, 1, 14)
            prepared = prepare(session, edition, self.office, today=today)
            note = rechecking.note_of(session, edition, self.office, prepared.problems, today=today)
        with self.database.write() as session:
            mailing = outbox.mailing_for(session, "cards", Mode.LOCAL, now=now)
            edition_id = approvals.keep_edition(session, edition, now=now)
            outbox.plan(session, mailing.id, edition_id=edition_id, drafts=prepared.drafts, now=now)
            return approvals.approve(
                session,
                mailing,
                edition_id=edition_id,
                digest=messages.set_digest(messages.planned_set(session, mailing.id)),
                terms=approvals.terms_of(notify, notify.template(), self.settings),
                facts={},
                who="approver@example.com",
                recorded_by="approver@example.com",
                now=now,
                looked_at=note,
            )

    def sender(self, approval, *, notify=None, interrupted=None, progress=print, last_id=None):
        return Sender(
            database=self.database,
            notify=notify or self.notify(),
            office=self.office,
            approval=approval,
            writer=CampaignWriter(self.edition(), self.office),
            clock=clock,
            interrupted=interrupted or threading.Event(),
            progress=progress,
            last_id=last_id,
        )

    def read_back(self, notify=None):
        return reading_back.read_back(
            self.database,
            notify or self.notify(),
            self.keys,
            retention=timedelta(days=7),
            now=clock(),
        )

    def rows(self):
        with self.database.read() as session:
            return list(session.exec(select(Message).order_by(Message.id)))

    def statuses(self):
        return [row.status.value for row in self.rows()]

    def arrived(self):
        """Return the addresses of the local Notify's ledger, sorted."""
        return sorted(found.email_address for found in self.server.ledger())


def addresses(number):
    return [f"reader{n}@example.com" for n in range(number)]


@pytest.fixture
def post(tmp_path, database_place):
    workspace = Workspace(tmp_path)
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "templates" / "email").mkdir(parents=True)
    workspace.settings_file.write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "campaigns" / "cards.toml").write_text(CAMPAIGN, encoding="utf-8")
    (tmp_path / "templates" / "email" / "cards.md").write_text(TEMPLATE, encoding="utf-8")
    secret = new_secret()
    workspace.secret_file.write_text(secret, encoding="ascii")
    settings, keys = read_settings(workspace), Keys.read(secret)
    upgrade_database(workspace, settings, keys, now=clock())
    database = open_database(workspace, settings, keys)
    with LocalNotify(tmp_path / "local-notify.db", service=Service(rate_limit=None)) as server:
        yield Post(workspace, settings, keys, database, server)
    database.close()
