"""After a decline or a withdrawal: who steps in, and who would have to move, the fewest people.

A published matching is kept. Whoever lost an interviewer keeps the time when somebody suitable is
free then; otherwise the shortest chain of moves frees a place for them. Nobody `confirmed` is in
a chain, and nobody loses their interview.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np

from mockint.domain.round.edges import Edges
from mockint.domain.round.instance import Instance, IntArray
from mockint.domain.round.residual import (
    NOBODY,
    BoolArray,
    Residual,
    leading_to,
    only,
    residual,
    slot_at,
)
from mockint.domain.round.solution import Match

_NEVER = np.iinfo(np.int64).min // 2


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody gets another place; `old` is None for one who had none."""

    old: Match | None
    new: Match


@dataclass(frozen=True, slots=True)
class Loss:
    """A place that was lost, and who could step in at that very time, best first."""

    lost: Match
    stand_ins: tuple[Match, ...]
    moves: tuple[Move, ...]
    """The candidate's own first, then those of the people who make room; () when nothing helps."""

    @property
    def others_moved(self) -> int:
        return max(0, len(self.moves) - 1)


@dataclass(frozen=True, slots=True)
class Repair:
    losses: tuple[Loss, ...]
    """In the order in which they were mended: highest priority first."""
    gained: tuple[tuple[Move, ...], ...]
    """Chains that give a place to somebody unmatched, as places were given back."""
    matching: tuple[Match, ...]
    """What is agreed when everything is carried out."""


def repair(
    instance: Instance,
    matching: Iterable[Match],
    *,
    withdrawn: Collection[int] = (),
    declined: Iterable[Match] = (),
    confirmed: Collection[int] = (),
    barred: Iterable[int] = (),
    edges: Edges | None = None,
) -> Repair:
    """What to do when candidates withdraw and interviewers decline matches of `matching`.

    An interviewer who declines is not asked for that start again, nor anybody for the slots that
    are `barred`; somebody withdrawn gets nothing. Moves are made one loss after the other: each
    chain is the shortest as things then stand, and of the shortest the one with the best quality.
    As many losses are mended as can be.
    """
    graph = residual(instance, matching, edges=edges)
    lost = [one for one in declined if one.candidate not in withdrawn]
    slots = [slot_at(instance, one.interviewer, one.start) for one in lost]
    free = [one for one in withdrawn if graph.slot_of[one] != NOBODY]
    out = np.zeros(instance.n_candidates, bool)
    out[[*withdrawn, *(one.candidate for one in lost)]] = True
    fixed = np.zeros(instance.n_candidates, bool)
    fixed[list(confirmed)] = True
    kept = np.where(out, NOBODY, graph.slot_of)
    graph = graph.after(kept, barred=[*barred, *(one for one in slots if one is not None)])
    losses = []
    for one in sorted(lost, key=lambda one: (-instance.priority[one.candidate], one)):
        loss = _mend(graph, one, fixed)
        graph = carried_out(graph, loss.moves)
        losses.append(loss)
    gained: list[tuple[Move, ...]] = []
    while len(gained) < len(free) and (chain := _gain(graph, fixed, out)):
        graph = carried_out(graph, chain)
        gained.append(chain)
    return Repair(tuple(losses), tuple(gained), graph.matching())


def _mend(graph: Residual, lost: Match, fixed: BoolArray) -> Loss:
    stand_ins = free_at(graph, lost.candidate, lost.start)
    if stand_ins:
        return Loss(lost, stand_ins, (Move(lost, stand_ins[0]),))
    chain = shortest(graph, np.array([lost.candidate]), fixed)
    own = (Move(lost, chain[0].new),) if chain else ()
    return Loss(lost, (), (*own, *chain[1:]))


def carried_out(graph: Residual, moves: tuple[Move, ...]) -> Residual:
    """The graph after these moves."""
    slot_of = graph.slot_of.copy()
    for one in moves:
        slot = slot_at(graph.instance, one.new.interviewer, one.new.start)
        assert slot is not None
        slot_of[one.new.candidate] = slot
    return graph.after(slot_of)


def free_at(graph: Residual, candidate: int, start: int) -> tuple[Match, ...]:
    """Who suits the candidate and is free at this start, the best quality first."""
    first, last = graph.edges.ptr[candidate : candidate + 2]
    slot, quality = graph.edges.slot[first:last], graph.edges.quality[first:last]
    free = (graph.instance.start[slot] == start) & (graph.limit[slot] == graph.open)
    order = np.lexsort((slot[free], -quality[free]))
    return tuple(graph.match(candidate, int(one)) for one in slot[free][order])


