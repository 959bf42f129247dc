"""New zone rules put an interview elsewhere on the wall: found, asked once, settled by a person."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.errors import Conflict, Invalid, NotYours, SlotTaken, TooLate
from mockint.models import AuditEntry, Booking, OutboxMessage, Person
from mockint.queries import desk, promises
from mockint.services import booking, promise, relay, upkeep
from mockint.settings import Settings
from tests import factories
from tests.support import commands
from tests.support.bookings import NOW, TEN, another, booked
from tests.support.web import ROOT, environment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAID = "2026-11-26T12:00"
"""An hour later than the clocks of Berlin read at `TEN`."""


@pytest.fixture(autouse=True)
def _stands(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def jonas(db_session: object) -> Person:
    return factories.interviewer(now=NOW - 30 * DAY)


@pytest.fixture
def moved(jonas: Person) -> Booking:
    """Sanjana and Jonas, promised for noon in Berlin when the rules were others."""
    made = booked(factories.candidate(now=NOW - 30 * DAY))
    with transaction():
        db.session.get_one(Booking, made.id).wall_start = SAID
    return made


def questions() -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.kind == promises.ASKS)
    return list(db.session.scalars(query.order_by(OutboxMessage.id)))


def fresh(found: Booking) -> Booking:
    return db.session.get_one(Booking, found.id, populate_existing=True)


def test_it_is_found_and_asked_once_and_nothing_moves(moved: Booking) -> None:
    booked(another(1), TEN + DAY)
    for _ in range(2):
        (found,) = promise.check(now=NOW)
        assert (found.booking_id, found.promise.now_reads) == (moved.id, "2026-11-26T11:00")
    upkeep.run(now=NOW)
    (row,) = questions()
    assert (row.person_id, row.side, row.due_at) == (moved.interviewer_id, "interviewer", NOW)
    same = fresh(moved)
    assert (same.start_at, same.wall_start, same.sequence, same.state) == (
        TEN,
        SAID,
        0,
        "confirmed",
    )


def test_other_rules_still_ask_again(moved: Booking) -> None:
    promise.check(now=NOW)
    with transaction():
        fresh(moved).zone = "Europe/Athens"
        fresh(moved).wall_start = "2026-11-26T13:00"
    promise.check(now=NOW)
    assert len(questions()) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "cancelled", "cancelled_at": NOW},
        {"wall_start": "2026-11-26T11:00"},
        {"start_at": NOW - HOUR},
    ],
    ids=["cancelled", "kept", "begun"],
)
def test_nobody_is_asked_where_there_is_nothing_to_decide(
    moved: Booking, changes: dict[str, Any]
) -> None:
    with transaction():
        for name, value in changes.items():
            setattr(fresh(moved), name, value)
    assert promise.check(now=NOW) == []
    with pytest.raises(Conflict):
        promise.settle(moved.id, by=moved.interviewer_id, answer="keep", now=NOW)


def test_keeping_the_moment_rewrites_the_promise_alone(moved: Booking) -> None:
    promise.check(now=NOW)
    promise.settle(moved.id, by=moved.interviewer_id, answer="keep", now=NOW)
    same = fresh(moved)
    assert (same.start_at, same.wall_start, same.sequence) == (TEN, "2026-11-26T11:00", 0)
    assert promise.check(now=NOW) == []
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "booking.keep"))
    assert (entry.before, entry.after) == ({"wall_start": SAID}, {"wall_start": same.wall_start})
    relay.sweep(now=NOW, transport=relay.local_transport())
    (row,) = questions()
    assert (row.state, row.reason) == ("suppressed", "there is nothing to decide any more")


def test_moving_is_an_ordinary_reschedule(moved: Booking) -> None:
    promise.settle(moved.id, by=moved.interviewer_id, answer="move", now=NOW)
    same = fresh(moved)
    assert (same.start_at, same.end_at) == (TEN + HOUR, TEN + 2 * HOUR)
    assert (same.wall_start, same.sequence) == (SAID, 1)
    told = select(OutboxMessage.side).where(OutboxMessage.kind == "update")
    assert sorted(map(str, db.session.scalars(told))) == ["candidate", "interviewer"]


def test_moving_needs_a_free_time(moved: Booking, jonas: Person) -> None:
    factories.booking(another(1), jonas, start=TEN + HOUR, now=NOW)
    with pytest.raises(SlotTaken):
        promise.settle(moved.id, by=jonas.id, answer="move", now=NOW)
    same = fresh(moved)
    assert (same.start_at, same.wall_start, same.sequence) == (TEN, SAID, 0)


def test_moving_ends_with_the_cut_off(moved: Booking) -> None:
    late = TEN - timedelta(minutes=30)
    with pytest.raises(TooLate):
        promise.settle(moved.id, by=moved.interviewer_id, answer="move", now=late)
    promise.settle(moved.id, by=moved.interviewer_id, answer="keep", now=late)
    assert fresh(moved).wall_start == "2026-11-26T11:00"


def test_only_its_interviewer_decides_and_only_these_two_things(moved: Booking) -> None:
    stranger = factories.interviewer(name="Mara", email="mara@people.example", now=NOW)
    for by in (moved.candidate_id, stranger.id, 9999):
        with pytest.raises(NotYours):
            promise.settle(moved.id, by=by, answer="keep", now=NOW)
    with pytest.raises(NotYours):
        promise.settle(9999, by=moved.interviewer_id, answer="keep", now=NOW)
    with pytest.raises(Invalid):
        promise.settle(moved.id, by=moved.interviewer_id, answer="both", now=NOW)


def test_a_promised_time_that_is_skipped_now_cannot_be_had(moved: Booking) -> None:
    with transaction():
        skipped = fresh(moved)
        skipped.end_at = datetime.fromisoformat("2027-03-28T02:30+00:00")
        skipped.start_at = skipped.end_at - HOUR
        skipped.wall_start = "2027-03-28T02:30"
    with pytest.raises(Conflict, match="skips"):
        promise.settle(moved.id, by=moved.interviewer_id, answer="move", now=NOW)


def test_the_desk_shows_who_has_not_answered(moved: Booking) -> None:
    def waiting() -> list[int]:
        found = desk.needs(now=NOW, deadline=DAY)
        return [one.booking_id for one in found if one.kind == "promise"]

    assert waiting() == []
    promise.check(now=NOW)
    assert waiting() == [moved.id]
    booking.cancel(moved.id, by=moved.candidate_id, side="candidate", reason="I am ill.", now=NOW)
    assert waiting() == []


# With rules that really are others

PLAY = """
import json, sys
from mockint.app import create_app
from mockint.db import db
from mockint.domain import zones
from mockint.models import Booking
from mockint.queries import moment
from mockint.services import promise
from mockint.settings import from_environment
import os
answer, number, by = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with create_app(from_environment(os.environ)).app_context():
    found = promise.settle(number, by=by, answer=answer, now=moment.now())
    print(json.dumps([found.start_at.isoformat(), found.wall_start, found.sequence]))
