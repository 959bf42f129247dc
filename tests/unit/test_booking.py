"""States, holds, cut-offs and caps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockint.domain import booking
from mockint.domain.booking import MOVES, State
from mockint.domain.errors import Conflict, Invalid, LimitReached, TooLate

NOW = datetime(2026, 11, 23, 9, 30, 17, tzinfo=UTC)
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
def test_only_declared_moves_are_legal(old: State, new: State) -> None:
    legal = {(State.HELD, State.CONFIRMED), (State.CONFIRMED, State.CANCELLED)}
    assert (new in MOVES[old]) == ((old, new) in legal)
    if (old, new) in legal:
        booking.require_move(old, new)
    else:
        with pytest.raises(Conflict):
            booking.require_move(old.value, new)


def test_a_hold_ends_by_itself_and_softly() -> None:
    until = booking.hold_until(NOW)
    assert until == NOW + 10 * MINUTE
    assert booking.is_live("held", until, until - datetime.resolution)
    assert not booking.is_live("held", until, until)
    assert booking.hold_over(until, until)
    assert not booking.hold_over(None, NOW)


def test_a_booking_stays_live_until_it_is_cancelled() -> None:
    assert booking.is_live("confirmed", NOW - MINUTE, NOW)
    assert not booking.is_live("cancelled", None, NOW)


def test_a_hold_is_extended_from_now_but_not_for_ever() -> None:
    later = NOW + 9 * MINUTE
    assert booking.extend_hold(NOW, now=later) == later + 10 * MINUTE
    with pytest.raises(LimitReached):
        booking.extend_hold(NOW, now=NOW + 101 * MINUTE)


def test_ten_extensions_are_possible() -> None:
    """WCAG 2.2.1 asks for ten, each taken shortly before the end."""
    until = booking.hold_until(NOW)
    for _ in range(10):
        until = booking.extend_hold(NOW, now=until - MINUTE)
    assert until > NOW + 90 * MINUTE


@pytest.mark.parametrize("check", [booking.require_cancel, booking.require_reschedule])
def test_the_last_moment_is_still_in_time(check: object) -> None:
    assert callable(check)
    last = booking.last_moment(START, 720)
    assert last == START - timedelta(hours=12)
    check("confirmed", START, now=last, cutoff_min=720)
    with pytest.raises(TooLate):
        check("confirmed", START, now=last + datetime.resolution, cutoff_min=720)


@pytest.mark.parametrize("check", [booking.require_cancel, booking.require_reschedule])
def test_organisers_are_bound_by_the_start_only(check: object) -> None:
    assert callable(check)
    check("confirmed", START, now=START - MINUTE, cutoff_min=720, organiser=True)
    with pytest.raises(TooLate):
        check("confirmed", START, now=START, cutoff_min=0, organiser=True)


@pytest.mark.parametrize("check", [booking.require_cancel, booking.require_reschedule])
@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_only_a_booking_can_be_changed(check: object, state: str) -> None:
    assert callable(check)
    with pytest.raises(Conflict):
        check(state, START, now=NOW, cutoff_min=0)


def test_the_cap_of_upcoming_interviews() -> None:
    booking.require_upcoming(1, 2)
    with pytest.raises(LimitReached, match="already have 2"):
        booking.require_upcoming(2, 2)


def test_a_reason_is_needed_and_short() -> None:
    assert booking.clean_reason("  I am ill \n") == "I am ill"
    for text in ("", " \n\t", "x" * 501):
        with pytest.raises(Invalid) as refused:
            booking.clean_reason(text)
        assert refused.value.field == "reason"


def test_the_nearest_other_times_come_closest_first_and_earlier_on_a_tie() -> None:
    starts = [START + n * 15 * MINUTE for n in (-5, -1, 0, 1, 2, 9)]
    found = booking.nearest(starts, START)
    assert found == [START - 15 * MINUTE, START + 15 * MINUTE, START + 30 * MINUTE]
    assert booking.nearest([START], START) == []
    assert len(booking.nearest(starts, START, n=10)) == 5
