"""One's own progress as JSON and CSV; docs/progress.md names every field."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mockint.domain.calibration.level import Interval
from mockint.domain.progress import estimate
from mockint.domain.progress.estimate import Known, Readiness
from mockint.models import Feedback
from mockint.queries import calibration, selfviews
from mockint.queries import progress as query
from mockint.queries.progress import Group
from mockint.web import presenters
from mockint.web.guards import CANDIDATE, allow

SCHEMA = 1
COLUMNS = (
    "interview", "start", "track", "level", "rubric_version", "recommendation", "dimension",
    "score", "own_score", "estimate", "low90", "high90",
)  # fmt: skip


@allow(CANDIDATE)
def as_json() -> ResponseReturnValue:
    """Everything the progress page knows, by track and target level."""
    own, levels = selfviews.of_person(current_user.id), calibration.levels(current_user.id)
    groups = [
        _group(group, _known(group, levels), own, query.practice(current_user.id))
        for group in query.of(current_user.id)
    ]
    found = {"schema": SCHEMA, "made_at": _instant(presenters.now()), "groups": groups}
    return _file(jsonify(found), "progress.json")


def _known(group: Group, levels: dict[tuple[str, str], Any]) -> Known | None:
    level = levels.get((group.track.key, group.level))
    return estimate.known(level, group.progress.results)


def _group(
    group: Group, known: Known | None, own: dict[int, dict[str, int]], practice: list[Any]
) -> dict[str, Any]:
    results, mine = group.progress.results, {row.id for row in group.feedback}
    said = estimate.readiness(known, results)
    return {
        "track": group.track.key,
        "level": group.level,
        "recommendations_yes": group.progress.yeses,
        "interviewers": group.progress.people,
        "readiness": None if said == Readiness.EARLY else str(said),
        "estimate": {
            "overall": _interval(known.last.overall),
            "fitted": known.fitted,
            "connected": not known.alone,
            "unknown_interviews": [results[place].booking_id for place in known.unknown],
        }
        if known
        else None,
        "dimensions": [_dimension(group, known, key) for key in group.track.keys],
        "interviews": [
            {
                "interview": row.booking_id,
                "start": _instant(row.booking.start_at),
                "rubric_version": row.rubric_set.version,
                "recommendation": row.recommendation,
                "scores": {score.dimension: score.score for score in row.scores},
                "own_scores": own.get(row.booking_id, {}),
            }
            for row in group.feedback
        ],
        "practice": [
            {
                "interview": booking.id,
                "focus": item.focus,
                "exercise": item.exercise,
                "amount": item.amount,
                "check": item.check,
                "done_at": _instant(item.done_at) if item.done_at else None,
            }
            for item, booking in practice
            if item.feedback_id in mine
        ],
    }


def _dimension(group: Group, known: Known | None, key: str) -> dict[str, Any]:
    line = estimate.line(known, group.progress, key)
    change = line.change
    return {
        "dimension": key,
        "levels": [
            {"interview": result.booking_id} | _interval(level)
            for result, level in zip(group.progress.results, line.levels, strict=True)
            if level is not None
        ],
        "change": change
        and {
            "value": round(change.value, 3),
            "low90": round(change.low, 3),
            "high90": round(change.high, 3),
            "reads_as": str(change.move),
        },
    }


def _interval(level: Interval) -> dict[str, Any]:
    low, high = round(level.low, 3), round(level.high, 3)
    return {"value": round(level.value, 3), "low90": low, "high90": high}


@allow(CANDIDATE)
def as_csv() -> ResponseReturnValue:
    """One row a dimension of an interview; only keys, numbers and instants, no words of anybody."""
    own, levels = selfviews.of_person(current_user.id), calibration.levels(current_user.id)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for group in query.of(current_user.id):
        known = _known(group, levels)
        for key in group.track.keys:
            line = estimate.line(known, group.progress, key)
            for row, level in zip(group.feedback, line.levels, strict=True):
                rows.writerow(_cells(group, row, key, own.get(row.booking_id, {}), level))
    answer = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
    return _file(answer, "progress.csv")


def _cells(
    group: Group, row: Feedback, key: str, own: dict[str, int], level: Interval | None
) -> list[Any]:
    score = next((one.score for one in row.scores if one.dimension == key), None)
    found = (
        [f"{value:.3f}" for value in (level.value, level.low, level.high)] if level else [""] * 3
    )
    return [
        row.booking_id, _instant(row.booking.start_at), group.track.key, group.level,
        row.rubric_set.version, row.recommendation, key, score, own.get(key), *found,
    ]  # fmt: skip


def _instant(at: datetime) -> str:
    """ISO 8601 in UTC, as everywhere a program reads."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _file(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
