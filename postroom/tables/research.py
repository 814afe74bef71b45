"""Who signed up for research, through what, and what they said yes to."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


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
    signed_up_at: datetime


class Permission(SQLModel, table=True):
    """What a volunteer said yes to, in which words. Evidence, and a limit on use."""

    __tablename__ = "permissions"

    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteers.id", index=True, ondelete="CASCADE")
    purpose: str
    given_at: datetime
    withdrawn_at: datetime | None = None
    expires_at: datetime
    method: str  # telephone, email, paper, event, web-form …
    statement_text: str
    statement_sha256: str
    privacy_notice_url: str = ""
    controller: str = ""
    campaign: str = ""
    route: str = ""
    evidence: str = ""
    recorded_by: str
