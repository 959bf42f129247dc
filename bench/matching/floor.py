"""The floor of a round: OR-tools solves the whole graph once, without a proof and without words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from mockint.domain.round.edges import Edges, SmallArray
from mockint.domain.round.instance import Instance, IntArray

AnyInts = IntArray | SmallArray
RANK_WEIGHT = 1000
"""What a place of priority counts against a point of quality; small, since that is faster."""


@dataclass(frozen=True, slots=True)
class Flow:
    matched: int
    value: int
    """In weights of `RANK_WEIGHT` a place and 1 a point."""
    edges: IntArray
    """Numbers of the edges chosen."""


def ranks(instance: Instance, *, by_class: bool) -> IntArray:
    """1 for everybody, or the place of each candidate's priority from the lowest."""
    if not by_class:
        return np.ones(len(instance.priority), np.int64)
    return np.unique(instance.priority, return_inverse=True)[1] + 1


def solve(instance: Instance, edges: Edges, *, by_class: bool) -> Flow:
    """Most interviews, then what they are worth; all edges at once, in one call."""
    people, slots = len(instance.priority), len(instance.start)
    days, interviewers = len(instance.day_cap), len(instance.max_total)
    first_slot = people
    first_day, first_interviewer = first_slot + slots, first_slot + slots + days
    source, sink = first_interviewer + interviewers, first_interviewer + interviewers + 1
    candidate = edges.candidate
    worth = ranks(instance, by_class=by_class)[candidate] * RANK_WEIGHT + edges.quality
    flow = SimpleMinCostFlow()

    def arcs(
        tail: AnyInts, head: AnyInts, capacity: IntArray | int, cost: IntArray | int
    ) -> IntArray:
        shape = tail.shape
        numbers = flow.add_arcs_with_capacity_and_unit_cost(
            tail, head, np.broadcast_to(capacity, shape), np.broadcast_to(cost, shape)
        )
        return np.asarray(numbers)

    chosen = arcs(candidate, edges.slot + np.int32(first_slot), 1, -worth)
    arcs(np.full(people, source), np.arange(people), instance.wants, 0)
    arcs(np.arange(first_slot, first_day), first_day + instance.slot_day, 1, 0)
    arcs(
        np.arange(first_day, first_interviewer),
        first_interviewer + instance.week_interviewer[instance.day_week],
        instance.day_cap,
        0,
    )
    arcs(
        np.arange(first_interviewer, source),
        np.full(interviewers, sink),
        instance.max_total,
        0,
    )
    flow.set_node_supply(source, int(instance.wants.sum()))
    flow.set_node_supply(sink, -int(instance.wants.sum()))
    if flow.solve_max_flow_with_min_cost() != flow.OPTIMAL:
        raise ValueError("OR-tools found no flow.")
    used = np.flatnonzero(flow.flows(chosen))
    return Flow(len(used), int(worth[used].sum()), used)
