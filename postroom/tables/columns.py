"""Column types that every table shares."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

# Every constraint gets a name, or a later migration could not drop it on SQLite.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
"""A JSON object. Reassign it to change it: a change in place is not seen."""


def words(kind: type[StrEnum]) -> sa.Enum:
    """Return a column type that stores the words of *kind*, as text on every engine.

    SQLAlchemy alone would store the members' names ('PLANNED'), and a native type on PostgreSQL.
    """
    return sa.Enum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )
