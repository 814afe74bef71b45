"""Is a request well formed? Every fault in it is reported at once, in Notify's words."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from postroom.localnotify import addresses
from postroom.localnotify.answers import Refusal, crashed, invalid
from postroom.localnotify.uri import is_https

TEMPLATE_TYPES = ("sms", "email", "letter")
STATUSES = (
    "cancelled",
    "created",
    "sending",
    "sent",
    "delivered",
    "pending",
    "failed",
    "technical-failure",
    "temporary-failure",
    "permanent-failure",
    "pending-virus-check",
    "validation-failed",
    "virus-scan-failed",
    "returned-letter",
    "accepted",
    "received",
)
TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


def parsed(raw: bytes) -> Any:
    """Return the JSON in *raw*. Raises `Refusal`: 400, or 500 for what is nested too deeply."""
    try:
        return json.loads(raw)
    except RecursionError as error:
        raise crashed("RecursionError") from error
    except ValueError as error:
        said = "Invalid JSON supplied in POST data"
        raise Refusal(400, "BadRequestError", said) from error


def check_email_request(form: Any, *, now: datetime) -> dict[str, Any]:
    """Return *form*, the body of a POST to send one email. Raises `Refusal` with every fault."""
    fields = EMAIL_FIELDS | {"scheduled_for": (_of_type("string", "null"), _within_a_day_of(now))}
    return _checked(form, fields, required=("email_address", "template_id"))


def check_preview_request(form: Any) -> dict[str, Any]:
    """Return *form*, the body of a POST to preview a template. Raises `Refusal`."""
    if isinstance(form, dict):
        form = {name: value for name, value in form.items() if name == "personalisation"}
    return _checked(form, {"personalisation": (_of_type("object"),)}, required=())


def check_list_query(query: dict[str, list[str]]) -> dict[str, Any]:
    """Return the filters of a list of notifications. Raises `Refusal` with every fault."""
    faults = list(_query_faults(query))
    if faults:
        raise invalid(*faults)
    return {name: query[name][0] for name in ("reference", "older_than") if name in query} | {
        name: query[name] for name in ("status", "template_type") if name in query
    }


def is_uuid(text: str) -> bool:
    """Return whether *text* is a UUID in any of the spellings that Notify takes."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


Rule = Callable[[Any], str | None]


def _checked(
    form: Any, fields: dict[str, tuple[Rule, ...]], *, required: tuple[str, ...]
) -> dict[str, Any]:
    if not isinstance(form, dict):
        raise invalid(_unquoted(f"{form!r} is not of type object"))
    faults = [
        f"{name} {fault}"
        for name, value in form.items()
        for rule in fields.get(name, ())
        if (fault := rule(value))
    ]
    faults += [f"{name} is a required property" for name in required if name not in form]
    faults += _unexpected([name for name in form if name not in fields])
    if faults:
        raise invalid(*dict.fromkeys(faults))
    return form


def _unexpected(names: list[str]) -> list[str]:
    if not names:
        return []
    were = "was" if len(names) == 1 else "were"
    said = f"Additional properties are not allowed ({', '.join(names)} {were} unexpected)"
    return [_unquoted(said)]


def _unquoted(message: str) -> str:
    return message.replace("'", "")


def _of_type(*allowed: str) -> Rule:
    def check(value: Any) -> str | None:
        if any(TYPES[name](value) for name in allowed):
            return None
        return _unquoted(f"{value!r} is not of type {', '.join(allowed)}")

    return check


def _address(value: Any) -> str | None:
    if not isinstance(value, str) or addresses.normalised(value):
        return None
    return "Not a valid email address"


def _uuid(value: Any) -> str | None:
    return None if isinstance(value, str) and is_uuid(value) else "is not a valid UUID"


def _short_enough(value: Any) -> str | None:
    too_long = isinstance(value, str) and len(value) > 1_000
    return f"{_unquoted(value)} is too long" if too_long else None


def _one_click(value: Any) -> str | None:
    if isinstance(value, str) and is_https(value):
        return None
    return "is not a valid https url"


def _within_a_day_of(now: datetime) -> Rule:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        try:
            # As Notify does, the time's own zone is dropped and it is read as UTC.
            moment = datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError:
            return (
                "datetime format is invalid. It must be a valid ISO8601 date time format, "
                "https://en.wikipedia.org/wiki/ISO_8601"
            )
        if moment < now:
            return "datetime can not be in the past"
        if moment > now + timedelta(hours=24):
            return "datetime can only be 24 hours in the future"
        return None

    return check


EMAIL_FIELDS: dict[str, tuple[Rule, ...]] = {
    "reference": (_of_type("string"), _short_enough),
    "email_address": (_of_type("string"), _address),
    "template_id": (_uuid,),
    "personalisation": (_of_type("object"),),
    "email_reply_to_id": (_uuid,),
    "one_click_unsubscribe_url": (_one_click,),
    "sanitise_content_for": (_of_type("array", "null"),),
}


def _query_faults(query: dict[str, list[str]]) -> Iterator[str]:
    yield from _not_among("status", query, STATUSES)
    yield from _not_among("template_type", query, TEMPLATE_TYPES)
    yield from _not_among("include_jobs", query, ("true", "True"))
    if "older_than" in query and not is_uuid(query["older_than"][0]):
        yield "older_than is not a valid UUID"
    known = ("reference", "status", "template_type", "older_than", "include_jobs")
    yield from _unexpected([name for name in query if name not in known])


def _not_among(name: str, query: dict[str, list[str]], allowed: tuple[str, ...]) -> Iterator[str]:
    for value in query.get(name, ()):
        if value not in allowed:
            yield f"{name} {value} is not one of [{', '.join(allowed)}]"
