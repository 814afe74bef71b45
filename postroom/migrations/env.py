"""Runs migrations on the connection that `postroom.database` hands over, in its transaction."""

from alembic import context
from sqlmodel import SQLModel

import postroom.tables  # noqa: F401  # registers every table on the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
