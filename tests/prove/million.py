"""A large community made by the database itself: years of interviews, told, moved and cancelled.

Only PostgreSQL. Each interviewer has a booking every day, so that nobody is in two places; the
mails are those that `services.owed` records, settled as a worker would have settled them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from textwrap import dedent

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

INTERVIEWERS = 2_000
CANDIDATES = 20_000
AHEAD_DAYS = 20
"""Bookings of so many last days are still to come."""
SEVERAL_TIMES = ("occupancy", "outbox_message", "invitation", "booking", "feedback", "audit_entry")

PEOPLE = """
INSERT INTO person (id, email, active, fs_uniquifier, name, zone, locale, wants_reminders,
                    confirmed_at, created_at)
SELECT n, 'p' || n || '@people.example', true, md5(n::text), 'Person ' || n,
       (ARRAY['Europe/Berlin', 'Africa/Lagos', 'Asia/Kathmandu', 'America/Sao_Paulo'])[n % 4 + 1],
       'en', true, :now, :now
FROM generate_series(1, :people) AS n
"""

BOOKINGS = """
INSERT INTO booking (id, uid, candidate_id, interviewer_id, chosen, track, level, language, reason,
                     start_at, end_at, zone, wall_start, state, sequence, meeting_link, created_at,
                     updated_at, confirmed_at, cancelled_at, cancelled_by, cancelled_side,
                     cancel_reason, candidate_attendance, interviewer_attendance, revision)
SELECT n + 1, md5(n::text) || '@mock.example', :interviewers + 1 + n % :candidates, i, n % 3 = 0,
       (ARRAY['coding', 'system_design', 'behavioural'])[n % 3 + 1],
       (ARRAY['entry', 'mid', 'senior'])[n % 3 + 1], 'en', 'Interviews your track at your level.',
       start_at, start_at + length, person.zone,
       to_char(start_at AT TIME ZONE person.zone, 'YYYY-MM-DD"T"HH24:MI'), state,
       CASE WHEN state = 'cancelled' OR n % 10 = 7 THEN 1 ELSE 0 END, 'https://meet.example/' || i,
       booked_at, booked_at, booked_at, CASE WHEN state = 'cancelled' THEN booked_at END,
       CASE WHEN state = 'cancelled' THEN i END,
       CASE WHEN state = 'cancelled' THEN 'interviewer' END, '', 'unknown', 'unknown', 1
FROM (
    SELECT n, n % :interviewers + 1 AS i,
           CASE WHEN n % 8 = 3 THEN 'cancelled' ELSE 'confirmed' END AS state,
           interval '15 min' * (ARRAY[4, 4, 4, 3, 6, 6, 4, 2, 6])[n % 9 + 1] AS length,
           date_trunc('hour', CAST(:now AS timestamptz))
           + interval '1 day' * (n / :interviewers - :days + :ahead)
           + interval '1 hour' * (n % 10) AS start_at,
           date_trunc('hour', CAST(:now AS timestamptz)) - interval '31 day'
           + interval '1 day' * least(0, n / :interviewers - :days + :ahead) AS booked_at
    FROM generate_series(0, :bookings - 1) AS n
) AS made JOIN person ON person.id = i
"""

CELLS = """
INSERT INTO occupancy (person_id, cell, booking_id)
SELECT who, cell, booking.id
FROM booking
CROSS JOIN LATERAL (VALUES (candidate_id), (interviewer_id)) AS side(who)
CROSS JOIN LATERAL generate_series(extract(epoch FROM start_at)::bigint / 900,
                                   extract(epoch FROM end_at)::bigint / 900 - 1) AS cell
WHERE state <> 'cancelled'
"""

MAILS = """
INSERT INTO outbox_message (key, kind, person_id, address, booking_id, side, sequence, payload,
                            due_at, next_try_at, state, attempts, message_id, reason, subject,
                            created_at, sent_at)
SELECT 'booking:' || id || ':' || side || ':' || name || ':' || version, kind,
       CASE side WHEN 'candidate' THEN candidate_id ELSE interviewer_id END, '', id, side, version,
       '{}', due_at, due_at, ended, CASE ended WHEN 'sent' THEN 1 ELSE 0 END,
       CASE ended WHEN 'sent' THEN '<bk-' || split_part(uid, '@', 1) || '.' || left(side, 1) || '.'
                                   || name || '.' || version || '@mock.example>' ELSE '' END,
       CASE ended WHEN 'suppressed' THEN 'superseded' ELSE '' END,
       CASE ended WHEN 'sent' THEN 'Your mock interview' ELSE '' END, created_at,
       CASE ended WHEN 'sent' THEN due_at + interval '20 s' END
