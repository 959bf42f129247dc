"""Agreement of two raters who saw the same interview.

Two interviews of one candidate are no agreement data: another day, another question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mockint.domain.calibration.ratings import CATEGORIES, Floats, Ints, Ratings

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Agreement:
    """On one dimension, over the interviews that several rated."""

    interviews: int
    alpha: float | None
    """Krippendorff's, ordinal: 1 is full agreement, 0 is chance; None where all are equal."""
    low: float | None
    """Of its 95 % interval, by the jackknife over interviews."""
    high: float | None
    kappa: float | None
    """Cohen's with squared weights, first against second rater."""
    exact: float
    """Share of pairs with equal scores."""
    within_one: float


def agreements(ratings: Ratings) -> dict[str, Agreement]:
    """Dimension to agreement, where at least one interview has two scores on it."""
    found = {}
    rows = np.flatnonzero(ratings.seen)
    for code, name in enumerate(ratings.dimensions):
        mine = rows[ratings.dimension[rows] == code]
        counts = np.zeros((len(ratings.interviews), CATEGORIES), np.int64)
        np.add.at(counts, (ratings.interview[mine], ratings.category[mine]), 1)
        double = counts.sum(axis=1) >= 2
        if double.any():
            found[name] = _agreement(counts[double], _pairs(ratings, mine))
    return found


def alpha(counts: Ints) -> float | None:
    """Krippendorff's alpha of ordinal scores; a row a unit, a column a category, how many chose it.

    Hayes and Krippendorff 2007. None when fewer than two categories were used at all.
    """
    return _alpha(_coincidences(counts))


def _coincidences(counts: Ints) -> Floats:
    """Of each unit: pairs of categories, each unit counting as many as it has scores."""
    given = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(CATEGORIES)
    return np.asarray(pairs / (given - 1).clip(min=1)[:, None, None])


def _alpha(coincidences: Floats) -> float | None:
    together = coincidences.sum(axis=0) if coincidences.ndim == 3 else coincidences
    totals = together.sum(axis=1)
    distance = _ordinal(totals)
    by_chance = np.outer(totals, totals) - np.diag(totals)
    expected = (by_chance * distance).sum()
    if expected <= 0:
        return None
    observed = (together * distance).sum()
    return float(1 - (totals.sum() - 1) * observed / expected)


def _ordinal(totals: Floats) -> Floats:
    """Squared distances of categories: how many scores lie between them."""
    reached = np.cumsum(totals) - totals / 2
    return np.asarray((reached[:, None] - reached[None, :]) ** 2)


def _agreement(counts: Ints, pairs: Ints) -> Agreement:
    each = _coincidences(counts)
    whole = _alpha(each)
    low, high = _jackknife(each, whole)
    apart = np.abs(pairs[:, 0] - pairs[:, 1])
    return Agreement(
        len(counts),
        whole,
        low,
        high,
        weighted_kappa(pairs),
        float((apart == 0).mean()),
        float((apart <= 1).mean()),
    )


def _jackknife(each: Floats, whole: float | None) -> tuple[float | None, float | None]:
    if whole is None or len(each) < 3:
        return None, None
    together = each.sum(axis=0)
    without = [_alpha(together - one) for one in each]
    known = np.array([whole if one is None else one for one in without])
    count = len(known)
    error = np.sqrt((count - 1) / count * ((known - known.mean()) ** 2).sum())
    return max(-1.0, whole - Z95 * error), min(1.0, whole + Z95 * error)


def _pairs(ratings: Ratings, rows: Ints) -> Ints:
    """Main score and second rater's of each interview that has both, as categories."""
    second = ratings.shadow_of[ratings.feedback[rows]]
    order = np.lexsort((ratings.rater[rows], second, ratings.interview[rows]))
    rows = rows[order]
    interview = ratings.interview[rows]
    starts = np.flatnonzero(np.diff(interview, prepend=-1))
    sizes = np.diff(np.append(starts, len(rows)))
    pairs = [
        (ratings.category[rows[at]], ratings.category[rows[at + step]])
        for at, size in zip(starts, sizes, strict=True)
        for step in range(1, int(size))
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def weighted_kappa(pairs: Ints) -> float | None:
    """Cohen's kappa with squared weights of pairs of categories; None when chance is perfect."""
    if not len(pairs):
        return None
    table = np.zeros((CATEGORIES, CATEGORIES))
    np.add.at(table, (pairs[:, 0], pairs[:, 1]), 1)
    table /= table.sum()
    steps = np.arange(CATEGORIES)
    weights = (steps[:, None] - steps[None, :]) ** 2
    chance = (np.outer(table.sum(axis=1), table.sum(axis=0)) * weights).sum()
    return None if chance == 0 else float(1 - (table * weights).sum() / chance)
