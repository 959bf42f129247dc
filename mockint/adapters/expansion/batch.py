"""Hands files to the expanding process, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockint.adapters.expansion.jobs import Job, Outcome


def expand(jobs: Iterable[Job]) -> Iterator[Outcome]:
    """The outcome of each job, in order; one bad file never stops the next."""
    raise NotImplementedError
