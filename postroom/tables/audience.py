"""Lists, the people and mailboxes on them, and who must not be emailed."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from postroom.tables.columns import JSON, words


class RecipientList(SQLModel, table=True):
    """A list of recipients, and by what right we hold it."""

    __tablename__ = "lists"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    owner: str = ""
    source: str = ""
    purpose: str = ""
    lawful_basis: str = ""
    gone_by: date | None = None
    partner: str = ""  # the name of the partner whose people these are, if they are one's
    imported_at: datetime
    columns: dict[str, str] = Field(default_factory=dict, sa_column=sa.Column(JSON, nullable=False))
    """What somebody said that columns of this source mean: the meaning, and the heading."""


class ContactKind(StrEnum):
    """What an address is: somebody's own, or a role's, which several people may read."""

    PERSON = "person"
    ROLE_MAILBOX = "role mailbox"


class Recipient(SQLModel, table=True):
    """A person or role mailbox we may write to. One row an address, however it is spelt."""

    __tablename__ = "recipients"

    id: int | None = Field(default=None, primary_key=True)
    address: str  # as it was given: Notify shows it so
    address_key: bytes = Field(unique=True)
    kind: ContactKind = Field(
        default=ContactKind.PERSON, sa_column=sa.Column(words(ContactKind), nullable=False)
    )
    not_working_since: datetime | None = None  # Notify said so: to be mended, not deleted
    not_working_in: str = ""  # the mode it said so in: what one mode shows counts in no other


class Membership(SQLModel, table=True):
    """A recipient on a list, with what that list says of them."""

    __tablename__ = "memberships"

    list_id: int = Field(
        primary_key=True, foreign_key="lists.id", ondelete="CASCADE", nullable=False
    )
    recipient_id: int = Field(
        primary_key=True, foreign_key="recipients.id", ondelete="CASCADE", index=True
    )
    row: int  # of the spreadsheet it came from, counted as the spreadsheet counts
    file: str = ""  # that spreadsheet's name: another one of the list has the same row numbers
    school_urn: str = Field(default="", index=True)
    school_name: str = ""
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=sa.Column(JSON, nullable=False))


class Scope(StrEnum):
    """What a suppression ends."""

    ANNOUNCEMENTS_AND_RESEARCH = "announcements-and-research"  # what a stop link ends
    RESEARCH = "research"
    EVERYTHING = "everything"  # service messages too: it may cost a school its money
    ERASED = "erased"  # their details were deleted: all but what they themselves ask for again


class Suppression(SQLModel, table=True):
    """An address that must not be emailed, kept as a keyed hash so that it outlives the person."""

    __tablename__ = "suppressions"

    id: int | None = Field(default=None, primary_key=True)
    address_key: bytes = Field(index=True)
    scope: Scope = Field(sa_column=sa.Column(words(Scope), nullable=False))
    reason: str
    who: str
    since: datetime
    until: date | None = None  # the first day, in London, on which it no longer holds
    lifted_at: datetime | None = None
