"""What a few scores may be said to show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockint.domain.progress import series as progress
from mockint.domain.progress.series import Direction, Readiness, Result

FIRST = datetime(2026, 9, 14, 13, 0, tzinfo=UTC)


def result(
    number: int, *, said: int = 3, by: int = 1, major: int = 1, **scores: int | None
) -> Result:
    return Result(number, FIRST + timedelta(days=number), by, major, said, scores)


@pytest.mark.parametrize(
    ("scores", "direction", "chance"),
    [
        ((), Direction.EARLY, True),
        ((2, 3), Direction.EARLY, True),
        ((2, 3, 3), Direction.UP, True),
        ((3, 3, 3), Direction.EVEN, True),
        ((4, 3, 3), Direction.DOWN, True),
        ((2, 2, 2, 3, 3), Direction.UP, False),
        ((3, 2, 3, 3, 3), Direction.EVEN, True),
        ((4, 4, 3, 2, 2), Direction.DOWN, False),
        ((2, 3, 3, 3, 4), Direction.UP, True),
    ],
)
def test_a_trend_needs_three_scores_and_certainty_five(scores, direction, chance):
    found = progress.trend(scores)
    assert (found.direction, found.chance) == (direction, chance)


def test_the_weakest_dimension_is_the_lowest_of_late():
    found = progress.of(
        [result(1, a=1, b=4), result(2, a=3, b=4), result(3, a=3, b=2), result(4, a=4, b=2)],
        ("a", "b"),
    )
    assert found.weakest is not None
    assert found.weakest.dimension == "b"
    assert found.gap
    assert [series.dimension for series in found.gaps()] == ["b"]
    assert [series.dimension for series in found.strengths()] == ["a"]


def test_results_are_ordered_by_time():
    found = progress.of([result(3, a=4), result(1, a=1), result(2, a=2)], ("a",))
    assert found.series[0].points == (1, 2, 4)


def test_what_was_not_observed_leaves_a_hole_and_counts_for_nothing():
    found = progress.of([result(1, a=2), result(2, a=None), result(3, a=3)], ("a",))
    series = found.series[0]
    assert series.points == (2, None, 3)
    assert series.given == (2, 3)
    assert series.trend.direction == Direction.EARLY
    assert found.strengths() == []


def test_majors_are_not_joined():
    found = progress.of(
        [result(1, a=1), result(2, a=1), result(3, a=4, major=2), result(4, a=4, major=2)], ("a",)
    )
    assert found.breaks == (2,)
    assert found.series[0].given == (4, 4)
    assert found.series[0].trend.direction == Direction.EARLY


def test_a_dimension_never_scored_is_not_the_weakest():
    found = progress.of([result(1, a=3)], ("a", "b"))
    assert found.weakest is not None
    assert found.weakest.dimension == "a"
    assert not found.gap
    assert progress.of([], ("a",)).weakest is None


@pytest.mark.parametrize(
    ("said", "by", "expected"),
    [
        ((3, 3), (1, 2), Readiness.EARLY),
        ((3, 3, 4), (1, 1, 1), Readiness.EARLY),
        ((3, 3, 4), (1, 1, 2), Readiness.LIKELY),
        ((1, 3, 3, 4), (1, 1, 2, 1), Readiness.LIKELY),
        ((3, 2, 3), (1, 1, 2), Readiness.OPEN),
        ((4, 2, 1, 2), (1, 1, 2, 2), Readiness.NOT_YET),
    ],
)
def test_readiness_reads_the_last_three(said, by, expected):
    results = [
        result(number, said=points, by=person)
        for number, (points, person) in enumerate(zip(said, by, strict=True))
    ]
    assert progress.readiness(results) == expected
