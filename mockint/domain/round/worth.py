"""What a matching is worth under an objective, exactly: numbers of each level, and one integer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from operator import mul

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
    served = tuple(int((instance.priority[candidate] == one).sum()) for one in classes)
    return Worth(
        matched=len(matches),
        classes=tuple(classes.tolist()),
        priority_profile=tuple(int((instance.priority[candidate] == one).sum()) for one in classes),
        quality=quality,
        load_cost=load_cost,
        kept=kept,
        value=value_of(instance, objective, Levels(served, kept, quality - load_cost)),
    )


@dataclass(frozen=True, slots=True)
class Levels:
    """Interviews per priority class, highest first; matches kept; quality less load."""

    served: tuple[int, ...]
    kept: int
    quality: int


def value_of(instance: Instance, objective: Objective, levels: Levels) -> int:
    """One integer that is higher exactly when the levels are better in the objective's order.

    Where everybody wants one interview, it is the sum of the weights of the edges. Otherwise the
    candidates served form no matroid, and each priority class outweighs all lower ones.
    """
    each = weights(instance, objective)
    if objective is not Objective.B or (instance.wants <= 1).all():
        ranks = range(len(levels.served), 0, -1) if objective is Objective.B else repeat(1)
        total: int = sum(map(mul, levels.served, ranks))
        return total * each.rank_weight + levels.kept * each.kept_weight + levels.quality
    more = most_matches(instance) + 1
    number = sum(levels.served)
    for one in levels.served:
        number = number * more + one
    return number * each.rank_weight + levels.quality


def pair_quality(instance: Instance, candidate: IntArray, interviewer: IntArray) -> IntArray:
    """The quality of eligible pairs."""
    keys = _pair_keys(instance)
    found = np.searchsorted(keys, candidate * instance.n_interviewers + interviewer)
    return instance.pair_quality[found]


def _pair_keys(instance: Instance) -> IntArray:
    whose = np.repeat(np.arange(instance.n_candidates), np.diff(instance.pair_ptr))
    return whose * instance.n_interviewers + instance.pair_interviewer


def previous_slots(instance: Instance) -> tuple[IntArray, IntArray]:
    """Candidates and slots of the previous matching, as far as the starts are still offered."""
    candidate, interviewer, start = instance.previous.T
    first = instance.start.min(initial=0)
    span = int(instance.start.max(initial=0) - first) + 1
    keys = instance.slot_interviewer * span + instance.start - first
    wanted = interviewer * span + start - first
    place = np.minimum(np.searchsorted(keys, wanted), max(0, instance.n_slots - 1))
    there = (start >= first) & (start - first < span)
    there &= keys[place] == wanted if instance.n_slots else False
    return candidate[there], place[there]