def _gain(graph: Residual, fixed: BoolArray, out: BoolArray) -> tuple[Move, ...]:
    """The chain that serves somebody of the highest priority that can be served."""
    waiting = graph.unmatched[~out[graph.unmatched]]
    places, whose = graph.options(waiting)
    alive = leading_to(graph, only(graph, graph.open), fixed)
    can = np.zeros(len(waiting), bool)
    can[whose[alive[graph.limit[graph.edges.slot[places]]]]] = True
    able = waiting[can]
    if not len(able):
        return ()
    priority = graph.instance.priority[able]
    return shortest(graph, able[priority == priority.max()], fixed)


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Edges of those who moved so far, at limits nobody came to before."""

    candidate: IntArray
    slot: IntArray
    limit: IntArray
    worth: IntArray
    """Quality that a chain has gained up to and with this edge."""


def shortest(graph: Residual, sources: IntArray, fixed: BoolArray) -> tuple[Move, ...]:
    """The chain of fewest moves that serves one of `sources`, with the best sum of quality.

    It begins with the one who is served; () when there is none. Nobody of `fixed` moves. Shortest
    chains enter each limit once, so all limits hold together when it is carried out.
    """
    seen = fixed.copy()
    seen[sources] = True
    passed = np.zeros(graph.shut + 1, bool)
    passed[graph.shut] = True
    frontier, gained = sources, np.zeros(len(sources), np.int64)
    layers: list[_Layer] = []
    while len(frontier):
        layer = _layer(graph, frontier, gained, passed)
        layers.append(layer)
        if (layer.limit == graph.open).any():
            return _chain(graph, layers)
        passed[layer.limit] = True
        best = np.full(len(passed), _NEVER, np.int64)
        np.maximum.at(best, layer.limit, layer.worth)
        frontier = graph.reached(np.unique(layer.limit), seen)
        seen[frontier] = True
        at = graph.under[graph.slot_of[frontier]]
        gained = best[at].max(axis=1, initial=_NEVER) - _quality(graph, frontier)
    return ()


def _layer(graph: Residual, frontier: IntArray, gained: IntArray, passed: BoolArray) -> _Layer:
    places, whose = graph.options(frontier)
    slot = graph.edges.slot[places].astype(np.int64)
    limit = graph.limit[slot]
    new = ~passed[limit]
    whose, places = whose[new], places[new]
    worth = gained[whose] + graph.edges.quality[places]
    return _Layer(frontier[whose], slot[new], limit[new], worth)


def _quality(graph: Residual, candidates: IntArray) -> IntArray:
    """Quality of the places these candidates have."""
    places, whose = graph.options(candidates)
    own = graph.edges.slot[places] == graph.slot_of[candidates][whose]
    found = np.zeros(len(candidates), np.int64)
    found[whose[own]] = graph.edges.quality[places[own]]
    return found


def _chain(graph: Residual, layers: list[_Layer]) -> tuple[Move, ...]:
    """Back from the open place along the best edges; the lower position where two are as good."""
    moves: list[Move] = []
    limits = np.array([graph.open])
    for layer in reversed(layers):
        there = np.flatnonzero(np.isin(layer.limit, limits))
        best = there[layer.worth[there] == layer.worth[there].max()]
        first = best[np.lexsort((layer.slot[best], layer.candidate[best]))[0]]
        candidate = int(layer.candidate[first])
        own = int(graph.slot_of[candidate])
        old = None if own == NOBODY else graph.match(candidate, own)
        moves.append(Move(old, graph.match(candidate, int(layer.slot[first]))))
        limits = graph.under[own] if own != NOBODY else limits
    return tuple(reversed(moves))


def remaining(
    instance: Instance,
    matching: Iterable[Match],
    *,
    gone: Collection[int],
    confirmed: Collection[int],
    barred: Iterable[int],
) -> Instance:
    """What is left to solve under objective C after many withdrew: everybody `confirmed` keeps
    their place, and the others of `matching` should. People keep their positions."""
    graph = residual(instance, matching)
    out = np.zeros(instance.n_candidates, bool)
    out[[*gone, *confirmed]] = True
    stay = graph.slot_of[list(confirmed)] if confirmed else np.empty(0, np.int64)
    stay = stay[stay != NOBODY]
    usable = np.ones(instance.n_slots, bool)
    usable[stay] = usable[list(barred)] = False
    day, whose = instance.slot_day, instance.slot_interviewer
    week = instance.day_week[day]
    windows = np.where(out, 0, np.diff(instance.window_ptr))
    kept = [(m.candidate, m.interviewer, m.start) for m in graph.matching() if not out[m.candidate]]
    left = np.bincount(whose[usable], minlength=instance.n_interviewers)
    return replace(
        instance,
        start_ptr=np.concatenate([[0], np.cumsum(left)]),
        start=instance.start[usable],
        slot_day=day[usable],
        day_cap=_left(instance.day_cap, day[stay]),
        week_cap=_left(instance.week_cap, week[stay]),
        max_total=_left(instance.max_total, whose[stay]),
        window_ptr=np.concatenate([[0], np.cumsum(windows)]),
        window=instance.window[np.repeat(~out, np.diff(instance.window_ptr))],
        previous=np.array(kept, np.int64).reshape(-1, 3),
    )


def _left(cap: IntArray, used: IntArray) -> IntArray:
    return cap - np.bincount(used, minlength=len(cap))
