"""Writing feedback: one step at a time, saved as one goes."""

from __future__ import annotations

from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from mockint.domain import feedback as rules
from mockint.domain import interview, zones
from mockint.domain.errors import Conflict, NotYours, Refusal
from mockint.domain.feedback import Part
from mockint.models import Feedback
from mockint.queries import community as community_query
from mockint.queries import feedback as query
from mockint.queries.feedback import Draft
from mockint.services import feedback as service
from mockint.services import tone as tone_service
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.feedback import reading, steps, wording
from mockint.web.feedback.forms import POINTS, PracticeForm, StepForm, form_of
from mockint.web.feedback.steps import Steps
from mockint.web.guards import INTERVIEWER, allow
from mockint.web.interviews import words as interview_words
from mockint.web.typed import revision, said, whole

Errors = list[tuple[str, str | None]]


@allow(INTERVIEWER)
def form(booking_id: int) -> ResponseReturnValue:
    """One step of the form; every button saves what was typed first."""
    g.nav = "Feedback"
    draft = _draft(booking_id)
    if draft.feedback is not None and draft.feedback.state in rules.WRITTEN:
        return redirect(reading.address(booking_id))
    way = Steps(draft)
    step = request.args.get("step") or way.first()
    if step not in way.keys:
        raise NotYours
    if request.method == "GET":
        return _page(draft, step, form_of(step, draft))
    return _posted(draft, way, step)


@allow(INTERVIEWER)
def autosave(booking_id: int) -> ResponseReturnValue:
    """Keep one step without a page: the new revision, or both texts of a conflict."""
    try:
        draft = _draft(booking_id)
        way, step = Steps(draft), request.args.get("step", "")
        if step not in way.keys:
            raise NotYours
        typed = form_of(step, draft)
        if not typed.validate():
            return jsonify(errors=typed.errors), 422
        saved = _save(draft, step, typed, _revision())
    except service.DraftChanged as conflict:
        return _conflict(draft, step, typed, conflict.feedback), 409
    except Conflict as refusal:
        return render_template("feedback/_refused.html", sentence=sentence(refusal)), 409
    draft = _draft(booking_id)
    hints = wording.hints(Steps(draft), step)
    return jsonify(
        revision=saved.revision,
        text=_saved_words(draft),
        tone=render_template("feedback/_tone.html", hints=hints) if hints else "",
        said=wording.said(len(hints)),
    )


def _draft(booking_id: int) -> Draft:
    draft = query.draft(booking_id, author_id=current_user.id)
    if draft.feedback is not None and draft.feedback.state == "withdrawn":
        rules.require_draft(draft.feedback.state)
    if draft.feedback is None or draft.feedback.state == "draft":
        booking = draft.booking
        owed = interview.feedback_owed(booking.interviewer_attendance, booking.candidate_attendance)
        rules.require_open(
            state=booking.state, start=booking.start_at, owed=owed, now=presenters.now()
        )
    return draft


def _revision() -> int:
    """The revision the form was shown with; "keep mine" names the one it was told about."""
    name = "seen" if request.form.get("keep") == "mine" else "revision"
    return revision(request.form.get(name))


def _save(draft: Draft, step: str, typed: StepForm, revision: int) -> Feedback:
    return service.save(
        draft.booking.id,
        author_id=current_user.id,
        part=typed.part(step),
        revision=revision,
        rubric_set_id=said(request.form.get("rubric")),
        now=presenters.now(),
    )


def _posted(draft: Draft, way: Steps, step: str) -> ResponseReturnValue:
    go = request.form.get("go", "save")
    if request.form.get("keep") == "theirs":
        return redirect(way.address(step), 303)
    if step == "review":
        if go.startswith(wording.ASIDE):
            return _set_aside(draft, way, step, go)
        return _submitted(draft, way) if go == "submit" else _move(way, step, go)
    typed = form_of(step, draft)
    if not typed.validate():
        return _page(draft, step, typed, status=422), 422
    if isinstance(typed, PracticeForm) and typed.edit(go, draft):
        return _page(draft, step, typed)
    if step == "overall" and way.locked and _chosen(typed):
        errors: Errors = [
            (_("Score every dimension first, or say that it was not observed."), "#locked")
        ]
        return _page(draft, step, typed, errors=errors, status=422), 422
    try:
        _save(draft, step, typed, _revision())
    except service.DraftChanged as conflict:
        both = _conflict(draft, step, typed, conflict.feedback)
        return _page(draft, step, typed, conflict=both), 409
    draft = _draft(draft.booking.id)
    if go.startswith(wording.ASIDE):
        return _set_aside(draft, Steps(draft), step, go)
    if go == "next" and (lacks := _lacks(draft, step)):
        return _page(draft, step, form_of(step, draft), errors=lacks, status=422), 422
    if go == "save":
        flash(_("Draft saved."), "success")
    return _move(Steps(draft), step, go)


def _set_aside(draft: Draft, way: Steps, step: str, go: str) -> ResponseReturnValue:
    """Keep a hint's words as they are, with a reason that organisers read."""
    number, finding = wording.named(go)
    try:
        tone_service.set_aside(
            draft.booking.id,
            author_id=current_user.id,
            finding=finding,
            reason=request.form.get(f"tone-reason-{number}", ""),
            now=presenters.now(),
        )
    except Refusal as refusal:
        errors: Errors = [(sentence(refusal), f"#tone-reason-{number}")]
        return _page(draft, step, form_of(step, draft), errors=errors, status=422), refusal.status
    flash(_("Kept as it is. Organisers see your reason, the candidate does not."), "success")
    return redirect(way.address(step, "tone"), 303)


