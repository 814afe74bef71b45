"""Which journals of opt-outs there are, and where the database lies: to notice a restore by."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journals",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("place", AutoString(), nullable=False),
        sa.Column("last_entry", AutoString(), nullable=False),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journals"),
    )
    op.add_column(
        "identity", sa.Column("lives_at", AutoString(), server_default="", nullable=False)
    )


def downgrade() -> None:
    with op.batch_alter_table("identity") as table:
        table.drop_column("lives_at")
    op.drop_table("journals")
