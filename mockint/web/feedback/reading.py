"""Written feedback as a page shows it, to its author, its candidate and organisers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from mockint.domain import feedback as rules
from mockint.domain.rubric import BAR
from mockint.models import Feedback
from mockint.queries import community as community_query
from mockint.queries import ended
from mockint.queries import feedback as query
from mockint.queries import rubric as rubric_query
from mockint.web import presenters
from mockint.web.feedback import words


def address(booking_id: int) -> str:
    """Where it is read."""
    return url_for("feedback.read", booking_id=booking_id)


def held_until(found: Feedback) -> datetime | None:
    """Until when the author may reopen it; None when that is over."""
    if found.state != "submitted" or found.submitted_at is None:
        return None
    until = rules.sealed_from(found.submitted_at, community_query.current().feedback_hold_min)
    return until if presenters.now() < until else None


def context(found: Feedback) -> dict[str, Any]:
    """What `feedback/_content.html` shows, on the rubric the feedback was given on."""
    parsed = rubric_query.parsed(found.rubric_set)
    booking, track = found.booking, parsed.tracks[found.booking.track]
    content = query.content(found)
    chosen = content.recommendation
    return {
        "feedback": found,
        "booking": booking,
        "content": content,
        "dimensions": [(d, content.scores.get(d.key, rules.Seen())) for d in track.dimensions],
        "rubric": parsed,
        "track": track,
        "bar": BAR,
        "author": presenters.given(booking.interviewer.name),
        "verdict": words.verdict(chosen, booking.level) if chosen else _("No verdict yet"),
        "verdict_lead": words.verdict_lead(chosen) if chosen else None,
        "marked": words.marked,
        "addenda": ended.addenda(found.id) if found.state in rules.SEALED else (),
    }
