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
    lives_at: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where it lay when that was last noted, to notice that it was restored elsewhere."""

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


class JournalEntry(SQLModel, table=True):
    """An entry of the journal of opt-outs that this database knows: it need not be done again."""

    __tablename__ = "journal_entries"

    id: str = Field(primary_key=True)
    at: datetime


class KnownJournal(SQLModel, table=True):
    """A journal of opt-outs that has written to this database: one a machine and workspace."""

    __tablename__ = "journals"

    id: str = Field(primary_key=True)
    place: str  # which machine and folder, for people to find it
    last_entry: str = ""  # the newest of its entries that this database knows
    awaited: bool = False  # it has not been heard since the database was restored


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
