"""A linear mixed model of each feedback's mean score, as a check on the overall level.

mean = grand mean + candidate + rater + rest, candidates and raters normal. It says nothing of
dimensions and its intervals are too narrow, but its estimates should lie close to the model's.
"""

from __future__ import annotations

import numpy as np

from mockint.domain.calibration.ratings import Floats, Ints, Ratings

ROUNDS = (1.0, 0.5, 0.25)
LEAST, MOST = np.log(1e-4), np.log(1e3)


def overall(ratings: Ratings) -> Floats:
    """The level of each candidate on the 1 to 4 scale."""
    rows = np.flatnonzero(ratings.seen)
    given = np.bincount(ratings.feedback[rows], minlength=len(ratings.feedbacks))
    total = np.bincount(ratings.feedback[rows], ratings.category[rows] + 1, len(ratings.feedbacks))
    scored = np.flatnonzero(given)
    fit = _Fit(ratings, total[scored] / given[scored], scored)
    at = np.zeros(2)
    height = fit.height(at)
    for reach in ROUNDS:
        for one in range(2):
            step = np.zeros(2)
            step[one] = reach
            low, high = fit.height(at - step), fit.height(at + step)
            bend = low - 2 * height + high
            away = 0.5 * (low - high) / bend if bend < 0 else np.sign(high - low) * 2
            tried = (at + step * np.clip(away, -2, 2)).clip(LEAST, MOST)
            found = fit.height(tried)
            if found > height:
                at, height = tried, found
    return fit.candidates(at)


class _Fit:
    """Henderson's equations with the candidates eliminated; ratios are to the rest's variance."""

    def __init__(self, ratings: Ratings, means: Floats, feedbacks: Ints) -> None:
        self._y = means - means.mean()
        self._grand = float(means.mean())
        self._candidate = ratings.candidate_of[ratings.interview_of[feedbacks]]
        self._rater = ratings.rater_of[feedbacks]
        self._people, self._raters = len(ratings.candidates), len(ratings.raters)
        pair = self._candidate * self._raters + self._rater
        met, counts = np.unique(pair, return_counts=True)
        self._pairs = np.divmod(met, self._raters)
        self._counts = counts.astype(np.float64)
        self._seen = np.bincount(self._candidate, minlength=self._people).astype(np.float64)

    def _solved(self, at: Floats) -> tuple[Floats, Floats, float]:
        """Effects of candidates, of raters with the grand mean, and the log determinant."""
        of_candidates, of_raters = np.exp(at)
        own = self._seen + 1 / of_candidates
        size = self._raters + 1
        cross_who, cross_by = self._pairs
        matrix = np.zeros((size, size))
        diagonal = np.arange(self._raters)
        by_rater = np.bincount(self._rater, minlength=self._raters)
        matrix[diagonal, diagonal] = by_rater + 1 / of_raters
        matrix[-1, -1] = len(self._y)
        matrix[-1, :-1] = matrix[:-1, -1] = by_rater
        right = np.append(np.bincount(self._rater, self._y, self._raters), self._y.sum())
        own_right = np.bincount(self._candidate, self._y, self._people)
        dense = _products(cross_who, cross_by, self._counts, own, self._raters)
        matrix[:-1, :-1] -= dense
        seen = np.bincount(cross_by, self._counts * (self._seen / own)[cross_who], self._raters)
        matrix[-1, :-1] -= seen
        matrix[:-1, -1] -= seen
        matrix[-1, -1] -= (self._seen**2 / own).sum()
        right[:-1] -= np.bincount(
            cross_by, self._counts * (own_right / own)[cross_who], self._raters
        )
        right[-1] -= (self._seen * own_right / own).sum()
        found = np.linalg.solve(matrix, right)
        met = np.bincount(cross_who, self._counts * found[cross_by], self._people)
        candidates = (own_right - met - self._seen * found[-1]) / own
        determinant = np.log(own).sum() + np.linalg.slogdet(matrix)[1]
        return candidates, found, float(determinant)

    def height(self, at: Floats) -> float:
        """The restricted log-likelihood, the rest's variance at its best."""
        candidates, found, determinant = self._solved(at)
        rest = self._y - candidates[self._candidate] - found[self._rater] - found[-1]
        explained = float((self._y * rest).sum())
        count = len(self._y)
        return -0.5 * float(
            count * np.log(max(explained, 1e-12) / count)
            + self._people * at[0]
            + self._raters * at[1]
            + determinant
        )

    def candidates(self, at: Floats) -> Floats:
        candidates, found, _ = self._solved(at)
        return np.asarray(self._grand + found[-1] + candidates)


def _products(who: Ints, by: Ints, counts: Floats, own: Floats, raters: int) -> Floats:
    """Sum over candidates of (count x count) / own for each two raters they met."""
    found = np.zeros(raters * raters)
    first, each = np.unique(who, return_index=True)
    sizes = np.diff(np.append(each, len(who)))
    for size in np.unique(sizes):
        at = each[sizes == size][:, None] + np.arange(size)
        place = by[at]
        value = counts[at][:, :, None] * counts[at][:, None, :]
        value /= own[first[sizes == size]][:, None, None]
        flat = (place[:, :, None] * raters + place[:, None, :]).ravel()
        found += np.bincount(flat, value.ravel(), raters * raters)
    return found.reshape(raters, raters)
