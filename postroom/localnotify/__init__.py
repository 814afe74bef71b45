"""A local stand-in for GOV.UK Notify's HTTP API, with an inbox to read what it caught."""

from postroom.localnotify.faults import (
    BadFault,
    Fault,
    Held,
    add_fault,
    clear_faults,
    held_requests,
    wait_until_held,
)
from postroom.localnotify.ledger import Notification, end_notification, read_ledger
from postroom.localnotify.server import CannotServe, LocalNotify, run
from postroom.localnotify.service import (
    KEYS,
    REPLY_TO_ID,
    SERVICE_ID,
    TEMPLATE_ID,
    CallbackTo,
    Service,
)
from postroom.localnotify.templates import (
    add_template,
    add_text_template,
    archive_template,
    edit_template,
)

__all__ = [
    "KEYS",
    "REPLY_TO_ID",
    "SERVICE_ID",
    "TEMPLATE_ID",
    "BadFault",
    "CallbackTo",
    "CannotServe",
    "Fault",
    "Held",
    "LocalNotify",
    "Notification",
    "Service",
    "add_fault",
    "add_template",
    "add_text_template",
    "archive_template",
    "clear_faults",
    "edit_template",
    "end_notification",
    "held_requests",
    "read_ledger",
    "run",
    "wait_until_held",
]
