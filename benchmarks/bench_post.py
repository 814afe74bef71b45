"""A workspace full of invented people, and a local Notify in a process of its own."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from postroom.audience.addresses import normalise
from postroom.content.editions import load_edition
from postroom.database import Database, open_database, upgrade_database
from postroom.delivery import approval as approvals
from postroom.delivery import messages, outbox, rechecking
from postroom.delivery.gateway import Notify
from postroom.delivery.letters import CampaignWriter
from postroom.delivery.preparing import Office, prepare
from postroom.delivery.sending import Sender
from postroom.keys import Keys, new_secret
from postroom.localnotify import KEYS, TEMPLATE_ID
from postroom.settings import Mode, Settings, read_settings
from postroom.tables import Approval, ContactKind, Membership, Recipient, RecipientList
from postroom.workspace import Workspace

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


def clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def notify_server(folder: Path, *flags: str) -> Iterator[str]:
    """Give the address of a local Notify that runs as its own process, with *flags*."""
    command = [sys.executable, "-m", "postroom.localnotify", "--database"]
    server = subprocess.Popen(  # ourselves
        [*command, str(folder / "notify.db"), "--port", "0", *flags],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert server.stdout is not None
    found = re.search(r"http://\S+", server.stdout.readline())
    assert found, "the local Notify did not start"
    try:
        yield found[0]
    finally:
        server.terminate()
        server.wait()


@dataclass(frozen=True)
class Post:
    """A workspace with an approved campaign."""

    root: Path
    settings: Settings
    keys: Keys
    database: Database
    approval: Approval
    url: str

    def sender(self, interrupted: threading.Event | None = None) -> Sender:
        """Return a sender of everything approved."""
        return Sender(
            database=self.database,
            notify=notify_at(self.url),
            office=Office(self.settings, self.keys, Mode.LOCAL),
            approval=self.approval,
            writer=CampaignWriter(
                load_edition(self.root, "cards"), Office(self.settings, self.keys, Mode.LOCAL)
            ),
            clock=clock,
            interrupted=interrupted or threading.Event(),
            progress=lambda _run: None,
        )


def start_command(root: Path, url: str, *words: str) -> subprocess.Popen[bytes]:
    """Start `outreach` with *words* in the workspace *root*, for the local Notify at *url*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")}
    return subprocess.Popen(  # ourselves
        [sys.executable, str(Path(__file__).parents[1] / "outreach.py"), *words],
        cwd=root,
        env=kept | {"NOTIFY_BASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def notify_at(url: str) -> Notify:
    """Return our gateway to the server at *url*."""
    return Notify(
        KEYS["live"],
        base_url=url,
        key_type="live",
        template_id=TEMPLATE_ID,
        reply_to_id=None,
        timeout=timedelta(seconds=40),
    )


def post_for(root: Path, people: int, url: str, **settings: object) -> Post:
    """Make a workspace with *people* invented recipients, planned and approved."""
    root.mkdir(parents=True)
    workspace = Workspace(root)
    workspace.campaigns.mkdir()
    workspace.templates.mkdir(parents=True)
    (workspace.campaigns / "cards.toml").write_text(CAMPAIGN, encoding="utf-8")
    (workspace.templates / "cards.md").write_text(TEMPLATE, encoding="utf-8")
    given = {"rate_per_minute": 30_000, "workers": 16, "request_seconds": 5, **settings}
    lines = (f"{name} = {value}" for name, value in given.items())
    workspace.settings_file.write_text("\n".join(lines), encoding="utf-8")
    secret = new_secret()
    workspace.secret_file.write_text(secret, encoding="ascii")
    read, keys = read_settings(workspace), Keys.read(secret)
    upgrade_database(workspace, read, keys, now=clock())
    database = open_database(workspace, read, keys)
    _fill(database, keys, people)
    approval = _approve(root, read, keys, database, url)
    return Post(root, read, keys, database, approval, url)


def address(number: int) -> str:
    return f"reader{number}@school{number % 5_000}.example.com"


def _fill(database: Database, keys: Keys, people: int) -> None:
    with database.write() as session:
        on = RecipientList(name="cards", imported_at=clock())
        session.add(on)
        session.flush()
        for first in range(1, people + 1, 5_000):
            numbers = range(first, min(first + 5_000, people + 1))
            recipients = [
                {
                    "id": n,
                    "address": address(n),
                    "address_key": keys.address_key(normalise(address(n))),
                    "kind": ContactKind.PERSON,
                }
                for n in numbers
            ]
            memberships = [
                {
                    "list_id": on.id,
                    "recipient_id": n,
                    "row": n + 1,
                    "school_urn": f"9{n % 5_000:05}",
                    "school_name": f"School {n % 5_000}",
                    "fields": {"name": f"Reader {n}"},
                }
                for n in numbers
            ]
            session.connection().execute(Recipient.__table__.insert(), recipients)  # type: ignore[attr-defined]
            session.connection().execute(Membership.__table__.insert(), memberships)  # type: ignore[attr-defined]


def _approve(root: Path, settings: Settings, keys: Keys, database: Database, url: str) -> Approval:
    edition, notify, now = load_edition(root, "cards"), notify_at(url), clock()
    today = date(2026, 1, 14)
    with database.read() as session:
        office = Office(settings, keys, Mode.LOCAL)
        prepared = prepare(session, edition, office, today=today)
        note = rechecking.note_of(session, edition, office, prepared.problems, today=today)
    with database.write() as session:
        mailing = outbox.mailing_for(session, "cards", Mode.LOCAL, now=now)
        assert mailing.id is not None
        edition_id = approvals.keep_edition(session, edition, now=now)
        outbox.plan(session, mailing.id, edition_id=edition_id, drafts=prepared.drafts, now=now)
        return approvals.approve(
            session,
            mailing,
            edition_id=edition_id,
            digest=messages.set_digest(messages.planned_set(session, mailing.id)),
            terms=approvals.terms_of(notify, notify.template(), settings),
            facts={},
            who="approver@example.com",
            recorded_by="approver@example.com",
            now=now,
            looked_at=note,
        )
