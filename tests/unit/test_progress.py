"""Scores over time as they were given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mockint.domain.progress import series as progress
from mockint.domain.progress.series import Result

FIRST = datetime(2026, 9, 14, 13, 0, tzinfo=UTC)


def result(
    number: int, *, said: int = 3, by: int = 1, major: int = 1, **scores: int | None
) -> Result:
    return Result(number, FIRST + timedelta(days=number), by, major, said, scores)


def test_the_weakest_dimension_is_the_lowest_of_late():
    found = progress.of(
        [result(1, a=1, b=4), result(2, a=3, b=4), result(3, a=3, b=2), result(4, a=4, b=2)],
        ("a", "b"),
    )
    assert found.weakest is not None
    assert found.weakest.dimension == "b"
    assert found.gap


def test_results_are_ordered_by_time():
    found = progress.of([result(3, a=4), result(1, a=1), result(2, a=2)], ("a",))
    assert found.series[0].points == (1, 2, 4)


def test_what_was_not_observed_leaves_a_hole_and_counts_for_nothing():
    found = progress.of([result(1, a=2), result(2, a=None), result(3, a=3)], ("a",))
    series = found.series[0]
    assert series.points == (2, None, 3)
    assert series.given == (2, 3)


def test_majors_are_not_joined():
    found = progress.of(
        [result(1, a=1), result(2, a=1), result(3, a=4, major=2), result(4, a=4, major=2)], ("a",)
    )
    assert found.breaks == (2,)
    assert found.series[0].given == (4, 4)


def test_a_dimension_never_scored_is_not_the_weakest():
    found = progress.of([result(1, a=3)], ("a", "b"))
    assert found.weakest is not None
    assert found.weakest.dimension == "a"
    assert not found.gap
    assert progress.of([], ("a",)).weakest is None


def test_a_weak_one_is_the_newest_without_a_yes():
    assert progress.of([result(1, said=3), result(2, said=2)], ("a",)).after_weak
    assert not progress.of([result(1, said=1), result(2, said=3)], ("a",)).after_weak
    assert not progress.of([], ("a",)).after_weak
