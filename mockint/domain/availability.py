"""What of an interviewer's hours is free, and which rule says no.

`free_starts` is the one function that says what is free: lists show it, a booking is checked
by it, and `why_not` names the rule that keeps a start out of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from mockint.domain.errors import N_, SlotTaken, TooEarly, TooLate
from mockint.domain.hours import (
    DAY,
    Block,
    Blocks,
    DateException,
    Hours,
    cells_long,
    clean_blocks,
    frame_around,
    hours_from,
    open_spans,
    open_starts,
    starts,
    starts_inside,
)
from mockint.domain.timespan import (
    CELL,
    CELL_MIN,
    EPOCH,
    Span,
    bits_of,
    cell_of,
    cells_around,
    cells_starting_in,
    instants_of_bits,
    on_grid,
)
from mockint.domain.zones import day_spans, first_instant, local_date

__all__ = [
    "REASON_WORDS",
    "Block",
    "Blocks",
    "DateException",
    "Hours",
    "Limits",
    "Offer",
    "Preview",
    "Reason",
    "Terms",
    "clean_blocks",
    "free_of_standing",
    "free_starts",
    "free_to_any",
    "horizon_window",
    "hours_from",
    "open_spans",
    "preview",
    "require_free",
    "standing_starts",
    "starts",
    "why_not",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """What an interviewer asks for beside the hours. Caps count by the interviewer's own days."""

    buffer_min: int = 0
    """Rest before and after any other interview."""
    notice_min: int = 0
    per_day: int | None = None
    per_week: int | None = None
    """Per ISO week."""
    paused_until: date | None = None
    """First local date on which interviews are possible again."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the community asks for; the longer of the two notices counts."""

    notice_min: int = 0
    horizon_days: int = 35
    step_min: int = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """All that decides when one interviewer is free.

    `booked` are live holds and bookings as interviewer: the caps count them, so they reach a week
    beyond any window asked about. `busy` is what else the person does, as a candidate. A
    booking that is being moved, and a hold that is being swapped, is in neither. `away` is when
    the person's own calendars are busy, as cells, to which no rest is added.
    """

    hours: Hours
    limits: Limits = field(default_factory=Limits)
    booked: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()
    away: tuple[range, ...] = ()


class Reason(StrEnum):
    """Which rule keeps a start from being free, in the order they are asked."""

    OFF_GRID = "off_grid"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    PAUSED = "paused"
    NOT_OPEN = "not_open"
    NOT_OFFERED = "not_offered"
    AWAY = "away"
    BOOKED = "booked"
    BUFFER = "buffer"
    DAY_FULL = "day_full"
    WEEK_FULL = "week_full"
    CANDIDATE_BUSY = "candidate_busy"


REASON_WORDS: dict[Reason, str] = {
    Reason.OFF_GRID: N_("Interviews start on a quarter of an hour."),
    Reason.TOO_SOON: N_("This is in the past, or too soon for the notice the interviewer needs."),
    Reason.TOO_FAR: N_("This is further ahead than times can be booked."),
    Reason.PAUSED: N_("The interviewer takes a break then."),
    Reason.NOT_OPEN: N_("This is not inside the interviewer's hours from start to end."),
    Reason.NOT_OFFERED: N_("It is inside the hours, but no start is offered at this minute."),
    Reason.AWAY: N_("The interviewer's own calendar is busy then."),
    Reason.BOOKED: N_("The interviewer has another interview then."),
    Reason.BUFFER: N_("It is too close to another interview of this interviewer."),
    Reason.DAY_FULL: N_("The interviewer has as many interviews that day as they take."),
    Reason.WEEK_FULL: N_("The interviewer has as many interviews that week as they take."),
    Reason.CANDIDATE_BUSY: N_("You have another interview then."),
}


def free_starts(
    offer: Offer,
    *,
    window: Span,
    duration_min: int,
    now: datetime,
    terms: Terms,
    candidate_busy: Iterable[Span] = (),
) -> list[datetime]:
    """The starts that can be booked, in order; each interview lies wholly inside `window`."""
    return free_to_any(
        [offer],
        window=window,
        duration_min=duration_min,
        now=now,
        terms=terms,
        candidate_busy=candidate_busy,
    )


