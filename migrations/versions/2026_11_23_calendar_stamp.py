"""A stamp for each interviewer's calendar."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_stamp"
down_revision = "2026_11_23_loop"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_stamp",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["interviewer_profile.person_id"],
            name=op.f("fk_calendar_stamp_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calendar_stamp")),
    )
    op.execute(
        "INSERT INTO calendar_stamp (person_id, stamp)"
        " SELECT person_id, person_id FROM interviewer_profile"
    )


def downgrade() -> None:
    op.drop_table("calendar_stamp")
