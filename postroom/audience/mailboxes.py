"""Which recipients are named people, and which are mailboxes of a role, such as office@.

A mailbox that several people read is no personal data of any of them, and an email to it greets
nobody by name. What a list says counts; else the part of the address before the @ is looked at.
"""

import re

from postroom.tables import ContactKind

_roles = (
    "office",
    "admin",
    "administration",
    "administrator",
    "enquiries",
    "enquiry",
    "info",
    "information",
    "reception",
    "contact",
    "contactus",
    "mail",
    "mailbox",
    "post",
    "hello",
    "finance",
    "accounts",
    "bursar",
    "business",
    "sbm",
    "hr",
    "recruitment",
    "secretary",
    "itt",
    "scitt",
    "training",
    "teachertraining",
    "schooldirect",
    "mentoring",
    "mentors",
    "schooloffice",
    "mainoffice",
    "generaloffice",
    "support",
    "team",
    "help",
    "helpdesk",
    "feedback",
    "postmaster",
    "webmaster",
    "noreply",
)
_surely = ("office", "admin", "enquiries", "enquiry", "info", "reception", "mailbox")
# One of all roles alone, or one of the sure ones beside something else: office@, oak.office@.
_of_a_role = re.compile(
    rf"(?:{'|'.join(_roles)})[^a-z@]*@|(?:[^@]*[^a-z@])?(?:{'|'.join(_surely)})(?:[^a-z@][^@]*)?@"
).match
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


IN_WORDS = {kind: kind.value for kind in ContactKind}  # quicker to ask a thousand times


def kind_of(address: str) -> ContactKind:
    """Return what a normalised *address* looks like: a role's mailbox, or else somebody's own."""
    return ContactKind.ROLE_MAILBOX if _of_a_role(address) else ContactKind.PERSON


def kind_said(cell: str) -> ContactKind | None:
    """Return the kind that a list says in *cell*, or None when it says nothing of the sort."""
    return _said.get(_between.sub("", cell.lower()))
