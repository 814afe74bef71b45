"""The templates of the local Notify: versions kept for ever, editable while it runs."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from postroom.localnotify.clock import as_text
from postroom.localnotify.personalisation import placeholders
from postroom.localnotify.service import TEMPLATE_ID
from postroom.localnotify.store import opened


@dataclass(frozen=True)
class Template:
    """One version of a template."""

    id: str
    version: int
    type: str
    name: str
    subject: str
    body: str
    created_at: str
    updated_at: str | None
    archived: int

    def described(self) -> dict[str, Any]:
        """Return the template as `GET /v2/template/{id}` shows it."""
        return {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "created_by": "local-notify@example.com",
            "version": self.version,
            "body": self.body,
            "subject": self.subject if self.type == "email" else None,
            "letter_contact_block": None,
            "postage": None,
            "personalisation": {
                name: {"required": True} for name in placeholders(self.subject, self.body)
            },
        }


def ensure_pass_through(connection: sqlite3.Connection, *, now: datetime) -> None:
    """Store the template whose subject is ((subject)) and body ((body)), unless it is there."""
    row = connection.execute("SELECT 1 FROM template WHERE id = ?", (TEMPLATE_ID,)).fetchone()
    if row is None:
        _store(connection, _first("Pass-through", "((subject))", "((body))", TEMPLATE_ID, now))


def find(
    connection: sqlite3.Connection, template_id: str, version: int | None = None
) -> Template | None:
    """Return a version of a template, the latest unless one is asked for, or None."""
    row = connection.execute(
        "SELECT * FROM template WHERE id = ? AND version = coalesce(?, version)"
        " ORDER BY version DESC LIMIT 1",
        (template_id.lower(), version),
    ).fetchone()
    return Template(*row) if row else None


def latest(connection: sqlite3.Connection, template_type: str | None = None) -> list[Template]:
    """Return the latest version of every template that is not archived, by name."""
    rows = connection.execute(
        "SELECT * FROM template AS each WHERE type = coalesce(?, type) AND NOT archived"
        " AND version = (SELECT max(version) FROM template WHERE id = each.id) ORDER BY name, id",
        (template_type,),
    )
    return [Template(*row) for row in rows]


def add_template(
    path: Path, template_id: str, *, name: str, subject: str, body: str, now: datetime
) -> Template:
    """Store the first version of a new email template in the file at *path*. Commits."""
    with opened(path) as connection:
        return _store(connection, _first(name, subject, body, template_id, now))


def add_text_template(path: Path, template_id: str, *, name: str, now: datetime) -> Template:
    """Store a text message template, which Notify refuses for an email. Commits."""
    with opened(path) as connection:
        first = _first(name, "", "((body))", template_id, now)
        return _store(connection, replace(first, type="sms"))


def edit_template(
    path: Path,
    template_id: str,
    *,
    subject: str | None = None,
    body: str | None = None,
    now: datetime,
) -> Template:
    """Store a new version of a template, as an edit on Notify's site would. Commits."""
    with opened(path) as connection:
        old = _known(connection, template_id)
        edited = replace(
            old,
            version=old.version + 1,
            subject=old.subject if subject is None else subject,
            body=old.body if body is None else body,
            updated_at=as_text(now),
        )
        return _store(connection, edited)


def archive_template(path: Path, template_id: str, *, now: datetime) -> Template:
    """Delete a template, as Notify's site does: kept as a last version that is archived. Commits.

    From then on sending with it is refused with "Template has been deleted".
    """
    with opened(path) as connection:
        old = _known(connection, template_id)
        last = replace(old, version=old.version + 1, archived=1, updated_at=as_text(now))
        return _store(connection, last)


def _first(name: str, subject: str, body: str, template_id: str, now: datetime) -> Template:
    return Template(template_id, 1, "email", name, subject, body, as_text(now), None, 0)


def _known(connection: sqlite3.Connection, template_id: str) -> Template:
    template = find(connection, template_id)
    if template is None:
        raise LookupError(f"There is no template {template_id} in this local Notify.")
    return template


def _store(connection: sqlite3.Connection, template: Template) -> Template:
    connection.execute(
        "INSERT INTO template VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(vars(template).values()),
    )
    return template
