"""Who signed up for research, through what, and what they said yes to."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from postroom.tables.columns import JSON


class Volunteer(SQLModel, table=True):
    """A person who offered to take part in research. One row an address."""

    __tablename__ = "volunteers"

    id: int | None = Field(default=None, primary_key=True)
    address: str
    address_key: bytes = Field(unique=True)
    name: str
    school_urn: str = ""
    school_name: str = ""
    role: str = ""
    phone: str = ""  # as they typed it, and only if they want to take part by telephone
    first_signed_up_at: datetime


class SignUp(SQLModel, table=True):
    """One sign-up: this volunteer, through this campaign, by this route."""

    __tablename__ = "signups"
    __table_args__ = (sa.UniqueConstraint("volunteer_id", "campaign", "mode"),)

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)  # what we tell the volunteer: UR-7F3K-29QM
    volunteer_id: int = Field(foreign_key="volunteers.id", ondelete="CASCADE")
    campaign: str = Field(index=True)
    mode: str
    route: str
    school_urn: str = ""
    school_name: str = ""
    school_to_match: bool = False  # a person must say which school the name is
    signed_up_at: datetime
    via_forward: bool = False  # their address was not among those the email went to
    answers: dict[str, Any] = Field(default_factory=dict, sa_column=sa.Column(JSON, nullable=False))
    """What they chose of the campaign's own questions: a question's name → the options."""


class AwaitedSignUp(SQLModel, table=True):
    """A sign-up with the address of somebody who had asked not to be emailed.

    It is nobody's sign-up until that person says so, by the link in the one email they get.
    """

    __tablename__ = "awaited_signups"
    __table_args__ = (sa.UniqueConstraint("address_key", "campaign", "mode"),)

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)  # what the page told whoever signed up
    address_key: bytes
    campaign: str
    mode: str
    said: dict[str, Any] = Field(sa_column=sa.Column(JSON, nullable=False))
    """What they said of themselves and said yes to, as `research.awaited` writes it."""
    signed_up_at: datetime
    delete_at: datetime  # unless they have confirmed it


class UsedLink(SQLModel, table=True):
    """A link to somebody's own details that has been used: it opens nothing again."""

    __tablename__ = "used_links"

    reference: str = Field(primary_key=True)  # of the message that the link was in
    used_at: datetime


class ImportedAnswer(SQLModel, table=True):
    """A response to another tool's form that became a sign-up: so that it becomes one only once."""

    __tablename__ = "imported_answers"
    __table_args__ = (sa.UniqueConstraint("mode", "form", "response_id"),)

    id: int | None = Field(default=None, primary_key=True)
    mode: str
    form: str  # its mapping file's name
    response_id: str  # the tool's own, else a keyed hash of the answers
    volunteer_id: int = Field(foreign_key="volunteers.id", index=True, ondelete="CASCADE")
    answers_key: bytes  # keyed hash of what was understood: other answers, another hash
    school_key: bytes  # the same of where they said they work
    submitted_at: datetime
    imported_at: datetime


class Permission(SQLModel, table=True):
    """What a volunteer said yes to, in which words. Evidence, and a limit on use.

    No IP address and no user agent: they prove nothing about a person that the words do not.
    """

    __tablename__ = "permissions"

    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteers.id", index=True, ondelete="CASCADE")
    purpose: str
    given: bool = True
    given_at: datetime
    withdrawn_at: datetime | None = None
    expires_at: datetime
    method: str  # telephone, email, paper, event, web-form …
    statement_text: str
    statement_sha256: str
    statement_version: str = ""
    privacy_notice_url: str = ""
    privacy_notice_version: str = ""
    controller: str = ""
    campaign: str = ""
    template_version: str = ""  # of the email that asked: the start of its edition's digest
    route: str = ""
    evidence: str = ""
    recorded_by: str
    third_party: str = ""  # somebody who answered for them; never on our own form


class SupportNeed(SQLModel, table=True):
    """What would help a volunteer take part. May tell of their health: kept apart, not listed."""

    __tablename__ = "support_needs"

    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteers.id", unique=True, ondelete="CASCADE")
    text: str
    given_at: datetime
