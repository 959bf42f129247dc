"""A matching round that was published, and one that is open to whoever looks around."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mockint.demo.members import Cast, Member
from mockint.domain import zones
from mockint.domain.round.plan import Plan, span_of
from mockint.domain.timespan import CELL_S, Span, at_second
from mockint.services import holds, relay
from mockint.services.round import asking, capacity, publishing, review, rounds, solving

TRACKS = ("coding", "system_design", "behavioural")
EVENING, WEEKEND = (17 * 60, 22 * 60), (10 * 60, 20 * 60)
"""When candidates can, in minutes of their own day."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOST_UPCOMING = 1
"""Who asks has no more interviews ahead than this."""


@dataclass(frozen=True, slots=True)
class _Dates:
    """One round; days counted from now, `zone` as the organiser has it."""

    name: str
    opened: int
    closes: int
    first: int


def play(cast: Cast, now: datetime, transport: relay.Transport) -> None:
    """Both rounds, through the ordinary services; the guides have not answered the open one."""
    organiser = cast.organisers[0].person
    free = [
        one
        for one in cast.candidates[1:]
        if holds.upcoming(one.person.id, now=now) <= MOST_UPCOMING
        and set(one.data["tracks"]) & set(TRACKS)
    ]
    over = _opened(
        _Dates("Spring cohort", opened=-6, closes=-1, first=3),
        organiser.id,
        organiser.zone,
        now,
        transport,
    )
    _answer(over, cast.interviewers, now - 4 * DAY)
    _ask(over, free[:16], organiser.zone, now, first=3, at=now - 3 * DAY)
    rounds.close(over, by=organiser.id, now=now - DAY)
    at = now - 20 * HOUR
    solving.start(over, by=organiser.id, now=at)
    solving.solve_due(at)
    review.accept(over, by=organiser.id, now=at)
    publishing.start(over, by=organiser.id, now=at)
    publishing.publish_due(at)
    relay.sweep(now=at + HOUR, transport=transport)
    coming = _opened(
        _Dates("Summer cohort", opened=-2, closes=5, first=9),
        organiser.id,
        organiser.zone,
        now,
        transport,
    )
    _answer(coming, cast.interviewers[1::2], now - DAY)
    _ask(coming, free[8:20], organiser.zone, now, first=9, at=now - DAY)


def _opened(planned: _Dates, by: int, zone: str, now: datetime, transport: relay.Transport) -> int:
    at, today = now + planned.opened * DAY, zones.local_date(zone, now)
    first = today + planned.first * DAY
    made = rounds.draft(
        Plan(
            name=planned.name,
            zone=zone,
            first_on=first,
            last_on=first + 6 * DAY,
            closes_at=(now + planned.closes * DAY).replace(minute=0),
            duration_min=60,
            tracks=TRACKS,
        ),
        by=by,
        now=at,
    )
    rounds.open_(made, by=by, now=at)
    relay.sweep(now=at, transport=transport)
    return made


def _answer(round_id: int, interviewers: Iterable[Member], at: datetime) -> None:
    """Most take one or two interviews, and every fifth takes none."""
    for number, one in enumerate(interviewers):
        if set(one.data["tracks"]) & set(TRACKS):
            most = 0 if number % 5 == 4 else 1 + number % 2
            capacity.confirm(round_id, one.person.id, max_total=most, now=at)


def _ask(
    round_id: int,
    candidates: Iterable[Member],
    zone: str,
    now: datetime,
    *,
    first: int,
    at: datetime,
) -> None:
    day = zones.local_date(zone, now) + first * DAY
    inside = span_of(zone, day, day + 6 * DAY)
    for number, one in enumerate(candidates):
        tracks = [track for track in TRACKS if track in one.data["tracks"]]
        windows = _windows(one.person.zone, day, inside, skip=number % 3)
        asking.ask(
            round_id,
            one.person.id,
            track=tracks[number % len(tracks)],
            level=one.data["level"],
            windows=windows,
            now=at,
        )


def _windows(zone: str, first: date, inside: Span, *, skip: int) -> list[Span]:
    """Evenings and weekends of the candidate, inside the round, without every third day."""
    found = []
    for day in (first + n * DAY for n in range(7) if n % 3 != skip):
        start, end = WEEKEND if day.weekday() > 4 else EVENING
        for begins, ends in zones.wall_intervals(zone, day, start, end):
            cut = max(at_second(begins), inside.start), min(at_second(ends), inside.end)
            if begins % CELL_S == 0 and cut[0] < cut[1]:
                found.append(Span(*cut))
    return found
