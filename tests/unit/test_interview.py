"""The time plan at every length, and what two reports of attendance make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain import interview
from mockint.domain.community import LENGTHS
from mockint.domain.errors import TooEarly
from mockint.domain.interview import Phase, Report, Verdict

START = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def plan(*edges: int) -> list[dict[str, object]]:
    return [
        {"from_min": low, "to_min": high, "title": f"From {low}", "interviewer": "Listen."}
        for low, high in pairwise(edges)
    ]


CODING = plan(0, 5, 10, 20, 42, 50, 55, 60)


@pytest.mark.parametrize(
    ("length", "edges"),
    [
        (30, [0, 3, 5, 10, 21, 25, 28, 30]),
        (45, [0, 4, 8, 15, 32, 38, 41, 45]),
        (60, [0, 5, 10, 20, 42, 50, 55, 60]),
        (90, [0, 8, 15, 30, 63, 75, 83, 90]),
    ],
)
def test_the_plan_is_scaled_to_the_length(length: int, edges: list[int]) -> None:
    steps = interview.scaled(CODING, length)
    assert [0, *(step.to_min for step in steps)] == edges
    assert [step.title for step in steps] == [str(row["title"]) for row in CODING]


@given(
    st.sets(st.integers(1, 59), max_size=25).map(lambda inner: plan(0, *sorted(inner), 60)),
    st.sampled_from(LENGTHS),
)
def test_a_scaled_plan_has_no_gaps_and_ends_at_the_end(
    timeline: list[dict[str, object]], length: int
) -> None:
    steps = interview.scaled(timeline, length)
    assert (steps[0].from_min, steps[-1].to_min) == (0, length)
    assert all(one.to_min == two.from_min for one, two in pairwise(steps))
    assert all(step.from_min < step.to_min for step in steps)


def test_more_steps_than_minutes_do_not_fit() -> None:
    with pytest.raises(ValueError):
        interview.scaled(plan(*range(61)), 30)


def test_the_step_that_is_on_now() -> None:
    steps = interview.scaled(CODING, 60)
    on = {
        minute: interview.current_step(steps, START, START + minute * MINUTE)
        for minute in (-1, 0, 4, 5, 59, 60)
    }
    assert on == {-1: None, 0: 0, 4: 0, 5: 1, 59: 6, 60: None}


def test_an_interview_is_over_at_its_end() -> None:
    moments = [START - MINUTE, START, END - MINUTE, END]
    assert [interview.phase(START, END, now) for now in moments] == [
        Phase.AHEAD,
        Phase.RUNNING,
        Phase.RUNNING,
        Phase.OVER,
    ]
    assert interview.join_window(START, END).contains(START - 15 * MINUTE)
    assert not interview.join_window(START, END).contains(START - 16 * MINUTE)


@pytest.mark.parametrize(
    ("candidate_says", "interviewer_says", "expected"),
    [
        ("unknown", "unknown", Verdict.UNKNOWN),
        ("attended", "unknown", Verdict.ATTENDED),
        ("unknown", "attended", Verdict.ATTENDED),
        ("attended", "attended", Verdict.ATTENDED),
        ("unknown", "absent", Verdict.CANDIDATE_ABSENT),
        ("absent", "unknown", Verdict.INTERVIEWER_ABSENT),
        ("attended", "absent", Verdict.DISPUTED),
        ("absent", "attended", Verdict.DISPUTED),
        ("absent", "absent", Verdict.DISPUTED),
    ],
)
def test_two_reports_make_a_verdict(
    candidate_says: str, interviewer_says: str, expected: Verdict
) -> None:
    assert interview.verdict(candidate_says, interviewer_says) is expected


def test_they_did_not_come_needs_ten_minutes() -> None:
    for report, after in ((Report.ATTENDED, 0), (Report.ABSENT, 10)):
        interview.require_report(report, START, now=START + after * MINUTE)
        with pytest.raises(TooEarly):
            interview.require_report(
                report.value, START, now=START + after * MINUTE - datetime.resolution
            )


def test_an_absence_ends_the_wait_for_feedback() -> None:
    owed = {(one, other): interview.feedback_owed(one, other) for one in Report for other in Report}
    assert {pair for pair, still in owed.items() if not still} == {
        (Report.UNKNOWN, Report.ABSENT),
        (Report.ATTENDED, Report.ABSENT),
        (Report.ABSENT, Report.ABSENT),
        (Report.ABSENT, Report.UNKNOWN),
    }


def test_absences_and_disputes_stay_out_of_progress() -> None:
    assert {found for found in Verdict if interview.counts_for_progress(found)} == {
        Verdict.UNKNOWN,
        Verdict.ATTENDED,
    }
