"""What the others lose when an hour goes, against solving the round again without it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import accumulate

import pytest

from mockint.adapters import solver
from mockint.domain.round.instance import Capacity, Instance, Request, build
from mockint.domain.round.losses import a_match, losses, points
from mockint.domain.round.solution import Objective

HOUR, DAY = 60, 1440


@dataclass(frozen=True)
class Small:
    """A few people over two weeks of two days each, with caps that bite."""

    capacities: list[Capacity]
    requests: list[Request]
    suits: list[dict[int, int]]
    """For each request whom it suits, and how well."""

    def instance(self) -> Instance:
        pairs = [sorted(one.items()) for one in self.suits]
        return build(
            duration=HOUR,
            days=14,
            capacities=self.capacities,
            requests=self.requests,
            pair_ptr=list(accumulate(map(len, pairs), initial=0)),
            pair_interviewer=[who for one in pairs for who, _ in one],
            pair_quality=[quality for one in pairs for _, quality in one],
        )

    def without(self, who: int, start: int) -> Small | None:
        """The same when somebody else has this hour; None when nobody can have it."""
        before = self.capacities[who]
        spans = [
            [(first, end, cap - (first <= start < end)) for first, end, cap in spans]
            for spans in (before.days, before.weeks)
        ]
        if before.max_total < 1 or any(cap < 0 for part in spans for _, _, cap in part):
            return None
        starts = [one for one in before.starts if one != start]
        after = Capacity(starts, 0, before.max_total - 1, *spans)
        capacities = [*self.capacities[:who], after, *self.capacities[who + 1 :]]
        return replace(self, capacities=capacities)


def small(seed: int) -> Small:
    pick = random.Random(seed)
    days = (0, DAY, 7 * DAY, 8 * DAY)
    capacities, requests, suits = [], [], []
    for _ in range(pick.randint(1, 4)):
        starts = [day + hour * HOUR for day in days for hour in range(3) if pick.random() < 0.6]
        weeks = [(n * 7 * DAY, (n + 1) * 7 * DAY, pick.randint(0, 3)) for n in (0, 1)]
        caps = [(day, day + DAY, pick.randint(0, 2)) for day in days]
        capacities.append(Capacity(starts, 0, pick.randint(1, 4), caps, weeks))
    for _ in range(pick.randint(1, 7)):
        first = pick.choice(days)
        requests.append(Request([(first, pick.choice((first + 2 * HOUR, 9 * DAY)))]))
        found = (n for n in range(len(capacities)) if pick.random() < 0.6)
        suits.append({n: pick.randint(0, 100) for n in found})
    return Small(capacities, requests, suits)


def best(instance: Instance, one_more: int) -> int:
    found = solver.solve(instance, Objective.A)
    return found.matched * one_more + found.quality


@pytest.mark.parametrize("seed", range(60))
def test_a_loss_is_what_solving_again_without_the_hour_loses(seed: int) -> None:
    round_ = small(seed)
    instance = round_.instance()
    one_more = a_match(instance)
    whole = best(instance, one_more)
    found = losses(instance, solver.solve(instance, Objective.A).matching)
    for slot, (who, start) in enumerate(
        zip(instance.slot_interviewer.tolist(), instance.start.tolist(), strict=True)
    ):
        less = round_.without(who, start)
        if less is not None:
            assert found[slot] == whole - best(less.instance(), one_more), (seed, slot)


def only(*, interviewers: int, requests: int) -> Instance:
    """Everybody suits everybody with quality 40, at the same single hour."""
    pairs = [n for _ in range(requests) for n in range(interviewers)]
    return build(
        duration=HOUR, days=1,
        capacities=[Capacity([0], 0, 1, [(0, DAY, 1)]) for _ in range(interviewers)],
        requests=[Request([(0, HOUR)]) for _ in range(requests)],
        pair_ptr=[n * interviewers for n in range(requests + 1)],
        pair_interviewer=pairs, pair_quality=[40] * len(pairs),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("interviewers", "requests", "expected"),
    [
        (1, 1, [140]),  # the only hour of the only request: a match and its quality
        (2, 1, [0, 0]),  # the other one would do
        (2, 2, [140, 140]),
        (1, 2, [140]),
        (2, 0, [0, 0]),
    ],
)
def test_points_count_a_lost_match_and_its_quality(
    interviewers: int, requests: int, expected: list[int]
) -> None:
    instance = only(interviewers=interviewers, requests=requests)
    matching = solver.solve(instance, Objective.A).matching
    assert points(instance, matching).tolist() == expected