def free_to_any(
    offers: Iterable[Offer],
    *,
    window: Span,
    duration_min: int,
    now: datetime,
    terms: Terms,
    candidate_busy: Iterable[Span] = (),
) -> list[datetime]:
    """The starts at which at least one of the interviewers can be booked, in order."""
    frame = frame_around(window)
    step_min = terms.step_min
    return free_of_standing(
        (
            (offer.limits.notice_min, standing_starts(offer, frame, duration_min, step_min))
            for offer in offers
        ),
        frame=frame,
        window=window,
        duration_min=duration_min,
        now=now,
        terms=terms,
        candidate_busy=candidate_busy,
    )


def standing_starts(offer: Offer, frame: range, duration_min: int, step_min: int) -> int:
    """The starts that all rules of the interviewer leave free, whoever asks and whenever.

    Bits over `frame`, whole UTC days; what `offer` has booked reaches a week beyond it. They
    stay true until the offer changes, so they can be kept.
    """
    free = bits_of(frame, frame)
    for _, allowed in _standing_rules(offer, frame, duration_min, step_min):
        free &= allowed
    return free


def free_of_standing(
    standing: Iterable[tuple[int, int]],
    *,
    frame: range,
    window: Span,
    duration_min: int,
    now: datetime,
    terms: Terms,
    candidate_busy: Iterable[Span] = (),
) -> list[datetime]:
    """Which standing starts, each set with the notice it needs, this candidate can book now."""
    asked: dict[int, int] = {}
    for notice_min, bits in standing:
        asked[notice_min] = asked.get(notice_min, 0) | bits
    found = 0
    for notice_min, bits in asked.items():
        for _, allowed in _moment_rules(notice_min, frame, now, terms):
            bits &= allowed
        found |= bits
    found &= starts_inside(window, frame, cells_long(duration_min))
    found &= ~_clashing(candidate_busy, cells_long(duration_min), 0, frame)
    return instants_of_bits(found, frame)


def why_not(
    offer: Offer,
    start: datetime,
    *,
    duration_min: int,
    now: datetime,
    terms: Terms,
    candidate_busy: Iterable[Span] = (),
) -> Reason | None:
    """The first rule that keeps `start` from being free, or None when it can be booked."""
    if not on_grid(start):
        return Reason.OFF_GRID
    window = Span.lasting(start, duration_min)
    frame = frame_around(window)
    bit = 1 << (cell_of(start) - frame.start)
    for reason, allowed in _rules(offer, frame, duration_min, now, terms, candidate_busy):
        if not allowed & bit:
            return reason
    return None


def require_free(
    offer: Offer,
    start: datetime,
    *,
    duration_min: int,
    now: datetime,
    terms: Terms,
    candidate_busy: Iterable[Span] = (),
) -> None:
    """Refuse a start that is not free, in words for the candidate who chose it."""
    reason = why_not(
        offer,
        start,
        duration_min=duration_min,
        now=now,
        terms=terms,
        candidate_busy=candidate_busy,
    )
    if reason is Reason.TOO_SOON:
        raise TooLate(N_("This time is too close to be booked now."))
    if reason is Reason.TOO_FAR:
        raise TooEarly(REASON_WORDS[reason])
    if reason is Reason.CANDIDATE_BUSY:
        raise SlotTaken(REASON_WORDS[reason])
    if reason in {Reason.BOOKED, Reason.BUFFER, Reason.DAY_FULL, Reason.WEEK_FULL}:
        raise SlotTaken(N_("This time was just taken."))
    if reason is not None:
        raise SlotTaken(N_("This time is no longer offered."))


def horizon_window(now: datetime, terms: Terms, duration_min: int) -> Span:
    """Where every start that can be booked now has its interview."""
    return Span(now, now + terms.horizon_days * DAY + timedelta(minutes=duration_min))


@dataclass(frozen=True, slots=True)
class Preview:
    """What hours yield: how many starts, the first, and how many on each local date with any."""

    count: int
    first: datetime | None
    days: tuple[tuple[date, int], ...]
    days_ahead: int


