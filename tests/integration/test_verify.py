"""Each invariant: broken on purpose, it is said in exactly these words; kept, nothing is said."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from mockint.db import db, transaction
from mockint.domain import timespan, zones
from mockint.models import Booking, Feedback, Occupancy, OutboxMessage
from mockint.models.booking import SIDES
from mockint.queries import verify
from mockint.services import outbox, rubric
from tests import factories, people
from tests.support.web import environment

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


@pytest.fixture
def pair(db_session):
    return factories.candidate(), factories.interviewer()


def tell(booking: Booking, kind: str, *, sequence: int | None = None) -> None:
    with transaction():
        for side in SIDES:
            number = booking.sequence if sequence is None else sequence
            outbox.record(
                key=f"booking:{booking.id}:{side}:{kind}:{number}",
                kind=kind,
                due_at=NOW,
                now=NOW,
                booking_id=booking.id,
                side=side,
                sequence=number,
            )


@pytest.fixture
def booked(pair):
    made = factories.booking(*pair, start=START)
    tell(made, "invitation")
    return made


def found(now: datetime = NOW) -> list[str]:
    db.session.rollback()
    return list(verify.violations(now=now))


def change(model: type, where: object, **values: object) -> None:
    with transaction():
        db.session.execute(update(model).where(where).values(**values))


def mails(booking: Booking) -> list[int]:
    query = db.select(OutboxMessage.id).where(OutboxMessage.booking_id == booking.id)
    return list(db.session.scalars(query.order_by(OutboxMessage.id)))


def test_a_sound_community_breaks_nothing(pair, booked):
    cancelled = factories.booking(*pair, start=START + 3 * HOUR, state="cancelled", sequence=1)
    tell(cancelled, "invitation", sequence=0)
    tell(cancelled, "cancellation")
    factories.booking(*pair, start=START + HOUR, state="held")
    moved = factories.booking(*pair, start=START - 2 * HOUR, sequence=2)
    tell(moved, "update")
    assert found() == []


def test_two_places_at_once(pair, booked):
    """Found from the bookings, though the table that prevents it agrees with itself."""
    candidate = pair[0]
    other = factories.interviewer(people.AMINA)
    factories.booking(candidate, other, start=START + 5 * HOUR)
    long = factories.booking(candidate, other, start=START + 9 * HOUR)
    inside = factories.booking(factories.stranger(), other, start=START + 20 * HOUR, minutes=30)
    for made in (long, inside):
        tell(made, "invitation")
    with transaction():
        db.session.execute(delete(Booking).where(Booking.start_at == START + 5 * HOUR))
        for made, start, end in (
            (long, START - HOUR, START + 3 * HOUR),
            (inside, START + 2 * HOUR, START + 2.5 * HOUR),
        ):
            db.session.execute(delete(Occupancy).where(Occupancy.booking_id == made.id))
            wall = {"wall_start": zones.wall_text(made.zone, start)}
            db.session.execute(
                update(Booking)
                .where(Booking.id == made.id)
                .values(start_at=start, end_at=end, **wall)
            )
    assert [line for line in found() if line.startswith("I1:")] == [
        f"I1: bookings {booked.id} and {long.id} put one person in two places at once.",
        f"I1: bookings {long.id} and {inside.id} put one person in two places at once.",
    ]


def test_touching_interviews_and_expired_holds_are_no_overlap(pair, booked):
    later = factories.booking(*pair, start=START + HOUR)
    tell(later, "invitation")
    with transaction():
        db.session.add(
            Booking(
                uid="expired@localhost",
                candidate_id=pair[0].id,
                interviewer_id=pair[1].id,
                track="coding",
                level="mid",
                start_at=START,
                end_at=START + HOUR,
                zone="Europe/Berlin",
                wall_start="2026-11-26T14:00",
                state="held",
                held_until=NOW - HOUR,
                created_at=NOW,
                updated_at=NOW,
            )
        )
    assert [line for line in found() if "two places" in line] == []


def lose_a_cell(booking: Booking) -> None:
    with transaction():
        first = timespan.cell_of(booking.start_at)
        gone = (Occupancy.booking_id == booking.id, Occupancy.cell == first)
        db.session.execute(delete(Occupancy).where(*gone))


def shift_a_cell(booking: Booking) -> None:
    cell = timespan.cell_of(booking.start_at)
    change(Occupancy, Occupancy.cell == cell, cell=cell + 10)


def keep_cells(booking: Booking) -> None:
    change(Booking, Booking.id == booking.id, state="cancelled", cancelled_at=NOW)
    tell(booking, "cancellation")


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (lose_a_cell, "(confirmed) owns 6 quarter hours instead of 8, or not the right ones."),
        (shift_a_cell, "(confirmed) owns 8 quarter hours instead of 8, or not the right ones."),
        (keep_cells, "(cancelled) owns 8 quarter hours instead of 0, or not the right ones."),
    ],
)
def test_cells_that_do_not_fit_the_booking(booked, plant: Callable[[Booking], None], words):
    plant(booked)
    assert found() == [f"I1/I2: booking {booked.id} {words}"]


def test_a_booking_nobody_was_told_of(pair):
    made = factories.booking(*pair, start=START)
    assert found() == [
        f"I4: booking {made.id} is confirmed, but nothing tells the candidate so.",
        f"I4: booking {made.id} is confirmed, but nothing tells the interviewer so.",
    ]


def test_a_move_only_one_side_was_told_of(booked):
    change(Booking, Booking.id == booked.id, sequence=1)
    tell(booked, "update", sequence=1)
    with transaction():
        key = f"booking:{booked.id}:interviewer:update:1"
        db.session.execute(delete(OutboxMessage).where(OutboxMessage.key == key))
    assert found() == [
        f"I4: booking {booked.id} is confirmed, but nothing tells the interviewer so."
    ]


def test_mail_about_what_never_was(booked):
    tell(booked, "update", sequence=3)
    tell(booked, "cancellation", sequence=0)
    ids = mails(booked)[2:]
    kinds = [("update", 3), ("update", 3), ("cancellation", 0), ("cancellation", 0)]
    assert found() == [
        f"I4: mail {row} ({kind}) announces version {number} of booking {booked.id}, "
        "which does not exist."
        for row, (kind, number) in zip(ids, kinds, strict=True)
    ]


def test_mail_that_waits_though_it_is_due(booked):
    first, second = mails(booked)
    later = NOW + timedelta(minutes=11)
    change(OutboxMessage, OutboxMessage.id == second, state="sending", leased_until=NOW)
    assert found(later) == [
        f"I5: mail {first} (invitation) is pending for more than ten minutes. Does a worker run?",
        f"I5: mail {second} (invitation) is sending for more than ten minutes. Does a worker run?",
    ]
    assert found(NOW + timedelta(minutes=9)) == []


def test_waiting_for_a_mail_server_that_is_down_is_no_fault(booked):
    first, _second = mails(booked)
    words = "the mail server cannot be used: Connection refused"
    change(OutboxMessage, OutboxMessage.id == first, attempts=3, reason=words)
    assert found(NOW + HOUR) == []


@pytest.mark.parametrize(
    ("state", "words"),
    [("sent", "when and as what"), ("suppressed", "why"), ("dead", "why")],
)
def test_mail_that_ended_without_saying_how(booked, state, words):
    first = mails(booked)[0]
    change(OutboxMessage, OutboxMessage.id == first, state=state)
    assert found() == [f"I5: mail {first} (invitation) is {state}, but nothing says {words}."]


def test_two_mails_with_one_message_id(booked):
    change(OutboxMessage, OutboxMessage.booking_id == booked.id, message_id="<1@localhost>")
    assert found() == ["I6: two mails share the Message-ID <1@localhost>."]


def remind(booking: Booking, sent_at: datetime) -> int:
    with transaction():
        outbox.record(
            key=f"booking:{booking.id}:candidate:reminder-60m:{booking.sequence}",
            kind="reminder",
            due_at=booking.start_at - HOUR,
            now=NOW,
            booking_id=booking.id,
            side="candidate",
            sequence=booking.sequence,
        )
    row = mails(booking)[-1]
    change(
        OutboxMessage,
        OutboxMessage.id == row,
        state="sent",
        sent_at=sent_at,
        message_id=f"<{row}@localhost>",
    )
    return row


def settle(booking: Booking) -> None:
    """Everything else about this booking was sent long ago."""
    for row in mails(booking):
        change(
            OutboxMessage,
            OutboxMessage.id == row,
            state="sent",
            sent_at=NOW,
            message_id=f"<{row}@localhost>",
        )


def test_a_reminder_after_the_start(booked):
    settle(booked)
    row = remind(booked, START + timedelta(minutes=3))
    assert found(START + HOUR) == [
        f"I7: reminder {row} for booking {booked.id} went out too late to be of use."
    ]
    change(OutboxMessage, OutboxMessage.id == row, sent_at=START - timedelta(minutes=55))
    assert found(START + HOUR) == []


@pytest.mark.parametrize(
    ("kind", "state"), [("update", "confirmed"), ("cancellation", "cancelled")]
)
def test_a_reminder_of_what_was_moved_or_cancelled_before(booked, kind, state):
    row = remind(booked, NOW + timedelta(minutes=5))
    values = {"sequence": 1, "state": state, "cancelled_at": NOW if state == "cancelled" else None}
    change(Booking, Booking.id == booked.id, **values)
    tell(booked, kind, sequence=1)
    if state == "cancelled":
        with transaction():
            db.session.execute(delete(Occupancy).where(Occupancy.booking_id == booked.id))
    words = f"I7: reminder {row} for booking {booked.id} went out too late to be of use."
    assert found() == [words]
    change(OutboxMessage, OutboxMessage.id == row, sent_at=NOW - timedelta(minutes=5))
    assert found() == []


def test_a_promise_the_zone_data_no_longer_keeps(booked):
    change(Booking, Booking.id == booked.id, wall_start="2026-11-26T15:00")
    assert found() == [
        f"I9: booking {booked.id} was promised for 2026-11-26T15:00 in Europe/Berlin, "
        "but the zone data now says 2026-11-26T14:00."
    ]


def test_feedback_that_was_never_sealed(booked):
    rubrics = rubric.publish_default(now=NOW)
    with transaction():
        given = Feedback(
            booking_id=booked.id,
            author_id=booked.interviewer_id,
            rubric_set_id=rubrics.id,
            state="released",
            created_at=NOW,
            updated_at=NOW,
            released_at=NOW,
        )
        db.session.add(given)
    assert found() == [f"Feedback {given.id} is released but was never sealed."]


# The command


def run_verify(settings, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockint.cli", "verify", *options],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
    )


def test_the_command_says_it_and_its_exit_code_too(settings, booked):
    settle(booked)
    clean = run_verify(settings)
    assert (clean.returncode, clean.stdout) == (0, "Everything holds.\n"), clean.stderr
    first = mails(booked)[0]
    change(OutboxMessage, OutboxMessage.id == first, message_id="")
    broken = run_verify(settings)
    assert broken.returncode == 1
    words = f"I5: mail {first} (invitation) is sent, but nothing says when and as what."
    assert broken.stdout.splitlines() == [words, "1 broken."]
    assert json.loads(run_verify(settings, "--json").stdout) == [words]


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_a_large_community_is_verified_quickly(pair, booked):
    """A join of everything with everything would take minutes."""
    columns = booked.__table__.columns
    same = {column.name: getattr(booked, column.name) for column in columns} | {"id": None}
    starts = [START + number * HOUR for number in range(1, 5001)]
    rows = [
        same
        | {"uid": f"{start}@localhost", "start_at": start, "end_at": start + HOUR}
        | {"wall_start": zones.wall_text("Europe/Berlin", start)}
        for start in starts
    ]
    with transaction():
        db.session.execute(insert(Booking), rows)
    began = time.process_time()
    assert len(found()) == 3 * len(starts), "no cells, and two people who were not told"
    assert time.process_time() - began < 5
