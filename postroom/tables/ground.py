"""Whose database this is, and what was done with it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from postroom.tables.columns import JSON


class Identity(SQLModel, table=True):
    """The one row that says which database this is and under which secret it was made."""

    __tablename__ = "identity"

    id: int = Field(default=1, primary_key=True)
    database_id: str
    secret_check: bytes
    made_at: datetime

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


class JournalEntry(SQLModel, table=True):
    """An entry of the journal of opt-outs that this database knows: it need not be done again."""

    __tablename__ = "journal_entries"

    id: str = Field(primary_key=True)
    at: datetime


class Event(SQLModel, table=True):
    """One act of a person or a run. Rows are only ever added. No personal data but `who`."""

    __tablename__ = "events"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    who: str
    act: str  # a verb: imported, approved, sent, stopped, synced, erased …
    target: str  # what it was done to: a campaign, a list, a reference
    why: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_column=sa.Column(JSON, nullable=False))
