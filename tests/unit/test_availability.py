"""What is free: each rule by example, and the whole against the rules said again plainly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockint.domain import zones
from mockint.domain.availability import (
    REASON_WORDS,
    Hours,
    Limits,
    Offer,
    Reason,
    Terms,
    free_starts,
    free_to_any,
    horizon_window,
    preview,
    require_free,
    starts,
    why_not,
)
from mockint.domain.errors import Refusal, SlotTaken, TooEarly, TooLate
from mockint.domain.timespan import Span, cells

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""A Monday morning."""
MORNINGS = Hours("Europe/Berlin", (((9 * 60, 13 * 60),),) * 7)
OFFER = Offer(MORNINGS)
TERMS = Terms(notice_min=0, horizon_days=35, step_min=30)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """An instant of 2026 by the wall clock of Berlin in winter."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def hour(day: int, start: int) -> Span:
    return Span.lasting(at(day, start), 60)


def free_on(offer: Offer, day: int, terms: Terms = TERMS, busy: tuple[Span, ...] = ()) -> list[str]:
    found = free_starts(
        offer,
        window=Span(at(day, 0), at(day, 0) + timedelta(days=1)),
        duration_min=60,
        now=NOW,
        terms=terms,
        candidate_busy=busy,
    )
    return [f"{zones.wall('Europe/Berlin', start):%H:%M}" for start in found]


def limited(**limits: object) -> Offer:
    return replace(OFFER, limits=Limits(**limits))  # type: ignore[arg-type]  # names of the case


def test_an_empty_calendar_is_free_wherever_the_hours_are_open() -> None:
    expected = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"]
    assert free_on(OFFER, 25) == expected


def test_a_booking_takes_every_start_that_would_overlap_it() -> None:
    booked = replace(OFFER, booked=(hour(25, 10),))
    assert free_on(booked, 25) == ["09:00", "11:00", "11:30", "12:00"]


def test_what_the_interviewer_does_as_a_candidate_counts_too() -> None:
    busy = replace(OFFER, busy=(hour(25, 10),), limits=Limits(per_day=1))
    assert free_on(busy, 25) == ["09:00", "11:00", "11:30", "12:00"]


def test_a_buffer_is_rest_on_both_sides() -> None:
    booked = replace(OFFER, booked=(hour(25, 10),), limits=Limits(buffer_min=30))
    assert free_on(booked, 25) == ["11:30", "12:00"]


def test_a_buffer_reaches_in_from_outside_the_window() -> None:
    booked = replace(OFFER, booked=(hour(25, 8),), limits=Limits(buffer_min=60))
    assert free_on(booked, 25)[0] == "10:00"


def test_notice_is_the_longer_of_both_and_includes_its_own_minute() -> None:
    assert free_on(limited(notice_min=60), 23) == ["10:00", "10:30", "11:00", "11:30", "12:00"]
    assert free_on(limited(notice_min=60), 23, replace(TERMS, notice_min=120))[0] == "11:00"


def test_the_horizon_ends_at_the_minute() -> None:
    last = at(28, 9, month=12)
    assert why_not(OFFER, last, duration_min=60, now=NOW, terms=TERMS) is None
    later = last + timedelta(minutes=30)
    assert why_not(OFFER, later, duration_min=60, now=NOW, terms=TERMS) is Reason.TOO_FAR


def test_paused_until_is_the_first_day_back() -> None:
    paused = limited(paused_until=date(2026, 11, 26))
    assert free_on(paused, 25) == []
    assert free_on(paused, 26) == free_on(OFFER, 26)


def test_a_full_day_offers_nothing_more() -> None:
    booked = replace(OFFER, booked=(hour(25, 9), hour(25, 12)), limits=Limits(per_day=2))
    assert free_on(booked, 25) == []
    assert free_on(booked, 26) != []


def test_days_are_counted_by_the_interviewers_calendar() -> None:
    """23:30 UTC on Wednesday is 00:30 on Thursday in Berlin."""
    night = Hours("Europe/Berlin", (((0, 180),),) * 7)
    booked = (Span.lasting(datetime(2026, 11, 25, 23, 30, tzinfo=UTC), 60),)
    offer = Offer(night, Limits(per_day=1), booked)
    assert free_on(offer, 26) == []
    assert free_on(offer, 25) == ["00:00", "00:30", "01:00", "01:30", "02:00"]


def test_a_full_week_runs_from_monday_to_sunday() -> None:
    offer = Offer(MORNINGS, Limits(per_week=1), (hour(29, 9),))
    assert free_on(offer, 24) == []
    assert free_on(offer, 30) != []


def test_the_candidate_cannot_be_in_two_places() -> None:
    assert free_on(OFFER, 25, busy=(hour(25, 10),)) == ["09:00", "11:00", "11:30", "12:00"]


@pytest.mark.parametrize(
    ("offer", "start", "reason"),
    [
        (OFFER, at(25, 9, 7), Reason.OFF_GRID),
        (OFFER, at(22, 9), Reason.TOO_SOON),
        (OFFER, at(25, 9, month=12) + timedelta(days=10), Reason.TOO_FAR),
        (limited(paused_until=date(2026, 11, 26)), at(25, 9), Reason.PAUSED),
        (OFFER, at(25, 12, 15), Reason.NOT_OPEN),
        (OFFER, at(25, 9, 15), Reason.NOT_OFFERED),
        (replace(OFFER, away=(cells(at(25, 10), at(25, 10, 15)),)), at(25, 9, 30), Reason.AWAY),
        (replace(OFFER, booked=(hour(25, 10),)), at(25, 9, 30), Reason.BOOKED),
        (
            replace(OFFER, booked=(hour(25, 10),), limits=Limits(buffer_min=15)),
            at(25, 9),
            Reason.BUFFER,
        ),
        (
            replace(OFFER, booked=(hour(25, 9),), limits=Limits(per_day=1)),
            at(25, 12),
            Reason.DAY_FULL,
        ),
        (
            replace(OFFER, booked=(hour(24, 9),), limits=Limits(per_week=1)),
            at(25, 12),
            Reason.WEEK_FULL,
        ),
    ],
)
def test_each_rule_is_named(offer: Offer, start: datetime, reason: Reason) -> None:
    assert why_not(offer, start, duration_min=60, now=NOW, terms=TERMS) is reason
    assert REASON_WORDS[reason].endswith(".")


@pytest.mark.parametrize(
    ("offer", "start", "kind"),
    [
        (OFFER, at(22, 9), TooLate),
        (OFFER, at(25, 9, month=12) + timedelta(days=10), TooEarly),
        (OFFER, at(25, 12, 15), SlotTaken),
        (replace(OFFER, booked=(hour(25, 10),)), at(25, 9, 30), SlotTaken),
    ],
)
def test_a_refusal_says_what_kind_it_is(offer: Offer, start: datetime, kind: type[Refusal]) -> None:
    with pytest.raises(kind) as refused:
        require_free(offer, start, duration_min=60, now=NOW, terms=TERMS)
    assert refused.value.status == 409


def test_a_free_start_is_not_refused() -> None:
    require_free(OFFER, at(25, 9), duration_min=60, now=NOW, terms=TERMS)


def test_the_candidates_own_interview_is_named_last() -> None:
    with pytest.raises(SlotTaken, match="You have another interview"):
        require_free(
            OFFER,
            at(25, 9),
            duration_min=60,
            now=NOW,
            terms=TERMS,
            candidate_busy=[hour(25, 9)],
        )


def test_a_preview_says_what_the_hours_yield() -> None:
    two_hours_on_tuesdays = Hours("Europe/Berlin", ((), ((540, 660),), (), (), (), (), ()))
    found = preview(Offer(two_hours_on_tuesdays), now=NOW, duration_min=60, terms=TERMS)
    assert (found.count, found.first) == (6, at(24, 9))
    assert found.days == ((date(2026, 11, 24), 3), (date(2026, 12, 1), 3))


def test_a_preview_ends_two_weeks_from_now_to_the_minute() -> None:
    mondays = Hours("Europe/Berlin", (((540, 600),), (), (), (), (), (), ()))
    found = preview(Offer(mondays), now=NOW, duration_min=60, terms=TERMS)
    assert [day.day for day, _ in found.days] == [23, 30]


def test_any_interviewer_is_free_when_one_of_them_is() -> None:
    late = Offer(Hours("Europe/Berlin", (((11 * 60, 14 * 60),),) * 7), Limits(buffer_min=15))
    busy = replace(OFFER, booked=(hour(25, 10),))
    found = free_to_any(
        [busy, late],
        window=Span(at(25, 0), at(26, 0)),
        duration_min=60,
        now=NOW,
        terms=TERMS,
        candidate_busy=[hour(25, 12)],
    )
    assert found == [at(25, 9), at(25, 11), at(25, 13)]
    assert free_to_any([], window=hour(25, 9), duration_min=60, now=NOW, terms=TERMS) == []


def test_a_preview_of_no_hours() -> None:
    found = preview(Offer(Hours("UTC", ((),) * 7)), now=NOW, duration_min=60, terms=TERMS)
    assert (found.count, found.first, found.days) == (0, None, ())


quarters = st.integers(0, 4 * 24 * 16).map(lambda n: NOW + timedelta(minutes=15 * n - 2 * 1440))
some_spans = st.lists(
    st.builds(Span.lasting, quarters, st.sampled_from([30, 60, 90])), max_size=6
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(
        ["Europe/Berlin", "Asia/Kathmandu", "Pacific/Chatham", "America/New_York"]
    ),
    blocks=st.lists(
        st.sampled_from([(), ((540, 720),), ((0, 120), (1200, 1440))]), min_size=7, max_size=7
    ),
    booked=some_spans,
    busy=some_spans,
    mine=some_spans,
    limits=st.builds(
        Limits,
        buffer_min=st.sampled_from([0, 15, 30, 60]),
        notice_min=st.integers(0, 4000),
        per_day=st.one_of(st.none(), st.integers(1, 3)),
        per_week=st.one_of(st.none(), st.integers(1, 5)),
        paused_until=st.one_of(st.none(), st.dates(date(2026, 11, 20), date(2026, 12, 1))),
    ),
    duration=st.sampled_from([30, 45, 60, 90]),
    shift=st.integers(0, 2000),
)
def test_free_is_what_every_rule_allows(
    zone: str,
    blocks: list[tuple[tuple[int, int], ...]],
    booked: tuple[Span, ...],
    busy: tuple[Span, ...],
    mine: tuple[Span, ...],
    limits: Limits,
    duration: int,
    shift: int,
) -> None:
    """The list, the check of one start and the rules in plain words agree on every quarter."""
    offer = Offer(Hours(zone, tuple(blocks)), limits, booked, busy)
    terms = Terms(notice_min=600, horizon_days=9, step_min=30)
    now = NOW + timedelta(minutes=shift)
    window = Span(NOW, NOW + timedelta(days=12))
    shown = free_starts(
        offer, window=window, duration_min=duration, now=now, terms=terms, candidate_busy=mine
    )
    expected = [
        start
        for start in starts(offer.hours, window, duration_min=duration, step_min=30)
        if _plainly_free(offer, start, duration, now, terms, mine)
    ]
    assert shown == expected
    for n in range(0, 4 * 24 * 12, 3):
        start = NOW + timedelta(minutes=15 * n)
        reason = why_not(
            offer, start, duration_min=duration, now=now, terms=terms, candidate_busy=mine
        )
        inside = start + timedelta(minutes=duration) <= window.end
        assert (reason is None and inside) == (start in shown)


def _plainly_free(
    offer: Offer,
    start: datetime,
    duration: int,
    now: datetime,
    terms: Terms,
    mine: tuple[Span, ...],
) -> bool:
    limits, zone = offer.limits, offer.hours.zone
    slot = Span.lasting(start, duration)
    rest = timedelta(minutes=limits.buffer_min)
    rested = Span(slot.start - rest, slot.end + rest)
    day = zones.local_date(zone, start)
    days = [zones.local_date(zone, span.start) for span in offer.booked]
    same_week = [one for one in days if one.isocalendar()[:2] == day.isocalendar()[:2]]
    return (
        start >= now + timedelta(minutes=max(limits.notice_min, terms.notice_min))
        and start <= now + timedelta(days=terms.horizon_days)
        and (limits.paused_until is None or day >= limits.paused_until)
        and not any(rested.overlaps(span) for span in (*offer.booked, *offer.busy))
        and (limits.per_day is None or days.count(day) < limits.per_day)
        and (limits.per_week is None or len(same_week) < limits.per_week)
        and not any(slot.overlaps(span) for span in mine)
    )


@given(st.integers(0, 3000))
def test_the_window_of_a_list_holds_every_start_that_can_be_booked(shift: int) -> None:
    now = NOW + timedelta(minutes=shift)
    terms = Terms(horizon_days=7, step_min=30)
    wide = Span(now - timedelta(days=2), now + timedelta(days=20))
    shown, all_free = (
        free_starts(OFFER, window=window, duration_min=60, now=now, terms=terms)
        for window in (horizon_window(now, terms, 60), wide)
    )
    assert shown == all_free
