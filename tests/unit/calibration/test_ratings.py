"""Ratings as columns: what is refused, and what order and names may not change."""

from __future__ import annotations

import random

import pytest

from mockint.domain.calibration.ratings import BadRatings, Rating, Ratings

ONE = Rating("f1", "i1", "ann", "rob", 3, False, "depth", 2)


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (ONE._replace(score=5), "A score is 1, 2, 3 or 4, or empty."),
        (ONE._replace(score=0), "A score is 1, 2, 3 or 4, or empty."),
        (ONE, "This feedback already has a score on this dimension."),
        (ONE._replace(dimension="tests", candidate="bea"), "An interview has one candidate."),
        (ONE._replace(dimension="tests", day=4), "An interview is on one day."),
        (ONE._replace(dimension="tests", interview="i2"), "A feedback is about one interview."),
        (ONE._replace(dimension="tests", rater="sue"), "A feedback is by one rater."),
        (ONE._replace(dimension="tests", shadow=True), "A feedback is a second rater's or it is"),
    ],
)
def test_contradictions_are_refused_with_their_row(second: Rating, sentence: str) -> None:
    with pytest.raises(BadRatings, match=sentence) as refused:
        Ratings.of([ONE, second])
    assert refused.value.row == 1


def test_interviews_of_a_candidate_follow_time() -> None:
    rows = [
        ONE._replace(feedback=f"f{day}", interview=name, day=day)
        for day, name in ((9, "a"), (2, "b"), (5, "c"))
    ]
    found = Ratings.of(rows)
    assert found.interviews == ("b", "c", "a")
    assert found.visit_of.tolist() == [0, 1, 2]


def test_the_digest_tells_what_is_said_and_not_in_which_order() -> None:
    rows = [
        ONE._replace(feedback=f"f{n}", interview=f"i{n}", day=n, score=1 + n % 4) for n in range(9)
    ]
    mixed = random.Random(4).sample(rows, len(rows))
    assert Ratings.of(rows).digest == Ratings.of(mixed).digest
    other = [rows[0]._replace(score=None), *rows[1:]]
    assert Ratings.of(rows).digest != Ratings.of(other).digest


def test_no_rows_are_no_ratings() -> None:
    assert len(Ratings.of([])) == 0
