"""Rounds in the states that have a page of their own, made through the services."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from mockint.db import db
from mockint.domain.round.plan import Plan
from mockint.domain.round.states import Job
from mockint.domain.timespan import Span
from mockint.models import Person
from mockint.queries import round as query
from mockint.services.round import (
    asking,
    capacity,
    comparing,
    pairs,
    publishing,
    review,
    rounds,
    solving,
)
from mockint.services.round.work import Hand, Lost, claim
from tests import factories

DAY = timedelta(days=1)
ZONE = "Europe/Berlin"
ZONES = ("Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Africa/Lagos")
TRACKS = ("coding", "system_design", "behavioural")


def plan(name: str, *, now: datetime, tracks: Iterable[str] = ("coding", "testing")) -> Plan:
    """A week of interviews from the second Monday after `now`; it asks until the Friday before."""
    today = now.date()
    first = today + timedelta(days=14 - today.weekday())
    friday = first - timedelta(days=3)
    return Plan(
        name=name,
        zone=ZONE,
        first_on=first,
        last_on=first + timedelta(days=6),
        closes_at=datetime(friday.year, friday.month, friday.day, 17, tzinfo=UTC),
        duration_min=60,
        tracks=tuple(tracks),
    )


def evenings(first_on: date, *, days: int = 5, hours: tuple[int, int] = (10, 20)) -> list[Span]:
    """The same stretch of several days, in hours of UTC."""
    start = datetime(first_on.year, first_on.month, first_on.day, tzinfo=UTC)
    return [
        Span(
            start + n * DAY + timedelta(hours=hours[0]), start + n * DAY + timedelta(hours=hours[1])
        )
        for n in range(days)
    ]


def opened(name: str, *, by: int, now: datetime, tracks: Iterable[str] = ("coding",)) -> int:
    """A round that people can answer."""
    made = rounds.draft(plan(name, now=now, tracks=tracks), by=by, now=now)
    rounds.open_(made, by=by, now=now)
    return made


def crowd(round_id: int, *, candidates: int, interviewers: int, seed: int, now: datetime) -> None:
    """As many people as asked for, each with hours of their own, take part in an open round."""
    chance = random.Random(seed)
    card = query.find(round_id)
    assert card is not None
    for number in range(interviewers):
        who = factories.interviewer(
            name=f"Volunteer {number}",
            email=f"v{number}@people.example",
            zone=chance.choice(ZONES),
            tracks=chance.sample(TRACKS, 2),
            weekly=[(day, 1020, 1260) for day in chance.sample(range(7), 3)],
            now=now,
        )
        capacity.confirm(round_id, who.id, max_total=chance.choice((1, 2, 3)), now=now)
    for number in range(candidates):
        who = factories.candidate(
            name=f"Candidate {number}",
            email=f"c{number}@people.example",
            zone=chance.choice(ZONES),
            now=now,
        )
        begins = chance.choice((8, 13, 16, 18))
        windows = evenings(
            card.first_on, days=chance.choice((3, 7, 10)), hours=(begins, begins + 5)
        )
        asking.ask(
            round_id,
            who.id,
            track=chance.choice(TRACKS),
            level="mid",
            windows=windows,
            now=now,
        )


def work(*, now: datetime) -> None:
    """Let the worker do what it is asked to."""
    while solving.solve_due(now=now) or publishing.publish_due(now):
        pass


def to_pin(round_id: int) -> tuple[query.UnmatchedLine, query.MatchLine]:
    """Somebody without a match, and a match whose interviewer and time would suit them."""
    matches, _total = query.matches(round_id, limit=10_000)
    for lost in query.unmatched(round_id, limit=10_000)[0]:
        asked = query.asked_by(round_id, lost.candidate_id)
        assert asked is not None
        suits = {
            number for number, _ in query.people_for_pair(round_id, candidate_id=lost.candidate_id)
        }
        for one in matches:
            span = Span.lasting(one.start_at, 60)
            inside = any(w.start <= span.start and span.end <= w.end for w in asked.windows)
            if one.interviewer_id in suits and inside:
                return lost, one
    raise AssertionError("whoever is without a match suits nobody who has one")


def closed(round_id: int, *, by: int, now: datetime) -> None:
    """Nobody asks any more."""
    rounds.close(round_id, by=by, now=now)


def solved(round_id: int, *, by: int, now: datetime) -> None:
    """Close and solve it."""
    closed(round_id, by=by, now=now)
    solving.start(round_id, by=by, now=now)
    work(now=now)


class _Killed(Hand):
    """A worker that is gone as soon as it begins to compare; its claim stays."""

    def note(self, share: float, words: str) -> None:
        if words == comparing.PRICES:
            raise Lost()
        super().note(share, words)


def shown_only(round_id: int, *, by: int, now: datetime) -> None:
    """Solve a closed round whose worker is killed before the result is compared."""
    solving.start(round_id, by=by, now=now)
    claimed = claim(Job.SOLVING, now=now)
    assert claimed is not None
    assert solving.run(_Killed(claimed, now=now), solving.solve)


def published(round_id: int, *, by: int, now: datetime) -> None:
    """Accept what was solved and publish it."""
    review.accept(round_id, by=by, now=now)
    publishing.start(round_id, by=by, now=now)
    work(now=now)


def build(cast: Mapping[str, Person], *, now: datetime) -> dict[str, int]:
    """A draft, an open round, a solved one with a pin, and a published one with a failure.

    One interviewer has one place, so that of two candidates one gets none. What is published
    could not be booked, as its candidate had booked that time with somebody else by then.
    """
    by = cast["organiser"].id
    first = plan("", now=now).first_on
    both = (cast["candidate"], cast["other_candidate"])
    made = {"draft": rounds.draft(plan("Spring week", now=now), by=by, now=now)}
    for name, title, asking_ in (
        ("open", "Winter week", both[:1]),
        ("solved", "December week", both),
        ("published", "Advent week", both),
    ):
        made[name] = opened(title, by=by, now=now)
        for who in asking_:
            asking.ask(
                made[name],
                who.id,
                track="coding",
                level="mid",
                windows=evenings(first),
                now=now,
            )
        capacity.confirm(made[name], cast["interviewer"].id, max_total=1, now=now)
    solved(made["solved"], by=by, now=now)
    pairs.pin(made["solved"], both[0].id, cast["interviewer"].id, by=by, now=now)
    solving.start(made["solved"], by=by, now=now)
    work(now=now)
    solved(made["published"], by=by, now=now)
    taken, _total = query.matches(made["published"])
    factories.booking(
        db.session.get_one(Person, taken[0].candidate_id),
        cast["other_interviewer"],
        start=taken[0].start_at,
        now=now,
    )
    published(made["published"], by=by, now=now)
    return made
