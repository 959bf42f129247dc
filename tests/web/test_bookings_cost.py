"""How many statements the two forms of a booking may send, and that a wake is sent soon."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.models import AuditEntry
from mockint.tasks.waking import Waker
from tests import factories, people
from tests.support import counting

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)
WISH = {"track": "coding", "level": "mid", "length": "60", "start": "2026-11-26T10:00Z"}
HOLD, CONFIRM, LOST = 7, 7, 7
"""With the one that finds the login; SQLite begins anew to write, and reads the settings again."""


def asked(sent: list[str]) -> list[str]:
    """Without SQLite's BEGIN, and the clock that only tests move."""
    return [one for one in sent if not one.startswith("BEGIN") and "clock_offset" not in one]


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


def test_both_forms_send_few_statements(client, db_session):
    jonas, sanjana = factories.interviewer(), factories.candidate()
    factories.login(client, sanjana, role="candidate")
    form = WISH | {"who": str(jonas.id), "csrf_token": client.token("/book")}
    with counting.statements() as sent:
        held = client.post("/bookings", data=form)
    again = db.engine.dialect.name == "sqlite"
    assert (held.status_code, len(asked(sent))) == (303, HOLD + again), sent
    with counting.statements() as sent:
        booked = client.post(f"{held.location}/confirmation", data=form)
    assert (booked.status_code, len(asked(sent))) == (303, CONFIRM + again), sent
    made = db.session.scalars(select(AuditEntry)).one()
    assert (made.action, made.actor_id) == ("booking.confirm", sanjana.id)


def test_a_lost_time_is_answered_with_few_statements(client, db_session):
    jonas, sanjana = factories.interviewer(), factories.candidate()
    start = datetime(2026, 11, 26, 10, tzinfo=UTC)
    factories.booking(factories.candidate(people.ROBIN), jonas, start=start, now=NOW)
    factories.login(client, sanjana, role="candidate")
    form = WISH | {"who": str(jonas.id), "csrf_token": client.token("/book")}
    with counting.statements() as sent:
        lost = client.post("/bookings", data=form)
    assert (lost.status_code, len(asked(sent))) == (409, LOST), sent


def test_wakes_asked_for_together_become_few_and_none_is_lost():
    sent, first, last = [], threading.Event(), threading.Event()

    def send() -> None:
        sent.append(first.is_set())
        (last if first.is_set() else first).set()

    waker = Waker(send)
    waker.ask()
    assert first.wait(5)
    for _ in range(100):
        waker.ask()
    assert last.wait(5)
    assert len(sent) < 50
