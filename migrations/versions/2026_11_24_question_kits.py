"""Question kits, which interview got which, and who saw what."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_question_kits"
down_revision = "2026_11_24_form"
branch_labels = None
depends_on = None


def _key(
    table: str, column: str, other: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _at(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "question_kit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(20), nullable=False),
        sa.Column("family", sa.String(60), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        _at("created_at"),
        sa.CheckConstraint(
            "state IN ('draft', 'pilot', 'active', 'resting', 'retired')",
            name=op.f("ck_question_kit_state_known"),
        ),
        sa.CheckConstraint(
            "reviewer_id <> author_id", name=op.f("ck_question_kit_reviewed_by_another")
        ),
        _key("question_kit", "author_id", "person", "SET NULL"),
        _key("question_kit", "reviewer_id", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_kit")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_question_kit_key_version")),
    )
    op.create_index("ix_question_kit_track", "question_kit", ["track", "state"])
    op.create_table(
        "kit_choice",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("kit_id", sa.Integer(), nullable=False),
        sa.Column("chosen_by", sa.Integer(), nullable=False),
        _at("chosen_at"),
        _at("revealed_at", nullable=True),
        _key("kit_choice", "booking_id", "booking", "CASCADE"),
        _key("kit_choice", "kit_id", "question_kit"),
        _key("kit_choice", "chosen_by", "person"),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_kit_choice")),
    )
    op.create_index(op.f("ix_kit_choice_kit_id"), "kit_choice", ["kit_id"])
    op.create_index(op.f("ix_kit_choice_chosen_by"), "kit_choice", ["chosen_by"])
    op.create_table(
        "kit_exposure",
        sa.Column("kit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(12), nullable=False),
        _at("seen_at"),
        _key("kit_exposure", "kit_id", "question_kit", "CASCADE"),
        _key("kit_exposure", "person_id", "person", "CASCADE"),
        _key("kit_exposure", "booking_id", "booking", "CASCADE"),
        sa.PrimaryKeyConstraint("kit_id", "person_id", "booking_id", name=op.f("pk_kit_exposure")),
    )
    op.create_index(op.f("ix_kit_exposure_person_id"), "kit_exposure", ["person_id"])
    op.create_table(
        "kit_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kit_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _at("at"),
        _at("settled_at", nullable=True),
        sa.CheckConstraint("kind IN ('seen', 'link')", name=op.f("ck_kit_flag_kind_known")),
        _key("kit_flag", "kit_id", "question_kit", "CASCADE"),
        _key("kit_flag", "booking_id", "booking", "CASCADE"),
        _key("kit_flag", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_flag")),
        sa.UniqueConstraint("kit_id", "booking_id", "kind", name=op.f("uq_kit_flag_kit_id_booking_id_kind")),
    )
    op.create_index(op.f("ix_kit_flag_kit_id"), "kit_flag", ["kit_id"])


def downgrade() -> None:
    for table in ("kit_flag", "kit_exposure", "kit_choice", "question_kit"):
        op.drop_table(table)
