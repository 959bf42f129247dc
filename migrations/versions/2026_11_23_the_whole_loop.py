"""The whole loop."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_loop"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock_offset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_offset_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_offset")),
    )
    op.create_table(
        "community_setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_community_setting")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("wants_reminders", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_person_fs_uniquifier")),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "name IN ('candidate', 'interviewer', 'organiser')", name=op.f("ck_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "rubric_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_set")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_rubric_set_key_version")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["person.id"], name=op.f("fk_audit_entry_actor_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_subject", ["subject", "at"], unique=False)

    op.create_table(
        "availability_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_availability_exception_order")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_availability_exception_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_exception")),
    )
    with op.batch_alter_table("availability_exception", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_availability_exception_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "availability_rule",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_min", sa.Integer(), nullable=False),
        sa.Column("end_min", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "start_min % 15 = 0 AND end_min % 15 = 0", name=op.f("ck_availability_rule_cells")
        ),
        sa.CheckConstraint(
            "start_min >= 0 AND end_min <= 1440 AND start_min < end_min",
            name=op.f("ck_availability_rule_order"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_availability_rule_weekday")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_availability_rule_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "weekday", "start_min", name=op.f("pk_availability_rule")
        ),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=120), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("track", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("wall_start", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("meeting_link", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Integer(), nullable=True),
        sa.Column("cancelled_side", sa.String(length=12), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("candidate_attendance", sa.String(length=10), nullable=False),
        sa.Column("interviewer_attendance", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "candidate_attendance IN ('unknown', 'attended', 'absent')",
            name=op.f("ck_booking_candidate_attendance_known"),
        ),
        sa.CheckConstraint(
            "interviewer_attendance IN ('unknown', 'attended', 'absent')",
            name=op.f("ck_booking_interviewer_attendance_known"),
        ),
        sa.CheckConstraint(
            "level IN ('entry', 'mid', 'senior', 'staff')", name=op.f("ck_booking_level_known")
        ),
        sa.CheckConstraint(
            "state <> 'held' OR held_until IS NOT NULL", name=op.f("ck_booking_hold_ends")
        ),
        sa.CheckConstraint(
            "state IN ('held', 'confirmed', 'cancelled')", name=op.f("ck_booking_state_known")
        ),
        sa.CheckConstraint(
            "track IN ('coding', 'system_design', 'testing', 'ml_concepts', 'ml_system_design', 'behavioural')",
            name=op.f("ck_booking_track_known"),
        ),
        sa.CheckConstraint("candidate_id <> interviewer_id", name=op.f("ck_booking_two_people")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_booking_sequence")),
        sa.CheckConstraint("start_at < end_at", name=op.f("ck_booking_order")),
        sa.ForeignKeyConstraint(
            ["cancelled_by"], ["person.id"], name=op.f("fk_booking_cancelled_by")
        ),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["person.id"], name=op.f("fk_booking_candidate_id")
        ),
        sa.ForeignKeyConstraint(
            ["interviewer_id"], ["person.id"], name=op.f("fk_booking_interviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("request_key", name=op.f("uq_booking_request_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_booking_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(
            "ix_booking_candidate", ["candidate_id", "start_at", "state"], unique=False
        )
        batch_op.create_index(
            "ix_booking_interviewer", ["interviewer_id", "start_at", "state"], unique=False
        )
        batch_op.create_index("ix_booking_start", ["start_at", "state"], unique=False)

    op.create_table(
        "candidate_profile",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("target_role", sa.String(length=120), nullable=False),
        sa.Column("target_level", sa.String(length=20), nullable=False),
        sa.Column("tracks", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("target_companies", sa.JSON(), nullable=False),
        sa.Column("current_employer", sa.String(length=120), nullable=False),
        sa.Column("interview_on", sa.Date(), nullable=True),
        sa.Column("goals", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_candidate_profile_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_candidate_profile")),
    )
    op.create_table(
        "interviewer_profile",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("company", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("tracks", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("meeting_link", sa.String(length=500), nullable=False),
        sa.Column("makes_link", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("buffer_min", sa.Integer(), nullable=False),
        sa.Column("notice_min", sa.Integer(), nullable=False),
        sa.Column("max_per_day", sa.Integer(), nullable=False),
        sa.Column("max_per_week", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("availability_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('invited', 'applied', 'returned', 'approved', 'declined', 'withdrawn')",
            name=op.f("ck_interviewer_profile_state_known"),
        ),
        sa.CheckConstraint(
            "buffer_min % 15 = 0 AND buffer_min BETWEEN 0 AND 240",
            name=op.f("ck_interviewer_profile_buffer_cells"),
        ),
        sa.CheckConstraint("max_per_day >= 1", name=op.f("ck_interviewer_profile_day_cap")),
        sa.CheckConstraint("max_per_week >= 1", name=op.f("ck_interviewer_profile_week_cap")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_interviewer_profile_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_interviewer_profile_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_interviewer_profile")),
    )
    with op.batch_alter_table("interviewer_profile", schema=None) as batch_op:
        batch_op.create_index("ix_interviewer_profile_state", ["state"], unique=False)

    op.create_table(
        "login",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_login_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_login_key_hash")),
    )
    with op.batch_alter_table("login", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_person_id"), ["person_id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_one_time_link_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "person_role",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_role_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_person_role_role_id")),
        sa.PrimaryKeyConstraint("person_id", "role_id", name=op.f("pk_person_role")),
    )
    op.create_table(
        "slot_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("duration_min", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["person.id"],
            name=op.f("fk_slot_request_candidate_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_request")),
    )
    with op.batch_alter_table("slot_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_slot_request_candidate_id"), ["candidate_id"], unique=False
        )

    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("rubric_set_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("recommendation", sa.Integer(), nullable=True),
        sa.Column("reason_for_difference", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("strengths", sa.JSON(), nullable=False),
        sa.Column("organiser_note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("usefulness", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'sealed', 'released', 'acknowledged', 'withdrawn')",
            name=op.f("ck_feedback_state_known"),
        ),
        sa.CheckConstraint(
            "recommendation BETWEEN 1 AND 4", name=op.f("ck_feedback_recommendation_range")
        ),
        sa.CheckConstraint("usefulness BETWEEN 1 AND 4", name=op.f("ck_feedback_usefulness_range")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_feedback_author_id")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_feedback_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["rubric_set_id"], ["rubric_set.id"], name=op.f("fk_feedback_rubric_set_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_feedback_booking_id")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_feedback_state", ["state", "submitted_at"], unique=False)

    op.create_table(
        "interviewer_rating",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("clarity", sa.Integer(), nullable=False),
        sa.Column("realism", sa.Integer(), nullable=False),
        sa.Column("help", sa.Integer(), nullable=False),
        sa.Column("respect", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("after_release", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "clarity BETWEEN 1 AND 4", name=op.f("ck_interviewer_rating_clarity_range")
        ),
        sa.CheckConstraint("help BETWEEN 1 AND 4", name=op.f("ck_interviewer_rating_help_range")),
        sa.CheckConstraint(
            "realism BETWEEN 1 AND 4", name=op.f("ck_interviewer_rating_realism_range")
        ),
        sa.CheckConstraint(
            "respect BETWEEN 1 AND 4", name=op.f("ck_interviewer_rating_respect_range")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_interviewer_rating_booking_id")
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_interviewer_rating")),
    )
    op.create_table(
        "invitation",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("attendee", sa.String(length=254), nullable=False),
        sa.Column("organizer", sa.String(length=254), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("first_message_id", sa.String(length=200), nullable=False),
        sa.Column("sent_sequence", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "side IN ('candidate', 'interviewer')", name=op.f("ck_invitation_side_known")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_invitation_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("booking_id", "side", "person_id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token", name=op.f("uq_invitation_token")),
    )
    op.create_table(
        "occupancy",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_occupancy_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_occupancy_person_id")),
        sa.PrimaryKeyConstraint("person_id", "cell", name=op.f("pk_occupancy")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("occupancy", schema=None) as batch_op:
        batch_op.create_index("ix_occupancy_booking", ["booking_id"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("side", sa.String(length=12), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'suppressed', 'dead')",
            name=op.f("ck_outbox_message_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_outbox_message_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_outbox_message_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_message_booking", ["booking_id"], unique=False)
        batch_op.create_index("ix_outbox_message_due", ["state", "due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_outbox_message_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "private_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_private_report_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["person.id"], name=op.f("fk_private_report_closed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_report")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_private_report_booking_id")),
    )
    op.create_table(
        "feedback_score",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("not_observed", sa.Boolean(), nullable=False),
        sa.Column("anchor_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 4", name=op.f("ck_feedback_score_score_range")),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
            name=op.f("fk_feedback_score_feedback_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feedback_id", "dimension", name=op.f("pk_feedback_score")),
    )
    op.create_table(
        "kept_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox_message.id"],
            name=op.f("fk_kept_mail_outbox_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_kept_mail_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_mail")),
    )
    with op.batch_alter_table("kept_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_mail_kept_at"), ["kept_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_mail_outbox_id"), ["outbox_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_mail_person_id"), ["person_id"], unique=False)

    op.create_table(
        "practice_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("focus", sa.String(length=40), nullable=False),
        sa.Column("gap", sa.Text(), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Text(), nullable=False),
        sa.Column("amount", sa.String(length=200), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("resource", sa.String(length=500), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
            name=op.f("fk_practice_item_feedback_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_item")),
    )
    with op.batch_alter_table("practice_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_practice_item_feedback_id"), ["feedback_id"], unique=False
        )

    op.bulk_insert(
        sa.table("role", sa.column("name", sa.String)),
        [{"name": "candidate"}, {"name": "interviewer"}, {"name": "organiser"}],
    )


def downgrade() -> None:
    with op.batch_alter_table("practice_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_practice_item_feedback_id"))

    op.drop_table("practice_item")
    with op.batch_alter_table("kept_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_mail_person_id"))
        batch_op.drop_index(batch_op.f("ix_kept_mail_outbox_id"))
        batch_op.drop_index(batch_op.f("ix_kept_mail_kept_at"))

    op.drop_table("kept_mail")
    op.drop_table("feedback_score")
    op.drop_table("private_report")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_person_id"))
        batch_op.drop_index("ix_outbox_message_due")
        batch_op.drop_index("ix_outbox_message_booking")

    op.drop_table("outbox_message")
    with op.batch_alter_table("occupancy", schema=None) as batch_op:
        batch_op.drop_index("ix_occupancy_booking")

    op.drop_table("occupancy")
    op.drop_table("invitation")
    op.drop_table("interviewer_rating")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index("ix_feedback_state")
        batch_op.drop_index(batch_op.f("ix_feedback_author_id"))

    op.drop_table("feedback")
    with op.batch_alter_table("slot_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slot_request_candidate_id"))

    op.drop_table("slot_request")
    op.drop_table("person_role")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_person_id"))

    op.drop_table("one_time_link")
    with op.batch_alter_table("login", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_person_id"))

    op.drop_table("login")
    with op.batch_alter_table("interviewer_profile", schema=None) as batch_op:
        batch_op.drop_index("ix_interviewer_profile_state")

    op.drop_table("interviewer_profile")
    op.drop_table("candidate_profile")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index("ix_booking_start")
        batch_op.drop_index("ix_booking_interviewer")
        batch_op.drop_index("ix_booking_candidate")

    op.drop_table("booking")
    op.drop_table("availability_rule")
    with op.batch_alter_table("availability_exception", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_exception_person_id"))

    op.drop_table("availability_exception")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))

    op.drop_table("audit_entry")
    op.drop_table("rubric_set")
    op.drop_table("role")
    op.drop_table("person")
    op.drop_table("heartbeat")
    op.drop_table("community_setting")
    op.drop_table("clock_offset")
