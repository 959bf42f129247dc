"""What solving a round gives: who meets whom when, what it is worth, and the proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal


class Objective(StrEnum):
    """What counts, in this order; the later only among the best of the earlier."""

    A = "A"
    """Most interviews, then quality."""
    B = "B"
    """Most interviews, most of the highest priority, then of the next and so on, then quality."""
    C = "C"
    """Most interviews, most of the previous matching kept, then quality."""


Status = Literal["optimal", "gap"]
"""Never infeasible: meeting nobody is always allowed."""


class Cancelled(Exception):
    """Raised by a progress callback to stop solving."""


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """Positions in the instance, and the minute at which the two meet."""

    candidate: int
    interviewer: int
    start: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """Integer prices at least 0 that no edge is worth more than, and that add up to the value.

    The edge (candidate, slot) is worth `rank * rank_weight + kept * kept_weight + quality`: `rank`
    is 1, or under B the place of the candidate's priority counted from the lowest, and `kept` is
    1 for an edge of the previous matching under C. `docs/rounds-files.md` says why that is the
    lexicographic order.
    """

    rank_weight: int
    kept_weight: int
    candidates: tuple[int, ...]
    """u"""
    slots: tuple[int, ...]
    """v, in the order of interviewers and of their starts from early to late."""
    days: tuple[int, ...]
    """y, a group of starts each, in the same order."""
    weeks: tuple[int, ...]
    """w, all 0 where an instance names no weeks."""
    interviewers: tuple[int, ...]
    """z"""

    def as_json(self) -> dict[str, Any]:
        return {
            "rank_weight": self.rank_weight,
            "kept_weight": self.kept_weight,
            "u": list(self.candidates),
            "v": list(self.slots),
            "y": list(self.days),
            "w": list(self.weeks) if any(self.weeks) else [],
            "z": list(self.interviewers),
        }


@dataclass(frozen=True, slots=True)
class Solution:
    """The best matching found. `value` and `bound` are in the weights of the objective."""

    objective: Objective
    status: Status
    """"gap": at most `gap` below the best."""
    matched: int
    classes: tuple[int, ...]
    """The priorities of the instance, highest first."""
    priority_profile: tuple[int, ...]
    """Interviews given to each of `classes`."""
    quality: int
    """Sum over the matching; what load costs is not taken off."""
    kept: int
    """Matches that were in the previous matching."""
    value: int
    bound: int
    """No matching is worth more."""
    gap: float
    """(bound - value) / bound."""
    matching: tuple[Match, ...]
    """Sorted."""
    certificate: Certificate | None = None
    load_cost: int = 0
    """What the instance's load price takes off the quality in the value."""
    seconds: float = field(default=0.0, compare=False)
    peak_mb: float = field(default=0.0, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The result format of `mockint rounds solve`."""
        return {
            "objective": self.objective.value,
            "status": self.status,
            "matched": self.matched,
            "classes": list(self.classes),
            "priority_profile": list(self.priority_profile),
            "quality": self.quality,
            "load_cost": self.load_cost,
            "kept": self.kept,
            "value": self.value,
            "bound": self.bound,
            "gap": self.gap,
            "matching": [[one.candidate, one.interviewer, one.start] for one in self.matching],
            "certificate": None if self.certificate is None else self.certificate.as_json(),
            "seconds": round(self.seconds, 3),
            "peak_mb": round(self.peak_mb, 1),
        }
