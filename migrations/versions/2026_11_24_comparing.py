"""A round is compared with other prices after its result is shown."""

from alembic import op

revision = "2026_11_24_comparing"
down_revision = "2026_11_23_prices"
branch_labels = None
depends_on = None

NAME = "ck_matching_round_job_known"


def upgrade() -> None:
    with op.batch_alter_table("matching_round") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), "job IN ('solving', 'comparing', 'publishing')")


def downgrade() -> None:
    op.execute(
        "UPDATE matching_round SET job = NULL, job_at = NULL, job_by = NULL, job_key = NULL,"
        " job_until = NULL WHERE job = 'comparing'"
    )
    with op.batch_alter_table("matching_round") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), "job IN ('solving', 'publishing')")
