"""A round of disjoint starts as a min-cost flow.

Candidate -> slot -> day -> week -> interviewer -> sink, and a by-pass from each candidate to the
sink, so that everybody's supply always flows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mockint.domain.round.edges import SmallArray
from mockint.domain.round.instance import Instance, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    tail: SmallArray
    head: SmallArray
    capacity: IntArray
    cost: IntArray

    def __add__(self, other: Arcs) -> Arcs:
        return Arcs(
            np.concatenate([self.tail, other.tail]),
            np.concatenate([self.head, other.head]),
            np.concatenate([self.capacity, other.capacity]),
            np.concatenate([self.cost, other.cost]),
        )


def arcs(tail: IntArray, head: IntArray, capacity: IntArray, cost: IntArray) -> Arcs:
    """Arcs in the types engines take."""
    return Arcs(
        tail.astype(np.int32),
        head.astype(np.int32),
        capacity.astype(np.int64),
        cost.astype(np.int64),
    )


Engine = Callable[[Arcs, IntArray], IntArray]
"""The flow on each arc of a cheapest flow of the supply of each node."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """What is the same whatever edges there are. Candidates are nodes 0 and up, then slots."""

    supply: IntArray
    entry: SmallArray
    """The node at which each slot is entered."""
    arcs: Arcs
    """By-passes, then those of slots, days, weeks and interviewers, each in their order."""

    def solve(
        self, candidate: SmallArray, slot: SmallArray, weight: IntArray, engine: Engine
    ) -> IntArray:
        """Which of the edges are taken, as their numbers."""
        edges = Arcs(candidate, self.entry[slot], np.ones(len(slot), np.int64), -weight)
        flow = engine(edges + self.arcs, self.supply)
        return np.flatnonzero(flow[: len(slot)])


def network_of(instance: Instance) -> Network:
    """Nodes in the order candidates, slots, days, weeks, interviewers, sink."""
    n_slots, n_days, n_weeks = instance.n_slots, len(instance.day_cap), len(instance.week_cap)
    slots = instance.n_candidates
    days = slots + n_slots
    weeks = days + n_days
    people = weeks + n_weeks
    sink = people + instance.n_interviewers
    supply = np.zeros(sink + 1, np.int64)
    supply[:slots] = instance.wants
    supply[sink] = -instance.wants.sum()
    who, kth = kth_interviews(instance)
    kth_cap = np.ones(len(who), np.int64) if instance.load_price else most_of(instance)
    free = np.zeros(sink, np.int64)
    inner = np.arange(slots, people)
    up = [days + instance.slot_day, weeks + instance.day_week, people + instance.week_interviewer]
    cap = [np.ones(n_slots, np.int64), instance.day_cap, instance.week_cap]
    return Network(
        supply,
        np.arange(slots, days, dtype=np.int32),
        arcs(np.arange(slots), np.full(slots, sink), instance.wants, free[:slots])
        + arcs(inner, np.concatenate(up), np.concatenate(cap), free[slots:people])
        + arcs(people + who, np.full(len(who), sink), kth_cap, instance.load_price * kth),
    )


def contracted(instance: Instance) -> Network:
    """The same matchings on fewer nodes.

    Groups that cannot be full are passed by. Of a group that takes one interview at most, the
    slots are one node, unless a smaller group inside takes none.
    """
    whole = network_of(instance)
    n_days, n_weeks = len(instance.day_cap), len(instance.week_cap)
    days = instance.n_candidates + instance.n_slots
    weeks = days + n_days
    people = weeks + n_weeks
    offered = np.bincount(instance.slot_day, minlength=n_days)
    day_most = np.minimum(instance.day_cap, offered)
    given = _sums(instance.day_week, day_most, n_weeks)
    week_most = np.minimum(instance.week_cap, given)
    single = (most_of(instance) <= 1)[instance.week_interviewer]
    after_week = people + instance.week_interviewer
    day_node = days + np.arange(n_days)
    week_node = weeks + np.arange(n_weeks)
    after_day = np.where(week_most < given, week_node, after_week)[instance.day_week]
    after_slot = np.where(day_most < offered, day_node, after_day)
    week_entry = np.where(single & (week_most > 0), after_week, -1)
    week_entry = np.where((week_entry < 0) & (week_most <= 1), week_node, week_entry)
    day_entry = np.where(day_most > 0, week_entry[instance.day_week], -1)
    day_entry = np.where((day_entry < 0) & (day_most <= 1), day_node, day_entry)
    entry = day_entry[instance.slot_day]
    entry = np.where(entry < 0, whole.entry, entry)
    up = np.concatenate([after_slot[instance.slot_day], after_day, after_week])
    most = np.concatenate([np.ones(instance.n_slots, np.int64), day_most, week_most])
    return _renumbered(whole, entry, up, most)


def _renumbered(whole: Network, entry: IntArray, up: IntArray, most: IntArray) -> Network:
    """Only the nodes that can be reached from the entries; `up` and `most` are of inner nodes."""
    n_nodes, first = len(whole.supply), int(np.argmax(whole.supply <= 0))
    reached = np.zeros(n_nodes, bool)
    reached[:first] = reached[-1] = True
    reached[entry] = True
    inner = slice(first, first + len(up))
    for _ in range(3):
        reached[up[reached[inner]]] = True
    number = (np.cumsum(reached) - 1).astype(np.int32)
    arcs = whole.arcs
    head, capacity = arcs.head.copy(), arcs.capacity.copy()
    head[inner], capacity[inner] = up, most
    kept = reached[arcs.tail]
    return Network(
        whole.supply[reached],
        number[entry],
        Arcs(number[arcs.tail[kept]], number[head[kept]], capacity[kept], arcs.cost[kept]),
    )


def _sums(group: IntArray, values: IntArray, count: int) -> IntArray:
    found = np.zeros(count, np.int64)
    np.add.at(found, group, values)
    return found


def kth_interviews(instance: Instance) -> tuple[IntArray, IntArray]:
    """With a load price an arc for each interview an interviewer may take, dearer each time."""
    if not instance.load_price:
        who = np.arange(instance.n_interviewers)
        return who, np.zeros(len(who), np.int64)
    most = most_of(instance)
    who = np.repeat(np.arange(instance.n_interviewers), most)
    return who, np.arange(len(who)) - np.repeat(np.cumsum(most) - most, most)


def most_of(instance: Instance) -> IntArray:
    """Per interviewer: the most interviews they can take."""
    found: IntArray = np.minimum(instance.max_total, np.diff(instance.start_ptr))
    return found
