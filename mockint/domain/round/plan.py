"""What an organiser plans, what a candidate asks, what an interviewer offers: checked on values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mockint.domain.account import clean_line
from mockint.domain.errors import N_, Invalid
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.domain.timespan import Span, cell_of, instant_of, join, on_grid
from mockint.domain.zones import canonical, first_instant

LONGEST_NAME = 80
LONGEST_DAYS = 28
MOST_CAPACITY = 40
MOST_WINDOWS = 400
"""Four weeks painted in stripes have fewer."""

Windows = tuple[tuple[int, int], ...]
"""Quarter hours [first, end) since 1970-01-01T00:00Z, in order; they neither overlap nor touch."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A round as an organiser plans it; its dates are those of `zone`, both included."""

    name: str
    zone: str
    first_on: date
    last_on: date
    closes_at: datetime
    duration_min: int
    tracks: tuple[str, ...]

    @property
    def span(self) -> Span:
        """From the first midnight to the last one."""
        return span_of(self.zone, self.first_on, self.last_on)


def span_of(zone: str, first_on: date, last_on: date) -> Span:
    """The instants of local dates, both included."""
    after = last_on + timedelta(days=1)
    return Span(first_instant(zone, first_on), first_instant(zone, after))


def checked(plan: Plan, *, lengths_min: Collection[int], horizon_days: int, now: datetime) -> Plan:
    """The plan as it is kept; raises `Invalid` naming the first field that cannot be used."""
    name = clean_line("name", plan.name, LONGEST_NAME)
    if not name:
        raise Invalid("name", N_("Give the round a name."))
    if canonical(plan.zone) is None:
        raise Invalid("zone", N_("Choose a time zone."))
    if plan.last_on < plan.first_on:
        raise Invalid("last_on", N_("The last day is not before the first one."))
    if (plan.last_on - plan.first_on).days >= LONGEST_DAYS:
        raise Invalid("last_on", N_("A round lasts %(days)s days at the most."), days=LONGEST_DAYS)
    if plan.duration_min not in lengths_min:
        raise Invalid("duration_min", N_("Choose one of the lengths offered."))
    if not plan.tracks or not set(plan.tracks) <= set(TRACKS):
        raise Invalid("tracks", N_("Choose at least one track."))
    _check_closing(plan, horizon_days=horizon_days, now=now)
    return replace(plan, name=name, tracks=tuple(one for one in TRACKS if one in plan.tracks))


def _check_closing(plan: Plan, *, horizon_days: int, now: datetime) -> None:
    if plan.closes_at <= now:
        raise Invalid("closes_at", N_("Choose a closing time that is still ahead."))
    if plan.closes_at >= plan.span.start:
        raise Invalid("closes_at", N_("A round closes before its first day begins."))
    if plan.span.end > plan.closes_at + timedelta(days=horizon_days):
        raise Invalid(
            "last_on",
            N_("Times can be booked %(days)s days ahead, counted from when the round closes."),
            days=horizon_days,
        )


def checked_windows(
    windows: Iterable[Span], *, inside: Span, duration_min: int, now: datetime
) -> Windows:
    """When a candidate can, as it is kept; parts that lie in the past are cut off.

    Those that touch are joined, so that an interview may reach over the seam.
    """
    spans = list(windows)
    if len(spans) > MOST_WINDOWS:
        raise Invalid(
            "windows", N_("Mark %(most)s stretches of time at the most."), most=MOST_WINDOWS
        )
    for one in spans:
        if not (on_grid(one.start) and on_grid(one.end)):
            raise Invalid("windows", N_("Choose times on a quarter of an hour."))
        if one.start < inside.start or one.end > inside.end:
            raise Invalid("windows", N_("Choose times inside the days of the round."))
    found = tuple(
        (first, end)
        for first, end in join((cell_of(one.start), cell_of(one.end)) for one in spans)
        if instant_of(end) > now
    )
    if not any(
        instant_of(end) - instant_of(first) >= _minutes(duration_min) for first, end in found
    ):
        raise Invalid(
            "windows",
            N_("Mark at least %(minutes)s minutes in a row, so that an interview fits in."),
            minutes=duration_min,
        )
    return found


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def spans_of(windows: Iterable[Iterable[int]]) -> tuple[Span, ...]:
    """Kept windows as spans."""
    return tuple(Span(instant_of(first), instant_of(end)) for first, end in windows)


def checked_wish(track: str, level: str, *, tracks: Collection[str]) -> None:
    """Refuse a request for a track the round does not have, or a level nobody has."""
    if track not in tracks:
        raise Invalid("track", N_("Choose one of the tracks of this round."))
    if level not in LEVELS:
        raise Invalid("level", N_("Choose one of the levels."))


def checked_capacity(max_total: int) -> int:
    """How many interviews an interviewer takes in a round; 0 is none this time."""
    if not 0 <= max_total <= MOST_CAPACITY:
        raise Invalid("max_total", N_("Choose a number from 0 to %(most)s."), most=MOST_CAPACITY)
    return max_total
