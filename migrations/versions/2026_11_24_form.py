"""Feedback has addenda, an end by an organiser, and hints that were set aside."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_form"
down_revision = "2026_11_24_progress"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback_addendum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_feedback_addendum_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
            name=op.f("fk_feedback_addendum_feedback_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_addendum")),
    )
    op.create_index(
        op.f("ix_feedback_addendum_feedback_id"), "feedback_addendum", ["feedback_id"]
    )
    op.create_table(
        "feedback_withdrawal",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('withdrawn', 'unwritten')", name=op.f("ck_feedback_withdrawal_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_feedback_withdrawal_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
            name=op.f("fk_feedback_withdrawal_feedback_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_feedback_withdrawal")),
    )
    op.create_table(
        "tone_dismissal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=250), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_tone_dismissal_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
            name=op.f("fk_tone_dismissal_feedback_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tone_dismissal")),
        sa.UniqueConstraint(
            "feedback_id", "step", "field", "kind", "words",
            name=op.f("uq_tone_dismissal_feedback_id_step_field_kind_words"),
        ),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("tone_dismissal")
    op.drop_table("feedback_withdrawal")
    op.drop_index(op.f("ix_feedback_addendum_feedback_id"), table_name="feedback_addendum")
    op.drop_table("feedback_addendum")
