"""Who comes first in a round: a class of 0 to 9, from how earlier rounds ended."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

HIGHEST = 9


class RoundEnd(StrEnum):
    """How a round, or an interview at any other time, ended for a candidate."""

    MISSED = "missed"
    """Asked, could have been matched with somebody, and nobody was left."""
    SERVED = "served"
    """An interview took place."""
    OWN_FAULT = "own_fault"
    """Asked and withdrew, or cancelled what they were given: no place lost, none gained."""
    ABSENT = "absent"
    """Did not come."""


def priority(history: Iterable[RoundEnd]) -> int:
    """Rounds missed without own fault since the last interview, oldest first; 9 at most.

    Waiting alone earns it, so asking early or often gains nothing; an absence starts anew.
    """
    missed = 0
    for end in history:
        if end is RoundEnd.MISSED:
            missed += 1
        elif end is not RoundEnd.OWN_FAULT:
            missed = 0
    return min(missed, HIGHEST)
