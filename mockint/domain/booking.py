"""States of a booking, holds, cut-offs and caps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from mockint.domain.account import clean_text
from mockint.domain.errors import N_, Conflict, Invalid, LimitReached, TooLate


class State(StrEnum):
    """A booking's life; attendance is a separate fact."""

    HELD = "held"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


MOVES: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.CONFIRMED}),
    State.CONFIRMED: frozenset({State.CANCELLED}),
    State.CANCELLED: frozenset(),
}
"""From a state to those it may become. A hold given up or run out is deleted, not cancelled."""

LIVE = frozenset({State.HELD, State.CONFIRMED})
"""States that occupy people's time."""

HOLD_MIN = 10
MOST_EXTENSIONS = 10
"""A time limit can be extended at least ten times (WCAG 2.2.1)."""
LONGEST_REASON = 500
FULL = N_("You already have %(count)s upcoming interviews; %(limit)s is the most.")


def require_move(state: str, to: State) -> None:
    """Refuse a move that is not declared in `MOVES`."""
    if to in MOVES[State(state)]:
        return
    if state == State.CANCELLED:
        raise Conflict(N_("This interview was already cancelled."))
    if state == State.CONFIRMED:
        raise Conflict(N_("This interview is already booked."))
    raise Conflict(N_("This time is only held so far; confirm it or let it go."))


def hold_until(now: datetime, hold_min: int = HOLD_MIN) -> datetime:
    """When a hold made now runs out."""
    return now + timedelta(minutes=hold_min)


def extend_hold(held_at: datetime, *, now: datetime, hold_min: int = HOLD_MIN) -> datetime:
    """The new end of a hold made at `held_at`, counted from now."""
    if now > held_at + timedelta(minutes=hold_min * MOST_EXTENSIONS):
        raise LimitReached(N_("This time was held for long enough; confirm it or let it go."))
    return hold_until(now, hold_min)


def hold_over(held_until: datetime | None, now: datetime) -> bool:
    """True when others may take the time. Its owner may still confirm if nobody has."""
    return held_until is not None and held_until <= now


def is_live(state: str, held_until: datetime | None, now: datetime) -> bool:
    """True when the booking keeps its people from being booked by others at that time."""
    return state == State.CONFIRMED or (state == State.HELD and not hold_over(held_until, now))


def last_moment(start: datetime, cutoff_min: int) -> datetime:
    """The last instant at which a candidate or an interviewer can still change it."""
    return start - timedelta(minutes=cutoff_min)


def require_cancel(
    state: str, start: datetime, *, now: datetime, cutoff_min: int, organiser: bool = False
) -> None:
    """Refuse a cancellation after the cut-off (organisers are not bound) or after the start."""
    _require_confirmed(state)
    if now >= start:
        raise TooLate(N_("This interview has started, so it can no longer be cancelled."))
    if not organiser and now > last_moment(start, cutoff_min):
        raise TooLate(N_("It is too late to cancel here. The organisers can; write to them."))


def require_reschedule(
    state: str, start: datetime, *, now: datetime, cutoff_min: int, organiser: bool = False
) -> None:
    """Refuse a move after the cut-off (organisers are not bound) or after the start."""
    _require_confirmed(state)
    if now >= start:
        raise TooLate(N_("This interview has started, so it can no longer be moved."))
    if not organiser and now > last_moment(start, cutoff_min):
        raise TooLate(N_("It is too late to move it here. The organisers can; write to them."))


def _require_confirmed(state: str) -> None:
    """What can be cancelled can be moved, and nothing else."""
    require_move(state, State.CANCELLED)


def require_upcoming(count: int, limit: int) -> None:
    """Refuse one more upcoming interview; `count` leaves out the one being moved or swapped."""
    if count >= limit:
        raise LimitReached(FULL, count=count, limit=limit)


def clean_reason(text: str) -> str:
    """The reason for a cancellation; the other side reads it, so there has to be one."""
    reason = clean_text("reason", text, LONGEST_REASON)
    if not reason:
        raise Invalid("reason", N_("Say in a few words why; the other side reads it."))
    return reason


def nearest(starts: Iterable[datetime], wanted: datetime, n: int = 3) -> list[datetime]:
    """The `n` other starts closest to `wanted`, closest first, the earlier one when equal."""
    others = {start for start in starts if start != wanted}
    return sorted(others, key=lambda start: (abs(start - wanted), start))[:n]