FROM (
    SELECT booking.*, side, kind, name, version,
           coalesce(created_at + interval '1 h' * version + after, start_at - before,
                    end_at + later) AS due_at,
           CASE
               WHEN after IS NOT NULL THEN 'sent'
               WHEN state = 'cancelled' OR version < sequence OR skipped THEN 'suppressed'
               WHEN coalesce(start_at - before, end_at + later) > :now THEN 'pending'
               ELSE 'sent'
           END AS ended
    FROM booking
    CROSS JOIN (VALUES (0), (1)) AS versions(version)
    CROSS JOIN (VALUES
        ('candidate', 'invitation', 'invitation', interval '0', NULL::interval, NULL::interval,
         false),
        ('interviewer', 'invitation', 'invitation', '0', NULL, NULL, false),
        ('candidate', 'update', 'update', '0', NULL, NULL, false),
        ('interviewer', 'update', 'update', '0', NULL, NULL, false),
        ('candidate', 'cancellation', 'cancellation', '0', NULL, NULL, false),
        ('interviewer', 'cancellation', 'cancellation', '0', NULL, NULL, false),
        ('candidate', 'reminder', 'reminder-1440m', NULL, '1 day', NULL, false),
        ('interviewer', 'reminder', 'reminder-1440m', NULL, '1 day', NULL, false),
        ('candidate', 'reminder', 'reminder-60m', NULL, '1 h', NULL, false),
        ('interviewer', 'reminder', 'reminder-60m', NULL, '1 h', NULL, false),
        ('interviewer', 'feedback-nudge', 'feedback-nudge-1', NULL, NULL, '5 min', false),
        ('interviewer', 'feedback-nudge', 'feedback-nudge-2', NULL, NULL, '1 h', false),
        ('interviewer', 'feedback-nudge', 'feedback-nudge-3', NULL, NULL, '12 h', true),
        ('interviewer', 'feedback-nudge', 'feedback-nudge-4', NULL, NULL, '20 h', true),
        ('interviewer', 'feedback-nudge', 'feedback-nudge-5', NULL, NULL, '24 h', true),
        ('interviewer', 'feedback-nudge', 'feedback-nudge-6', NULL, NULL, '48 h', true),
        ('interviewer', 'feedback-nudge', 'feedback-nudge-7', NULL, NULL, '72 h', true),
        ('candidate', 'rate-interviewer', 'rate-interviewer', NULL, NULL, '5 min', false),
        ('candidate', 'feedback-late', 'feedback-late', NULL, NULL, '24 h', true)
    ) AS mails(side, kind, name, after, before, later, skipped)
    WHERE version <= sequence
      AND CASE kind
              WHEN 'invitation' THEN version = 0
              WHEN 'update' THEN version = 1 AND state = 'confirmed'
              WHEN 'cancellation' THEN version = 1 AND state = 'cancelled'
              ELSE version = 0 OR state = 'confirmed'
          END
) AS owed
"""

TOLD = """
INSERT INTO invitation (booking_id, side, person_id, attendee, organizer, token, first_message_id,
                        sent_sequence)
SELECT id, side, CASE side WHEN 'candidate' THEN candidate_id ELSE interviewer_id END,
       'p@people.example', 'mockint@mock.example', md5(id || side), '<' || uid || '>', sequence
FROM booking CROSS JOIN (VALUES ('candidate'), ('interviewer')) AS sides(side)
"""

AUDIT = """
INSERT INTO audit_entry (at, actor_id, action, subject, before, after)
SELECT created_at, interviewer_id,
       CASE state WHEN 'cancelled' THEN 'booking.cancel' ELSE 'booking.move' END,
       'booking:' || id, 'null', '{}'
FROM booking WHERE sequence > 0
"""

FEEDBACK = """
INSERT INTO feedback (booking_id, author_id, rubric_set_id, state, recommendation,
                      reason_for_difference, summary, strengths, organiser_note, created_at,
                      updated_at, submitted_at, sealed_at, released_at, revision)
SELECT booking.id, interviewer_id, rubric_set.id, 'released', 3, '', repeat('Well done. ', 20),
       '[]', '', end_at, end_at, end_at, end_at, end_at, 1
FROM booking, rubric_set
WHERE state = 'confirmed' AND end_at < CAST(:now AS timestamptz) - interval '3 day'
"""

STATEMENTS = (PEOPLE, BOOKINGS, CELLS, MAILS, TOLD, AUDIT, FEEDBACK)


def fill(engine: Engine, *, bookings: int, now: datetime) -> dict[str, int]:
    """Fill an empty, migrated database; table to the rows it has then."""
    parameters = {
        "now": now,
        "bookings": bookings,
        "interviewers": INTERVIEWERS,
        "candidates": CANDIDATES,
        "people": INTERVIEWERS + CANDIDATES,
        "days": -(-bookings // INTERVIEWERS),
        "ahead": AHEAD_DAYS,
    }
    with engine.begin() as connection, without_indexes(connection):
        for statement in STATEMENTS:
            names = {name for name in parameters if f":{name}" in statement}
            connection.execute(text(dedent(statement)), {name: parameters[name] for name in names})
        for table in ("person", "booking"):
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            connection.exec_driver_sql(f"SELECT setval({sequence}, max(id)) FROM {table}")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0
            for table in ("person", *SEVERAL_TIMES)
        }


@contextmanager
def without_indexes(connection: Connection) -> Iterator[None]:
    """Make indexes and uniqueness of the large tables at the end, which takes a tenth of the time.

    Foreign keys are not looked at; `mockint verify` does.
    """
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
    unique = connection.execute(
        text(
            "SELECT conrelid::regclass AS at, conname, pg_get_constraintdef(oid) AS words"
            " FROM pg_constraint WHERE contype = 'u' AND conrelid::regclass::text = ANY(:tables)"
        ),
        {"tables": list(SEVERAL_TIMES)},
    ).all()
    for each in unique:
        connection.exec_driver_sql(f"ALTER TABLE {each.at} DROP CONSTRAINT {each.conname}")
    plain = connection.execute(
        text(
            "SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS words"
            " FROM pg_index WHERE NOT indisprimary AND indrelid::regclass::text = ANY(:tables)"
        ),
        {"tables": list(SEVERAL_TIMES)},
    ).all()
    for each in plain:
        connection.exec_driver_sql(f"DROP INDEX {each.name}")
    yield
    for each in plain:
        connection.exec_driver_sql(each.words)
    for each in unique:
        connection.exec_driver_sql(
            f"ALTER TABLE {each.at} ADD CONSTRAINT {each.conname} {each.words}"
        )
