"""Words an author adds to feedback that is sealed: dated, final, and without any score."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.domain import feedback as rules
from mockint.domain import tone
from mockint.domain.account import clean_text
from mockint.domain.errors import N_, Conflict, Invalid, NotYours
from mockint.models import Booking, Feedback, FeedbackAddendum
from mockint.queries import tone as tone_query
from mockint.services import audit, outbox


def add(booking_id: int, *, author_id: int, text: str, now: datetime) -> FeedbackAddendum:
    """Add it; the candidate is told by mail when the feedback is released already.

    The same words as the last one's are that one, so that a form sent twice adds once.
    """
    least, most = rules.ADDENDUM
    text = clean_text("text", text, most, required=True)
    if rules.length(text) < least:
        sentence = N_("Write at least %(needed)s characters. You have %(n)s.")
        raise Invalid("text", sentence, needed=least, n=rules.length(text))
    for finding in tone.of_text("addendum", text, tone_query.lists()):
        if finding.refused:
            raise tone.refusal(finding)
    with transaction():
        booking = db.session.scalar(
            select(Booking).where(Booking.id == booking_id).with_for_update(of=Booking)
        )
        found = of_author(booking_id, author_id)
        if booking is None or found is None:
            raise NotYours
        if found.state not in rules.SEALED:
            raise Conflict(N_("Words can be added once the feedback is sealed."))
        last = db.session.scalar(
            select(FeedbackAddendum)
            .where(FeedbackAddendum.feedback_id == found.id)
            .order_by(FeedbackAddendum.id.desc())
            .limit(1)
        )
        if last is not None and last.text == text:
            return last
        mine = select(func.count()).where(FeedbackAddendum.feedback_id == found.id)
        if (db.session.scalar(mine) or 0) >= rules.MOST_ADDENDA:
            raise Conflict(N_("There are five additions already, which is the most."))
        added = FeedbackAddendum(
            feedback_id=found.id, author_id=author_id, text=text, created_at=now
        )
        db.session.add(added)
        db.session.flush()
        audit.record("feedback.addendum", f"feedback:{found.id}", by=author_id, now=now)
        if found.state in rules.VISIBLE:
            outbox.record(
                key=f"booking:{booking.id}:candidate:feedback-addendum:{added.id}",
                kind="feedback-addendum",
                person_id=booking.candidate_id,
                booking_id=booking.id,
                side="candidate",
                sequence=booking.sequence,
                due_at=now,
                now=now,
            )
    return added


def of_author(booking_id: int, author_id: int) -> Feedback | None:
    """The feedback this person wrote on this interview."""
    return db.session.scalar(
        select(Feedback).where(Feedback.booking_id == booking_id, Feedback.author_id == author_id)
    )
