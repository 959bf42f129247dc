"""Since when somebody cannot come."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_declines"
down_revision = "2026_11_23_own_calendars"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_invitation_declined_at"), ["declined_at"])
    op.execute("UPDATE invitation SET declined_at = answered_at WHERE partstat = 'DECLINED'")


def downgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_declined_at"))
        batch_op.drop_column("declined_at")
