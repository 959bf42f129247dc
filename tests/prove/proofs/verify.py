"""`mockint verify` on a large community: how long it takes, and that it still finds one bad row."""

from __future__ import annotations

import resource
import time

from mockint import clock
from mockint.db import db
from mockint.services import rubric
from tests.prove import measure, million
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_most, exactly

CLAIM = "A million bookings are verified within a minute, and one bad row of each kind is found."
DATABASES = ("postgresql",)

BOOKINGS = 1_000_000
FILL_SECONDS_EACH = 1 / 2500
"""What making a booking takes; with `--seconds` there are as many as fit."""
AHEAD = "(SELECT min(id) FROM booking WHERE state = 'confirmed' AND start_at > now())"
PLANTED = {
    "I1: bookings 1 and ": "UPDATE booking SET (start_at, end_at) = (SELECT start_at, end_at"
    f" FROM booking WHERE id = 1) WHERE id = 1 + {million.INTERVIEWERS}",
    "I1/I2: booking 3 (": "DELETE FROM occupancy WHERE booking_id = 3 AND cell ="
    " (SELECT min(cell) FROM occupancy WHERE booking_id = 3)",
    "I3: the candidate of booking 5 was sent version 9": "UPDATE invitation SET sent_sequence = 9"
    " WHERE booking_id = 5 AND side = 'candidate'",
    "I4: booking 4 is cancelled, but nothing tells the interviewer so.": "DELETE FROM"
    " outbox_message WHERE booking_id = 4 AND side = 'interviewer' AND kind = 'cancellation'",
    "(feedback-nudge) is sent, but nothing says when and as what.": "UPDATE outbox_message"
    " SET sent_at = NULL WHERE key = 'booking:6:interviewer:feedback-nudge-1:0'",
    "I6: two mails share the Message-ID <twice@mock.example>.": "UPDATE outbox_message"
    " SET message_id = '<twice@mock.example>'"
    " WHERE booking_id = 7 AND kind = 'invitation'",
    "for booking 9 went out too late to be of use.": "UPDATE outbox_message"
    " SET sent_at = sent_at + interval '2 day'"
    " WHERE key = 'booking:9:candidate:reminder-1440m:0'",
    "was promised for 2001-01-01T00:00 in": f"UPDATE booking SET wall_start = '2001-01-01T00:00'"
    f" WHERE id = {AHEAD}",
}
"""What `verify` says of it, to the statement that breaks it."""


def run(options: Options) -> Outcome:
    bookings = BOOKINGS
    if options.seconds:
        bookings = min(BOOKINGS, max(50_000, int(options.seconds / FILL_SECONDS_EACH)))
    with Installation(options, web=0, own_postgres=True) as site:
        assert site.postgres is not None
        with site.context():
            rubric.publish_default(now=clock.now())
            began = time.monotonic()
            rows = million.fill(db.engine, bookings=bookings, now=clock.now())
            filled_s = time.monotonic() - began
        took = _verified(site)
        site.execute(*PLANTED.values())
        said = site.run("verify", timeout_s=1800)
        size = site.rows("SELECT pg_database_size(current_database())")[0][0]
    found = [words for words in PLANTED if words in said.stdout]
    short = "" if bookings == BOOKINGS else f"{bookings:,} bookings"
    figures = [
        Figure("CPU of command and server", sum(took[:2]), "s", at_most(60), at_most(40), short),
        Figure("of it, the command", took[0], "s"),
        Figure("from start to end", took[2], "s", stretch=at_most(60)),
        Figure("most memory of the command", took[3], "MB", at_most(256)),
        Figure("violations on sound data", took[4], "", exactly(0)),
        Figure("kinds of bad rows found", len(found), "", exactly(len(PLANTED))),
    ]
    sizes: dict[str, object] = {name: f"{count:,}" for name, count in rows.items()}
    sizes |= {"database": f"{size / 2**30:.1f} GB", "filled in": f"{filled_s:.0f} s"}
    missed = [f"not found: {words}" for words in PLANTED if words not in found]
    return Outcome(figures, sizes, [*missed, *said.stdout.splitlines()[-12:]])


def _verified(site: Installation) -> tuple[float, float, float, float, int]:
    """CPU seconds of the command and of the server, wall seconds, MB, violations."""
    assert site.postgres is not None
    server, before = measure.cpu_s(site.postgres.pid), resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = site.run("verify", timeout_s=1800)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    violations = 0 if done.returncode == 0 else len(done.stdout.splitlines()) or 1
    server = measure.cpu_s(site.postgres.pid) - server
    return command, server, wall, after.ru_maxrss / 1024, violations
