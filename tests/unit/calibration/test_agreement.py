"""Agreement against the package that others use, and on tables that can be checked by hand."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain.calibration.agreement import agreements, alpha, weighted_kappa
from mockint.domain.calibration.ratings import Rating, Ratings

counts = st.lists(
    st.lists(st.integers(0, 3), min_size=4, max_size=4).filter(lambda row: sum(row) >= 2),
    min_size=2,
    max_size=12,
)


@given(counts)
def test_alpha_is_what_the_package_says(rows: list[list[int]]) -> None:
    table = np.array(rows)
    found = alpha(table)
    if (table.sum(axis=0) > 0).sum() < 2:
        assert found is None
        return
    theirs = krippendorff.alpha(
        value_counts=table, value_domain=[1, 2, 3, 4], level_of_measurement="ordinal"
    )
    assert found == pytest.approx(theirs, abs=1e-4)


def test_equal_scores_agree_fully_and_opposite_ones_less_than_chance() -> None:
    assert alpha(np.array([[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 2]])) == pytest.approx(1.0)
    opposite = alpha(np.array([[1, 0, 0, 1], [1, 0, 0, 1]]))
    assert opposite is not None
    assert opposite < 0


def test_kappa_counts_squared_steps() -> None:
    assert weighted_kappa(np.array([(0, 0), (3, 3), (1, 1)])) == pytest.approx(1.0)
    assert weighted_kappa(np.array([(0, 3), (3, 0)])) == pytest.approx(-1.0)
    # Chance: half of all pairs lie three steps apart, 4.5 on average; seen: a quarter, 2.25.
    assert weighted_kappa(
        np.array([(0, 0), (3, 3), (0, 3), (3, 3), (0, 0), (3, 0), (0, 0), (3, 3)])
    ) == pytest.approx(0.5)
    assert weighted_kappa(np.array([(1, 1), (1, 1)])) is None
    assert weighted_kappa(np.empty((0, 2), int)) is None


def test_only_interviews_that_two_rated_count() -> None:
    def one(interview: int, rater: str, score: int | None) -> Rating:
        name = f"{interview}{rater}"
        return Rating(name, str(interview), "ann", rater, interview, rater == "b", "depth", score)

    rows = [
        one(n, rater, 1 + (n + (rater == "b" and n == 3)) % 4) for n in range(6) for rater in "ab"
    ]
    rows += [one(9, "a", 4), one(8, "a", 2), one(8, "b", None)]
    found = agreements(Ratings.of(rows))["depth"]
    assert found.interviews == 6
    assert found.exact == pytest.approx(5 / 6)
    assert found.within_one == pytest.approx(5 / 6), "a 4 beside a 1"
    assert found.alpha is not None
    assert found.low is not None
    assert found.low < found.alpha
