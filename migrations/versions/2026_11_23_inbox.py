"""How far the mailbox that answers come to was read."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_inbox"
down_revision = "2026_11_23_feed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.Column("trying", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_inbox")),
    )


def downgrade() -> None:
    op.drop_table("inbox")
