"""The rows of a feedback draft, and the values they hold."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified

from mockint.db import db
from mockint.domain.errors import N_, Conflict, Invalid
from mockint.domain.feedback import (
    Content,
    NotesPart,
    OverallPart,
    Part,
    Practice,
    PracticePart,
    Seen,
    SeenPart,
    SummaryPart,
)
from mockint.domain.rubric import Track
from mockint.models import Booking, Feedback, FeedbackScore, PracticeItem, RubricSet
from mockint.queries import feedback as feedback_query
from mockint.queries import rubric as rubric_query

content = feedback_query.content


def begin(booking: Booking, *, rubric_set_id: int | None, now: datetime) -> Feedback:
    """An empty draft on that rubric version, or on the newest where none is named."""
    row = rubric_query.newest()
    if rubric_set_id is not None and rubric_set_id != row.id:
        named = db.session.get(RubricSet, rubric_set_id)
        if named is None:
            raise Conflict(N_("This page does not fit the rubric. Reload it and try again."))
        row = named
    found = Feedback(
        booking_id=booking.id,
        booking=booking,
        author_id=booking.interviewer_id,
        rubric_set_id=row.id,
        rubric_set=row,
        state="draft",
        strengths=(),
        created_at=now,
        updated_at=now,
    )
    db.session.add(found)
    db.session.flush()
    return found


def track(found: Feedback) -> Track:
    """The track as the draft's own rubric version has it."""
    return rubric_query.parsed(found.rubric_set).tracks[found.booking.track]


def holds(found: Feedback, part: Part) -> bool:
    """Whether the draft says this already."""
    kept = content(found)
    match part:
        case SeenPart():
            return kept.scores.get(part.dimension, Seen()) == part.seen
        case NotesPart():
            notes = feedback_query.notes(found)
            return all(notes.get(key, "") == text for key, text in part.notes.items())
        case OverallPart():
            said = OverallPart(kept.recommendation, kept.reason_for_difference)
            return said == part
        case SummaryPart():
            return SummaryPart(kept.summary, kept.strengths, kept.organiser_note) == part
        case PracticePart():
            return kept.practice == _filled(part)


def apply(found: Feedback, part: Part) -> None:
    """Write one step into the rows."""
    match part:
        case SeenPart():
            _score(found, part.dimension, part.seen)
        case NotesPart():
            for key, text in part.notes.items():
                _row(found, key).note = text
        case OverallPart():
            found.recommendation = part.recommendation
            found.reason_for_difference = part.reason_for_difference
        case SummaryPart():
            found.summary, found.strengths = part.summary, part.strengths
            found.organiser_note = part.organiser_note
        case PracticePart():
            _practice(found, _filled(part))


def touch(found: Feedback, now: datetime) -> None:
    """Raise the revision, also when only rows beside the feedback's own have changed."""
    found.updated_at = now
    flag_modified(found, "updated_at")


def replace(found: Feedback, whole: Content) -> None:
    """Write everything into the rows."""
    for key, seen in whole.scores.items():
        _score(found, key, seen)
    apply(found, OverallPart(whole.recommendation, whole.reason_for_difference))
    apply(found, SummaryPart(whole.summary, whole.strengths, whole.organiser_note))
    _practice(found, whole.practice)


def _filled(part: PracticePart) -> tuple[Practice, ...]:
    return tuple(item for item in part.items if not item.blank)


def _row(found: Feedback, key: str) -> FeedbackScore:
    keys = track(found).keys
    if key not in keys:
        raise Invalid("dimension", N_("This rubric has no such dimension."))
    for row in found.scores:
        if row.dimension == key:
            return row
    row = FeedbackScore(
        dimension=key, position=keys.index(key), note="", evidence="", not_observed=False
    )
    found.scores.append(row)
    return row


def _score(found: Feedback, key: str, seen: Seen) -> None:
    row = _row(found, key)
    row.evidence, row.not_observed = seen.evidence, seen.not_observed
    row.score = None if seen.not_observed else seen.score
    dimension = track(found).dimension(key)
    assert dimension is not None  # `_row` knew the key
    row.anchor_hash = dimension.anchor_hash(row.score) if row.score else ""


def _practice(found: Feedback, items: tuple[Practice, ...]) -> None:
    """Rewrite in place, so that a draft saved often does not burn rows."""
    for position, item in enumerate(items):
        if position < len(found.practice):
            row = found.practice[position]
        else:
            row = PracticeItem(position=position)
            found.practice.append(row)
        for name, text in asdict(item).items():
            setattr(row, name, text)
    del found.practice[len(items) :]