"""


@pytest.fixture
def other_rules(tmp_path: Path) -> str:
    """A folder in front of the others, with the zone rules of a year in which Berlin gave up
    winter time and joined the clock of Istanbul, three hours ahead of UTC."""
    copy = tmp_path / "rules" / "tzdata"
    shutil.copytree(str(files("tzdata")), copy, ignore=shutil.ignore_patterns("__pycache__"))
    zones = copy / "zoneinfo"
    (zones / "Europe" / "Berlin").write_bytes((zones / "Europe" / "Istanbul").read_bytes())
    table = zones / "tzdata.zi"
    lines = table.read_text(encoding="utf-8").partition("\n")[2]
    table.write_text(f"# version 2031z\n{lines}", encoding="utf-8")
    return str(copy.parent)


@pytest.fixture
def ahead(app: Flask) -> Booking:
    """An interview in real time, around noon in Berlin two weeks from now."""
    with app.app_context():
        real = datetime.now(UTC)
        start = real.replace(hour=10, minute=0, second=0, microsecond=0) + 14 * DAY
        people = factories.candidate(now=NOW), factories.interviewer(now=NOW)
        made = factories.booking(*people, start=start, now=NOW)
        db.session.expunge_all()
    return made


def settled(settings: Settings, rules: str, answer: str, *numbers: int) -> tuple[str, str, int]:
    done = subprocess.run(
        [sys.executable, "-c", PLAY, answer, *map(str, numbers)],
        cwd=ROOT,
        env=environment(settings) | {"PYTHONPATH": rules},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    start, wall, sequence = json.loads(done.stdout)
    return start, wall, sequence


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("answer", ["keep", "move"])
def test_another_edition_of_the_rules(
    app: Flask, settings: Settings, ahead: Booking, other_rules: str, answer: str
) -> None:
    reads = f"{ahead.start_at + 3 * HOUR:%Y-%m-%dT%H:%M}"
    before = commands.run_process("zones", "check", settings=settings)
    assert (before.returncode, before.stderr) == (0, "")
    assert before.stdout.endswith("Every promised time is kept.\n")
    for _ in range(2):
        after = commands.run_process("zones", "check", settings=settings, PYTHONPATH=other_rules)
        assert after.stdout == (
            "Zone rules are IANA 2031z.\n"
            f"Interview {ahead.id} was promised for {ahead.wall_start} in Europe/Berlin; "
            f"at the same moment it is {reads} there now.\n"
            "Promised times that are not kept: 1. Their interviewers are asked.\n"
        )
    with app.app_context():
        assert len(questions()) == 1
    told = settled(settings, other_rules, answer, ahead.id, ahead.interviewer_id)
    if answer == "keep":
        assert told == (ahead.start_at.isoformat(), reads, 0)
    else:
        promised = datetime.fromisoformat(f"{ahead.wall_start}+03:00").astimezone(UTC)
        assert told == (promised.isoformat(), ahead.wall_start, 1)
    done = commands.run_process("zones", "check", settings=settings, PYTHONPATH=other_rules)
    assert done.stdout.endswith("Every promised time is kept.\n")
