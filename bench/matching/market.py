"""A round of made-up people: the same seed and shape make the same round."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.matching import people
from bench.matching.people import DAY, Candidates, Interviewers, Ints, Windows
from mockint.domain.round.instance import Instance

BLOCK = 500
"""Candidates whose pairs are found at once."""
MET = 0.01
"""How likely a candidate is to have met an interviewer before."""
WEIGHTS = {"expertise": 35, "target": 15, "level": 20, "zone": 15, "load": 15}


@dataclass(frozen=True, slots=True)
class Shape:
    """How large and how scarce. `supply`: most days an interviewer offers; `caps`: of interviews
    each would give, 1.0 is short and 1.8 ample; `step`: minutes between starts that overlap, 0
    for a grid in which none do."""

    candidates: int
    interviewers: int
    supply: int = 7
    caps: float = 1.0
    step: int = 0
    days: int = 14
    duration: int = 60


@dataclass(frozen=True, slots=True)
class Market:
    shape: Shape
    asking: Candidates
    giving: Interviewers
    wanted: Windows
    start_ptr: Ints
    start: Ints
    pair_ptr: Ints
    pair_interviewer: Ints
    pair_quality: Ints


def make(shape: Shape, seed: int) -> Market:
    rng = np.random.default_rng(seed)
    asking = people.candidates(rng, shape.candidates)
    giving = people.interviewers(rng, shape.interviewers, shape.caps)
    wanted = people.windows(rng, asking, 14, 6, shape.days)
    offered = people.windows(rng, giving, shape.supply, 4, shape.days)
    start_ptr, start = _starts(shape, giving, offered)
    return Market(shape, asking, giving, wanted, start_ptr, start, *_pairs(rng, asking, giving))


def _starts(shape: Shape, giving: Interviewers, offered: Windows) -> tuple[Ints, Ints]:
    """Starts cut from the beginning of each window, and where each interviewer's begin."""
    apart = shape.duration + giving.gap[offered.owner]
    step = np.full(len(apart), shape.step) if shape.step else apart
    each = (offered.end - offered.begin - shape.duration) // step + 1
    owner = np.repeat(offered.owner, each)
    nth = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    start = np.repeat(offered.begin, each) + nth * np.repeat(step, each)
    return pointers(owner, shape.interviewers), start


def pointers(owner: Ints, count: int) -> Ints:
    """Where the rows of each of `count` owners begin, with the end of the last."""
    return np.searchsorted(owner, np.arange(count + 1)).astype(np.int64)


def _pairs(
    rng: np.random.Generator, asking: Candidates, giving: Interviewers
) -> tuple[Ints, Ints, Ints]:
    load = rng.integers(0, 101, len(giving))
    found = [
        _block(rng, asking, giving, load, slice(first, first + BLOCK))
        for first in range(0, len(asking), BLOCK)
    ]
    candidate, interviewer, quality = (np.concatenate(part) for part in zip(*found, strict=True))
    return pointers(candidate, len(asking)), interviewer, quality


def _block(
    rng: np.random.Generator, asking: Candidates, giving: Interviewers, load: Ints, part: slice
) -> tuple[Ints, Ints, Ints]:
    """Eligible pairs of some candidates, with their quality of 0 to 100."""
    expertise = giving.expertise.T[asking.track[part]]
    below = giving.level - asking.level[part, None]
    clash = (asking.company[part, None] == giving.company) & (giving.company > 0)
    able: NDArray[np.bool_] = (
        (expertise > 0)
        & (below >= 0)
        & (below <= 2)
        & (asking.languages[part, None] & giving.languages != 0)
        & ~clash
        & (rng.random(expertise.shape) >= MET)
    )
    row, interviewer = np.nonzero(able)
    candidate = row + part.start
    apart = np.abs(asking.offset[candidate] - giving.offset[interviewer])
    aimed = asking.target[candidate]
    parts = {
        "expertise": expertise[row, interviewer],
        "target": np.where((aimed > 0) & (aimed == giving.company[interviewer]), 100, 0),
        "level": 100 - 35 * below[row, interviewer],
        "zone": 100 - np.minimum(apart, DAY - apart) // 7,
        "load": load[interviewer],
    }
    total = sum(WEIGHTS[name] * np.clip(part, 0, 100) for name, part in parts.items())
    return candidate, interviewer, np.asarray(total // sum(WEIGHTS.values()), np.int64)


def as_json(market: Market) -> dict[str, Any]:
    """The neutral file of the round."""
    shape, giving, wanted = market.shape, market.giving, market.wanted
    windows = np.column_stack((wanted.begin, wanted.end)).tolist()
    of = pointers(wanted.owner, shape.candidates).tolist()
    starts, pairs = market.start_ptr.tolist(), market.pair_ptr.tolist()
    return {
        "duration": shape.duration,
        "days": shape.days,
        "interviewers": [
            {"starts": start, "gap": gap, "max_total": total, "max_per_day": per_day}
            for start, gap, total, per_day in zip(
                _rows(market.start, starts),
                giving.gap.tolist(),
                giving.max_total.tolist(),
                giving.max_per_day.tolist(),
                strict=True,
            )
        ],
        "candidates": [
            {"windows": windows[of[one] : of[one + 1]], "priority": priority, "wants": 1}
            for one, priority in enumerate(market.asking.priority.tolist())
        ],
        "eligible": [
            [interviewers, quality]
            for interviewers, quality in zip(
                _rows(market.pair_interviewer, pairs),
                _rows(market.pair_quality, pairs),
                strict=True,
            )
        ],
    }


def _rows(values: Ints, bounds: list[int]) -> list[list[int]]:
    return [values[one:other].tolist() for one, other in pairwise(bounds)]


def instance(market: Market) -> Instance:
    """The same round without the way over a file."""
    shape, giving = market.shape, market.giving
    owner = np.repeat(np.arange(shape.interviewers), np.diff(market.start_ptr))
    key, slot_day = np.unique(owner * shape.days + market.start // DAY, return_inverse=True)
    weeks, day_week = np.unique(key // shape.days, return_inverse=True)
    return Instance(
        duration=shape.duration,
        days=shape.days,
        start_ptr=market.start_ptr,
        start=market.start,
        gap=giving.gap,
        max_total=giving.max_total,
        slot_day=slot_day.astype(np.int64),
        day_cap=giving.max_per_day[weeks[day_week]],
        day_week=day_week.astype(np.int64),
        week_cap=giving.max_total[weeks],
        week_interviewer=weeks,
        window_ptr=pointers(market.wanted.owner, shape.candidates),
        window=np.column_stack((market.wanted.begin, market.wanted.end)),
        priority=market.asking.priority,
        wants=np.ones(shape.candidates, np.int64),
        pair_ptr=market.pair_ptr,
        pair_interviewer=market.pair_interviewer,
        pair_quality=market.pair_quality,
        previous=np.empty((0, 3), np.int64),
    )
