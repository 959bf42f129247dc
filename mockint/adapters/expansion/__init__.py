"""Turns calendar files others wrote into busy time, in a process that can be killed.

    for outcome in expand([Job(key=7, data=body, owner=owner, window=window), ...]):
        outcome.key, outcome.busy or outcome.refusal

Each file has the same limits of time and memory, whatever came before it in the batch. A file that
exceeds them, or brings its process down, is refused in words, and the next one is read.
"""

from __future__ import annotations

from mockint.adapters.expansion.batch import expand
from mockint.adapters.expansion.jobs import Job, Outcome

__all__ = ["Job", "Outcome", "expand"]
