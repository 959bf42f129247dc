"""What calibration found, and who asked for it."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_calibration"
down_revision = "2026_11_24_comparing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibration_job",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.String(32), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_calibration_job_only_one")),
        sa.CheckConstraint(
            "asked_at IS NOT NULL OR claim IS NULL", name=op.f("ck_calibration_job_claimed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_job")),
    )
    op.create_table(
        "calibration_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(20), nullable=False),
        sa.Column("model_version", sa.String(20), nullable=False),
        sa.Column("data_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("feedbacks", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("raters", sa.Integer(), nullable=False),
        sa.Column("fitted", sa.Boolean(), nullable=False),
        sa.Column("components", sa.Integer(), nullable=False),
        sa.Column("mixed_gap", sa.Double(), nullable=True),
        sa.Column("spread", sa.JSON(), nullable=False),
        sa.Column("agreement", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_run")),
    )
    op.create_index("ix_calibration_run_track", "calibration_run", ["track", "id"])
    op.create_table(
        "candidate_level",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("estimate", sa.JSON(), nullable=False),
        *_of("candidate_level"),
        sa.PrimaryKeyConstraint("run_id", "person_id", "level", name=op.f("pk_candidate_level")),
    )
    op.create_index(op.f("ix_candidate_level_person_id"), "candidate_level", ["person_id"])
    op.create_table(
        "rater_tendency",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("feedbacks", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ALWAYS),
        *(sa.Column(name, sa.Double(), nullable=True) for name in PERHAPS),
        *_of("rater_tendency"),
        sa.PrimaryKeyConstraint("run_id", "person_id", name=op.f("pk_rater_tendency")),
    )
    op.create_index(op.f("ix_rater_tendency_person_id"), "rater_tendency", ["person_id"])


ALWAYS = ("severity", "points", "points_low", "points_high")
PERHAPS = ("drift", "drift_z", "halo", "middle", "infit")


def _of(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return tuple(
        sa.ForeignKeyConstraint(
            [f"{column}_id"],
            [f"{other}.id"],
            name=op.f(f"fk_{table}_{column}_id_{other}"),
            ondelete="CASCADE",
        )
        for column, other in (("run", "calibration_run"), ("person", "person"))
    )


def downgrade() -> None:
    for table in ("rater_tendency", "candidate_level", "calibration_run", "calibration_job"):
        op.drop_table(table)
