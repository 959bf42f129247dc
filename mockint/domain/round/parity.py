"""How groups of candidates fared: how many were matched, and how many could have been at best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mockint.domain.round.instance import Instance
from mockint.domain.round.solution import Match


@dataclass(frozen=True, slots=True)
class Line:
    """One group; `best` is how many of it could be matched if nobody else had asked."""

    group: str
    asked: int
    matched: int
    best: int

    @property
    def rate(self) -> float:
        """Matched as a share of what was possible for the group alone; 1 when nothing was."""
        return self.matched / self.best if self.best else 1.0


def lines(
    instance: Instance,
    matching: Iterable[Match],
    groups: Sequence[str],
    best: Callable[[Instance], int],
) -> list[Line]:
    """A line for each group, by name; `groups` names that of each candidate.

    `best` says how many a round can match at most.
    """
    names, of = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)
    asked = np.bincount(of, minlength=len(names))
    people = np.array([one.candidate for one in matching], np.int64)
    matched = np.bincount(of[people], minlength=len(names))
    return [
        Line(str(name), int(asked[place]), int(matched[place]), best(alone(instance, of == place)))
        for place, name in enumerate(names)
    ]


def alone(instance: Instance, asking: NDArray[np.bool_]) -> Instance:
    """The same round when only these candidates ask."""
    windows = np.diff(instance.window_ptr)
    pairs = np.diff(instance.pair_ptr)
    before = instance.previous
    place = np.cumsum(asking) - 1
    kept = before[asking[before[:, 0]]]
    return replace(
        instance,
        window_ptr=np.concatenate([[0], np.cumsum(windows[asking])]),
        window=instance.window[np.repeat(asking, windows)],
        priority=instance.priority[asking],
        wants=instance.wants[asking],
        pair_ptr=np.concatenate([[0], np.cumsum(pairs[asking])]),
        pair_interviewer=instance.pair_interviewer[np.repeat(asking, pairs)],
        pair_quality=instance.pair_quality[np.repeat(asking, pairs)],
        previous=np.column_stack([place[kept[:, 0]], kept[:, 1:]]),
        candidate_ids=_kept_ids(instance, asking),
    )


def _kept_ids(instance: Instance, asking: NDArray[np.bool_]) -> tuple[str, ...] | None:
    ids = instance.candidate_ids
    return None if ids is None else tuple(ids[one] for one in np.flatnonzero(asking))
