"""The life of a round, and what its people may plan, ask and offer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from mockint.domain.errors import Conflict, Invalid
from mockint.domain.round import plan, states
from mockint.domain.round.plan import Plan
from mockint.domain.round.states import MOVES, Job, State
from mockint.domain.timespan import Span
from mockint.models.round import MatchingRound

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEGAL = {
    ("draft", "open"),
    ("open", "closed"),
    ("closed", "open"),
    ("closed", "solved"),
    ("closed", "archived"),
    ("solved", "open"),
    ("solved", "reviewed"),
    ("solved", "archived"),
    ("reviewed", "solved"),
    ("reviewed", "published"),
    ("reviewed", "archived"),
    ("published", "archived"),
}


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
def test_only_declared_moves_are_legal(old: State, new: State) -> None:
    assert (new in MOVES[old]) == ((old, new) in LEGAL)
    if (old, new) in LEGAL:
        states.require_move(old.value, new)
    else:
        with pytest.raises(Conflict):
            states.require_move(old.value, new)


def test_every_state_and_job_has_words_and_the_database_knows_them() -> None:
    assert set(states.STATE_WORDS) == set(State)
    rules = " ".join(
        str(rule.sqltext)  # type: ignore[attr-defined]  # of a CHECK
        for rule in MatchingRound.__table__.constraints  # type: ignore[attr-defined]  # a Table
        if hasattr(rule, "sqltext")
    )
    for word in (*State, *Job):
        assert f"'{word.value}'" in rules


def test_nothing_is_done_to_what_a_worker_has_in_hand() -> None:
    states.require_idle(None)
    with pytest.raises(Conflict, match="worker"):
        states.require_idle("solving")


def test_the_days_of_a_round_are_those_of_its_zone() -> None:
    span = plan.span_of("Asia/Kathmandu", date(2026, 11, 30), date(2026, 12, 1))
    assert span.start == datetime(2026, 11, 29, 18, 15, tzinfo=UTC)
    assert span.duration == timedelta(days=2)
    long = plan.span_of("Europe/Berlin", date(2026, 10, 25), date(2026, 10, 25))
    assert long.duration == timedelta(hours=25)


def test_a_plan_ends_inside_what_can_be_booked_when_it_closes() -> None:
    planned = Plan(
        name="  Winter   week ",
        zone="UTC",
        first_on=date(2026, 11, 30),
        last_on=date(2026, 12, 6),
        closes_at=NOW + timedelta(days=4),
        duration_min=60,
        tracks=("testing", "coding"),
    )
    kept = plan.checked(planned, lengths_min=(60,), horizon_days=10, now=NOW)
    assert kept.tracks == ("coding", "testing")
    with pytest.raises(Invalid) as refused:
        plan.checked(planned, lengths_min=(60,), horizon_days=9, now=NOW)
    assert refused.value.field == "last_on"


def test_windows_that_touch_are_one_and_what_is_over_is_left_out() -> None:
    inside = Span(NOW.replace(hour=0, minute=0), NOW.replace(hour=0, minute=0) + 3 * 24 * HOUR)
    nine = NOW.replace(minute=0) + timedelta(days=1)
    found = plan.checked_windows(
        [
            Span(nine + HOUR, nine + 2 * HOUR),
            Span(nine, nine + HOUR),
            Span(inside.start, inside.start + HOUR),
        ],
        inside=inside,
        duration_min=90,
        now=NOW,
    )
    assert plan.spans_of(found) == (Span(nine, nine + 2 * HOUR),)


def test_nobody_takes_a_negative_number_or_more_than_anybody_could() -> None:
    assert plan.checked_capacity(0) == 0
    for wrong in (-1, plan.MOST_CAPACITY + 1):
        with pytest.raises(Invalid):
            plan.checked_capacity(wrong)
