"""Which recipients are named people, and which are mailboxes of a role, such as office@.

A mailbox that several people read is no personal data of any of them, and an email to it greets
nobody by name. What a list says counts; else the part of the address before the @ is looked at.
"""

import re

from postroom.tables import ContactKind

_roles = frozenset(
    {"office", "admin", "administration", "administrator", "enquiries", "enquiry", "info"}
    | {"information", "reception", "contact", "contactus", "mail", "mailbox", "post", "hello"}
    | {"finance", "accounts", "bursar", "business", "sbm", "hr", "recruitment", "secretary"}
    | {"itt", "scitt", "training", "teachertraining", "schooldirect", "mentoring", "mentors"}
    | {"schooloffice", "mainoffice", "generaloffice", "office365", "support", "team", "help"}
    | {"helpdesk", "feedback", "postmaster", "webmaster", "noreply"}
)
_surely = frozenset({"office", "admin", "enquiries", "enquiry", "info", "reception", "mailbox"})
_between = re.compile(r"[^a-z]+")
_said = {
    "person": ContactKind.PERSON,
    "namedperson": ContactKind.PERSON,
    "named": ContactKind.PERSON,
    "individual": ContactKind.PERSON,
    "rolemailbox": ContactKind.ROLE_MAILBOX,
    "role": ContactKind.ROLE_MAILBOX,
    "mailbox": ContactKind.ROLE_MAILBOX,
    "sharedmailbox": ContactKind.ROLE_MAILBOX,
    "shared": ContactKind.ROLE_MAILBOX,
    "generic": ContactKind.ROLE_MAILBOX,
    "office": ContactKind.ROLE_MAILBOX,
}


def kind_of(address: str) -> ContactKind:
    """Return what *address* looks like: a role's mailbox, or else somebody's own."""
    parts = [part for part in _between.split(address.partition("@")[0].lower()) if part]
    is_role = "".join(parts) in _roles or not _surely.isdisjoint(parts)
    return ContactKind.ROLE_MAILBOX if is_role else ContactKind.PERSON


def kind_said(cell: str) -> ContactKind | None:
    """Return the kind that a list says in *cell*, or None when it says nothing of the sort."""
    return _said.get(_between.sub("", cell.lower()))
