"""An instance as the neutral file says it (docs/rounds-files.md), so that anybody can check it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mockint.domain.round.instance import Instance, IntArray


def as_json(instance: Instance) -> dict[str, Any]:
    """What `files.read` makes the same instance of."""
    said: dict[str, Any] = {
        "duration": instance.duration,
        "days": instance.days,
        "interviewers": [_interviewer(instance, one) for one in range(instance.n_interviewers)],
        "candidates": [
            {
                "windows": _part(instance.window_ptr, instance.window, one),
                "priority": int(instance.priority[one]),
                "wants": int(instance.wants[one]),
            }
            for one in range(instance.n_candidates)
        ],
        "eligible": [
            [
                _part(instance.pair_ptr, instance.pair_interviewer, one),
                _part(instance.pair_ptr, instance.pair_quality, one),
            ]
            for one in range(instance.n_candidates)
        ],
        "load_price": instance.load_price,
    }
    if len(instance.previous):
        said["previous"] = instance.previous.tolist()
    if instance.candidate_ids is not None and instance.interviewer_ids is not None:
        said["ids"] = {
            "candidates": list(instance.candidate_ids),
            "interviewers": list(instance.interviewer_ids),
        }
    return said


def _part(ptr: IntArray, values: IntArray, number: int) -> list[Any]:
    found: list[Any] = values[ptr[number] : ptr[number + 1]].tolist()
    return found


def _interviewer(instance: Instance, number: int) -> dict[str, Any]:
    first, last = instance.start_ptr[number : number + 2]
    start, day = instance.start[first:last], instance.slot_day[first:last]
    return {
        "starts": start.tolist(),
        "gap": int(instance.gap[number]),
        "max_total": int(instance.max_total[number]),
        "days": _spans(start, day, instance.day_cap),
        "weeks": _spans(start, instance.day_week[day], instance.week_cap),
    }


def _spans(start: IntArray, group: IntArray, caps: IntArray) -> list[list[int]]:
    """Each group as the stretch from its first start to its last one."""
    first = np.flatnonzero(np.diff(group, prepend=-1))
    last = np.flatnonzero(np.diff(group, append=-1))
    return [
        [int(start[one]), int(start[other]) + 1, int(caps[group[one]])]
        for one, other in zip(first, last, strict=True)
    ]
