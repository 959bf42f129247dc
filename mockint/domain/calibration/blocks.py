"""Candidates laid side by side: those with as many interviews share one stack of small matrices.

Everything of one candidate (ability, a deviation a dimension, the luck of each interview) is a
block of its own; what candidates share (raters, thresholds, the gain) comes last and couples them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mockint.domain.calibration.ratings import Floats, Ints, Ratings

MOST = 8_192
"""Candidates in one stack, so that memory stays small."""


@dataclass(frozen=True)
class Block:
    """Candidates with `visits` interviews each; a row is one score that was given."""

    candidates: Ints
    """Their numbers in the ratings."""
    visits: int
    dimensions: int
    who: Ints
    """Row to candidate, within the block."""
    visit: Ints
    dimension: Ints
    rater: Ints
    slot: Ints
    """Row to the place of its rater among those of the candidate."""
    category: Ints
    raters: Ints
    """Candidate and slot to rater; a slot that nobody fills says 0."""

    @property
    def size(self) -> int:
        """Unknowns of one candidate: ability, deviations, luck."""
        return 1 + self.dimensions + self.visits

    @property
    def count(self) -> int:
        return len(self.candidates)

    @property
    def slots(self) -> int:
        return int(self.raters.shape[1])

    @cached_property
    def times(self) -> Floats:
        """Of each visit, in visits since the first."""
        return np.arange(self.visits, dtype=np.float64)

    @cached_property
    def cell(self) -> Ints:
        """Row to candidate, visit and dimension."""
        return (self.who * self.visits + self.visit) * self.dimensions + self.dimension

    @cached_property
    def slot_dimension(self) -> Ints:
        return (self.who * self.slots + self.slot) * self.dimensions + self.dimension

    @cached_property
    def slot_visit(self) -> Ints:
        return (self.who * self.slots + self.slot) * self.visits + self.visit

    def summed(self, values: Floats) -> Floats:
        """By candidate, visit and dimension."""
        shape = (self.count, self.visits, self.dimensions)
        return _summed(self.cell, values, shape)

    def by_slot_and_dimension(self, values: Floats) -> Floats:
        return _summed(self.slot_dimension, values, (self.count, self.slots, self.dimensions))

    def by_slot_and_visit(self, values: Floats) -> Floats:
        return _summed(self.slot_visit, values, (self.count, self.slots, self.visits))


def _summed(cell: Ints, values: Floats, shape: tuple[int, ...]) -> Floats:
    return np.asarray(np.bincount(cell, values, int(np.prod(shape))), np.float64).reshape(shape)


def stacked(ratings: Ratings, rater: Ints, *, only: Ints | None = None) -> tuple[Block, ...]:
    """All candidates in blocks, or `only` these; `rater` is the rater of each row."""
    candidates = np.arange(len(ratings.candidates)) if only is None else only
    counts = np.bincount(ratings.candidate_of, minlength=len(ratings.candidates))
    rows = np.flatnonzero(ratings.seen)
    rows = rows[np.argsort(ratings.candidate[rows], kind="stable")]
    owner = ratings.candidate[rows]
    blocks = []
    for visits in np.unique(counts[candidates]):
        alike = candidates[counts[candidates] == visits]
        for part in _parts(alike):
            place = np.full(len(ratings.candidates), -1)
            place[part] = np.arange(len(part))
            mine = rows[place[owner] >= 0]
            blocks.append(_block(ratings, rater, part, int(visits), mine, place))
    return tuple(blocks)


def _parts(candidates: Ints) -> Iterator[Ints]:
    for first in range(0, len(candidates), MOST):
        yield candidates[first : first + MOST]


def _block(
    ratings: Ratings, rater: Ints, candidates: Ints, visits: int, rows: Ints, place: Ints
) -> Block:
    who = place[ratings.candidate[rows]]
    by = rater[rows]
    met, pair = np.unique(who * (int(rater.max(initial=0)) + 1) + by, return_inverse=True)
    owner, met_rater = np.divmod(met, int(rater.max(initial=0)) + 1)
    slot_of_pair = np.arange(len(met)) - np.searchsorted(owner, owner)
    slots = int(slot_of_pair.max(initial=0)) + 1
    raters = np.zeros((len(candidates), slots), np.int64)
    raters[owner, slot_of_pair] = met_rater
    return Block(
        candidates,
        visits,
        len(ratings.dimensions),
        who,
        ratings.visit_of[ratings.interview[rows]],
        ratings.dimension[rows],
        by,
        slot_of_pair[pair],
        ratings.category[rows],
        raters,
    )
