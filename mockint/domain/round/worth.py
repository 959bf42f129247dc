"""What a matching is worth under an objective, exactly: numbers of each level, and one integer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mockint.domain.round.instance import Instance, IntArray
from mockint.domain.round.solution import Match, Objective


@dataclass(frozen=True, slots=True)
class Worth:
    """The levels of a matching, and its value in the weights of `Weights`."""

    matched: int
    classes: tuple[int, ...]
    priority_profile: tuple[int, ...]
    quality: int
    load_cost: int
    kept: int
    value: int


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """An edge is worth `rank[candidate] * rank_weight + kept * kept_weight + quality`.

    One more of a level outweighs all that lower levels can sum up to. Under B one weight serves
    all classes: candidates who can be served together form a matroid, so that only the order
    of their ranks counts.
    """

    rank: IntArray
    rank_weight: int
    kept_weight: int


def weights(instance: Instance, objective: Objective) -> Weights:
    """The exact weights of an objective."""
    most = most_matches(instance)
    best = int(instance.pair_quality.max(initial=0))
    one_more = most * best + highest_load_cost(instance) + 1
    rank = np.ones(instance.n_candidates, np.int64)
    if objective is Objective.B:
        rank = np.unique(instance.priority, return_inverse=True)[1].astype(np.int64) + 1
    if objective is Objective.C and len(instance.previous):
        return Weights(rank, one_more * (most + 1), one_more)
    return Weights(rank, one_more, 0)


def most_matches(instance: Instance) -> int:
    """No matching has more interviews, by what is asked and what is offered."""
    offered = np.minimum(np.diff(instance.start_ptr), instance.max_total)
    return int(min(instance.wants.sum(), offered.sum()))


def highest_load_cost(instance: Instance) -> int:
    """No matching loses more quality to load."""
    offered = np.minimum(np.diff(instance.start_ptr), instance.max_total)
    return int(instance.load_price * (offered * (offered - 1) // 2).sum())


def worth(instance: Instance, objective: Objective, matching: Iterable[Match]) -> Worth:
    """Count a matching; every match must be an eligible pair."""
    matches = list(matching)
    candidate = np.array([one.candidate for one in matches], np.int64)
    interviewer = np.array([one.interviewer for one in matches], np.int64)
    before = set(map(tuple, instance.previous.tolist()))
    kept = sum((one.candidate, one.interviewer, one.start) in before for one in matches)
    quality = int(pair_quality(instance, candidate, interviewer).sum())
    taken = np.bincount(interviewer, minlength=instance.n_interviewers)
    load_cost = int(instance.load_price * (taken * (taken - 1) // 2).sum())
    classes = np.unique(instance.priority)[::-1]
    each = weights(instance, objective)
    return Worth(
        matched=len(matches),
        classes=tuple(classes.tolist()),
        priority_profile=tuple(int((instance.priority[candidate] == one).sum()) for one in classes),
        quality=quality,
        load_cost=load_cost,
        kept=kept,
        value=int(each.rank[candidate].sum()) * each.rank_weight
        + kept * each.kept_weight
        + quality
        - load_cost,
    )


def pair_quality(instance: Instance, candidate: IntArray, interviewer: IntArray) -> IntArray:
    """The quality of eligible pairs."""
    keys = _pair_keys(instance)
    found = np.searchsorted(keys, candidate * instance.n_interviewers + interviewer)
    return instance.pair_quality[found]


def _pair_keys(instance: Instance) -> IntArray:
    whose = np.repeat(np.arange(instance.n_candidates), np.diff(instance.pair_ptr))
    return whose * instance.n_interviewers + instance.pair_interviewer