def _chosen(typed: StepForm) -> bool:
    return bool(typed["recommendation"].data)


def _lacks(draft: Draft, step: str) -> Errors:
    """What keeps a step that was begun from being left; an untouched one may wait."""
    if not _begun(draft, step):
        return []
    return [(sentence(lack.refusal), f"#{lack.field}") for lack in Steps(draft).of(step)]


def _begun(draft: Draft, step: str) -> bool:
    content = draft.content
    if step == "overall":
        return content.recommendation is not None
    if step == "summary":
        return bool(content.summary or content.strengths)
    if step == "practice":
        return bool(content.practice)
    return content.scores.get(step, rules.Seen()).score is not None


def _move(way: Steps, step: str, go: str) -> ResponseReturnValue:
    targets = {"next": way.after(step), "back": way.before(step)}
    return redirect(way.address(targets.get(go) or step), 303)


def _submitted(draft: Draft, way: Steps) -> ResponseReturnValue:
    try:
        service.submit(
            draft.booking.id,
            author_id=current_user.id,
            revision=revision(request.form.get("revision")),
            now=presenters.now(),
        )
    except service.Incomplete:
        return _page(draft, "review", form_of("review", draft), status=422), 422
    except Refusal as refusal:
        errors: Errors = [(f"{sentence(refusal)} {_('Read it again below.')}", None)]
        return _page(draft, "review", form_of("review", draft), errors=errors), refusal.status
    flash(_("Feedback submitted."), "success")
    return redirect(reading.address(draft.booking.id), 303)


def _page(
    draft: Draft,
    step: str,
    typed: StepForm,
    *,
    errors: Errors | None = None,
    conflict: str = "",
    status: int = 200,
) -> str:
    now, community = presenters.now(), community_query.current()
    way, due = Steps(draft), rules.due_at(draft.booking.end_at, community.feedback_deadline_hours)
    context: dict[str, Any] = {
        "draft": draft,
        "booking": draft.booking,
        "step": step,
        "way": way,
        "form": typed,
        "errors": errors or [],
        "refused": status == 422 or bool(conflict),
        "conflict": Markup(conflict),  # rendered by our own template
        "revision": whole(request.form.get("revision")) or draft.revision
        if conflict or typed.errors
        else draft.revision,
        "name": presenters.given(draft.booking.candidate.name),
        "due": presenters.moment(due),
        "left": interview_words.left(due, now),
        "zone": zones.label(presenters.reader_zone(), due),
        "saved": _saved_words(draft),
        "hints": wording.hints(way, None if step == "review" else step),
        **_step_context(draft, way, step, typed),
    }
    return render_template("feedback/form.html", **context)


def _step_context(draft: Draft, way: Steps, step: str, typed: StepForm) -> dict[str, Any]:
    """What only this step's part of the template needs."""
    if step == "overall":
        scores = draft.content.points()
        chosen = typed["recommendation"].data
        asked = rules.needs_reason(int(chosen) if chosen in POINTS else None, scores)
        return {
            "options": steps.recommendations(draft),
            "locked": way.locked,
            "asks_reason": asked or bool(typed["reason"].data),
        }
    if step == "practice":
        assert isinstance(typed, PracticeForm)
        return {"shown": typed.shown(request.form.get("go") == "add"), "track": draft.track}
    if step == "review":
        shown = reading.context(draft.feedback) if draft.feedback else {}
        return {
            **shown,
            "aside": wording.aside(draft.feedback),
            "hold": presenters.duration(community_query.current().feedback_hold_min),
        }
    if step == "summary":
        return {"least": draft.rubric.rules.summary_min}
    return {
        "dimension": draft.track.dimension(step),
        "number": way.dimensions.index(step) + 1,
        "options": steps.options(draft, step),
        "bar": steps.bar(draft),
        "lock": steps.lock(draft, typed["evidence"].data or ""),
        "note": query.notes(draft.feedback).get(step),
    }


def _saved_words(draft: Draft) -> str:
    if draft.feedback is None:
        return _("Nothing saved yet")
    return _(
        "Draft saved %(at)s, %(scored)s of %(total)s scored",
        at=presenters.hour(draft.feedback.updated_at),
        scored=draft.scored,
        total=len(draft.track.dimensions),
    )


def _conflict(draft: Draft, step: str, typed: StepForm, theirs: Feedback | None) -> str:
    """Both texts of a step that was changed in another window."""
    newer = query.draft(draft.booking.id, author_id=current_user.id)
    part: Part = typed.part(step)
    return render_template(
        "feedback/_conflict.html",
        mine=part,
        theirs=_kept(step, newer),
        step=step,
        draft=newer,
        seen=theirs.revision if theirs else 0,
    )


def _kept(step: str, draft: Draft) -> Part:
    """What the draft holds for a step, as the same kind of part that was typed."""
    content = draft.content
    if step == "overall":
        return rules.OverallPart(content.recommendation, content.reason_for_difference)
    if step == "summary":
        return rules.SummaryPart(content.summary, content.strengths, content.organiser_note)
    if step == "practice":
        return rules.PracticePart(content.practice)
    return rules.SeenPart(step, content.scores.get(step, rules.Seen()))
