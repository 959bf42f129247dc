"""Spans against sets of minutes; cells and bit sets against plain lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain.timespan import (
    CELL,
    Span,
    bits_every,
    bits_of,
    cell_of,
    cells,
    cells_around,
    cells_inside,
    cells_of_bits,
    cells_starting_in,
    instant_of,
    instants_of_bits,
    merge,
    runs,
    subtract,
)

ZERO = datetime(2026, 11, 23, tzinfo=UTC)


def at(minute: int) -> datetime:
    return ZERO + timedelta(minutes=minute)


def minutes(spans: list[Span]) -> set[int]:
    return {
        minute
        for span in spans
        for minute in range(
            int((span.start - ZERO).total_seconds()) // 60,
            int((span.end - ZERO).total_seconds()) // 60,
        )
    }


some_spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
        lambda pair: Span(at(pair[0]), at(pair[0] + pair[1]))
    ),
    max_size=6,
)


@given(some_spans, some_spans)
def test_the_algebra_is_that_of_sets(one: list[Span], other: list[Span]) -> None:
    assert minutes(merge(one)) == minutes(one)
    assert minutes(subtract(one, other)) == minutes(one) - minutes(other)


@given(some_spans, some_spans)
def test_results_are_sorted_and_apart(one: list[Span], other: list[Span]) -> None:
    for result in (merge(one), subtract(one, other)):
        assert all(a.end < b.start for a, b in pairwise(result))


def test_spans_that_touch_do_not_overlap_but_join() -> None:
    first, second = Span(at(0), at(15)), Span(at(15), at(30))
    assert not first.overlaps(second)
    assert merge([second, first]) == [Span(at(0), at(30))]
    assert first.contains(at(0))
    assert not first.contains(at(15))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (at(0), at(0)),
        (at(1), at(0)),
        (datetime(2026, 1, 1), datetime(2026, 1, 2)),  # noqa: DTZ001 - naive on purpose
        (at(0), at(60).astimezone(timezone(timedelta(hours=1)))),
    ],
)
def test_a_span_is_utc_and_not_empty(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError):
        Span(start, end)


def test_cells_count_quarters_since_1970() -> None:
    assert cell_of(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert cell_of(datetime(1970, 1, 2, tzinfo=UTC)) == 96
    assert instant_of(cell_of(at(45))) == at(45)
    assert len(cells(at(0), at(90))) == 6


@pytest.mark.parametrize("off", [timedelta(minutes=1), timedelta(seconds=1), timedelta.resolution])
def test_an_instant_off_the_grid_has_no_cell(off: timedelta) -> None:
    with pytest.raises(ValueError):
        cell_of(ZERO + off)


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_cells_of_a_crooked_span(start: int, length: int) -> None:
    span = Span(ZERO + timedelta(seconds=start), ZERO + timedelta(seconds=start + length))
    all_cells = range(cell_of(ZERO) - 1, cell_of(ZERO) + 20)
    begins = {cell: instant_of(cell) for cell in all_cells}
    inside = [c for c in all_cells if begins[c] >= span.start and begins[c] + CELL <= span.end]
    around = [c for c in all_cells if begins[c] < span.end and begins[c] + CELL > span.start]
    assert list(cells_inside(span)) == inside
    assert list(cells_around(span)) == around
    assert list(cells_starting_in(span)) == [c for c in all_cells if span.contains(begins[c])]


ranges = st.tuples(st.integers(-30, 60), st.integers(0, 40), st.integers(1, 7)).map(
    lambda r: range(r[0], r[0] + r[1], r[2])
)


@given(ranges)
def test_bits_of_a_part_are_those_inside_the_frame(part: range) -> None:
    frame = range(5, 40)
    assert cells_of_bits(bits_every(part, frame), frame) == [c for c in part if c in frame]
    whole = range(part.start, part.stop)
    assert cells_of_bits(bits_of(whole, frame), frame) == [c for c in whole if c in frame]


@given(st.integers(0, 2**40))
def test_instants_of_bits_are_when_their_cells_begin(bits: int) -> None:
    frame = range(-3, 60)
    expected = [instant_of(cell) for cell in cells_of_bits(bits, frame)]
    assert instants_of_bits(bits, frame) == expected


@given(st.integers(0, 2**40), st.integers(1, 9))
def test_runs_begin_where_enough_ones_follow(bits: int, length: int) -> None:
    text = f"{bits:b}"[::-1]
    expected = [k for k in range(len(text)) if text[k : k + length] == "1" * length]
    assert cells_of_bits(runs(bits, length), range(50)) == expected
