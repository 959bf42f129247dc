"""I3 and the rest of I4: what was acknowledged is there, once. Broken by SQL, said in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from mockint.db import db, transaction
from mockint.models import Booking
from mockint.models.booking import SIDES
from mockint.queries import verify
from mockint.services import audit, invitation, outbox
from tests import factories

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


@pytest.fixture
def booked(db_session: object, set_clock: Callable[[datetime], None]) -> Booking:
    """A confirmed booking that both sides were told of."""
    set_clock(NOW)
    made = factories.booking(factories.candidate(), factories.interviewer(), start=START)
    tell(made, "invitation")
    return made


def tell(booking: Booking, kind: str, name: str = "") -> None:
    with transaction():
        for side in SIDES:
            outbox.record(
                key=f"booking:{booking.id}:{side}:{name or kind}:{booking.sequence}",
                kind=kind,
                due_at=NOW,
                now=NOW,
                booking_id=booking.id,
                side=side,
                sequence=booking.sequence,
            )


def found() -> list[str]:
    db.session.rollback()
    return list(verify.violations(now=NOW))


def plant(statement: str, **values: object) -> None:
    with transaction():
        db.session.execute(text(statement), values)


def log(action: str, booking_id: int) -> int:
    with transaction():
        audit.record(action, f"booking:{booking_id}", by=None, now=NOW)
    entry = db.session.scalar(text("SELECT max(id) FROM audit_entry"))
    assert entry is not None
    return int(entry)


def test_a_version_that_was_sent_but_is_not_there(booked: Booking) -> None:
    with transaction():
        invitation.ensure(booked, "candidate").sent_sequence = 0
    assert found() == []
    plant("UPDATE invitation SET sent_sequence = 2")
    assert found() == [
        f"I3: the candidate of booking {booked.id} was sent version 2, but the booking is at "
        "version 0: a change was lost."
    ]


@pytest.mark.parametrize("action", ["booking.cancel", "booking.move"])
def test_a_change_that_was_logged_but_is_not_there(booked: Booking, action: str) -> None:
    entry = log(action, booked.id)
    assert found() == [
        f"I3: entry {entry} of the log says {action} of booking:{booked.id}, but booking "
        f"{booked.id} is confirmed."
    ]


def test_a_booking_that_was_logged_but_is_not_there(booked: Booking) -> None:
    log("booking.behalf", booked.id)
    assert found() == []
    entry = log("booking.behalf", 4000)
    assert found() == [
        f"I3: entry {entry} of the log says booking.behalf of booking:4000, but there is no such "
        "booking."
    ]


def test_a_number_that_would_come_again(booked: Booking) -> None:
    again = "UPDATE sqlite_sequence SET seq = 3 WHERE name = 'booking'"
    if db.engine.dialect.name == "postgresql":
        again = "SELECT setval('booking_id_seq', 3)"
    plant(again)
    assert found() == []
    second = factories.booking(
        booked.candidate, booked.interviewer, start=START + timedelta(days=1)
    )
    tell(second, "invitation")
    plant(again.replace("3", "1"))
    assert found() == [f"I3: table booking would give number 2 next, but has {second.id} already."]


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_a_row_whose_owner_is_missing(app: Flask, booked: Booking) -> None:
    """PostgreSQL cannot be brought to do this without dropping the constraint."""
    with app.app_context(), db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("DELETE FROM candidate_profile")
        driver.execute(
            "INSERT INTO candidate_profile SELECT 4000, '', 'mid', '[]', '[]', '[]', '', NULL, ''"
        )
        driver.execute("PRAGMA foreign_keys=ON")
    assert found() == [
        "I3: row 4000 of table candidate_profile belongs to a row of table person that is missing."
    ]


def test_a_side_that_is_told_twice(booked: Booking) -> None:
    tell(booked, "invitation", name="again")
    assert found() == [
        f"I4: booking {booked.id} is confirmed; 2 mails tell the candidate so.",
        f"I4: booking {booked.id} is confirmed; 2 mails tell the interviewer so.",
    ]


def test_a_hold_that_somebody_was_told_of(booked: Booking) -> None:
    until = NOW + timedelta(minutes=5)
    held_until = until if db.engine.dialect.name == "postgresql" else f"{until:%F %T}.000000"
    plant("UPDATE booking SET state = 'held', held_until = :until", until=held_until)
    assert [line.partition(" announces")[0][:8] for line in found()] == ["I4: mail"] * 2


def test_a_booking_off_the_quarter_hours(booked: Booking) -> None:
    """Nothing of ours makes one; it takes part of one cell more than its length."""
    minute = "datetime(start_at, '+7 minutes') || '.000000'"
    later = "datetime(end_at, '+7 minutes') || '.000000'"
    if db.engine.dialect.name == "postgresql":
        minute, later = (f"{column} + interval '7 minutes'" for column in ("start_at", "end_at"))
    plant(
        f"UPDATE booking SET start_at = {minute}, end_at = {later}, wall_start = '2026-11-26T14:07'"
    )
    assert found() == [
        f"I1/I2: booking {booked.id} (confirmed) owns 8 quarter hours instead of 10, or not the "
        "right ones."
    ]


def test_all_checks_see_one_moment(booked: Booking, app: Flask) -> None:
    """A booking made between two checks is in none of the later ones."""
    said = verify.violations(now=NOW)
    plant("DELETE FROM outbox_message")
    first = next(said)
    assert first == f"I4: booking {booked.id} is confirmed, but nothing tells the candidate so."
    plant("DELETE FROM occupancy")
    plant("UPDATE booking SET wall_start = '2026-11-26T15:00'")
    assert list(said) == [
        f"I4: booking {booked.id} is confirmed, but nothing tells the interviewer so."
    ]
    assert [line[:2] for line in found()] == ["I1", "I4", "I4", "I9"]
