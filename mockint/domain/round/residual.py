"""A round and one matching of it as a graph of who could make room for whom.

Exact where no two starts of an interviewer exclude each other and everybody wants one interview:
the limits of an interviewer (slot inside day inside week inside all) then form a tree, and what
stands in the way of one more interview at a free slot is the innermost of them that is used up.
Everybody who has a place under that limit could make room, and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mockint.domain.errors import N_, Invalid
from mockint.domain.round.edges import Edges, edges_of
from mockint.domain.round.instance import Instance, IntArray, refuse_close_starts
from mockint.domain.round.solution import Match

BoolArray = NDArray[np.bool_]
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """Limits are numbered slots first, then days, weeks and interviewers; then `open` and `shut`.

    A slot stands at the limit that keeps one more interview from it: itself while it is taken,
    `open` when nothing does, `shut` when nobody may come there any more.
    """

    instance: Instance
    edges: Edges
    slot_of: IntArray
    """Per candidate the slot they have, or `NOBODY`."""
    holder: IntArray
    """Per slot the candidate who has it, or `NOBODY`."""
    barred: BoolArray
    """Slots where nobody may come any more."""
    limit: IntArray
    """Per slot the limit it stands at."""
    under: IntArray
    """(slots, 4): the limits above each slot, from itself to its interviewer."""
    holder_ptr: IntArray
    holders: IntArray
    """Candidates with a place under limit n are `holders[holder_ptr[n]:holder_ptr[n + 1]]`."""

    @property
    def open(self) -> int:
        return len(self.holder_ptr) - 3

    @property
    def shut(self) -> int:
        return len(self.holder_ptr) - 2

    @property
    def unmatched(self) -> IntArray:
        return np.flatnonzero(self.slot_of == NOBODY)

    @property
    def matched(self) -> IntArray:
        return np.flatnonzero(self.slot_of != NOBODY)

    def options(self, candidates: IntArray) -> tuple[IntArray, IntArray]:
        """Edges of these candidates: places in `edges`, and whose each is, counted along them."""
        places = ranges(self.edges.ptr, candidates)
        counts = self.edges.ptr[candidates + 1] - self.edges.ptr[candidates]
        return places, np.repeat(np.arange(len(candidates)), counts)

    def match(self, candidate: int, slot: int) -> Match:
        interviewer = int(np.searchsorted(self.instance.start_ptr, slot, side="right")) - 1
        return Match(candidate, interviewer, int(self.instance.start[slot]))

    def matching(self) -> tuple[Match, ...]:
        people = self.matched
        slots = self.slot_of[people]
        whose = np.searchsorted(self.instance.start_ptr, slots, side="right") - 1
        starts = self.instance.start[slots]
        return tuple(map(Match, people.tolist(), whose.tolist(), starts.tolist()))

    def after(self, slot_of: IntArray, *, barred: Iterable[int] = ()) -> Residual:
        """The graph when everybody has the place of `slot_of`, and these slots are barred too."""
        shut = self.barred.copy()
        shut[list(barred)] = True
        return _graph(self.instance, self.edges, self.under, slot_of, shut)

    def within(self, instance: Instance) -> Residual:
        """The same matching in the same round with other limits."""
        return _graph(instance, self.edges, self.under, self.slot_of, self.barred)

    def reached(self, limits: IntArray, seen: BoolArray) -> IntArray:
        """Who could make room at these limits and is not `seen` yet."""
        found = np.zeros(len(seen), bool)
        found[self.holders[ranges(self.holder_ptr, limits)]] = True
        return np.flatnonzero(found & ~seen)


def residual(
    instance: Instance,
    matching: Iterable[Match],
    *,
    edges: Edges | None = None,
) -> Residual:
    """Raises `Invalid` where one search cannot tell everything, naming what is at fault.

    `edges` spares finding them again.
    """
    refuse_close_starts(instance)
    several = np.flatnonzero(instance.wants != 1)
    if len(several):
        raise Invalid(
            f"candidates[{several[0]}].wants", N_("Reasons need rounds of one interview each.")
        )
    slot_of = _slots_of(instance, list(matching))
    barred = np.zeros(instance.n_slots, bool)
    return _graph(instance, edges or edges_of(instance), _under(instance), slot_of, barred)


def _graph(
    instance: Instance, edges: Edges, under: IntArray, slot_of: IntArray, barred: BoolArray
) -> Residual:
    holder = np.full(instance.n_slots, NOBODY, np.int64)
    matched = np.flatnonzero(slot_of != NOBODY)
    holder[slot_of[matched]] = matched
    taken = under[slot_of[matched]].ravel()
    groups = len(instance.day_cap) + len(instance.week_cap) + instance.n_interviewers
    used = np.bincount(taken, minlength=instance.n_slots + groups + 2)
    limit = _limits(instance, under, used)
    limit[barred] = instance.n_slots + groups + 1
    return Residual(
        instance=instance,
        edges=edges,
        slot_of=slot_of,
        holder=holder,
        barred=barred,
        limit=limit,
        under=under,
        holder_ptr=np.concatenate([[0], np.cumsum(used)]),
        holders=np.repeat(matched, 4)[np.argsort(taken, kind="stable")],
    )


def _slots_of(instance: Instance, matching: list[Match]) -> IntArray:
    found = np.full(instance.n_candidates, NOBODY, np.int64)
    given = np.array([(m.candidate, m.interviewer, m.start) for m in matching], np.int64)
    given = given.reshape(-1, 3)
    width = 1 + max(int(instance.start.max(initial=0)), int(given[:, 2].max(initial=0)))
    keys = instance.slot_interviewer * width + instance.start
    wanted = given[:, 1] * width + given[:, 2]
    slots = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
    wrong = np.flatnonzero(keys[slots] != wanted) if len(keys) else np.arange(len(given))
    if len(wrong):
        raise Invalid(f"matching[{wrong[0]}]", N_("This interviewer does not offer this start."))
    found[given[:, 0]] = slots
    return found


def slot_at(instance: Instance, interviewer: int, start: int) -> int | None:
    """The slot of an interviewer at a start."""
    first, last = instance.start_ptr[interviewer : interviewer + 2]
    place = int(first + np.searchsorted(instance.start[first:last], start))
    return place if place < last and instance.start[place] == start else None


def _under(instance: Instance) -> IntArray:
    day = instance.slot_day
    week = instance.day_week[day]
    days, weeks = instance.n_slots, instance.n_slots + len(instance.day_cap)
    whole = weeks + len(instance.week_cap)
    numbers = [np.arange(instance.n_slots), days + day, weeks + week]
    return np.stack([*numbers, whole + instance.week_interviewer[week]], axis=1)


def _limits(instance: Instance, under: IntArray, used: IntArray) -> IntArray:
    """The innermost limit that is used up, for each slot."""
    cap = np.concatenate(
        [
            np.ones(instance.n_slots, np.int64),
            instance.day_cap,
            instance.week_cap,
            instance.max_total,
        ]
    )
    full = used[: len(cap)] >= cap
    limit = np.full(instance.n_slots, len(cap), np.int64)
    for level in reversed(range(under.shape[1])):
        limit = np.where(full[under[:, level]], under[:, level], limit)
    return limit


def ranges(ptr: IntArray, index: IntArray) -> IntArray:
    """Every place of `ptr[i]:ptr[i + 1]` for each i of `index`, one after the other."""
    counts = ptr[index + 1] - ptr[index]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places: IntArray = np.arange(total) + np.repeat(ptr[index] - ends + counts, counts)
    return places


def reach(graph: Residual, sources: IntArray, seen: BoolArray) -> None:
    """Mark in `seen` everybody who competes with `sources`: whose place one of them could take,
    or could take if somebody marked went elsewhere. What is marked already is not entered."""
    passed = np.zeros(graph.shut + 1, bool)
    while len(sources):
        places, _ = graph.options(sources)
        hit = np.zeros(len(passed), bool)
        hit[graph.limit[graph.edges.slot[places]]] = True
        limits = np.flatnonzero(hit & ~passed)
        passed |= hit
        sources = graph.reached(limits, seen)
        seen[sources] = True


def leading_to(graph: Residual, limits: BoolArray, fixed: BoolArray | None = None) -> BoolArray:
    """The limits at which one more can be placed when one can at each of `limits`.

    Somebody of `fixed` never makes room. From `{open}` these are all limits where one more person
    can be served without anybody losing their place.
    """
    alive = limits.copy()
    waiting = graph.matched if fixed is None else graph.matched[~fixed[graph.matched]]
    places, whose = graph.options(waiting)
    at = graph.limit[graph.edges.slot[places]]
    stuck = np.ones(len(waiting), bool)
    while len(at):
        free = np.zeros(len(waiting), bool)
        free[whose[alive[at]]] = True
        if not free.any():
            break
        alive[graph.under[graph.slot_of[waiting[free]]]] = True
        stuck &= ~free
        left = stuck[whose]
        at, whose = at[left], whose[left]
    return alive


def only(graph: Residual, *limits: int) -> BoolArray:
    """These limits, as `leading_to` takes them."""
    chosen = np.zeros(graph.shut + 1, bool)
    chosen[list(limits)] = True
    return chosen
