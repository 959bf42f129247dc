"""The progress page of one track at one level, as values for its template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.calibration.level import Interval
from mockint.domain.progress import estimate, selfview
from mockint.domain.progress.estimate import Known, Line
from mockint.domain.progress.series import Series
from mockint.models import Booking, PracticeItem
from mockint.queries import calibration, selfviews, shares
from mockint.queries import progress as query
from mockint.queries.progress import Group
from mockint.web import presenters
from mockint.web.progress import words
from mockint.web.progress.selfview import gap_words


def context(group: Group, groups: list[Group]) -> dict[str, Any]:
    """Everything the template shows."""
    names = {dimension.key: dimension.name for dimension in group.track.dimensions}
    found, levels = group.progress, calibration.levels(current_user.id)
    known = estimate.known(levels.get((group.track.key, group.level)), found.results)
    lines = {key: estimate.line(known, found, key) for key in names}
    days = [presenters.day(row.booking.start_at) for row in group.feedback]
    mine = {row.id for row in group.feedback}
    items = [pair for pair in query.practice(current_user.id) if pair[0].feedback_id in mine]
    still_open = sum(item.done_at is None for item, _booking in items)
    return {
        "group": group,
        "choices": [(one.key, words.track_level(one)) for one in groups],
        "title": words.title(group, known, names),
        "lead": words.lead(group),
        "next_step": words.next_step(group, names, still_open),
        "after_weak": found.after_weak,
        "names": names,
        "summary": words.summary(list(lines.values()), names),
        "limits": words.limits(group, known),
        "charts": [
            _chart(series, lines[series.dimension], group, names[series.dimension], days)
            for series in found.series
        ],
        "breaks": list(found.breaks),
        "days": days,
        "rows": _rows(group, lines, days),
        "leans": _leans(group, known),
        "readiness": words.readiness(group, known),
        "items": items,
        "by_focus": _by_focus(items, names),
        "done": len(items) - still_open,
        "shows_practice": shares.shows_practice(current_user.id),
        "own": _own(group, days),
    }


def _chart(
    series: Series, line: Line, group: Group, name: str, days: Sequence[str]
) -> dict[str, Any]:
    """What `tables.chart` draws of one dimension."""
    given = [_("not observed") if point is None else str(point) for point in series.points]
    latest, count = line.latest, len(series.given)
    said = words.trend(line, count)
    notes = words.lines(line, count)
    alt = _("%(name)s, oldest first: %(scores)s. %(trend)s.",
            name=name, scores=", ".join(given), trend=said)  # fmt: skip
    if latest is not None:
        alt += " " + _("Level %(level)s, %(notes)s.",
                       level=words.number(latest.value), notes="; ".join(notes))  # fmt: skip
    return {
        "title": name,
        "trend": said,
        "points": series.points,
        "value": words.number(latest.value) if latest else _("Too early"),
        "lines": notes,
        "estimate": [level and level.value for level in line.levels],
        "band": [level and (level.low, level.high) for level in line.levels],
        "alt": alt,
        "links": [
            (_evidence(row.booking, series.dimension), f"{day}: {point}")
            for row, day, point in zip(group.feedback, days, given, strict=True)
        ],
    }


def _evidence(booking: Booking, dimension: str) -> str:
    return url_for("feedback.read", booking_id=booking.id, _anchor=f"seen-{dimension}")


def _rows(group: Group, lines: dict[str, Line], days: Sequence[str]) -> list[dict[str, Any]]:
    """The charts as a table: one row an interview."""
    rows = []
    for place, (row, result) in enumerate(zip(group.feedback, group.progress.results, strict=True)):
        rows.append(
            {
                "day": days[place],
                "booking": row.booking,
                "begins": place in group.progress.breaks,
                "said": group.rubric.recommendation(result.recommendation).label,
                "cells": [
                    {
                        "name": dimension.name,
                        "score": result.scores.get(dimension.key),
                        "href": _evidence(row.booking, dimension.key),
                        "level": _in_brackets(lines[dimension.key].levels[place]),
                    }
                    for dimension in group.track.dimensions
                ],
            }
        )
    return rows


def _in_brackets(level: Interval | None) -> str:
    if level is None:
        return ""
    return _("level %(value)s (%(low)s to %(high)s)", value=words.number(level.value),
             low=words.number(level.low), high=words.number(level.high))  # fmt: skip


def _leans(group: Group, known: Known | None) -> list[dict[str, Any]]:
    """Dimensions beside the candidate's own mean, each with the anchor one point up."""
    if known is None or group.progress.early:
        return []
    latest = {series.dimension: series.latest for series in group.progress.series}
    rows = []
    for lean in estimate.leans(known.last, group.track.keys):
        dimension = group.track.dimension(lean.dimension)
        if dimension is not None:
            rows.append(
                {
                    "name": dimension.name,
                    "standing": words.standing(lean),
                    "aside": words.aside(lean),
                    "up": dimension.aim(latest[lean.dimension]),
                }
            )
    return rows


Items = list[tuple[PracticeItem, Booking]]


def _by_focus(items: Items, names: dict[str, str]) -> list[tuple[str, list[PracticeItem]]]:
    """What to practise, grouped by dimension in the rubric's order."""
    order = list(names)
    focuses = dict.fromkeys(item.focus for item, _booking in items)
    sorted_ = sorted(focuses, key=lambda key: order.index(key) if key in order else len(order))
    return [
        (names.get(focus, focus), [item for item, _booking in items if item.focus == focus])
        for focus in sorted_
    ]


def _own(group: Group, days: Sequence[str]) -> dict[str, Any] | None:
    """One's own view beside the interviewers', interview by interview; None before the first."""
    said = selfviews.of_person(current_user.id)
    rows = []
    for day, result in zip(days, group.progress.results, strict=True):
        if own := said.get(result.booking_id):
            rows.append((day, selfview.pairs(own, result.scores, group.track.keys)))
    if not rows:
        return None
    means = [selfview.mean_gap(pairs) for _day, pairs in rows]
    told = [
        f"{day}: {words.signed(mean)}"
        for (day, _pairs), mean in zip(rows, means, strict=True)
        if mean is not None
    ]
    summary = words.gap_over_time([pairs for _day, pairs in rows])
    return {
        "days": [day for day, _pairs in rows],
        "means": means,
        "summary": summary,
        "alt": _("Your own scores against your interviewers', mean of each interview, oldest "
                 "first: %(told)s.", told=", ".join(told)),
        "rows": [
            (day, [(pair, gap_words(pair.gap)) for pair in pairs]) for day, pairs in rows
        ],
    }  # fmt: skip
