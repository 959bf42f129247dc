"""Why somebody has no match in a round, and what would have given them one.

All of it is read off one matching that serves as many as possible: nothing is solved again. Who
competes with an unmatched candidate is everybody reached from them (a circuit of the matroid of
sets that can be served), so under objective B nobody among them has a lower priority.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from mockint.domain.round.instance import IntArray
from mockint.domain.round.repair import carried_out, shortest
from mockint.domain.round.residual import (
    NOBODY,
    BoolArray,
    Residual,
    leading_to,
    only,
    ranges,
    reach,
)

SMALL = 256
"""So many competitors are listed one candidate at a time; larger crowds are found once."""


class Kind(StrEnum):
    NOBODY_SUITS = "nobody_suits"
    """Not one eligible interviewer."""
    NO_COMMON_TIME = "no_common_time"
    """Eligible interviewers, but no start of theirs inside the windows."""
    NO_PLACE = "no_place"
    """Starts inside the windows, but none that an interviewer had room for."""
    BLOCK = "block"
    """All such places went to people at least as far up."""


@dataclass(frozen=True, slots=True)
class Reason:
    candidate: int
    kind: Kind
    suited: int
    """Eligible interviewers."""
    rivals: int = 0
    """Matched people who compete for the same places; there are exactly as many places."""
    lowest: int = 0
    """The lowest priority among them."""
    windows: tuple[tuple[int, int], ...] = ()
    """Any of these windows [from, to) as well, and this candidate would have been matched."""


def of_all(graph: Residual, *, small: int = SMALL) -> list[Reason]:
    """A reason for everybody who is unmatched, in their order; `small` decides the pace only."""
    crowds = _Crowds(graph, small)
    alive = leading_to(graph, only(graph, graph.open))
    slots = np.flatnonzero(alive[graph.limit])
    ptr = np.searchsorted(slots, graph.instance.start_ptr)
    return [
        replace(_reason(graph, one, crowds), windows=_windows(graph, one, ptr, slots))
        for one in map(int, graph.unmatched)
    ]


def block(graph: Residual, candidate: int) -> IntArray:
    """The matched people who compete with this candidate."""
    seen = np.zeros(graph.instance.n_candidates, bool)
    reach(graph, np.array([candidate]), seen)
    return np.flatnonzero(seen)


def _reason(graph: Residual, candidate: int, crowds: _Crowds) -> Reason:
    instance = graph.instance
    suited = int(instance.pair_ptr[candidate + 1] - instance.pair_ptr[candidate])
    if not suited:
        return Reason(candidate, Kind.NOBODY_SUITS, 0)
    if graph.edges.ptr[candidate] == graph.edges.ptr[candidate + 1]:
        return Reason(candidate, Kind.NO_COMMON_TIME, suited)
    rivals, lowest = crowds.of(candidate)
    if not rivals:
        return Reason(candidate, Kind.NO_PLACE, suited)
    return Reason(candidate, Kind.BLOCK, suited, rivals, lowest)


class _Crowds:
    """Who competes with each of thousands: crowds that many run into are reached only once."""

    def __init__(self, graph: Residual, small: int) -> None:
        self._graph = graph
        self._small = small
        self._crowds: list[tuple[BoolArray, BoolArray]] = []
        """Limits that lead into a crowd, and everybody in it; a crowd leads nowhere else."""
        self._known: dict[tuple[tuple[int, ...], bytes], tuple[int, int]] = {}

    def of(self, candidate: int) -> tuple[int, int]:
        """How many they are, and the lowest priority among them."""
        into, own = self._walk(candidate)
        key = tuple(into), own.tobytes()
        if key not in self._known:
            seen = np.zeros(self._graph.instance.n_candidates, bool)
            seen[own] = True
            for number in into:
                seen |= self._crowds[number][1]
            priority = self._graph.instance.priority[seen]
            self._known[key] = int(seen.sum()), int(priority.min(initial=9))
        return self._known[key]

    def _walk(self, candidate: int) -> tuple[list[int], IntArray]:
        """The crowds that they run into, and who else competes with them."""
        graph = self._graph
        seen = np.zeros(graph.instance.n_candidates, bool)
        into: list[int] = []
        alone = np.zeros(len(seen), bool)
        frontier, most = np.array([candidate]), self._small
        while len(frontier):
            limits = _limits_of(graph, frontier)
            for number, (leads, crowd) in enumerate(self._crowds):
                if number not in into and leads[limits].any():
                    into.append(number)
                    seen |= crowd
                    alone &= ~crowd
            frontier = graph.reached(limits, seen)
            seen[frontier] = alone[frontier] = True
            if alone.sum() > most:
                if self._add(np.flatnonzero(alone), seen & ~alone):
                    return self._walk(candidate)
                most = len(alone)
        return sorted(into), np.flatnonzero(alone)

    def _add(self, people: IntArray, known: BoolArray) -> bool:
        """Another crowd, if one of a few of these people competes with many not `known`."""
        graph = self._graph
        best, most = NOBODY, self._small // 2
        for one in people[:: max(1, len(people) // 4)].tolist():
            crowd = _crowd(graph, one)
            if (size := int((crowd & ~known).sum())) >= most:
                best, most = one, size
        if best == NOBODY:
            return False
        places = only(graph, *graph.under[graph.slot_of[best]].tolist())
        self._crowds.append((leading_to(graph, places), _crowd(graph, best)))
        return True


def _crowd(graph: Residual, one: int) -> BoolArray:
    """Everybody who competes with somebody matched, and they themselves."""
    crowd = np.zeros(graph.instance.n_candidates, bool)
    crowd[one] = True
    reach(graph, np.array([one]), crowd)
    return crowd


def _limits_of(graph: Residual, candidates: IntArray) -> IntArray:
    places, _ = graph.options(candidates)
    hit = np.zeros(graph.shut + 1, bool)
    hit[graph.limit[graph.edges.slot[places]]] = True
    return np.flatnonzero(hit)


def _eligible(graph: Residual, candidate: int, ptr: IntArray, slots: IntArray) -> IntArray:
    """Of these slots, by interviewer, the ones of eligible interviewers."""
    first, last = graph.instance.pair_ptr[candidate : candidate + 2]
    return slots[ranges(ptr, graph.instance.pair_interviewer[first:last])]


def _windows(
    graph: Residual, candidate: int, ptr: IntArray, slots: IntArray
) -> tuple[tuple[int, int], ...]:
    """The starts that would have helped, joined where one interview ends as another begins."""
    starts = np.unique(graph.instance.start[_eligible(graph, candidate, ptr, slots)])
    if not len(starts):
        return ()
    breaks = np.flatnonzero(np.diff(starts) > graph.instance.duration) + 1
    ends = starts + graph.instance.duration
    pieces = np.split(np.arange(len(starts)), breaks)
    return tuple((int(starts[one[0]]), int(ends[one[-1]])) for one in pieces)


@dataclass(frozen=True, slots=True)
class ExtraHours:
    """What an interviewer's own unused starts would give if no limit of theirs counted."""

    interviewer: int
    served: int
    """So many more candidates would be matched, exactly; counted up to a number of hours."""


