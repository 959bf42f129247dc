"""Complete feedback for tests: made through the services, as a person would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mockint.domain.feedback import RATING_KEYS, Practice, Seen
from mockint.models import Booking, Feedback
from mockint.queries import rubric as rubric_query
from mockint.services import feedback

SUMMARY = "You turned a loose prompt into a task and said what it costs. " * 4
ITEM = Practice(
    focus="framing",
    gap="Questions came after the first line of code.",
    aim="Restates the task first.",
    exercise="Write three questions before ten problems.",
    amount="Daily until Sunday",
    check="The questions stand there before the code.",
)


def content(track: str = "coding", **scores: int | None) -> dict[str, Any]:
    """Everything an interviewer writes; 3 for each dimension that is not named."""
    keys = rubric_query.current().tracks[track].keys
    points = {key: scores.get(key, 3) for key in keys}
    return {
        "scores": {
            key: Seen(f"Minute {place}: said what {key} means here. " * 3, point, point is None)
            for place, (key, point) in enumerate(points.items(), start=10)
        },
        "recommendation": 3,
        "summary": SUMMARY,
        "strengths": ["Said the cost before coding."],
        "practice": [replace(ITEM, focus=keys[0])],
    }


def submitted(
    booking: Booking, *, now: datetime, changes: Mapping[str, Any] | None = None, **scores: Any
) -> Feedback:
    """Feedback handed in by the interviewer of this booking."""
    whole = content(booking.track, **scores) | dict(changes or {})
    return feedback.write(booking.id, author_id=booking.interviewer_id, now=now, **whole)


def rated(booking: Booking, *, now: datetime, points: int = 4, **more: Any) -> None:
    """The candidate's rating of the interviewer."""
    ratings = dict.fromkeys(RATING_KEYS, points)
    feedback.rate(booking.id, by=booking.candidate_id, ratings=ratings, now=now, **more)
