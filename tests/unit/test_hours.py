"""Weekly hours as open stretches of UTC: by example, then against a minute-by-minute oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockint.domain import zones
from mockint.domain.errors import Invalid
from mockint.domain.hours import (
    Blocks,
    DateException,
    Hours,
    clean_blocks,
    hours_from,
    open_spans,
    starts,
)
from mockint.domain.timespan import Span
from tests.unit import oracle

ZONES = (
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Santiago",
    "America/Asuncion",
    "America/Nuuk",
    "Antarctica/Troll",
    "Europe/Dublin",
    "Asia/Jerusalem",
    "America/Sao_Paulo",
    "Asia/Tehran",
    "America/St_Johns",
)
ALL_DAY: Blocks = ((0, 1440),)
MON, SAT = 0, 5


def weekly(zone: str, *exceptions: DateException, **days: Blocks) -> Hours:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return Hours(zone, tuple(days.get(name, ()) for name in names), exceptions)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(start: str, end: str) -> Span:
    return Span(utc(start), utc(end))


def local(hours: Hours, found: list[datetime]) -> list[str]:
    """Starts as the wall clock reads them: "28 00:45"."""
    return [zones.wall(hours.zone, start).strftime("%d %H:%M") for start in found]


def test_a_plain_morning() -> None:
    hours = weekly("Asia/Kathmandu", mon=((9 * 60, 11 * 60),))
    found = starts(
        hours, window("2026-11-23T00:00", "2026-11-30T00:00"), duration_min=60, step_min=30
    )
    assert [f"{start:%dT%H:%M}" for start in found] == ["23T03:15", "23T03:45", "23T04:15"]


def test_nothing_starts_in_the_hour_that_clocks_skip() -> None:
    hours = weekly("Europe/Berlin", sun=((135, 165),))
    found = starts(
        hours, window("2027-03-27T00:00", "2027-03-30T00:00"), duration_min=15, step_min=15
    )
    assert found == []


def test_the_hour_that_comes_twice_is_open_twice() -> None:
    hours = weekly("Europe/Berlin", sun=((120, 180),))
    found = starts(
        hours, window("2027-10-30T00:00", "2027-11-01T00:00"), duration_min=30, step_min=30
    )
    assert local(hours, found) == ["31 02:00", "31 02:30", "31 02:00", "31 02:30"]
    assert [f"{start:%H:%M}" for start in found] == ["00:00", "00:30", "01:00", "01:30"]


def test_steps_count_elapsed_time_across_a_change_of_thirty_minutes() -> None:
    hours = weekly("Australia/Lord_Howe", sun=((60, 300),))
    found = starts(
        hours, window("2027-04-03T00:00", "2027-04-05T00:00"), duration_min=60, step_min=60
    )
    assert local(hours, found) == ["04 01:00", "04 01:30", "04 02:30", "04 03:30"]


def test_a_block_goes_on_over_midnight() -> None:
    hours = weekly("Europe/Berlin", mon=((1380, 1440),), tue=((0, 60),))
    found = starts(
        hours, window("2026-11-23T00:00", "2026-11-26T00:00"), duration_min=90, step_min=15
    )
    assert local(hours, found) == ["23 23:00", "23 23:15", "23 23:30"]


def test_the_grid_starts_with_the_block_not_with_the_window() -> None:
    hours = weekly("UTC", mon=((9 * 60 + 15, 13 * 60),))
    found = starts(
        hours, window("2026-11-23T10:07", "2026-11-23T12:20"), duration_min=30, step_min=60
    )
    assert local(hours, found) == ["23 10:15", "23 11:15"]


def test_a_block_that_began_days_before_keeps_its_grid() -> None:
    away = DateException(date(2026, 11, 22), date(2026, 11, 22))
    hours = Hours("UTC", (ALL_DAY,) * 7, (away,))
    late, early = (
        starts(
            hours, window(f"2026-11-{day}T00:00", "2026-11-27T00:00"), duration_min=60, step_min=75
        )
        for day in (26, 23)
    )
    assert late == [start for start in early if start >= utc("2026-11-26T00:00")]
    assert early[0] == utc("2026-11-23T00:00")


@pytest.mark.parametrize("step", [45, 60, 75, 90])
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe"])
def test_hours_around_the_clock_have_one_grid_whenever_one_looks(zone: str, step: int) -> None:
    hours = Hours(zone, (ALL_DAY,) * 7)
    whole = starts(
        hours, window("2027-03-20T00:00", "2027-04-20T00:00"), duration_min=30, step_min=step
    )
    for day in (21, 27, 28, 31):
        part = Span(datetime(2027, 3, day, 7, 30, tzinfo=UTC), utc("2027-04-20T00:00"))
        found = starts(hours, part, duration_min=30, step_min=step)
        assert found == [start for start in whole if start >= part.start]


def test_a_skipped_day_has_no_hours() -> None:
    hours = Hours("Pacific/Apia", (((540, 600),),) * 7)
    found = starts(
        hours, window("2011-12-28T00:00", "2012-01-02T00:00"), duration_min=60, step_min=60
    )
    assert local(hours, found) == ["28 09:00", "29 09:00", "31 09:00", "01 09:00", "02 09:00"]


def test_exceptions_replace_a_day_also_one_that_is_off_and_the_last_wins() -> None:
    away = DateException(date(2026, 11, 23), date(2026, 11, 29))
    back = DateException(date(2026, 11, 28), date(2026, 11, 28), ((600, 660),))
    hours = weekly("UTC", away, back, mon=((540, 600),))
    found = open_spans(hours, window("2026-11-22T00:00", "2026-12-01T00:00"))
    assert found == [
        window("2026-11-28T10:00", "2026-11-28T11:00"),
        window("2026-11-30T09:00", "2026-11-30T10:00"),
    ]


def test_open_spans_are_cut_to_the_window() -> None:
    hours = Hours("UTC", (ALL_DAY,) * 7)
    looked_at = window("2026-11-23T10:07", "2026-11-25T12:20")
    assert open_spans(hours, looked_at) == [looked_at]


def test_rows_become_hours() -> None:
    day = date(2026, 12, 24)
    hours = hours_from("UTC", [(0, 600, 660), (0, 540, 600)], [(day, day, [])])
    assert hours.weekly[MON] == ((540, 660),)
    assert hours.on(day) == ()


@pytest.mark.parametrize(
    "block",
    [(540, 540), (600, 540), (-15, 60), (0, 1455), (541, 600), (540,), (True, 60), (0, "1")],
)
def test_a_bad_block_is_refused_by_name(block: tuple[int, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        clean_blocks("monday", [block])
    assert refused.value.field == "monday"


blocks_of_a_day = st.lists(
    st.tuples(st.integers(0, 95), st.integers(1, 96)).map(
        lambda pair: (pair[0] * 15, min(1440, (pair[0] + pair[1]) * 15))
    ),
    max_size=3,
).map(lambda blocks: clean_blocks("day", blocks))


@st.composite
def clock_changes(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and the instant of one of its clock changes, or any instant if it has none."""
    zone = draw(st.sampled_from(ZONES))
    year = draw(st.integers(2011, 2027))
    first, last = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 1))
    changes = [piece.start for piece in zones.stretches(zone, first, last)][1:]
    second = draw(st.sampled_from(changes) if changes else st.integers(first, last))
    return zone, datetime.fromtimestamp(second, UTC).replace(second=0)