def extra_hours(graph: Residual, *, most: int = 20, hours: int = 5) -> list[ExtraHours]:
    """What up to `hours` more of one interviewer serve: up to `most` of them, the most first."""
    usable = np.zeros(graph.instance.n_slots, bool)
    places, _ = graph.options(np.flatnonzero(_competing(graph)))
    usable[graph.edges.slot[places]] = True
    usable &= graph.holder == NOBODY
    whose = graph.instance.slot_interviewer[usable]
    bound = np.bincount(whose, minlength=graph.instance.n_interviewers)
    bound = np.minimum(bound, min(hours, len(graph.unmatched)))
    likely = np.argsort(-bound, kind="stable")[:most]
    likely = likely[bound[likely] > 0]
    plain = _without_moves(graph, likely)
    found = [
        ExtraHours(who, up_to if plain[who] >= up_to else _served(graph, who, up_to))
        for who, up_to in zip(likely.tolist(), bound[likely].tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.served, one.interviewer))


def _without_moves(graph: Residual, interviewers: IntArray) -> Counter[int]:
    """How many unmatched people their unused starts would serve at least, with nobody moved."""
    whose = graph.instance.slot_interviewer
    looked_at = np.isin(whose, interviewers) & (graph.holder == NOBODY)
    places, row = graph.options(graph.unmatched)
    slots = graph.edges.slot[places]
    kept = looked_at[slots]
    served: Counter[int] = Counter()
    taken: set[tuple[int, int]] = set()
    filled: set[int] = set()
    for slot, one in zip(slots[kept].tolist(), row[kept].tolist(), strict=True):
        who = int(whose[slot])
        if slot not in filled and (who, one) not in taken:
            filled.add(slot)
            taken.add((who, one))
            served[who] += 1
    return served


def _competing(graph: Residual) -> BoolArray:
    """All unmatched, and everybody who competes with one of them."""
    seen = np.zeros(graph.instance.n_candidates, bool)
    seen[graph.unmatched] = True
    reach(graph, graph.unmatched, seen)
    return seen


def _served(graph: Residual, interviewer: int, bound: int) -> int:
    """Chains from unmatched people to these slots, one after the other."""
    lifted = _lifted(graph, interviewer)
    nobody = np.zeros(graph.instance.n_candidates, bool)
    served = 0
    while served < bound:
        alive = leading_to(lifted, only(lifted, lifted.open))
        places, whose = lifted.options(lifted.unmatched)
        able = whose[alive[lifted.limit[lifted.edges.slot[places]]]]
        if not len(able):
            break
        chain = shortest(lifted, lifted.unmatched[able[:1]], nobody)
        lifted = carried_out(lifted, chain)
        served += 1
    return served


def _lifted(graph: Residual, interviewer: int) -> Residual:
    """The same matching where no cap of this interviewer counts."""
    instance = graph.instance
    weeks = instance.week_interviewer == interviewer
    days = weeks[instance.day_week]
    total = instance.max_total.copy()
    total[interviewer] = instance.n_slots
    free = replace(
        instance,
        max_total=total,
        week_cap=np.where(weeks, instance.n_slots, instance.week_cap),
        day_cap=np.where(days, instance.n_slots, instance.day_cap),
    )
    return graph.within(free)


def offered(graph: Residual, candidates: IntArray) -> int:
    """How many interviews those could give at most who suit one of these candidates at a time."""
    instance = graph.instance
    places, _ = graph.options(candidates)
    usable = np.zeros(instance.n_slots, bool)
    usable[graph.edges.slot[places]] = True
    days = np.minimum(_summed(instance.slot_day, usable, len(instance.day_cap)), instance.day_cap)
    weeks = np.minimum(_summed(instance.day_week, days, len(instance.week_cap)), instance.week_cap)
    people = _summed(instance.week_interviewer, weeks, instance.n_interviewers)
    return int(np.minimum(people, instance.max_total).sum())


def _summed(group: IntArray, values: IntArray | BoolArray, count: int) -> IntArray:
    return np.bincount(group, values, minlength=count).astype(np.int64)
