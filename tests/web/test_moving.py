"""The page for moving an interview opens where the reader most likely wants to move it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from mockint.models import Person
from mockint.services import availability
from tests import factories

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)
TEN = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)


@pytest.fixture
def jonas(client, db_session, set_clock) -> Person:
    """He reads Berlin's clock."""
    set_clock(NOW)
    jonas = factories.interviewer()
    factories.login(client, jonas, role="interviewer")
    return jonas


@pytest.fixture
def address(jonas) -> str:
    """Where Jonas moves his interview of Thursday 26 November."""
    made = factories.booking(factories.candidate(), jonas, start=TEN)
    return f"/bookings/{made.id}/reschedule"


def free(page: str) -> set[str]:
    """The days, all in UTC, of the times offered."""
    return {one[:10] for one in re.findall(r'name="start" value="([^"]+)"', page)}


def away(who: Person, first_on: date, last_on: date) -> None:
    availability.save_exception(
        who.id, first_on=first_on, last_on=last_on, blocks=(), today=NOW.date()
    )


def test_it_opens_on_the_day_of_the_interview(client, address):
    assert free(client.get(address).text) == {"2026-11-26"}


@pytest.mark.parametrize(("first", "last", "opens"), [(26, 26, 27), (25, 28, 29)])
def test_or_on_the_next_day_with_a_free_time(client, jonas, address, first, last, opens):
    away(jonas, date(2026, 11, first), date(2026, 11, last))
    assert free(client.get(address).text) == {f"2026-11-{opens}"}


def test_or_else_on_the_first_free_day(client, jonas, address):
    away(jonas, date(2026, 11, 26), date(2027, 2, 28))
    assert free(client.get(address).text) == {"2026-11-24"}


def test_what_is_asked_for_is_opened(client, address):
    assert free(client.get(f"{address}?day=2026-11-25").text) == {"2026-11-25"}
    assert free(client.get(f"{address}?week=2026-11-23").text) == {"2026-11-24"}
