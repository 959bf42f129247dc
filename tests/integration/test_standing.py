"""What a process keeps of everybody's calendar is what the rows say, through any change."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain import availability, matching
from mockint.domain.availability import Limits, clean_blocks
from mockint.domain.errors import Refusal
from mockint.domain.matching import Request
from mockint.domain.zones import local_date
from mockint.models import (
    AvailabilityException,
    Booking,
    Person,
)
from mockint.queries import community as community_query
from mockint.queries import offers, standing
from mockint.services import (
    absence,
    account,
    booking,
    community,
    departure,
    holds,
)
from mockint.services import availability as hours
from mockint.services import matching as finding
from mockint.services.matching import Wanted
from tests import factories
from tests.support import calendars

STEPS = 40
ZONES = ("Europe/Berlin", "America/St_Johns", "Pacific/Chatham", "Africa/Lagos")

pytestmark = pytest.mark.usefixtures("db_session")


def from_rows(
    candidate_id: int, request: Request, now: datetime, *, who: int | None, without: int | None
) -> list[datetime]:
    """The starts, with nothing kept: the domain is asked about rows read just now."""
    looks, known = finding.seeker(candidate_id, now=now), community_query.current()
    candidate = looks.candidate
    terms = offers.terms(known)
    window = availability.horizon_window(now, terms, request.duration_min)
    suited = [
        one
        for one in offers.volunteers(now=now, community=known)
        if who in (None, one.interviewer.person_id)
        and matching.eligible(candidate, one.interviewer, request) is None
    ]
    free = offers.offers_of(suited, now=now, window=window, without=without)
    return availability.free_to_any(
        free.values(),
        window=window,
        duration_min=request.duration_min,
        now=now,
        terms=terms,
        candidate_busy=looks.busy(now, without=without),
    )


class Story:
    """Random things that happen to a few people, close to clock changes in several zones."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)
        self.now = datetime(2027, 3, self.pick.randint(8, 26), 9, 7, tzinfo=UTC)
        self.candidates = [
            factories.candidate(name=name, email=f"{name}@people.example", now=self.now).id
            for name in ("sanjana", "robin")
        ]
        self.interviewers = [
            factories.interviewer(
                name=f"Lea {number}",
                email=f"lea{number}@people.example",
                zone=self.pick.choice(ZONES),
                notice_min=self.pick.choice((0, 720)),
                buffer_min=self.pick.choice((0, 30)),
                max_per_day=2,
                max_per_week=3,
                now=self.now,
            ).id
            for number in range(3)
        ]
        self.organiser = factories.organiser(now=self.now).id

    def happens(self) -> str:
        """One thing; a refusal is fine, as long as what is kept stays right."""
        things: list[Callable[[], object]] = [
            self.hold,
            self.hold,
            self.confirm,
            self.cancel,
            self.move,
            self.release,
            self.extend,
            self.edit_hours,
            self.add_dates,
            self.remove_dates,
            self.own_calendar,
            self.own_calendar,
            self.pause,
            self.end_pause,
            self.change_zone,
            self.change_settings,
            self.close_or_open,
            self.tidy,
            self.time_passes,
            self.time_passes,
        ]
        thing = self.pick.choice(things)
        try:
            thing()
        except Refusal as refusal:
            return f"{thing.__name__}: {refusal}"
        return thing.__name__

    def _one(self, *states: str) -> Booking:
        query = select(Booking).where(Booking.state.in_(states)).order_by(Booking.id)
        found = db.session.scalars(query).all()
        if not found:
            raise Refusal("nothing there")
        return self.pick.choice(found)

    def hold(self) -> None:
        candidate = self.pick.choice(self.candidates)
        request = Request("coding", "mid", self.pick.choice((30, 60)), again=True)
        starts = finding.search(candidate, request=request, now=self.now).starts
        if starts:
            wanted = Wanted(
                "coding", "mid", request.duration_min, self.pick.choice(starts[:40]), again=True
            )
            holds.hold(candidate, wanted, now=self.now)

    def confirm(self) -> None:
        one = self._one("held")
        booking.confirm(one.id, candidate_id=one.candidate_id, now=self.now)

    def cancel(self) -> None:
        one = self._one("confirmed")
        booking.cancel(one.id, by=self.organiser, side="organiser", reason="Ill", now=self.now)

    def move(self) -> None:
        one = self._one("confirmed")
        starts = finding.moves(one, now=self.now)
        if starts:
            start = self.pick.choice(starts)
            booking.reschedule(
                one.id, by=self.organiser, side="organiser", new_start=start, now=self.now
            )

    def release(self) -> None:
        one = self._one("held")
        holds.release(one.id, candidate_id=one.candidate_id, now=self.now)

    def extend(self) -> None:
        one = self._one("held")
        holds.extend(one.id, candidate_id=one.candidate_id, now=self.now)

    def edit_hours(self) -> None:
        first = 60 * self.pick.randint(6, 18)
        weekly = [[(first, first + 240)] if self.pick.random() < 0.6 else [] for _ in range(7)]
        limits = Limits(buffer_min=self.pick.choice((0, 15)), notice_min=60, per_day=2, per_week=3)
        hours.set_hours(self.pick.choice(self.interviewers), weekly=weekly, limits=limits)

    def add_dates(self) -> None:
        who, first = self.pick.choice(self.interviewers), self._day(20)
        hours.save_exception(
            who,
            first_on=first,
            last_on=first + timedelta(days=2),
            blocks=clean_blocks("blocks", self.pick.choice(([], [[600, 720]]))),
            today=self.now.date() - timedelta(days=1),
        )

    def remove_dates(self) -> None:
        found = db.session.scalars(select(AvailabilityException)).all()
        if found:
            one = self.pick.choice(found)
            hours.remove_exception(one.person_id, one.id)

    def own_calendar(self) -> None:
        calendars.change(self.pick, self.pick.choice(self.interviewers), now=self.now)

    def pause(self) -> None:
        who = self.pick.choice(self.interviewers)
        ahead = booking.futures_of(who, now=self.now)
        answers = {one.id: self.pick.choice(("keep", "cancel")) for one in ahead}
        absence.pause(who, until=self._day(60), answers=answers, reason="Rest", now=self.now)

    def end_pause(self) -> None:
        absence.end_pause(self.pick.choice(self.interviewers))

    def change_zone(self) -> None:
        account.set_zone(self.pick.choice(self.interviewers), self.pick.choice(ZONES))

    def change_settings(self) -> None:
        values = {
            "step_min": self.pick.choice((15, 30)),
            "horizon_days": self.pick.choice((14, 35)),
            "max_upcoming": 20,
        }
        community.change(values, by=self.organiser, now=self.now)

    def close_or_open(self) -> None:
        who = self.pick.choice(self.interviewers)
        if db.session.get_one(Person, who, populate_existing=True).active:
            ahead = booking.futures_of(who, now=self.now)
            departure.disable(
                who,
                answers={one.id: "cancel" for one in ahead},
                reason="Away",
                by=self.organiser,
                now=self.now,
            )
        else:
            departure.enable(who, by=self.organiser, now=self.now)

    def tidy(self) -> None:
        holds.drop_expired(now=self.now)

    def time_passes(self) -> None:
        """Also backwards, as when an operator mends a clock."""
        self.now += self.pick.choice(
            [timedelta(minutes=n) for n in (1, 7, 11, 90, -5, -30)]
            + [timedelta(hours=30), timedelta(days=3)]
        )

    def _day(self, days: int) -> object:
        return local_date("UTC", self.now) + timedelta(days=self.pick.randint(1, days))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_is_what_the_rows_say(seed, monkeypatch):
    """Two processes look in turn, so that each misses changes that the other saw."""
    story = Story(seed)
    processes = [None, None]
    seen = 0
    for step in range(STEPS):
        happened = story.happens()
        number = story.pick.randrange(2)
        monkeypatch.setattr(standing, "_kept", processes[number])
        candidate = story.pick.choice(story.candidates)
        who = story.pick.choice((None, None, *story.interviewers))
        own = holds.own_hold(candidate)
        without = own.id if own is not None and story.pick.random() < 0.5 else None
        request = Request("coding", "mid", story.pick.choice((30, 60)), again=who is not None)
        found = finding.search(
            candidate, request=request, interviewer_id=who, now=story.now, without=without
        )
        expected = from_rows(candidate, request, story.now, who=who, without=without)
        assert list(found.starts) == expected, (seed, step, happened)
        seen += bool(expected)
        processes[number] = standing._kept
    assert seen > STEPS // 4, "the story is about times that are free"
