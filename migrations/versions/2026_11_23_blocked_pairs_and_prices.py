"""Pairs that organisers keep apart, and prices of slots."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_prices"
down_revision = "2026_11_23_rounds"
branch_labels = None
depends_on = None


def _person(table: str, column: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], ["person.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "blocked_pair",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_blocked_pair_order")),
        _person("blocked_pair", "one_id"),
        _person("blocked_pair", "other_id"),
        _person("blocked_pair", "made_by", "SET NULL"),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_blocked_pair")),
    )
    op.create_index("ix_blocked_pair_other", "blocked_pair", ["other_id"])
    op.create_table(
        "slot_price",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_cell", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_cell < end_cell", name=op.f("ck_slot_price_order")),
        sa.CheckConstraint("points > 0", name=op.f("ck_slot_price_costs")),
        _person("slot_price", "person_id"),
        sa.PrimaryKeyConstraint("person_id", "first_cell", name=op.f("pk_slot_price")),
    )
    op.create_index("ix_slot_price_first", "slot_price", ["first_cell"])


def downgrade() -> None:
    op.drop_table("slot_price")
    op.drop_table("blocked_pair")
