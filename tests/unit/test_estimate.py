"""What a level may be read to say: change, strengths, readiness, and what it does not know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockint.domain.calibration.level import Interval, Visit
from mockint.domain.progress import estimate, series
from mockint.domain.progress.estimate import Change, Move, Readiness, Standing
from mockint.domain.progress.series import Result
from tests.support.levels import interval, level

FIRST = datetime(2026, 9, 14, 13, 0, tzinfo=UTC)


def result(number: int, *, by: int = 0, major: int = 1, said: int = 3, **scores: int | None):
    return Result(number, FIRST + timedelta(days=number), by or number, major, said, scores)


def known(found, results):
    made = estimate.known(found, results)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("low", "high", "move"),
    [
        (0.01, 0.8, Move.PROGRESS),
        (0.0, 0.8, Move.CHANCE),
        (-0.2, 0.8, Move.CHANCE),
        (-0.8, 0.0, Move.CHANCE),
        (-0.8, -0.01, Move.DECLINE),
    ],
)
def test_progress_is_only_what_excludes_zero(low, high, move):
    assert Change((low + high) / 2, low, high).move == move


def test_a_change_adds_both_uncertainties():
    found = estimate.change(Interval(2.0, 1.7, 2.4), Interval(3.0, 2.6, 3.3))
    assert found.value == pytest.approx(1.0)
    assert found.low == pytest.approx(1.0 - (0.4**2 + 0.4**2) ** 0.5)
    assert found.high == pytest.approx(1.0 + (0.3**2 + 0.3**2) ** 0.5)


def test_under_three_scores_there_is_no_line():
    for count in (1, 2, 3):
        results = [result(n, a=2 + n % 2) for n in range(1, count + 1)]
        found = known(level([r.booking_id for r in results], {"a": [2.0] * count}), results)
        line = estimate.line(found, series.of(results, ("a",)), "a")
        assert (line.change is not None) == (count == 3)
        assert (line.latest is not None) == (count == 3)


def test_a_dimension_needs_three_scores_of_its_own():
    results = [result(n, a=3, b=None if n == 2 else 3) for n in (1, 2, 3)]
    found = known(level([1, 2, 3], {"a": [2, 2.5, 3], "b": [2, 2.5, 3]}), results)
    progress = series.of(results, ("a", "b"))
    assert estimate.line(found, progress, "a").change is not None
    assert estimate.line(found, progress, "b").change is None


def test_a_change_begins_at_the_newest_rubric():
    results = [result(n, a=3, major=1 if n < 3 else 2) for n in range(1, 6)]
    found = known(level([1, 2, 3, 4, 5], {"a": [1.2, 1.4, 3.0, 3.1, 3.2]}), results)
    progress = series.of(results, ("a",))
    line = estimate.line(found, progress, "a")
    assert progress.breaks == (2,)
    assert line.change is not None
    assert line.change.value == pytest.approx(0.2)
    early = [*results[:3], result(4, a=3, major=2)]
    assert estimate.line(found, series.of(early, ("a",)), "a").change is None


def test_what_cannot_be_read_does_not_shine_through():
    """The level knows interview 3, which was withdrawn since: visits end before it."""
    results = [result(1, a=3), result(2, a=3), result(4, a=3)]
    found = known(level([1, 2, 3, 4], {"a": [2.0, 2.2, 3.9, 3.8]}), results)
    assert [int(visit.interview) for visit in found.visits] == [1, 2]
    assert found.last.dimensions["a"].value == 2.2
    assert found.unknown == (2,)


def test_newer_interviews_are_named_as_unknown():
    results = [result(n, a=3) for n in (1, 2, 3, 4)]
    assert known(level([1, 2, 3], {"a": [2, 2, 2]}), results).unknown == (3,)
    assert estimate.known(None, results) is None
    assert estimate.known(level([9], {"a": [2]}), results) is None


def test_only_the_largest_component_counts_as_connected():
    results = [result(1, a=3)]
    for component, alone in ((0, False), (1, True)):
        found = known(level([1], {"a": [2]}, component=component), results)
        assert found.alone is alone


def test_a_strength_is_named_at_nine_to_one_only():
    visit = Visit(
        1,
        interval(2.5, 0.2),
        {"high": interval(3.3), "near": interval(2.6), "low": interval(1.7)},
    )
    found = {
        lean.dimension: lean for lean in estimate.leans(visit, ("low", "near", "high", "gone"))
    }
    assert list(found) == ["high", "near", "low"]
    assert found["high"].standing == Standing.STRENGTH
    assert found["near"].standing == Standing.EVEN
    assert found["low"].standing == Standing.GAP
    assert found["near"].low < 0 < found["near"].high
    wide = Visit(1, interval(2.5, 0.5), {"high": interval(2.9, 0.9)})
    assert estimate.leans(wide, ("high",))[0].standing == Standing.EVEN


@pytest.mark.parametrize(
    ("value", "reach", "least", "most"),
    [(3.0, 0.3, 0.499, 0.501), (3.5, 0.2, 0.99, 1.0), (2.4, 0.3, 0.0, 0.02), (2.9, 0.5, 0.3, 0.45)],
)
def test_the_chance_at_the_bar_is_read_off_the_interval(value, reach, least, most):
    assert least <= estimate.chance_at_bar(interval(value, reach)) <= most


def test_the_ends_of_the_scale_have_a_chance_too():
    assert estimate.chance_at_bar(Interval(4.0, 3.9, 4.0)) > 0.99
    assert estimate.chance_at_bar(Interval(1.0, 1.0, 1.1)) < 0.01


@pytest.mark.parametrize(
    ("value", "by", "said"),
    [
        (3.6, (1, 2), Readiness.EARLY),
        (3.6, (1, 1, 1), Readiness.EARLY),
        (3.6, (1, 1, 2), Readiness.LIKELY),
        (3.0, (1, 1, 2), Readiness.OPEN),
        (2.95, (1, 2, 3, 4), Readiness.OPEN),
        (2.2, (1, 2, 3), Readiness.NOT_YET),
    ],
)
def test_readiness_needs_three_interviews_by_two_people(value, by, said):
    results = [result(n, by=who, a=3) for n, who in enumerate(by, start=1)]
    ids = [one.booking_id for one in results]
    found = estimate.known(level(ids, {"a": [value] * len(ids)}), results)
    assert estimate.readiness(found, results) == said
    assert estimate.readiness(None, results) == Readiness.EARLY


def test_what_the_estimate_does_not_know_does_not_make_ready():
    results = [result(n, a=3) for n in (1, 2, 3)]
    found = estimate.known(level([1, 2], {"a": [3.6, 3.6]}), results)
    assert estimate.readiness(found, results) == Readiness.EARLY
