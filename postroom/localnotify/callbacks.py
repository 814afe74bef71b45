"""Delivery receipts: posted when a status is final, tried again as Notify tries again."""

import sqlite3
import threading
from datetime import datetime, timedelta
from typing import Any

import requests

from postroom.localnotify import faults, ledger
from postroom.localnotify.clock import Clock, as_text
from postroom.localnotify.faults import Asked
from postroom.localnotify.ledger import Notification
from postroom.localnotify.service import CallbackTo
from postroom.localnotify.store import Store

GLANCE = 0.1  # seconds between two looks at what is due
NEXT = """SELECT notification_id FROM callback WHERE outcome IS NULL AND due_at <= :now
          ORDER BY due_at LIMIT 1"""
CLAIM = """UPDATE callback SET tries = tries + 1, due_at = :again WHERE notification_id =
           (SELECT notification_id FROM callback WHERE outcome IS NULL AND due_at <= :now
            ORDER BY due_at LIMIT 1) RETURNING notification_id"""


def plan(connection: sqlite3.Connection, notification_id: str, *, due: datetime) -> None:
    """Store that a receipt is due at *due*, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO callback VALUES (?, ?, 0, NULL)", (notification_id, as_text(due))
    )


def receipt(notification: Notification) -> dict[str, Any]:
    """Return the body that Notify posts for *notification*."""
    return {
        "id": notification.id,
        "reference": notification.reference,
        "to": notification.email_address,
        "status": notification.status,
        "created_at": notification.created_at,
        "completed_at": notification.completed_at,
        "sent_at": notification.sent_at,
        "notification_type": "email",
        "template_id": notification.template_id,
        "template_version": notification.template_version,
    }


class Messenger:
    """Posts the receipts that are due. What is due stands in the file, so a restart goes on."""

    def __init__(self, store: Store, to: CallbackTo, clock: Clock):
        self.store = store
        self.to = to
        self.clock = clock
        self.session = requests.Session()
        self.session.trust_env = False  # the receiver is on this machine: no proxy, no .netrc

    def run(self, stopping: threading.Event) -> None:
        """Post receipts until *stopping* is set."""
        while not stopping.wait(GLANCE):
            while not stopping.is_set() and self.post_next(now=self.clock()):
                pass
        self.session.close()

    def post_next(self, *, now: datetime) -> bool:
        """Post the receipt that has been due longest. Returns whether there was one. Commits."""
        notification = self._claim(now)
        if notification is None:
            return False
        outcome = self._post(notification)
        asked = Asked("send", notification.reference or "", notification.email_address)
        for _ in faults.strike(self.store, "repeat", asked):
            self._post(notification)
        with self.store.writing() as connection:
            connection.execute(
                "UPDATE callback SET outcome ="
                " CASE WHEN :outcome IS NULL AND tries > :retries THEN 'given up'"
                " ELSE :outcome END WHERE notification_id = :id",
                {"outcome": outcome, "retries": self.to.retries, "id": notification.id},
            )
        return True

    def _claim(self, now: datetime) -> Notification | None:
        # The next try is set before this one is made. So a server that is killed in between
        # posts again later, and a second server over the file does not post the same at once.
        with self.store.reading() as connection:
            if connection.execute(NEXT, {"now": as_text(now)}).fetchone() is None:
                return None
        pause = max(self.to.retry_after, timedelta(seconds=self.to.timeout))
        claim = {"now": as_text(now), "again": as_text(now + pause)}
        with self.store.writing() as connection:
            row = connection.execute(CLAIM, claim).fetchone()
            return ledger.find(connection, row[0], now=now) if row else None

    def _post(self, notification: Notification) -> str | None:
        """Return what became of it, or None when it is to be tried again."""
        try:
            response = self.session.post(
                self.to.url,
                json=receipt(notification),
                headers={"Authorization": f"Bearer {self.to.token}"},
                timeout=self.to.timeout,
            )
        except requests.RequestException:
            return None
        if response.status_code == 429 or response.status_code >= 500:
            return None
        return str(response.status_code)
