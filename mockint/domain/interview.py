"""The interview itself: its time plan, who may join when, and who came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mockint.domain.errors import N_, TooEarly
from mockint.domain.timespan import Span

PLANNED_MIN = 60
"""The length the guides are written for."""
GRACE = timedelta(minutes=10)
"""How long one waits before the other side counts as absent."""
JOIN_BEFORE = timedelta(minutes=15)
JOIN_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the time plan: [from_min, to_min) minutes after the start."""

    from_min: int
    to_min: int
    title: str
    interviewer: str
    """What the interviewer does in it."""


def steps_from(timeline: Sequence[Mapping[str, object]]) -> tuple[Step, ...]:
    """A rubric's timeline as steps."""
    return tuple(
        Step(
            int(str(row["from_min"])),
            int(str(row["to_min"])),
            str(row["title"]),
            str(row["interviewer"]),
        )
        for row in timeline
    )


def scaled(timeline: Sequence[Mapping[str, object]], length_min: int) -> tuple[Step, ...]:
    """The time plan stretched to `length_min`: whole minutes, no gaps, no empty step."""
    steps = steps_from(timeline)
    if len(steps) > length_min:
        raise ValueError(f"{len(steps)} steps do not fit into {length_min} minutes")
    edges = [0]
    for index, step in enumerate(steps, start=1):
        ideal = (2 * step.to_min * length_min + PLANNED_MIN) // (2 * PLANNED_MIN)
        latest = length_min - (len(steps) - index)
        edges.append(min(max(ideal, edges[-1] + 1), latest))
    return tuple(
        Step(edges[index], edges[index + 1], step.title, step.interviewer)
        for index, step in enumerate(steps)
    )


def minutes_in(start: datetime, now: datetime) -> int:
    """Whole minutes since the start; below zero before it."""
    return (now - start) // timedelta(minutes=1)


def current_step(steps: Sequence[Step], start: datetime, now: datetime) -> int | None:
    """Which step is on now, or None before and after the interview."""
    minute = minutes_in(start, now)
    return next(
        (index for index, step in enumerate(steps) if step.from_min <= minute < step.to_min), None
    )


class Phase(StrEnum):
    AHEAD = "ahead"
    RUNNING = "running"
    OVER = "over"


def phase(start: datetime, end: datetime, now: datetime) -> Phase:
    """Where `now` stands: half-open, so at its end an interview is over."""
    if now < start:
        return Phase.AHEAD
    return Phase.RUNNING if now < end else Phase.OVER


def join_window(start: datetime, end: datetime) -> Span:
    """When the join button works."""
    return Span(start - JOIN_BEFORE, end + JOIN_AFTER)


class Report(StrEnum):
    """What one side says about the other."""

    UNKNOWN = "unknown"
    ATTENDED = "attended"
    ABSENT = "absent"


class Verdict(StrEnum):
    """What both reports together say."""

    UNKNOWN = "unknown"
    ATTENDED = "attended"
    CANDIDATE_ABSENT = "candidate_absent"
    INTERVIEWER_ABSENT = "interviewer_absent"
    DISPUTED = "disputed"


ABSENCES = frozenset({Verdict.CANDIDATE_ABSENT, Verdict.INTERVIEWER_ABSENT})


def report_opens(report: str, start: datetime) -> datetime:
    """From when on this can be reported: that they came, at once; that they did not, later."""
    return start + GRACE if report == Report.ABSENT else start


def require_report(report: str, start: datetime, *, now: datetime) -> None:
    """Refuse a report before its time."""
    if now >= report_opens(report, start):
        return
    if report == Report.ABSENT:
        raise TooEarly(
            N_("Wait until %(minutes)s minutes after the start before you report this."),
            minutes=GRACE // timedelta(minutes=1),
        )
    raise TooEarly(N_("This can be reported when the interview has started."))


def verdict(candidate_report: str, interviewer_report: str) -> Verdict:
    """Each side reports the OTHER's attendance; a report without a contradiction stands.

    To say "they came" one was there oneself. So "absent" against "attended" is a dispute, and
    so are two "absent": each says to have waited for the other.
    """
    reports = {Report(candidate_report), Report(interviewer_report)}
    if reports == {Report.UNKNOWN}:
        return Verdict.UNKNOWN
    if Report.ABSENT not in reports:
        return Verdict.ATTENDED
    if Report.UNKNOWN not in reports:
        return Verdict.DISPUTED
    if interviewer_report == Report.ABSENT:
        return Verdict.CANDIDATE_ABSENT
    return Verdict.INTERVIEWER_ABSENT


def feedback_owed(candidate_report: str, interviewer_report: str) -> bool:
    """False once an absence is reported: an interviewer who saw nobody has nothing to write."""
    return (
        interviewer_report != Report.ABSENT
        and verdict(candidate_report, interviewer_report) not in ABSENCES
    )


def counts_for_progress(found: Verdict) -> bool:
    """An absence stays out of progress, and so does a dispute until it is settled."""
    return found in {Verdict.UNKNOWN, Verdict.ATTENDED}
