"""Matching rounds."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_rounds"
down_revision = "2026_11_23_declines"
branch_labels = None
depends_on = None

STATES = "state IN ('draft', 'open', 'closed', 'solved', 'reviewed', 'published', 'archived')"
TRACKS = (
    "track IN ('coding', 'system_design', 'testing', 'ml_concepts', 'ml_system_design', "
    "'behavioural')"
)
LEVELS = "level IN ('entry', 'mid', 'senior', 'staff')"


def _instant(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}"))


def _round(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["round_id"],
        ["matching_round.id"],
        name=op.f(f"fk_{table}_round_id"),
        ondelete="CASCADE",
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _index(table: str, column: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def upgrade() -> None:
    _create_round()
    _create_request()
    _create_capacity()
    _create_pair()
    _create_match()
    op.create_table(
        "round_result",
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("input_no", sa.Integer(), nullable=False),
        sa.Column("load_price", sa.Integer(), nullable=False),
        _instant("solved_at", nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("instance", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        _round("round_result"),
        _key("round_result", "round_id"),
    )


def _create_round() -> None:
    table = "matching_round"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        _instant("closes_at", nullable=False),
        sa.Column("duration_min", sa.Integer(), nullable=False),
        sa.Column("tracks", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("load_price", sa.Integer(), nullable=False),
        sa.Column("input_no", sa.Integer(), nullable=False),
        _instant("created_at", nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        _instant("opened_at"),
        _instant("published_at"),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("job", sa.String(12), nullable=True),
        _instant("job_at"),
        sa.Column("job_by", sa.Integer(), nullable=True),
        sa.Column("job_key", sa.String(32), nullable=True),
        _instant("job_until"),
        sa.Column("job_share", sa.Double(), nullable=False),
        sa.Column("job_words", sa.Text(), nullable=False),
        sa.Column("job_cancel", sa.Boolean(), nullable=False),
        sa.Column("job_trouble", sa.Text(), nullable=False),
        _check(table, "state_known", STATES),
        _check(table, "job_known", "job IN ('solving', 'publishing')"),
        _check(table, "dates", "first_on <= last_on"),
        _check(table, "job_asked", "(job IS NULL) = (job_at IS NULL)"),
        _check(table, "job_claimed", "job IS NOT NULL OR job_key IS NULL"),
        _check(table, "job_share", "job_share BETWEEN 0 AND 1"),
        _check(table, "published_by_somebody", "state <> 'published' OR published_by IS NOT NULL"),
        _person(table, "created_by"),
        _person(table, "published_by"),
        _person(table, "job_by"),
        _key(table, "id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index("ix_matching_round_state", ["state", "closes_at"], unique=False)


def _create_request() -> None:
    table = "round_request"
    op.create_table(
        table,
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(40), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        _instant("asked_at", nullable=False),
        _instant("withdrawn_at"),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        _check(table, "track_known", TRACKS),
        _check(table, "level_known", LEVELS),
        _check(table, "priority", "priority BETWEEN 0 AND 9"),
        _round(table),
        _person(table, "candidate_id"),
        _key(table, "round_id", "candidate_id"),
    )
    _index(table, "candidate_id")


def _create_capacity() -> None:
    table = "round_capacity"
    op.create_table(
        table,
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("max_total", sa.Integer(), nullable=False),
        _instant("answered_at", nullable=False),
        _check(table, "max_total", "max_total >= 0"),
        _round(table),
        _person(table, "interviewer_id"),
        _key(table, "round_id", "interviewer_id"),
    )
    _index(table, "interviewer_id")


def _create_pair() -> None:
    table = "round_pair"
    op.create_table(
        table,
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        _instant("decided_at", nullable=False),
        _check(table, "kind_known", "kind IN ('pin', 'forbid')"),
        _check(table, "two_people", "candidate_id <> interviewer_id"),
        _round(table),
        *(_person(table, one) for one in ("candidate_id", "interviewer_id", "decided_by")),
        _key(table, "round_id", "candidate_id", "interviewer_id"),
    )
    _index(table, "candidate_id")
    _index(table, "interviewer_id")
    op.create_index(
        "ix_round_pair_one_pin",
        table,
        ["round_id", "candidate_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'pin'"),
        postgresql_where=sa.text("kind = 'pin'"),
    )


def _create_match() -> None:
    table = "round_match"
    op.create_table(
        table,
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        _instant("start_at", nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("failure", sa.JSON(), nullable=True),
        _check(table, "state_known", "state IN ('proposed', 'booked', 'failed')"),
        _check(table, "booked", "(state = 'booked') = (booking_id IS NOT NULL)"),
        _check(table, "failed", "(state = 'failed') = (failure IS NOT NULL)"),
        _round(table),
        _person(table, "candidate_id"),
        _person(table, "interviewer_id"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_round_match_booking_id")
        ),
        _key(table, "round_id", "candidate_id"),
        sa.UniqueConstraint("booking_id", name=op.f("uq_round_match_booking_id")),
    )
    _index(table, "candidate_id")
    _index(table, "interviewer_id")


def downgrade() -> None:
    for table in ("result", "match", "pair", "capacity", "request"):
        op.drop_table(f"round_{table}")
    op.drop_table("matching_round")
