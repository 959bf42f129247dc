"""The candidate scores an interview of their own, before they read what the interviewer saw."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from mockint.domain.errors import Invalid
from mockint.domain.feedback import VISIBLE
from mockint.domain.progress import selfview as rules
from mockint.domain.rubric import LEVELS, Dimension, RubricSet
from mockint.models import Feedback
from mockint.queries import feedback as feedback_query
from mockint.queries import rubric as rubric_query
from mockint.queries import selfviews as query
from mockint.services import self_assessment as service
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.guards import CANDIDATE, allow

SKIP = "skip"
_POINTS = ("1", "2", "3", "4")


@allow(CANDIDATE)
def form(booking_id: int) -> ResponseReturnValue:
    """The same anchors the interviewer has; any dimension may be skipped."""
    g.nav = "Interviews"
    found = query.one(booking_id, candidate_id=current_user.id)
    if request.method == "GET":
        if found.feedback in VISIBLE:
            return redirect(url_for("feedback.read", booking_id=booking_id))
        service.require_open(found.booking, found.feedback, presenters.now())
        return _page(found, {key: str(score) for key, score in found.said.items()})
    track = rubric_query.parsed(found.rubric_row).tracks[found.booking.track]
    said = {key: request.form.get(key, "") for key in track.keys}
    errors = [
        (f"{dimension.name}: {_('Choose one of the answers.')}", f"#{dimension.key}")
        for dimension in track.dimensions
        if said[dimension.key] not in (*_POINTS, SKIP, "")
    ]
    if errors:
        return _page(found, said, errors), 422
    scores = {key: int(answer) for key, answer in said.items() if answer in _POINTS}
    try:
        service.say(booking_id, by=current_user.id, scores=scores, now=presenters.now())
    except Invalid as refusal:
        return _page(found, said, [(sentence(refusal), f"#{track.keys[0]}")]), 422
    flash(_("Kept. You can change it until your feedback is released."), "success")
    rating = feedback_query.reading(booking_id, person_id=current_user.id, organiser=False).rating
    return redirect(
        url_for(
            "feedback.rating" if rating is None else "interviews.show",
            booking_id=booking_id,
        ),
        303,
    )


def _page(
    found: query.Own, said: dict[str, str], errors: list[tuple[str, str]] | None = None
) -> str:
    parsed = rubric_query.parsed(found.rubric_row)
    level = found.booking.level
    return render_template(
        "progress/self_assessment.html",
        booking=found.booking,
        name=presenters.given(found.booking.interviewer.name),
        dimensions=[
            (dimension, _options(dimension, parsed))
            for dimension in parsed.tracks[found.booking.track].dimensions
        ],
        bar=Markup("<b>{}</b> {}").format(
            _("The bar for %(level)s level:", level=_(LEVELS[level]).lower()), parsed.bars[level]
        ),
        said=said,
        begun=bool(found.said),
        errors=errors or [],
    )


def _options(dimension: Dimension, rubric: RubricSet) -> list[dict[str, Any]]:
    points = [
        {"value": str(score), "numeral": score, "word": rubric.label(score), "text": text}
        for score, text in enumerate(dimension.anchors, start=1)
    ]
    skip = {"value": SKIP, "numeral": "–", "word": _("Skip"), "text": _("I cannot say.")}
    return [*points, skip]


def beside(found: Feedback) -> list[dict[str, Any]]:
    """Both views of released feedback, for its candidate; empty when nothing was said."""
    own = query.of_booking(found.booking_id)
    if not own:
        return []
    track = rubric_query.parsed(found.rubric_set).tracks[found.booking.track]
    given = {row.dimension: row.score for row in found.scores}
    pairs = rules.pairs(own, given, track.keys)
    return [
        {"name": dimension.name, "pair": pair, "words": gap_words(pair.gap)}
        for dimension, pair in zip(track.dimensions, pairs, strict=True)
    ]


def gap_words(gap: int | None) -> str:
    """How one's own score lies to the other, in a few words."""
    if gap is None:
        return "–"
    if gap == 0:
        return _("the same")
    if gap > 0:
        return _("%(n)s higher than your interviewer", n=gap)
    return _("%(n)s lower than your interviewer", n=-gap)
