"""Notify's delivery receipts, as it posts them: checked, and adopted like a status we fetched.

What Notify posts was measured: the bearer token as it was configured there, and only for final
statuses, unordered and perhaps repeated. It tries again after a 5xx or 429, never after another
4xx. `technical-failure` is not called back, so statuses are fetched all the same.
"""

import hmac
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from postroom.delivery import adopting
from postroom.delivery.gateway import Notification
from postroom.web.desk import the_desk

callbacks = Blueprint("callbacks", __name__)

LARGEST_RECEIPT = 64 * 1024  # bytes; Notify's own are under one kilobyte
NOTHING_TO_SAY = ("", 204)


def _in_utc(moment: datetime) -> datetime:
    if not 2000 < moment.year < 2200:  # others cannot be reckoned with: the calendar ends
        raise ValueError("no time at which Notify can have sent anything")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Receipt(BaseModel):
    """What a delivery receipt for an email must say; the rest of it is not read."""

    model_config = ConfigDict(strict=True, extra="ignore")

    id: UUID
    reference: str | None
    status: Literal[
        "created",
        "sending",
        "delivered",
        "permanent-failure",
        "temporary-failure",
        "technical-failure",
    ]
    created_at: Moment
    completed_at: Moment | None


class OtherReceipt(BaseModel):
    """A receipt for a text message or a letter of the same service: none of ours."""

    notification_type: Literal["sms", "letter"]


@callbacks.post("/notify/callback")
def receive() -> ResponseReturnValue:
    """Take a delivery receipt in. What is not ours gets the same answer as what is."""
    if refusal := _refused():
        return refusal
    request.max_content_length = LARGEST_RECEIPT
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return "The request is too large.\n", 413
    if _is_of_another_kind(body):
        return NOTHING_TO_SAY
    try:
        receipt = Receipt.model_validate_json(body)
    except ValidationError:
        return "This is not a delivery receipt as Notify writes it.\n", 400
    desk = the_desk()
    with desk.database.write() as session:
        adopting.adopt(session, [_notification(receipt)], now=desk.clock())
    return NOTHING_TO_SAY


def _refused() -> ResponseReturnValue | None:
    """Return the answer to whoever does not know the token; compared in constant time."""
    token = the_desk().callback_token
    given = request.headers.get("Authorization", "")
    if not given:
        return "A bearer token is needed.\n", 401, {"WWW-Authenticate": "Bearer"}
    same = hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    return None if token and same else ("The bearer token is not the right one.\n", 403)


def _is_of_another_kind(body: bytes) -> bool:
    try:
        OtherReceipt.model_validate_json(body)
    except ValidationError:
        return False
    return True


def _notification(receipt: Receipt) -> Notification:
    return Notification(
        notify_id=str(receipt.id),
        reference=(receipt.reference or "").replace("\x00", ""),
        status=receipt.status,
        created_at=receipt.created_at,
        completed_at=receipt.completed_at,
    )
