"""A candidate's released feedback, by track and target level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from mockint.db import db
from mockint.domain import interview
from mockint.domain import rubric as rubric_rules
from mockint.domain.feedback import VISIBLE
from mockint.domain.progress import series as progress
from mockint.domain.rubric import RubricSet, Track
from mockint.models import Booking, Feedback, PracticeItem
from mockint.queries import rubric as rubric_query


@dataclass(frozen=True, slots=True)
class Group:
    """One track at one level: a page of progress."""

    track: Track
    level: str
    rubric: RubricSet
    """The newest version feedback was given on."""
    progress: progress.Progress
    feedback: tuple[Feedback, ...]
    """Oldest first, as `progress.results`."""

    @property
    def key(self) -> str:
        """How the address names it."""
        return f"{self.track.key}-{self.level}"


def released(candidate_id: int) -> list[Feedback]:
    """Released feedback of interviews that took place, oldest first."""
    found = db.session.scalars(
        select(Feedback)
        .join(Feedback.booking)
        .options(contains_eager(Feedback.booking))
        .where(Booking.candidate_id == candidate_id, Feedback.state.in_(VISIBLE))
        .order_by(Booking.start_at, Booking.id)
    ).unique()
    return [row for row in found if _counts(row.booking)]


def _counts(booking: Booking) -> bool:
    found = interview.verdict(booking.interviewer_attendance, booking.candidate_attendance)
    return booking.state == "confirmed" and interview.counts_for_progress(found)


def of(candidate_id: int) -> list[Group]:
    """Every track and level with released feedback, the one met last first."""
    groups: dict[tuple[str, str], list[Feedback]] = {}
    for row in released(candidate_id):
        groups.setdefault((row.booking.track, row.booking.level), []).append(row)
    found = [_group(track, level, rows) for (track, level), rows in groups.items()]
    return sorted(found, key=lambda group: group.feedback[-1].booking.start_at, reverse=True)


def _group(track: str, level: str, rows: Sequence[Feedback]) -> Group:
    newest = max(rows, key=lambda row: rubric_rules.version_key(row.rubric_set.version))
    parsed = rubric_query.parsed(newest.rubric_set)
    results = [
        progress.Result(
            booking_id=row.booking_id,
            at=row.booking.start_at,
            interviewer_id=row.booking.interviewer_id,
            major=rubric_rules.major(row.rubric_set.version),
            recommendation=row.recommendation or 1,
            scores={score.dimension: score.score for score in row.scores},
        )
        for row in rows
    ]
    known = parsed.tracks[track]
    return Group(known, level, parsed, progress.of(results, known.keys), tuple(rows))


def practice(candidate_id: int) -> list[tuple[PracticeItem, Booking]]:
    """What was given to practise: open items first, then the latest."""
    rows = [
        (item, row.booking) for row in reversed(released(candidate_id)) for item in row.practice
    ]
    return sorted(rows, key=lambda pair: pair[0].done_at is not None)


def item_of(item_id: int, *, candidate_id: int) -> PracticeItem | None:
    """The item, if its feedback was released to this candidate."""
    return db.session.scalar(
        select(PracticeItem)
        .join(Feedback, Feedback.id == PracticeItem.feedback_id)
        .join(Booking, Booking.id == Feedback.booking_id)
        .where(
            PracticeItem.id == item_id,
            Booking.candidate_id == candidate_id,
            Feedback.state.in_(VISIBLE),
        )
    )


@dataclass(frozen=True, slots=True)
class Latest:
    """What the first page shows: the scores of the last interview, and what to practise."""

    group: Group
    practice: list[tuple[PracticeItem, Booking]]
    """Open items only."""


def latest(candidate_id: int) -> Latest | None:
    """None before the first released feedback."""
    groups = of(candidate_id)
    if not groups:
        return None
    still_open = [pair for pair in practice(candidate_id) if pair[0].done_at is None]
    return Latest(groups[0], still_open)