def preview(
    offer: Offer, *, now: datetime, duration_min: int, terms: Terms, days: int = 14
) -> Preview:
    """What candidates could book in the next `days`, for the page where hours are set."""
    end = now + days * DAY
    window = Span(now, end + timedelta(minutes=duration_min))
    found = [
        start
        for start in free_starts(
            offer, window=window, duration_min=duration_min, now=now, terms=terms
        )
        if start < end
    ]
    per_day = Counter(local_date(offer.hours.zone, start) for start in found)
    return Preview(len(found), found[0] if found else None, tuple(per_day.items()), days)


def _rules(
    offer: Offer,
    frame: range,
    duration_min: int,
    now: datetime,
    terms: Terms,
    candidate_busy: Iterable[Span],
) -> Iterator[tuple[Reason, int]]:
    """Each rule with the starts it allows, as bits over `frame`."""
    yield from _moment_rules(offer.limits.notice_min, frame, now, terms)
    yield from _standing_rules(offer, frame, duration_min, terms.step_min)
    clashing = _clashing(candidate_busy, cells_long(duration_min), 0, frame)
    yield Reason.CANDIDATE_BUSY, bits_of(frame, frame) & ~clashing


def _moment_rules(
    notice_min: int, frame: range, now: datetime, terms: Terms
) -> Iterator[tuple[Reason, int]]:
    """The rules whose answer moves on with the clock."""
    notice = timedelta(minutes=max(notice_min, terms.notice_min))
    yield Reason.TOO_SOON, _from(now + notice, frame)
    beyond = now + terms.horizon_days * DAY + datetime.resolution
    yield Reason.TOO_FAR, bits_of(frame, frame) & ~_from(beyond, frame)


def _standing_rules(
    offer: Offer, frame: range, duration_min: int, step_min: int
) -> Iterator[tuple[Reason, int]]:
    """The rules that only the interviewer's hours, limits and bookings decide."""
    limits, zone, length = offer.limits, offer.hours.zone, cells_long(duration_min)
    everything = bits_of(frame, frame)
    if limits.paused_until is not None:
        yield Reason.PAUSED, _from(first_instant(zone, limits.paused_until), frame)
    room, grid = open_starts(offer.hours, frame, length, step_min)
    yield Reason.NOT_OPEN, room
    yield Reason.NOT_OFFERED, grid
    yield Reason.AWAY, everything & ~_too_close(offer.away, length, 0, frame)
    taken = (*offer.booked, *offer.busy)
    yield Reason.BOOKED, everything & ~_clashing(taken, length, 0, frame)
    if rest := -(-limits.buffer_min // CELL_MIN):
        yield Reason.BUFFER, everything & ~_clashing(taken, length, rest, frame)
    dates = [local_date(zone, span.start) for span in offer.booked]
    full_days = _full(dates, limits.per_day)
    yield Reason.DAY_FULL, everything & ~_starting_on(zone, full_days, frame)
    full_weeks = _full((day - day.weekday() * DAY for day in dates), limits.per_week)
    week_days = [monday + DAY * n for monday in full_weeks for n in range(7)]
    yield Reason.WEEK_FULL, everything & ~_starting_on(zone, week_days, frame)


def _from(instant: datetime, frame: range) -> int:
    """The cells that begin at `instant` or later."""
    return bits_of(range(-((EPOCH - instant) // CELL), frame.stop), frame)


def _clashing(spans: Iterable[Span], length: int, rest: int, frame: range) -> int:
    """Starts of interviews of `length` cells that come closer than `rest` cells to a span."""
    return _too_close(map(cells_around, spans), length, rest, frame)


def _too_close(taken: Iterable[range], length: int, rest: int, frame: range) -> int:
    """The same of cells."""
    bits = 0
    for used in taken:
        bits |= bits_of(range(used.start - length - rest + 1, used.stop + rest), frame)
    return bits


def _full(dates: Iterable[date], cap: int | None) -> list[date]:
    """The dates that come `cap` times or more."""
    return [] if cap is None else [day for day, count in Counter(dates).items() if count >= cap]


def _starting_on(zone: str, days: Iterable[date], frame: range) -> int:
    """The cells that begin on one of the local dates."""
    bits = 0
    for day in days:
        for part in _cells_of_day(zone, day):
            bits |= bits_of(part, frame)
    return bits


@lru_cache(maxsize=16_384)
def _cells_of_day(zone: str, day: date) -> tuple[range, ...]:
    return tuple(cells_starting_in(span) for span in day_spans(zone, day))
