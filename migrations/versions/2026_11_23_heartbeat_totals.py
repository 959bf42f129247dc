"""What background duties came to, beside when they last ran."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_beats"
down_revision = "2026_11_23_stamp"
branch_labels = None
depends_on = None

NEW = {
    "runs": (sa.BigInteger(), "0"),
    "seconds": (sa.Double(), "0"),
    "failures": (sa.BigInteger(), "0"),
    "trouble": (sa.Text(), ""),
}
"""Column to its type and what older rows get."""


def upgrade() -> None:
    with op.batch_alter_table("heartbeat") as table:
        for name, (kind, old) in NEW.items():
            table.add_column(sa.Column(name, kind, nullable=False, server_default=old))
    with op.batch_alter_table("heartbeat") as table:
        for name, (kind, _old) in NEW.items():
            table.alter_column(name, existing_type=kind, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("heartbeat") as table:
        for name in reversed(NEW):
            table.drop_column(name)
