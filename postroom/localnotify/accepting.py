"""Accepting an email: what a POST goes through, in the order of the real server."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from postroom.localnotify import addresses, bucket, callbacks, ledger, templates
from postroom.localnotify.answers import Refusal, bad_request, crashed
from postroom.localnotify.clock import as_text
from postroom.localnotify.ledger import Accepted
from postroom.localnotify.personalisation import fill_body, fill_subject, missing, placeholders
from postroom.localnotify.sanitise import sanitise_values
from postroom.localnotify.service import LIVE, TEAM, Service
from postroom.localnotify.showing import subject_line
from postroom.localnotify.store import Store
from postroom.localnotify.templates import Template

MAX_BYTES = 2_000_000
ENDS = {
    "perm-fail@simulator.notify": "permanent-failure",
    "temp-fail@simulator.notify": "temporary-failure",
}
SIMULATED = {f"simulate-delivered{n}@notifications.service.gov.uk" for n in ("", "-2", "-3")}
TRIAL = "https://www.notifications.service.gov.uk/trial-mode"


@dataclass(frozen=True)
class Filled:
    """A template filled in with one request's personalisation."""

    template: Template
    values: dict[str, Any]
    changed: dict[str, dict[str, str]]  # by sanitising
    subject: str
    body: str


def check_limits(store: Store, service: Service, key_type: str, *, now: datetime) -> None:
    """Take a token for this request. Commits. Raises `Refusal` (429)."""
    with store.writing() as connection:
        refusal = bucket.check_limits(connection, service, key_type, now=now)
    if refusal:
        raise refusal


def fill_in(store: Store, form: dict[str, Any]) -> Filled:
    """Return the email that *form*, already checked for its shape, asks for.

    Raises `Refusal` as the real one does: a template that is not there, values that are missing,
    content that is empty or too long, characters that make it crash.
    """
    template = _template(store, form["template_id"])
    values, changed = sanitise_values(
        form.get("personalisation", {}), form.get("sanitise_content_for") or []
    )
    check_values(template, values)
    filled = Filled(
        template,
        values,
        changed,
        subject=fill_subject(template.subject, values),
        body=fill_body(template.body, values),
    )
    _check_content(filled)
    return filled


def check_values(template: Template, values: dict[str, Any]) -> None:
    """Raise `Refusal` (400) when *template* asks for what *values* do not have."""
    absent = missing(placeholders(template.subject, template.body), values)
    if absent:
        raise bad_request(f"Missing personalisation: {', '.join(absent)}")


def prepare(
    form: dict[str, Any], filled: Filled, service: Service, key_type: str, *, ends_as: str | None
) -> Accepted:
    """Return the notification that *form* makes, its times still empty.

    Raises `Refusal` for a reply-to that is not known and a recipient this key may not reach.
    """
    reply_to_id = form.get("email_reply_to_id")
    if reply_to_id and reply_to_id.lower() not in service.reply_to:
        said = f"email_reply_to_id {reply_to_id} does not exist in database for service id"
        raise bad_request(f"{said} {service.id}")
    sent_to = addresses.normalised(form["email_address"]) or ""
    _check_recipient(sent_to, service, key_type)
    reference = form.get("reference")
    _check_reference(reference or "")
    asked_sanitising = form.get("sanitise_content_for")
    return Accepted(
        id=str(uuid.uuid4()),
        reference=reference,
        email_address=form["email_address"],
        sent_to=sent_to,
        key_type=key_type,
        template_id=filled.template.id,
        template_version=filled.template.version,
        personalisation=json.dumps(filled.values, ensure_ascii=True),
        subject=filled.subject,
        body=filled.body,
        one_click_unsubscribe_url=form.get("one_click_unsubscribe_url"),
        email_reply_to_id=reply_to_id,
        reply_to=service.reply_to.get(reply_to_id.lower()) if reply_to_id else None,
        sanitise_content_for=json.dumps(asked_sanitising) if asked_sanitising else None,
        scheduled_for=form.get("scheduled_for"),
        created_at="",
        sending_at=None,
        final_at="",
        final_status=ends_as or ENDS.get(form["email_address"].strip(), "delivered"),
    )


def is_simulated(accepted: Accepted) -> bool:
    """Return whether Notify answers 201 for this recipient and keeps nothing."""
    return accepted.sent_to in SIMULATED


def keep(
    store: Store, service: Service, accepted: Accepted, *, now: datetime, receipt_late: timedelta
) -> None:
    """Write *accepted* to the ledger, count it, and plan its callback. Commits."""
    timed = {
        **vars(accepted),
        "created_at": as_text(now),
        "final_at": as_text(now + service.final_after),
    }
    if accepted.final_status != "technical-failure":
        timed["sending_at"] = as_text(now + service.sending_after)
    with store.writing() as connection:
        ledger.add(connection, Accepted(**timed))
        bucket.count_accepted(connection, accepted.key_type, now=now)
        if service.callback and accepted.final_status != "technical-failure":
            due = now + service.final_after + receipt_late
            callbacks.plan(connection, accepted.id, due=due)


def answer(accepted: Accepted, filled: Filled, service: Service, *, base: str) -> dict[str, Any]:
    """Return the body of the 201. *base* is this server's address, ending in a slash."""
    return {
        "id": accepted.id,
        "reference": accepted.reference,
        "uri": f"{base}v2/notifications/{accepted.id}",
        "template": {
            "id": accepted.template_id,
            "version": accepted.template_version,
            "uri": f"{base}services/{service.id}/templates/{accepted.template_id}",
        },
        "scheduled_for": None,  # validated, then ignored: it is sent at once
        "content": {
            "from_email": service.sender,
            # Notify's own answers have the subject after typography, and the body's Markdown
            # without white space at its ends.
            "subject": subject_line(accepted.subject),
            "body": accepted.body.strip(),
            "one_click_unsubscribe_url": accepted.one_click_unsubscribe_url,
        },
        "sanitised_content": filled.changed,
    }


def _template(store: Store, template_id: str) -> Template:
    with store.reading() as connection:
        template = templates.find(connection, template_id)
    if template is None:
        raise bad_request("Template not found")
    if template.type != "email":
        raise bad_request(f"{template.type} template is not suitable for email notification")
    if template.archived:
        raise bad_request("Template has been deleted")
    return template


def _check_content(filled: Filled) -> None:
    try:
        size = len(filled.body.strip().encode())
        filled.subject.encode()
    except UnicodeEncodeError as error:
        raise crashed("UnicodeEncodeError") from error
    if size == 0:
        raise bad_request("Your message is empty.")
    if size > MAX_BYTES:
        said = f"Emails cannot be longer than {MAX_BYTES} bytes. Your message is {size} bytes."
        raise bad_request(f"Your message is too long. {said}")


def _check_reference(reference: str) -> None:
    if "\0" in reference:
        raise crashed("ValueError")
    try:
        reference.encode()
    except UnicodeEncodeError as error:
        raise crashed("UnicodeEncodeError") from error


def _check_recipient(sent_to: str, service: Service, key_type: str) -> None:
    if sent_to in service.team | service.guests:
        return
    if key_type == TEAM:
        raise _unreachable("using a team-only API key")
    if key_type == LIVE and service.trial_mode:
        raise _unreachable(f"when service is in trial mode – see {TRIAL}")


def _unreachable(why: str) -> Refusal:
    return bad_request(f"Can’t send to this recipient {why}")
