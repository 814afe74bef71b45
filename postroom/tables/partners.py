"""Partners, who pass our emails on, and what they told us they did. Nobody's address is here."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from postroom.tables.columns import words


class Agreement(StrEnum):
    """How an agreement to share data with a partner stands."""

    NONE = "none"
    IN_PROGRESS = "in-progress"
    SIGNED = "signed"


class Partner(SQLModel, table=True):
    """An organisation that passes emails on to people whose addresses we do not hold."""

    __tablename__ = "partners"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)  # what commands call it: niot
    title: str  # as it reads in a sentence: the National Institute of Teaching
    agreement: Agreement = Field(sa_column=sa.Column(words(Agreement), nullable=False))
    agreement_reference: str = ""
    agreed_on: date | None = None
    added_at: datetime


class PartnerSend(SQLModel, table=True):
    """What a partner told us: to how many, and when. Numbers only."""

    __tablename__ = "partner_sends"
    __table_args__ = (sa.UniqueConstraint("partner_id", "campaign", "mode", "sent_on"),)

    id: int | None = Field(default=None, primary_key=True)
    partner_id: int = Field(foreign_key="partners.id")
    campaign: str = Field(index=True)
    mode: str
    sent_to: int
    not_delivered: int | None = None  # of those, where they know it
    sent_on: date
    recorded_by: str
    recorded_at: datetime
