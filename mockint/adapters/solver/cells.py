"""A round of overlapping starts as one of disjoint ones that allows more: a flow with prices.

Starts are cut into cells of which each holds starts that exclude each other, so at most one of a
cell can be taken. Starts of neighbouring cells may still exclude each other; nothing says so here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mockint.domain.round.instance import Instance, IntArray


def without_neighbours(instance: Instance) -> Instance:
    """The round whose days are cells of one interview, and whose weeks are the days."""
    cell = _cells(instance)
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    return replace(
        instance,
        slot_day=cell,
        day_cap=np.ones(len(first), np.int64),
        day_week=instance.slot_day[first],
        week_cap=instance.day_cap,
        week_interviewer=instance.week_interviewer[instance.day_week],
    )


def _cells(instance: Instance) -> IntArray:
    """Per slot the number of its cell: from the first start of a day as far as it excludes."""
    apart = (instance.duration + instance.gap)[instance.slot_interviewer]
    found = []
    number, day, end = -1, -1, 0
    for start, its_day, needs in zip(
        instance.start.tolist(), instance.slot_day.tolist(), apart.tolist(), strict=True
    ):
        if its_day != day or start >= end:
            number, day, end = number + 1, its_day, start + needs
        found.append(number)
    return np.array(found, np.int64)
