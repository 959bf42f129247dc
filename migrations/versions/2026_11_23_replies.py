"""Who comes, and the messages that said so."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_replies"
down_revision = "2026_11_23_beats"
branch_labels = None
depends_on = None

PARTSTATS = "partstat IN ('NEEDS-ACTION', 'ACCEPTED', 'TENTATIVE', 'DECLINED', 'DELEGATED')"
OUTCOMES = "outcome IN ('applied', 'ignored', 'held', 'bounce', 'refused')"


def _instant(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(_instant("undeliverable_at"))

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("partstat", sa.String(16), nullable=False, server_default="NEEDS-ACTION")
        )
        batch_op.add_column(sa.Column("answered_sequence", sa.Integer(), nullable=True))
        batch_op.add_column(_instant("answered_stamp"))
        batch_op.add_column(_instant("answered_at"))
        batch_op.add_column(sa.Column("comment", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(_instant("proposed_start"))
        batch_op.add_column(_instant("proposed_end"))
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.alter_column("partstat", existing_type=sa.String(16), server_default=None)
        batch_op.alter_column("comment", existing_type=sa.Text(), server_default=None)
        batch_op.create_check_constraint(op.f("ck_invitation_partstat_known"), PARTSTATS)

    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        _instant("received_at", nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("side", sa.String(12), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("partstat", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        _instant("stamp"),
        sa.Column("comment", sa.Text(), nullable=False),
        _instant("proposed_start"),
        _instant("proposed_end"),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_reply_outcome_known")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_reply_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reply_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["one_time_link.id"], name=op.f("fk_reply_link_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("key", name=op.f("uq_reply_key")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index("ix_reply_booking", ["booking_id", "side"], unique=False)
        for column in ("link_id", "person_id", "received_at"):
            batch_op.create_index(batch_op.f(f"ix_reply_{column}"), [column], unique=False)


def downgrade() -> None:
    op.drop_table("reply")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_invitation_partstat_known"), type_="check")
        for column in (
            "proposed_end",
            "proposed_start",
            "comment",
            "answered_at",
            "answered_stamp",
            "answered_sequence",
            "partstat",
        ):
            batch_op.drop_column(column)
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("undeliverable_at")
