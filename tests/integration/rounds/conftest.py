"""A round with an organiser, and invariants that hold whatever a test does with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from mockint.db import db
from mockint.domain.round.plan import Plan
from mockint.domain.timespan import Span
from mockint.models import Person
from mockint.queries import verify
from mockint.services.round import asking, capacity, publishing, review, rounds, solving
from tests import factories, people

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST = date(2026, 11, 30)
CLOSED = datetime(2026, 11, 27, 17, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def planned(**changes: object) -> Plan:
    usual: dict[str, object] = {
        "name": "Winter week",
        "zone": "Europe/Berlin",
        "first_on": FIRST,
        "last_on": FIRST + timedelta(days=6),
        "closes_at": datetime(2026, 11, 27, 17, tzinfo=UTC),
        "duration_min": 60,
        "tracks": ("coding", "system_design"),
    }
    return Plan(**usual | changes)  # type: ignore[arg-type]  # passed through


def hours(day: int, first: int, last: int) -> Span:
    """Hours of UTC on a day of the round, counted from 0."""
    start = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(days=day)
    return Span(start + first * HOUR, start + last * HOUR)


def candidate(number: int, **changes: object) -> Person:
    usual: dict[str, object] = {
        "name": f"Candidate {number}",
        "email": f"c{number}@people.example",
        "employer": "",
        "now": NOW,
    }
    return factories.candidate(people.ROBIN, **usual | changes)  # type: ignore[arg-type]  # same


def interviewer(number: int, **changes: object) -> Person:
    usual: dict[str, object] = {
        "name": f"Interviewer {number}",
        "email": f"i{number}@people.example",
        "company": f"Company {number}",
        "zone": "UTC",
        "now": NOW,
    }
    return factories.interviewer(people.JONAS, **usual | changes)  # type: ignore[arg-type]  # same


class Round:
    """One open round and what people do with it."""

    def __init__(self, by: int, *, now: datetime = NOW, **changes: object) -> None:
        self.by, self.now = by, now
        self.id = rounds.draft(planned(**changes), by=by, now=now)
        rounds.open_(self.id, by=by, now=now)

    def asks(self, who: Person, *windows: Span, track: str = "coding", level: str = "mid") -> None:
        asking.ask(self.id, who.id, track=track, level=level, windows=windows, now=self.now)

    def gives(self, who: Person, most: int) -> None:
        capacity.confirm(self.id, who.id, max_total=most, now=self.now)

    def close(self) -> None:
        rounds.close(self.id, by=self.by, now=self.now)

    def solve(self, now: datetime = CLOSED) -> None:
        solving.start(self.id, by=self.by, now=now)
        assert solving.solve_due(now)

    def publish(self, now: datetime = CLOSED) -> None:
        review.accept(self.id, by=self.by, now=now)
        publishing.start(self.id, by=self.by, now=now)
        assert publishing.publish_due(now)


@pytest.fixture
def sound() -> Iterator[None]:
    """Whatever a test does, the invariants hold at its end."""
    yield
    db.session.rollback()
    found = verify.violations(now=CLOSED)
    assert [one for one in found if not one.startswith("I5")] == []  # nobody sends mail here


@pytest.fixture
def amina() -> Person:
    return factories.organiser(now=NOW)


@pytest.fixture
def week(amina: Person) -> Round:
    return Round(amina.id)
