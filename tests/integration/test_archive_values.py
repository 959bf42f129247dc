"""Odd values go through an archive and come out on either engine as they went in."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from mockint.db import db, transaction
from mockint.models import (
    AuditEntry,
    CandidateProfile,
    KeptMail,
    Occupancy,
    Person,
    SlotRequest,
)
from mockint.services import archive
from tests import factories
from tests.integration.test_archive import other, other_url, revision  # noqa: F401 - fixtures
from tests.support.content import content

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INT, BIG = 2**31, 2**63

words = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=80)
instants = st.datetimes(timezones=st.just(UTC))
wholes = st.integers(-INT, INT - 1)
lone = st.none() | st.booleans() | st.integers(-BIG, BIG - 1) | st.text(max_size=20)
parts = st.recursive(
    lone | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
documents = lone | st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts)
"""No lone fraction: SQLite keeps a lone number as a number, so 1.0 is 1 there for the app too."""


@st.composite
def odd_rows(draw: st.DrawFn) -> dict[Any, list[dict[str, Any]]]:
    """Rows of some tables that between them have every type of column."""
    person = {
        "email": "odd@people.example",
        "fs_uniquifier": "odd",
        "name": draw(words),
        "zone": "UTC",
        "locale": "en",
        "active": draw(st.booleans()),
        "wants_reminders": draw(st.booleans()),
        "password": draw(st.none() | words),
        "confirmed_at": draw(st.none() | instants),
        "created_at": draw(instants),
    }
    audit = {"at": draw(instants), "action": draw(words)[:60], "subject": draw(words)}
    return {
        Person: [person],
        AuditEntry: [audit | {"before": draw(documents), "after": draw(documents)}],
        KeptMail: [
            {
                "recipient": draw(words),
                "subject": draw(words),
                "kept_at": draw(instants),
                "raw": draw(st.binary(max_size=300)),
            }
        ],
    }


@pytest.fixture
def owner(app: Flask) -> tuple[int, int]:
    """Ids of a person and of a booking for rows to point to."""
    with app.app_context():
        candidate = factories.candidate(now=NOW)
        booked = factories.booking(candidate, factories.interviewer(now=NOW), now=NOW)
        ids = candidate.id, booked.id
        db.session.remove()
    return ids


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=odd_rows(),
    cell=st.integers(-BIG, BIG - 1),
    minutes=wholes,
    day=st.none() | st.dates(),
    tags=st.lists(words, max_size=3),
)
def test_odd_values_arrive(
    app: Flask,
    engine_url: str,
    other_url: str,  # noqa: F811
    other: Engine,  # noqa: F811
    revision: str,  # noqa: F811
    owner: tuple[int, int],
    rows: dict[Any, list[dict[str, Any]]],
    cell: int,
    minutes: int,
    day: date | None,
    tags: list[str],
) -> None:
    person, booking = owner
    waiting = {"candidate_id": person, "track": "coding", "level": "mid", "created_at": NOW}
    rows = rows | {
        Occupancy: [{"person_id": person, "cell": cell, "booking_id": booking}],
        SlotRequest: [waiting | {"duration_min": minutes}],
    }
    profile = {"interview_on": day, "tracks": tuple(tags)}
    with app.app_context(), transaction():
        for table in (Person, AuditEntry, KeptMail, Occupancy, SlotRequest):
            gone = Person.email == "odd@people.example" if table is Person else True
            db.session.execute(delete(table).where(db.true() if gone is True else gone))
            db.session.execute(insert(table), rows[table])
        db.session.execute(db.update(CandidateProfile).values(**profile))
    sink = io.BytesIO()
    with app.app_context():
        db.session.remove()
        archive.write(db.engine, sink, revision=revision, now=NOW)
    archive.restore(other, io.BytesIO(sink.getvalue()), revision=revision, replace=True)
    assert content(other_url) == content(engine_url)
