"""The ledger: every notification that was accepted, with all that its request carried."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from postroom.localnotify.clock import as_text, utc_now
from postroom.localnotify.store import connect, opened

LONDON = ZoneInfo("Europe/London")
FAILED = ("technical-failure", "temporary-failure", "permanent-failure")

# A status is never stored: it follows from the times that were set on acceptance, so that every
# server over the file gives the same, before and after a restart.
WITH_STATUS = """
SELECT * FROM (
    SELECT *, CASE WHEN final_at <= :now THEN final_status
                   WHEN sending_at <= :now THEN 'sending'
                   ELSE 'created' END AS status
    FROM notification
) WHERE """

SEARCHED = """(:words = '' OR instr(lower(subject), lower(:words))
               OR instr(lower(email_address), lower(:words))
               OR instr(lower(coalesce(reference, '')), lower(:words)))"""
COUNT_SEARCHED = "SELECT count(*) FROM notification WHERE " + SEARCHED  # noqa: S608  # constants


@dataclass(frozen=True)
class Accepted:
    """A notification as it is stored. Times are text in UTC that sorts."""

    id: str
    reference: str | None
    email_address: str  # as the client wrote it
    sent_to: str  # as Notify's rule normalises it
    key_type: str
    template_id: str
    template_version: int
    personalisation: str  # JSON
    subject: str
    body: str  # Markdown
    one_click_unsubscribe_url: str | None
    email_reply_to_id: str | None
    reply_to: str | None
    sanitise_content_for: str | None  # JSON
    scheduled_for: str | None
    created_at: str
    sending_at: str | None
    final_at: str
    final_status: str


@dataclass(frozen=True)
class Notification(Accepted):
    """A notification as it stands at a moment: with the status it had then."""

    status: str

    @property
    def is_final(self) -> bool:
        """Whether the status will not change any more."""
        return self.status not in ("created", "sending")

    @property
    def sent_at(self) -> str | None:
        """When it was handed over, or None if it has not been."""
        return None if self.status == "created" else self.sending_at

    @property
    def completed_at(self) -> str | None:
        """When its status became final, or None."""
        return self.final_at if self.is_final else None

    @property
    def values(self) -> dict[str, Any]:
        """The personalisation that was sent."""
        values: dict[str, Any] = json.loads(self.personalisation)
        return values


def add(connection: sqlite3.Connection, accepted: Accepted) -> None:
    """Store *accepted*, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO notification VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(vars(accepted).values()),
    )


def oldest_kept(now: datetime, retention: timedelta) -> datetime:
    """Return the moment before which Notify has forgotten its notifications at *now*.

    They go at 03:00 UTC each day, back to the London midnight *retention* earlier.
    """
    purged = (now - timedelta(hours=3)).replace(hour=3, minute=0, second=0, microsecond=0)
    day = (purged.astimezone(LONDON) - retention).date()
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(now.tzinfo)


def find(
    connection: sqlite3.Connection, notification_id: str, *, now: datetime
) -> Notification | None:
    """Return the notification, of whichever key type, with its status at *now*, or None."""
    found = _select(connection, "id = :id", now=now, id=notification_id.lower())
    return found[0] if found else None


def page(
    connection: sqlite3.Connection,
    key_type: str,
    *,
    filters: dict[str, Any],
    since: datetime,
    size: int,
    now: datetime,
) -> list[Notification]:
    """Return up to *size* notifications sent with keys of this type, newest first.

    *filters* may hold `reference`, `status` (a list), `template_type` (a list) and `older_than`,
    the id of a notification of any key type; an unknown one gives an empty list.
    """
    if "email" not in filters.get("template_type", ["email"]):
        return []
    wheres = ["key_type = :key_type", "created_at >= :since"]
    if "reference" in filters:
        wheres.append("reference = :reference")
    if "older_than" in filters:
        wheres.append(
            "created_at < (SELECT created_at FROM notification"
            " WHERE id = :older_than AND created_at >= :since)"
        )
    if "status" in filters:
        wheres.append("status IN (SELECT value FROM json_each(:statuses))")
    return _select(
        connection,
        " AND ".join(wheres) + f" ORDER BY created_at DESC, rowid DESC LIMIT {size}",
        now=now,
        key_type=key_type,
        since=as_text(since),
        reference=filters.get("reference"),
        older_than=str(filters.get("older_than")).lower(),
        statuses=json.dumps(_each_status(filters.get("status", ()))),
    )


def search(
    connection: sqlite3.Connection, words: str, *, offset: int, limit: int, now: datetime
) -> tuple[list[Notification], int]:
    """Return a page of what has *words* in subject, address or reference, and how many there are.

    Newest first, of every key type, and whatever its age.
    """
    count = connection.execute(COUNT_SEARCHED, {"words": words}).fetchone()
    found = _select(
        connection,
        SEARCHED + " ORDER BY created_at DESC, rowid DESC LIMIT :limit OFFSET :offset",
        now=now,
        words=words,
        limit=limit,
        offset=offset,
    )
    return found, int(count[0])


def read_ledger(path: Path, *, now: datetime | None = None) -> list[Notification]:
    """Return all that was ever accepted, oldest first, read straight from the file at *path*.

    Statuses are those at *now*, which is the present unless given.
    """
    with closing(connect(path)) as connection:
        return _select(connection, "1 ORDER BY created_at, rowid", now=now or utc_now())


def end_notification(path: Path, notification_id: str, status: str, *, at: datetime) -> None:
    """Let the notification end as *status* at the moment *at*, whatever was due before. Commits.

    A receipt that is not posted yet is then due at *at* too; none is for a technical failure.
    """
    known = {"id": notification_id, "status": status, "at": as_text(at)}
    with opened(path) as connection:
        connection.execute(
            "UPDATE notification SET final_status = :status, final_at = :at, sending_at ="
            " CASE WHEN :status = 'technical-failure' THEN NULL"
            " ELSE min(coalesce(sending_at, :at), :at) END WHERE id = :id",
            known,
        )
        connection.execute(
            "UPDATE callback SET due_at = :at, outcome ="
            " CASE WHEN :status = 'technical-failure' THEN 'none' END"
            " WHERE notification_id = :id AND outcome IS NULL",
            known,
        )


def _each_status(asked: Sequence[str]) -> list[str]:
    return [each for status in asked for each in (FAILED if status == "failed" else (status,))]


def _select(
    connection: sqlite3.Connection, where: str, *, now: datetime, **values: Any
) -> list[Notification]:
    # Only texts of this module are joined; what came from outside is in *values*.
    rows = connection.execute(WITH_STATUS + where, {"now": as_text(now), **values})
    return [Notification(*row) for row in rows]
