"""What is held about one person, as a page they can read and as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from postroom.content.confirmations import WHEN, confirmation_of, occasion_at
from postroom.reports.html import london, page_from
from postroom.research.people import Held

TITLES: Mapping[str, str] = {
    "recipients": "Your address",
    "memberships": "Lists you are on",
    "messages": "Emails to you",
    "attempts": "Attempts to send them",
    "volunteers": "You as a volunteer for research",
    "signups": "How you signed up",
    "awaited_signups": "Sign-ups that wait for your word",
    "imported_answers": "Answers that came from another form",
    "permissions": "What you said yes to",
    "support_needs": "What would help you take part",
    "suppressions": "Emails you do not want",
    "events": "What was done with your details",
}


OF_SOMEBODY: Mapping[str, str] = {
    "recipients": "Address",
    "memberships": "Lists they are on",
    "messages": "Emails to them",
    "attempts": "Attempts to send them",
    "volunteers": "As a volunteer for research",
    "signups": "Sign-ups",
    "awaited_signups": "Sign-ups that wait for their word",
    "imported_answers": "Answers that came from another form",
    "permissions": "Permissions",
    "support_needs": "What would help them take part",
    "suppressions": "Emails they do not want",
    "events": "What was done with their details",
}
"""The same for a colleague who answers them."""

NAMES: Mapping[str, str] = {
    "school_urn": "URN of the school",
    "school_name": "school",
    "fields": "further details",
    "list_gone_by": "list must be gone by",
    "not_working_since": "address not working since",
    "notify_id": "id at GOV.UK Notify",
    "planned_at": "planned",
    "accepted_at": "accepted by GOV.UK Notify",
    "completed_at": "came to its end",
    "claimed_at": "begun",
    "ended_at": "ended",
    "mailing_campaign": "campaign",
    "mailing_mode": "mode",
    "occasion": "sent",
    "first_signed_up_at": "first signed up",
    "signed_up_at": "signed up",
    "via_forward": "came by a forwarded link",
    "said": "what was said",
    "delete_at": "deleted unless confirmed by",
    "given": "said yes",
    "given_at": "given",
    "withdrawn_at": "taken back",
    "expires_at": "ends",
    "method": "how it was given",
    "statement_text": "in these words",
    "statement_version": "version of the form",
    "privacy_notice_url": "privacy notice",
    "privacy_notice_version": "version of the privacy notice",
    "template_version": "version of the email",
    "controller": "who answers for the details",
    "evidence": "where the proof is",
    "third_party": "answered for them by",
    "response_id": "number of the response",
    "submitted_at": "submitted",
    "imported_at": "brought in",
    "lifted_at": "ended",
    "at": "when",
    "act": "what was done",
    "target": "to what",
}
"""What a column holds, where its name does not say it in plain words."""


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


def title_of(table: str) -> str:
    """Return what a colleague reads over the rows of *table*."""
    return OF_SOMEBODY.get(table) or f"As a colleague: {table.replace('_', ' ')}"


def person_json(held: Held, *, address: str, made_at: datetime) -> dict[str, Any]:
    """Return the same for a program: tables, and in each its rows. Times UTC."""
    return {"address": address, "made_at": made_at, "held": dict(held.rows)}


def in_words(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a row says: names in plain words, times of London, nothing that is blank."""
    return [
        (
            NAMES.get(name, name.replace("_", " ")),
            _occasion(value) if name == "occasion" else _in_words(value),
        )
        for name, value in row.items()
        if value not in (None, "", {}, [])
    ]


def _occasion(occasion: str) -> str:
    happened = occasion_at(occasion)
    return f"{WHEN[confirmation_of(occasion)]}, {london(happened)}"


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
