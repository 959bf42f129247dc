"""Every reason is true: of blocks, of windows that would have helped, and of more hours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings

from mockint.domain.round import reasons
from mockint.domain.round.instance import DAY, Instance
from mockint.domain.round.reasons import Kind
from mockint.domain.round.residual import Residual, residual
from tests.unit import tiny_rounds as tiny

CHECKS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def solved(instance: Instance) -> tuple[Residual, dict[int, int]]:
    taken = tiny.best(instance)
    return residual(instance, tiny.as_matches(instance, taken)), taken


def test_the_rounds_drawn_have_something_to_tell() -> None:
    told = [one for seed in range(600) for one in reasons.of_all(solved(tiny.drawn(seed))[0])]
    assert {one.kind for one in told} == set(Kind)
    assert sum(one.kind is Kind.BLOCK and one.rivals > 1 for one in told) > 10
    assert sum(one.kind is Kind.BLOCK and bool(one.windows) for one in told) > 10


def with_window(instance: Instance, candidate: int, window: tuple[int, int]) -> Instance:
    place = int(instance.window_ptr[candidate])
    ptr = instance.window_ptr.copy()
    ptr[candidate + 1 :] += 1
    return replace(
        instance, window_ptr=ptr, window=np.insert(instance.window, place, window, axis=0)
    )


def without(instance: Instance, people: set[int]) -> Instance:
    """The same round where nobody else asks."""
    keep = np.isin(np.arange(instance.n_candidates), list(people))
    counts = np.where(keep, np.diff(instance.window_ptr), 0)
    rows = np.repeat(keep, np.diff(instance.window_ptr))
    ptr = np.concatenate([[0], np.cumsum(counts)])
    return replace(instance, window_ptr=ptr, window=instance.window[rows])


@CHECKS
@given(instance=tiny.rounds())
def test_a_block_has_as_many_places_as_people_and_nobody_of_lower_priority(
    instance: Instance,
) -> None:
    graph, taken = solved(instance)
    told = reasons.of_all(graph)
    assert [one.candidate for one in told] == sorted(set(range(instance.n_candidates)) - set(taken))
    for one in told:
        block = set(reasons.block(graph, one.candidate).tolist())
        assert block <= set(taken)
        assert one.rivals == len(block)
        assert len(tiny.best(without(instance, block | {one.candidate}))) == len(block)
        if one.kind is Kind.BLOCK:
            assert one.lowest == min(instance.priority[list(block)])
            assert one.lowest >= instance.priority[one.candidate]


@CHECKS
@given(instance=tiny.rounds())
def test_crowds_found_once_tell_the_same(instance: Instance) -> None:
    graph, _ = solved(instance)
    told = reasons.of_all(graph)
    assert reasons.of_all(graph, small=1) == told


@CHECKS
@given(instance=tiny.rounds())
def test_a_window_is_promised_exactly_when_it_gives_a_match(instance: Instance) -> None:
    graph, taken = solved(instance)
    for one in reasons.of_all(graph):
        for start in tiny.STARTS:
            window = (start, start + instance.duration)
            said = any(first <= start and window[1] <= end for first, end in one.windows)
            after = tiny.best(with_window(instance, one.candidate, window))
            assert len(after) == len(taken) + said
            assert one.candidate in after or not said
        for window in one.windows:
            after = tiny.best(with_window(instance, one.candidate, window))
            assert len(after) == len(taken) + 1
            assert one.candidate in after


@CHECKS
@given(instance=tiny.rounds())
def test_more_hours_of_an_interviewer_serve_as_many_as_said(instance: Instance) -> None:
    graph, taken = solved(instance)
    told = {one.interviewer: one.served for one in reasons.extra_hours(graph, hours=2)}
    for who in range(instance.n_interviewers):
        weeks = instance.week_interviewer == who
        days = weeks[instance.day_week]
        total = instance.max_total.copy()
        total[who] = 99
        lifted = replace(
            instance,
            max_total=total,
            week_cap=np.where(weeks, 99, instance.week_cap),
            day_cap=np.where(days, 99, instance.day_cap),
        )
        more = len(tiny.best(lifted)) - len(taken)
        assert min(more, 2) == told.get(who, 0)


def test_starts_that_follow_each_other_are_told_as_one_window() -> None:
    instance = tiny.one_giver(starts=(0, 60, 180, DAY), windows=[(2 * DAY - 60, 2 * DAY)], total=4)
    graph = residual(instance, [])
    (one,) = reasons.of_all(graph)
    assert one.kind is Kind.NO_COMMON_TIME
    assert one.windows == ((0, 120), (180, 240), (DAY, DAY + 60))
