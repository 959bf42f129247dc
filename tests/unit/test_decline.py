"""Somebody cannot come: how long it waits, whatever was said when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mockint.domain.booking import last_moment
from mockint.domain.decline import (
    CHOICES,
    LEAST_NOTICE,
    REOPENS_AFTER,
    Declined,
    instead,
    last_call,
    next_start,
    waits_until,
)

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAY_MIN = 1440

moments = st.none() | st.integers(-10 * DAY_MIN, DAY_MIN).map(lambda n: START + n * MINUTE)
cutoffs = st.integers(0, 7 * DAY_MIN)


def until(candidate: int | None, interviewer: int | None, cutoff_min: int = 720) -> int | None:
    """In hours before the start: who declined when, and when it ends."""
    at = [None if hours is None else START - hours * HOUR for hours in (candidate, interviewer)]
    found = waits_until(Declined(START, *at), cutoff_min=cutoff_min)
    return None if found is None else int((START - found) / HOUR)


def test_an_interviewer_is_waited_for_until_the_cut_off() -> None:
    assert until(None, 50) == 12
    assert until(None, 12) == 12
    assert until(None, 3) == 3  # at once


def test_a_candidate_has_twelve_hours_or_until_the_cut_off() -> None:
    assert until(50, None) == 38
    assert until(20, None) == 12
    assert until(3, None) == 3


def test_when_both_decline_it_ends_with_the_second() -> None:
    assert until(50, 40) == 40
    assert until(40, 60) == 40


def test_what_is_said_after_the_start_ends_nothing() -> None:
    assert until(None, 0) is None
    assert until(0, None) is None
    assert until(None, None) is None
    assert until(0, 20) == 12


def test_without_a_cut_off_it_ends_half_an_hour_before() -> None:
    assert last_call(START, 0) == START - LEAST_NOTICE
    assert last_call(START, 60) == START - HOUR


@given(moments, moments, cutoffs)
def test_it_ends_after_it_was_said_and_before_the_start(
    candidate: datetime | None, interviewer: datetime | None, cutoff_min: int
) -> None:
    declined = Declined(START, candidate, interviewer)
    counted = [at for at in (candidate, interviewer) if at is not None and at < START]
    end = waits_until(declined, cutoff_min=cutoff_min)
    assert (end is None) == (not counted) == (not declined.sides)
    if end is None:
        return
    assert max(counted) <= end < START
    if len(counted) == 2:
        assert end == max(counted)
    elif declined.sides == ("candidate",):
        assert end <= counted[0] + REOPENS_AFTER
    if end > max(counted):  # somebody has time to act
        assert end <= last_moment(START, cutoff_min)


@given(moments, cutoffs)
def test_an_interviewer_is_never_given_up_before_a_candidate_would_be(
    at: datetime | None, cutoff_min: int
) -> None:
    ends = [
        waits_until(Declined(START, *sides), cutoff_min=cutoff_min)
        for sides in ((at, None), (None, at))
    ]
    assert ends == [None, None] or ends[0] <= ends[1]  # type: ignore[operator]  # both are there


starts = st.lists(st.integers(-400, 400).map(lambda n: START + n * 15 * MINUTE))


@given(starts)
def test_other_times_are_the_nearest_and_the_next_comes_after(found: list[datetime]) -> None:
    others = set(found) - {START}
    chosen = instead(found, START)
    assert chosen == sorted(chosen)
    assert len(chosen) == min(CHOICES, len(others))
    farthest = max((abs(one - START) for one in chosen), default=timedelta())
    assert all(abs(one - START) >= farthest for one in others - set(chosen))
    after = [one for one in others if one > START]
    expected = min(after) if after else max(others) if others else None
    assert next_start(found, START) == expected
