"""Candidates score themselves, share chosen feedback, and say who sees what they practise."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_progress"
down_revision = "2026_11_24_calibration"
branch_labels = None
depends_on = None


def _key(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [to], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def upgrade() -> None:
    op.create_table(
        "self_assessment",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rubric_set_id", sa.Integer(), nullable=False),
        sa.Column("anchor_hash", sa.String(64), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 4", name=op.f("ck_self_assessment_score_range")),
        _key("self_assessment", "booking_id", "booking.id"),
        _key("self_assessment", "rubric_set_id", "rubric_set.id"),
        sa.PrimaryKeyConstraint("booking_id", "dimension", name=op.f("pk_self_assessment")),
    )
    op.create_table(
        "progress_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("seed", sa.String(40), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        _key("progress_share", "person_id", "person.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_share")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_progress_share_token_hash")),
    )
    op.create_index("ix_progress_share_person_id", "progress_share", ["person_id"])
    op.create_table(
        "progress_share_item",
        sa.Column("share_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        _key("progress_share_item", "share_id", "progress_share.id", "CASCADE"),
        _key("progress_share_item", "booking_id", "booking.id"),
        sa.PrimaryKeyConstraint("share_id", "booking_id", name=op.f("pk_progress_share_item")),
    )
    op.create_table(
        "practice_sharing",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        _key("practice_sharing", "person_id", "person.id", "CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_practice_sharing")),
    )


def downgrade() -> None:
    op.drop_table("practice_sharing")
    op.drop_table("progress_share_item")
    op.drop_table("progress_share")
    op.drop_table("self_assessment")