@settings(max_examples=150, deadline=None)
@given(
    change=clock_changes(),
    week=st.lists(blocks_of_a_day, min_size=7, max_size=7),
    special=st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 2), blocks_of_a_day), max_size=2),
    before=st.integers(0, 36 * 60),
    minutes=st.integers(1, 60 * 60),
    seconds=st.integers(0, 59),
    duration=st.sampled_from([15, 30, 45, 60, 90, 120]),
    step=st.sampled_from([15, 30, 45, 60, 75]),
)
def test_starts_are_those_of_the_minute_by_minute_oracle(
    change: tuple[str, datetime],
    week: list[Blocks],
    special: list[tuple[int, int, Blocks]],
    before: int,
    minutes: int,
    seconds: int,
    duration: int,
    step: int,
) -> None:
    zone, instant = change
    week[SAT] = () if all(blocks == ALL_DAY for blocks in week) else week[SAT]
    exceptions = tuple(
        DateException(first, first + timedelta(days=more), blocks)
        for shift, more, blocks in special
        for first in [instant.date() + timedelta(days=shift)]
    )
    hours = Hours(zone, tuple(week), exceptions)
    low = instant - timedelta(minutes=before) + timedelta(seconds=seconds)
    high = low + timedelta(minutes=minutes)
    found = starts(hours, Span(low, high), duration_min=duration, step_min=step)
    assert found == oracle.starts(hours, low, high, duration, step)
    assert all(a < b for a, b in pairwise(found))
