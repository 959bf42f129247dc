"""What a round would lose if an hour were used for somebody else: the greatest prices.

The least prices of a matching say what one more hour would add, and are 0 for the only hour that
serves the only request of its kind. What counts when that hour is asked for by somebody else is
the other end: what is lost without it. Both are distances in the residual network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mockint.domain.round.edges import edges_of
from mockint.domain.round.instance import Instance, IntArray
from mockint.domain.round.solution import Match, Objective
from mockint.domain.round.worth import weights

BoolArray = NDArray[np.bool_]
A_MATCH, MOST = 100, 200
"""Points of a lost match, beside the quality that goes with it; and what no hour is above."""
_NEVER = np.iinfo(np.int64).max


def points(instance: Instance, matching: Sequence[Match]) -> IntArray:
    """Per slot the loss in points of quality, 0 to 200; a match counts 100 more than its quality.

    `matching` is the best under objective A.
    """
    one_more = a_match(instance)
    loss = np.minimum(losses(instance, matching), 2 * one_more)
    matches = (2 * loss + one_more) // (2 * one_more)
    found: IntArray = np.clip(loss - matches * (one_more - A_MATCH), 0, MOST)
    return found


def a_match(instance: Instance) -> int:
    """What a match counts in a loss: more than twice all quality, so that the two can be told
    apart."""
    return 2 * weights(instance, Objective.A).rank_weight


def losses(instance: Instance, matching: Sequence[Match]) -> IntArray:
    """Per slot how much less the others are worth under A once somebody else has it, a match
    counting `a_match`.

    That somebody also uses up the slot's day, week and interviewer. For candidates who want one
    interview each, disjoint starts and no price of load.
    """
    taken = _Taken.of(instance, matching)
    edges = edges_of(instance)
    candidate, slot = edges.candidate, edges.slot
    worth = a_match(instance) + edges.quality.astype(np.int64)
    won = _won(instance, matching)
    elsewhere = np.zeros(instance.n_candidates, np.int64)
    """What each candidate would be worth if they were there once more, or lost their hour."""
    while True:
        loss = taken.losses(instance, won - elsewhere[taken.candidate])
        after = elsewhere.copy()
        np.maximum.at(after, candidate, worth - loss[slot])
        if np.array_equal(after, elsewhere):
            return loss
        elsewhere = after


def _won(instance: Instance, matching: Sequence[Match]) -> IntArray:
    """What each match is worth."""
    one_more, found = a_match(instance), []
    for one in matching:
        part = slice(instance.pair_ptr[one.candidate], instance.pair_ptr[one.candidate + 1])
        place = np.searchsorted(instance.pair_interviewer[part], one.interviewer)
        found.append(one_more + int(instance.pair_quality[part][place]))
    return np.array(found, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """Which capacities a matching uses up; arrays by match, then by slot, day, week, person."""

    candidate: IntArray
    slot: IntArray
    full_days: BoolArray
    full_weeks: BoolArray
    full_people: BoolArray

    @classmethod
    def of(cls, instance: Instance, matching: Sequence[Match]) -> _Taken:
        place = {
            (int(who), int(start)): n
            for n, (who, start) in enumerate(
                zip(instance.slot_interviewer, instance.start, strict=True)
            )
        }
        slot = np.array([place[one.interviewer, one.start] for one in matching], np.int64)
        day = instance.slot_day[slot]
        week = instance.day_week[day]
        who = instance.week_interviewer[week]
        people = np.bincount(who, minlength=instance.n_interviewers)
        return cls(
            np.array([one.candidate for one in matching], np.int64),
            slot,
            np.bincount(day, minlength=len(instance.day_cap)) >= instance.day_cap,
            np.bincount(week, minlength=len(instance.week_cap)) >= instance.week_cap,
            people >= instance.max_total,
        )

    def losses(self, instance: Instance, given_up: IntArray) -> IntArray:
        """Per slot the least that somebody gives up for it: who has it, or one of those who used
        up its day, its week or its interviewer."""
        day = instance.slot_day[self.slot]
        week = instance.day_week[day]
        who = instance.week_interviewer[week]
        person = _least(who, given_up, self.full_people)
        weeks = _least(week, given_up, self.full_weeks, person[instance.week_interviewer])
        days = _least(day, given_up, self.full_days, weeks[instance.day_week])
        found: IntArray = days[instance.slot_day]
        found[self.slot] = given_up
        return found


def _least(
    group: IntArray, given_up: IntArray, full: BoolArray, otherwise: IntArray | int = 0
) -> IntArray:
    """Of each full group the least that one of its matches gives up; what is not full asks the
    group above. A group without any capacity can never be had."""
    least = np.full(len(full), _NEVER, np.int64)
    np.minimum.at(least, group, given_up)
    return np.where(full, least, otherwise)
