"""Every change to when an interviewer can be booked gives their calendar a new stamp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from mockint.db import db, transaction
from mockint.domain.availability import Limits
from mockint.domain.errors import Refusal
from mockint.domain.timespan import Span
from mockint.models import AvailabilityException, AvailabilityRule, CalendarStamp
from mockint.services import absence, account, booking, busytime, departure, holds
from mockint.services import availability as hours
from mockint.services.matching import Wanted
from tests import factories
from tests.support import calendars

pytestmark = pytest.mark.usefixtures("db_session")


def stamps() -> dict[int, int]:
    db.session.rollback()
    return {one.person_id: one.stamp for one in db.session.scalars(select(CalendarStamp))}


class Ground:
    """Two interviewers, a candidate, an organiser, and what the actions below need."""

    def __init__(self) -> None:
        self.now = datetime(2027, 3, 8, 9, tzinfo=UTC)
        self.lea = factories.interviewer(now=self.now).id
        self.other = factories.interviewer(
            name="Mads", email="mads@people.example", also=("candidate",), now=self.now
        ).id
        self.candidate = factories.candidate(now=self.now).id
        self.by = factories.organiser(now=self.now).id

    def wanted(self, days: int = 3) -> Wanted:
        start = self.now + timedelta(days=days, hours=3)
        return Wanted("coding", "mid", 60, start, self.lea)

    def hold(self, days: int = 3) -> int:
        return holds.hold(self.candidate, self.wanted(days), now=self.now).id

    def confirm(self) -> int:
        return booking.confirm(self.hold(), candidate_id=self.candidate, now=self.now).id

    def dates(self) -> int:
        day = self.now.date() + timedelta(days=4)
        hours.save_exception(self.lea, first_on=day, last_on=day, blocks=[], today=day)
        db.session.rollback()
        return db.session.scalars(select(AvailabilityException.id)).one()


ABSENT = {"answers": {}, "reason": "Ill"}
LATER = timedelta(hours=2)
CHANGES: dict[str, tuple[Callable[[Ground], object], Callable[[Ground, object], object]]] = {
    "hours": (
        lambda g: None,
        lambda g, _: hours.set_hours(g.lea, weekly=[[]] * 7, limits=Limits(per_day=8)),
    ),
    "dates": (lambda g: None, lambda g, _: g.dates()),
    "no dates": (Ground.dates, lambda g, made: hours.remove_exception(g.lea, made)),
    "break": (
        lambda g: None,
        lambda g, _: absence.pause(g.lea, until=date(2027, 4, 1), now=g.now, **ABSENT),
    ),
    "end of break": (
        lambda g: absence.pause(g.lea, until=date(2027, 4, 1), now=g.now, **ABSENT),
        lambda g, _: absence.end_pause(g.lea),
    ),
    "zone": (lambda g: None, lambda g, _: account.set_zone(g.lea, "Asia/Kathmandu")),
    "name": (lambda g: None, lambda g, _: account.set_name(g.lea, name="Lia", locale="en")),
    "closed": (
        lambda g: None,
        lambda g, _: departure.disable(g.lea, by=g.by, now=g.now, **ABSENT),
    ),
    "opened": (
        lambda g: departure.disable(g.lea, by=g.by, now=g.now, **ABSENT),
        lambda g, _: departure.enable(g.lea, by=g.by, now=g.now),
    ),
    "deleted": (
        lambda g: None,
        lambda g, _: departure.delete_account(g.lea, reason="", now=g.now),
    ),
    "own calendar": (
        lambda g: None,
        lambda g, _: calendars.read(g.lea, [Span.lasting(g.now, 60)], now=g.now),
    ),
    "no own calendar": (
        lambda g: calendars.read(g.lea, [], now=g.now),
        lambda g, made: busytime.remove(g.lea, made),
    ),
    "own calendar closed": (
        lambda g: calendars.fail(g.lea, now=g.now),
        lambda g, _: calendars.fail(g.lea, now=g.now + timedelta(hours=72)),
    ),
    "hold": (lambda g: None, lambda g, _: g.hold()),
    "another hold": (
        Ground.hold,
        lambda g, _: holds.hold(
            g.candidate, replace(g.wanted(), interviewer_id=g.other), now=g.now
        ),
    ),
    "released": (
        Ground.hold,
        lambda g, made: holds.release(made, candidate_id=g.candidate, now=g.now),
    ),
    "extended late": (
        Ground.hold,
        lambda g, made: holds.extend(made, candidate_id=g.candidate, now=g.now + LATER / 8),
    ),
    "confirmed late": (
        Ground.hold,
        lambda g, made: booking.confirm(made, candidate_id=g.candidate, now=g.now + LATER),
    ),
    "dropped": (Ground.hold, lambda g, _: holds.drop_expired(now=g.now + LATER)),
    "cancelled": (
        Ground.confirm,
        lambda g, made: booking.cancel(made, by=g.by, side="organiser", reason="Ill", now=g.now),
    ),
    "moved": (
        Ground.confirm,
        lambda g, made: booking.reschedule(
            made, by=g.by, side="organiser", new_start=g.wanted(5).start, now=g.now
        ),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_to_a_calendar_stamps_it(change):
    prepare, act = CHANGES[change]
    ground = Ground()
    made = prepare(ground)
    before = stamps()
    assert before.keys() == {ground.lea, ground.other}, "candidates have none"
    act(ground, made)
    after = stamps()
    assert after[ground.lea] != before[ground.lea]
    if change != "another hold":
        assert after[ground.other] == before[ground.other]


def test_rows_in_bulk_are_stamped_and_a_refusal_is_not():
    ground = Ground()
    before = stamps()
    rule = {"person_id": ground.other, "weekday": 0, "start_min": 0, "end_min": 60}
    with transaction():
        db.session.execute(insert(AvailabilityRule), [rule])
    between = stamps()
    assert between[ground.other] != before[ground.other]
    with pytest.raises(Refusal):
        holds.hold(ground.candidate, ground.wanted(days=100), now=ground.now)
    assert stamps() == between
