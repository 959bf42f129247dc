"""Shown = bookable: every start that is listed can be held, and no other can."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from mockint.db import db, transaction
from mockint.domain.availability import starts
from mockint.domain.errors import Conflict
from mockint.domain.timespan import CELL, Span
from mockint.models import AvailabilityException, Booking, Person
from mockint.queries import hours, verify
from mockint.services import booking, holds, matching
from mockint.services.matching import Wanted
from tests import factories, people

ZONES = ("Europe/Berlin", "America/St_Johns", "Pacific/Chatham", "Asia/Kathmandu", "Africa/Lagos")
TRIED = 24
"""Starts of each kind that are tried in one community."""

pytestmark = pytest.mark.usefixtures("db_session")


@dataclass(frozen=True)
class World:
    """A random community at one moment, close to a clock change in several zones."""

    now: datetime
    candidate: Person
    interviewers: list[Person]
    wish: dict[str, object]


def world(seed: int) -> World:
    pick = random.Random(seed)
    now = datetime(
        2027, 3, pick.randint(8, 26), pick.randint(0, 23), pick.randint(0, 59), tzinfo=UTC
    )
    candidate = factories.candidate(zone=pick.choice(ZONES), now=now)
    interviewers = [_interviewer(pick, number, now) for number in range(pick.randint(1, 4))]
    for number in range(pick.randint(0, 6)):
        _booking(pick, number, pick.choice(interviewers), now)
    wish = {"track": "coding", "level": "mid", "duration_min": pick.choice((30, 45, 60, 90))}
    return World(now, candidate, interviewers, wish)


def _interviewer(pick: random.Random, number: int, now: datetime) -> Person:
    blocks = []
    for weekday in range(7):
        edges = sorted(pick.sample(range(97), 4))
        blocks += [
            (weekday, 15 * start, 15 * end)
            for start, end in (edges[:2], edges[2:])
            if pick.random() < 0.6
        ]
    made = factories.interviewer(
        name=f"Lea {number}",
        email=f"lea{number}@people.example",
        zone=pick.choice(ZONES),
        weekly=blocks,
        notice_min=pick.choice((0, 720, 2880)),
        buffer_min=pick.choice((0, 15, 30, 60)),
        max_per_day=pick.randint(1, 3),
        max_per_week=pick.randint(1, 6),
        now=now,
    )
    if pick.random() < 0.5:
        first = now.date() + timedelta(days=pick.randint(0, 20))
        _exception(made, first, [[540, 720]] if pick.random() < 0.5 else [])
    return made


def _exception(person: Person, first: date, blocks: list[list[int]]) -> None:
    with transaction():
        db.session.add(
            AvailabilityException(
                person_id=person.id,
                first_on=first,
                last_on=first + timedelta(days=3),
                blocks=blocks,
            )
        )


def _booking(pick: random.Random, number: int, interviewer: Person, now: datetime) -> None:
    """Through the services where it can be had, so that the world is a possible one."""
    robin = factories.candidate(
        people.ROBIN, name=f"Robin {number}", email=f"robin{number}@people.example", now=now
    )
    request = Wanted("coding", "mid", 60, now, interviewer.id).request
    found = matching.search(robin.id, request=request, interviewer_id=interviewer.id, now=now)
    if not found.starts:
        return
    wanted = Wanted("coding", "mid", 60, pick.choice(found.starts[:200]), interviewer.id)
    held = holds.hold(robin.id, wanted, now=now)
    if pick.random() < 0.7:
        booking.confirm(held.id, candidate_id=robin.id, now=now)


def can_hold(at: World, start: datetime, interviewer_id: int | None) -> bool:
    wanted = Wanted(**at.wish, start=start, interviewer_id=interviewer_id)
    try:
        held = holds.hold(at.candidate.id, wanted, now=at.now)
    except Conflict:
        return False
    holds.release(held.id, candidate_id=at.candidate.id, now=at.now)
    return True


@pytest.mark.parametrize("seed", range(6))
def test_what_is_shown_can_be_held_and_nothing_else(seed: int) -> None:
    at = world(seed)
    pick = random.Random(-seed)
    who = pick.choice([None, at.interviewers[0].id])
    request = Wanted(**at.wish, start=at.now, interviewer_id=who).request
    shown = set(
        matching.search(at.candidate.id, request=request, interviewer_id=who, now=at.now).starts
    )
    assert shown, "nothing to try; choose another seed"
    first = at.now.replace(minute=0, second=0, microsecond=0)
    others = [start for cell in range(-8, 96 * 36) if (start := first + cell * CELL) not in shown]
    nearly = [start for start in _open(at) if start not in shown]
    tried = _some(pick, sorted(shown)) + _some(pick, others) + _some(pick, nearly)
    wrong = {start for start in tried if can_hold(at, start, who) != (start in shown)}
    assert wrong == set()
    assert list(verify.violations(now=at.now)) == []


@pytest.mark.parametrize("seed", range(10, 14))
def test_what_is_shown_for_a_move_can_be_moved_to_and_nothing_else(seed: int) -> None:
    at = world(seed)
    request = Wanted(**at.wish, start=at.now).request
    found = matching.search(at.candidate.id, request=request, now=at.now).starts
    far = [start for start in found if start > at.now + timedelta(days=1)]
    if not far:
        pytest.fail(f"seed {seed} gives nothing to move; choose another")
    pick = random.Random(-seed)
    held = holds.hold(at.candidate.id, Wanted(**at.wish, start=pick.choice(far)), now=at.now)
    booking.confirm(held.id, candidate_id=at.candidate.id, now=at.now)
    made = db.session.get_one(Booking, held.id)
    for _ in range(8):
        shown = set(matching.moves(made, now=at.now))
        others = [made.start_at + cell * CELL for cell in range(-300, 300)]
        others = [start for start in others if start not in shown and start != made.start_at]
        for start in _some(pick, others, 4):
            assert not moves(at, made.id, start), start
        start = pick.choice(sorted(shown))
        assert moves(at, made.id, start), start
        db.session.refresh(made)
    assert list(verify.violations(now=at.now)) == []


def moves(at: World, booking_id: int, start: datetime) -> bool:
    try:
        booking.reschedule(
            booking_id, by=at.candidate.id, side="candidate", new_start=start, now=at.now
        )
    except Conflict:
        return False
    return True


def _open(at: World) -> list[datetime]:
    """Every start by the hours alone: what is not shown of them is kept back by another rule."""
    window = Span(at.now, at.now + timedelta(days=36))
    found: set[datetime] = set()
    for person in at.interviewers:
        hours_of = hours.offer(person.id, now=at.now).hours
        found.update(starts(hours_of, window, duration_min=at.wish["duration_min"], step_min=30))
    return sorted(found)


def _some(pick: random.Random, starts: list[datetime], most: int = TRIED) -> list[datetime]:
    return pick.sample(starts, min(most, len(starts)))
