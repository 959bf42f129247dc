"""Interviewers' own calendars as busy time."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_own_calendars"
down_revision = "2026_11_23_inbox"
branch_labels = None
depends_on = None


def _instant(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "busy_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("read_as", sa.String(64), nullable=False),
        sa.Column("caveats", sa.JSON(), nullable=False),
        _instant("added_at", nullable=False),
        _instant("tried_at"),
        _instant("read_at"),
        _instant("failing_since"),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("trouble_about", sa.JSON(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        _instant("next_look_at"),
        sa.CheckConstraint("kind IN ('url', 'file')", name=op.f("ck_busy_calendar_kind")),
        sa.CheckConstraint("(kind = 'url') = (url <> '')", name=op.f("ck_busy_calendar_url")),
        sa.CheckConstraint(
            "(kind = 'url') = (next_look_at IS NOT NULL)", name=op.f("ck_busy_calendar_looks")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_busy_calendar_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_calendar")),
    )
    op.create_index(op.f("ix_busy_calendar_person_id"), "busy_calendar", ["person_id"])
    op.create_index(op.f("ix_busy_calendar_next_look_at"), "busy_calendar", ["next_look_at"])
    op.create_table(
        "busy_time",
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("first_cell", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("end_cell", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_cell < end_cell", name=op.f("ck_busy_time_order")),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["busy_calendar.id"],
            name=op.f("fk_busy_time_calendar_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("calendar_id", "first_cell", name=op.f("pk_busy_time")),
    )
    op.create_table(
        "busy_question",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        _instant("start_at", nullable=False),
        _instant("asked_at", nullable=False),
        _instant("kept_at"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_busy_question_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", "start_at", name=op.f("pk_busy_question")),
    )


def downgrade() -> None:
    op.drop_table("busy_question")
    op.drop_table("busy_time")
    op.drop_index(op.f("ix_busy_calendar_next_look_at"), table_name="busy_calendar")
    op.drop_index(op.f("ix_busy_calendar_person_id"), table_name="busy_calendar")
    op.drop_table("busy_calendar")
