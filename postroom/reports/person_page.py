"""What is held about one person, as a page they can read and as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from postroom.reports.html import london, page_from
from postroom.research.people import Held

TITLES: Mapping[str, str] = {
    "recipients": "Your address",
    "memberships": "Lists you are on",
    "messages": "Emails to you",
    "attempts": "Attempts to send them",
    "volunteers": "You as a volunteer for research",
    "signups": "How you signed up",
    "imported_answers": "Answers that came from another form",
    "permissions": "What you said yes to",
    "support_needs": "What would help you take part",
    "suppressions": "Emails you do not want",
    "events": "What was done with your details",
}


def person_page(held: Held, *, address: str, made_at: datetime) -> str:
    """Return a page of everything in *held*, in words: it needs no other file."""
    parts = [
        (
            TITLES.get(table, f"You as a colleague: {table.replace('_', ' ')}"),
            list(map(in_words, rows)),
        )
        for table, rows in held.rows.items()
    ]
    return page_from("person.html", parts=parts, address=address, made_at=london(made_at))


def person_json(held: Held, *, address: str, made_at: datetime) -> dict[str, Any]:
    """Return the same for a program: tables, and in each its rows. Times UTC."""
    return {"address": address, "made_at": made_at, "held": dict(held.rows)}


def in_words(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a row says: names without `_`, times of London, nothing that is blank."""
    return [
        (name.replace("_", " "), _in_words(value))
        for name, value in row.items()
        if value not in (None, "", {}, [])
    ]


def _in_words(value: Any) -> str:
    if isinstance(value, datetime):
        return london(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_in_words(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    return str(value)
