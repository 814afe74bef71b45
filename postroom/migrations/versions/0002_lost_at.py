"""When Notify took the newest message that a restore took away, beside how far it was read back."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("read_backs", sa.Column("lost_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("read_backs") as table:
        table.drop_column("lost_at")
