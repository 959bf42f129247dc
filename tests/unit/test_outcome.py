"""What counts as met, missed and not judged."""

from __future__ import annotations

import pytest

from tests.prove.outcome import Bound, Figure, Outcome, at_least, at_most, exactly


@pytest.mark.parametrize(
    ("bound", "good", "bad"), [(at_most(1), 1, 1.01), (at_least(2), 2, 1), (exactly(0), 0, 1)]
)
def test_bounds_include_their_limit(bound: Bound, good: float, bad: float) -> None:
    assert bound.holds(good)
    assert not bound.holds(bad)


def test_a_run_fails_when_a_required_figure_is_missed() -> None:
    shown = Figure("shown", 7)
    met = Figure("met", 7, "", at_least(7), at_least(70))
    assert Outcome([shown, met]).passed
    assert met.stretched is False
    assert not Outcome([shown, met, Figure("missed", 8, "", at_most(7))]).passed


def test_a_short_run_is_not_judged_but_may_still_reach_its_figure() -> None:
    assert Figure("rounds", 3, "", at_least(200), short="ended by --seconds").met is None
    assert Figure("rounds", 200, "", at_least(200), short="ended by --seconds").met is True
