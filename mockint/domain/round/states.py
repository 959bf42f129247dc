"""The life of a round, and what the worker may be doing with it meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from mockint.domain.errors import N_, Conflict


class State(StrEnum):
    """How far a round is; what the worker does with it is a `Job`, not a state."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    SOLVED = "solved"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    ARCHIVED = "archived"


MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.OPEN}),
    State.OPEN: frozenset({State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN, State.SOLVED, State.ARCHIVED}),
    State.SOLVED: frozenset({State.OPEN, State.REVIEWED, State.ARCHIVED}),
    State.REVIEWED: frozenset({State.SOLVED, State.PUBLISHED, State.ARCHIVED}),
    State.PUBLISHED: frozenset({State.ARCHIVED}),
    State.ARCHIVED: frozenset(),
}
"""From a state to those it may become. A draft that nobody needs is deleted."""

STATE_WORDS: dict[State, str] = {
    State.DRAFT: N_("Draft"),
    State.OPEN: N_("Open"),
    State.CLOSED: N_("Closed"),
    State.SOLVED: N_("Solved"),
    State.REVIEWED: N_("Reviewed"),
    State.PUBLISHED: N_("Published"),
    State.ARCHIVED: N_("Archived"),
}

ASKING = frozenset({State.OPEN})
"""Candidates ask, and change what they asked."""
ANSWERING = frozenset({State.OPEN, State.CLOSED, State.SOLVED, State.REVIEWED})
"""Interviewers say how many they take; candidates withdraw."""
DECIDING = frozenset({State.CLOSED, State.SOLVED, State.REVIEWED})
"""Organisers pin and forbid, choose the price of load, and have it solved."""
RUNNING = frozenset(State) - {State.PUBLISHED, State.ARCHIVED}
"""It is not over yet."""


class Job(StrEnum):
    """What the worker does with a round."""

    SOLVING = "solving"
    COMPARING = "comparing"
    """A result with what else could be had. It holds nobody up; whatever is asked next ends it."""
    PUBLISHING = "publishing"


class MatchState(StrEnum):
    """What became of a match."""

    PROPOSED = "proposed"
    BOOKED = "booked"
    FAILED = "failed"


class PairKind(StrEnum):
    """What an organiser decided about two people in a round."""

    PIN = "pin"
    FORBID = "forbid"


LOAD_PRICES = (0, 2, 5, 10)
"""Points that each further interview of the same interviewer costs, to choose from."""

_NOT_NOW: dict[State, str] = {
    State.DRAFT: N_("This round is not open yet."),
    State.OPEN: N_("This round is still open. Close it first."),
    State.CLOSED: N_("This round is closed."),
    State.SOLVED: N_("This round is solved and waits for a review."),
    State.REVIEWED: N_("This round is reviewed and waits to be published."),
    State.PUBLISHED: N_("This round is published."),
    State.ARCHIVED: N_("This round is archived."),
}
BUSY = N_("The worker is at it. Wait for it to end, or cancel it.")


def require_move(state: str, to: State) -> None:
    """Refuse a move that is not declared in `MOVES`, saying how far the round is."""
    if to not in MOVES[State(state)]:
        raise Conflict(_NOT_NOW[State(state)])


def require_state(state: str, allowed: Iterable[State]) -> None:
    """Refuse what a round cannot have done to it now."""
    if State(state) not in frozenset(allowed):
        raise Conflict(_NOT_NOW[State(state)])


def require_idle(job: str | None) -> None:
    """Refuse to change what the worker has in hand."""
    if job not in (None, Job.COMPARING):
        raise Conflict(BUSY)
