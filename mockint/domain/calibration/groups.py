"""Who can be compared: candidates are connected through the raters they met."""

from __future__ import annotations

import numpy as np

from mockint.domain.calibration.ratings import Ints, Ratings


def components(ratings: Ratings) -> Ints:
    """Of each candidate: its connected part of the graph of candidates and raters.

    From 0 with the largest part first.
    """
    who = ratings.candidate_of[ratings.interview_of]
    by = ratings.rater_of
    label = np.arange(len(ratings.candidates))
    while True:
        by_rater = np.full(len(ratings.raters), len(label))
        np.minimum.at(by_rater, by, label[who])
        lower = label.copy()
        np.minimum.at(lower, who, by_rater[by])
        lower = lower[lower]
        if (lower == label).all():
            break
        label = lower
    _, code, count = np.unique(label, return_inverse=True, return_counts=True)
    rank = np.empty(len(count), np.int64)
    rank[np.argsort(-count, kind="stable")] = np.arange(len(count))
    return rank[code]


def sizes(ratings: Ratings, component: Ints) -> list[tuple[int, int]]:
    """How many candidates and how many raters each part has."""
    part = component[ratings.candidate_of[ratings.interview_of]]
    met = np.unique(np.stack((part, ratings.rater_of)), axis=1)[0]
    candidates = np.bincount(component)
    raters = np.bincount(met, minlength=len(candidates))
    return list(zip(candidates.tolist(), raters.tolist(), strict=True))
