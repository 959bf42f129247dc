"""The list of interviews and the page of one, from either side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import feedback as rules
from mockint.domain import interview, zones
from mockint.domain.account import clean_text
from mockint.domain.community import Community
from mockint.domain.errors import Conflict, Invalid
from mockint.domain.feedback import NotesPart
from mockint.domain.interview import Phase
from mockint.models import Booking
from mockint.queries import busytime, interviews, promises
from mockint.queries import community as community_query
from mockint.queries import feedback as feedback_query
from mockint.queries.interviews import Interview
from mockint.queries.paging import Page
from mockint.services import feedback as feedback_service
from mockint.services import interview as service
from mockint.web import presenters
from mockint.web.bookings import sides
from mockint.web.errors import sentence
from mockint.web.guards import CANDIDATE, INTERVIEWER, SIGNED_IN, allow
from mockint.web.interviews import coming, instead, words
from mockint.web.interviews.blueprint import blueprint
from mockint.web.kits import views as kits
from mockint.web.typed import revision as typed_revision
from mockint.web.typed import said

__all__ = ["blueprint", "instead"]

NOTE = "note-"
MINUTE = timedelta(minutes=1)


def _side() -> str:
    """The side the reader looks through; the first one held when they look through another."""
    role = presenters.active_role()
    if role in ("candidate", "interviewer"):
        return role
    return "candidate" if "candidate" in current_user.role_names else "interviewer"


@blueprint.get("")
@allow(CANDIDATE, INTERVIEWER)
def index() -> ResponseReturnValue:
    """What is ahead and what is over."""
    g.nav = "Interviews"
    now, community, side = presenters.now(), community_query.current(), _side()
    number = request.args.get("page", 1, type=int)
    ahead = interviews.upcoming(current_user.id, side=side, now=now)
    page, past = interviews.past(current_user.id, side=side, now=now, number=number)
    return render_template(
        "interviews/index.html",
        side=side,
        title=_index_title(ahead, now),
        ahead=[_row(found, community, now) for found in ahead],
        past=[_row(found, community, now) for found in past],
        page=page,
        paging=_paging(page),
    )


def _paging(page: Page) -> dict[str, Any]:
    def address(number: int) -> str | None:
        inside = 1 <= number <= page.pages
        return url_for("interviews.index", page=number) if inside else None

    return {
        "first": page.first,
        "last": page.last,
        "total": page.total,
        "numbers": [(n, address(n), n == page.number) for n in range(1, page.pages + 1)],
        "previous": address(page.number - 1),
        "next": address(page.number + 1),
    }


def _index_title(ahead: list[Interview], now: datetime) -> str:
    if not ahead:
        return _("No interview is booked")
    if ahead[0].booking.start_at <= now:
        return _("Your interview with %(name)s is running", name=words.other(ahead[0]))
    return _("Your next interview is on %(day)s", day=presenters.day(ahead[0].booking.start_at))


def _row(found: Interview, community: Community, now: datetime) -> dict[str, Any]:
    kind, label, tone = words.state(found, community, now)
    return {
        "booking": found.booking,
        "other": getattr(found.booking, found.other_side).name,
        "url": url_for("interviews.show", booking_id=found.booking.id),
        "kind": kind,
        "label": label,
        "tone": tone,
    }


@blueprint.get("/<int:booking_id>")
@allow(SIGNED_IN)
def show(booking_id: int) -> ResponseReturnValue:
    """One interview; each side sees its own page."""
    g.nav = "Interviews"
    found = interviews.one(booking_id, person_id=current_user.id)
    return _page(found)


def _page(found: Interview, **more: Any) -> str:
    now, community, booking = presenters.now(), community_query.current(), found.booking
    window = interview.join_window(booking.start_at, booking.end_at)
    current = feedback_query.draft(booking.id, author_id=booking.interviewer_id)
    phase = interview.phase(booking.start_at, booking.end_at, now)
    steps = interview.scaled(current.track.timeline, booking.duration_min)
    reader = sides.Reader(found.side, booking)
    context: dict[str, Any] = {
        "found": found,
        "booking": booking,
        "name": words.other(found),
        "phase": phase.value,
        "state": words.state(found, community, now),
        "clocks": sides.clocks(reader, booking.start_at, booking.end_at),
        "changes": _clock_changes(reader, phase, now),
        "ruler": sides.ruler(reader, booking.start_at, booking.end_at),
        "join": {
            "open": booking.state == "confirmed" and window.contains(now),
            "opens": presenters.hour(window.start),
        },
        "rubric": current.rubric,
        "track": current.track,
        "bar": current.rubric.bars[booking.level],
        "guide": _guide(steps, booking.start_at, now, booking.state),
        "report": words.own_report(found),
        "absent_from": presenters.hour(
            interview.report_opens(interview.Report.ABSENT, booking.start_at)
        ),
        "absent_open": now
        >= interview.report_opens(interview.Report.ABSENT, booking.start_at),
        "reports": booking.state == "confirmed" and phase != Phase.AHEAD,
        "fixed": interviews.released(found),
        "took_place": found.verdict not in interview.ABSENCES,
        "answers": booking.state == "confirmed" and phase == Phase.AHEAD,
    }  # fmt: skip
    if context["answers"]:
        context |= coming.context(found)
    context |= kits.context(booking, side=found.side, released=found.feedback in rules.VISIBLE)
    if found.side == "interviewer":
        context |= _guided(found, current, phase, now)
        return render_template("interviews/interviewer.html", **(context | more))
    context["lines"] = words.release_lines(
        booking, feedback=found.feedback, rated=found.rated,
        community=community, now=now,
    )  # fmt: skip
    return render_template("interviews/candidate.html", **(context | more))


def _guided(
    found: Interview, current: feedback_query.Draft, phase: Phase, now: datetime
) -> dict[str, Any]:
    """What only the interviewer's page has: the guide's dimensions, notes, and open questions."""
    booking = found.booking
    order = rules.rotated(current.track.keys, booking.id)
    return {
        "dimensions": [current.track.dimension(key) for key in order],
        "goals": booking.candidate.candidate.goals if booking.candidate.candidate else "",
        "notes": feedback_query.notes(current.feedback),
        "revision": current.revision,
        "rubric_id": current.rubric_row.id,
        "writing": _writing(found, phase),
        "asked": busytime.asked(booking, now=now),
        "promise": _promise(booking, now),
        "now": now,
    }


def _clock_changes(reader: sides.Reader, phase: Phase, now: datetime) -> list[tuple[str, str]]:
    """What somebody who goes by the clock of last week must know, until it has begun."""
    booking = reader.booking
    if booking.state != "confirmed" or phase != Phase.AHEAD:
        return []
    return sides.clock_changes(reader, booking.start_at, now)


def _promise(booking: Booking, now: datetime) -> dict[str, str] | None:
    """The question that new zone rules put to the interviewer, in words."""
    if not promises.is_open(booking, now=now):
        return None
    found = promises.of(booking)
    said = found.said.replace(tzinfo=UTC)  # only to be written as it reads
    return {
        "place": zones.place(found.zone),
        "said": presenters.moment(said, "UTC"),
        "reads": presenters.moment(found.start, found.zone),
        "offset": zones.offset_label(found.zone, found.start),
    }


def _writing(found: Interview, phase: Phase) -> bool:
    """Whether notes and feedback can be written now."""
    begun = found.booking.state == "confirmed" and phase != Phase.AHEAD
    return begun and found.owed and found.feedback in ("", "draft")


def _guide(
    steps: tuple[interview.Step, ...], start: datetime, now: datetime, state: str
) -> list[dict[str, Any]]:
    """The steps with their time of day, and which of them is on now."""
    current = interview.current_step(steps, start, now) if state == "confirmed" else None
    minute = interview.minutes_in(start, now)
    rows = []
    for index, step in enumerate(steps):
        past = state == "confirmed" and minute >= step.to_min
        rows.append(
            {
                "when": presenters.hour(start + step.from_min * MINUTE),
                "minutes": _("min %(a)s to %(b)s", a=step.from_min, b=step.to_min),
                "title": step.title,
                "interviewer": step.interviewer,
                "state": "now" if index == current else "past" if past else None,
            }
        )
    return rows


@blueprint.post("/<int:booking_id>/attendance")
@allow(CANDIDATE, INTERVIEWER)
def attendance(booking_id: int) -> ResponseReturnValue:
    """Say whether the other side came."""
    try:
        service.report(
            booking_id,
            by=current_user.id,
            report=request.form.get("report", ""),
            now=presenters.now(),
        )
    except (Invalid, Conflict) as refusal:
        found = interviews.one(booking_id, person_id=current_user.id)
        return _page(found, errors=[(sentence(refusal), "#attendance")]), refusal.status
    flash(_("Noted. You can correct this until the feedback is released."), "success")
    return redirect(url_for("interviews.show", booking_id=booking_id), 303)


@blueprint.post("/<int:booking_id>/notes")
@allow(INTERVIEWER)
def notes(booking_id: int) -> ResponseReturnValue:
    """Keep the notes of the interview; they come along to the feedback form."""
    quiet = "X-Autosave" in request.headers
    current = feedback_query.draft(booking_id, author_id=current_user.id)
    typed = {key: request.form.get(f"{NOTE}{key}", "") for key in current.track.keys}
    revision = typed_revision(request.form.get("revision"))
    if request.form.get("keep") == "theirs":
        return redirect(url_for("interviews.show", booking_id=booking_id), 303)
    if request.form.get("keep") == "mine":
        revision = typed_revision(request.form.get("seen"))
    try:
        cleaned = {key: clean_text(NOTE + key, text, rules.NOTE_MAX) for key, text in typed.items()}
        saved = feedback_service.save(
            booking_id,
            author_id=current_user.id,
            part=NotesPart(cleaned),
            revision=revision,
            rubric_set_id=said(request.form.get("rubric")),
            now=presenters.now(),
        )
    except (Invalid, Conflict) as refusal:
        theirs = None
        if isinstance(refusal, feedback_service.DraftChanged):
            theirs = refusal.feedback
        conflict = _conflict(current, typed, theirs) if theirs else None
        if quiet:
            plain = render_template("feedback/_refused.html", sentence=sentence(refusal))
            return conflict or plain, refusal.status
        found = interviews.one(booking_id, person_id=current_user.id)
        errors = [] if conflict else [(sentence(refusal), "#rubric")]
        return (
            _page(found, notes=typed, revision=revision, conflict=conflict, errors=errors),
            refusal.status,
        )
    text = _("Notes saved %(at)s", at=presenters.hour(presenters.now()))
    if quiet:
        return jsonify(revision=saved.revision, text=text)
    flash(text, "success")
    return redirect(url_for("interviews.show", booking_id=booking_id, _anchor="rubric"), 303)


def _conflict(current: feedback_query.Draft, mine: dict[str, str], theirs: Any) -> str:
    stored = feedback_query.notes(theirs)
    differing = [d for d in current.track.dimensions if mine[d.key] != stored.get(d.key, "")]
    return render_template(
        "interviews/_notes_conflict.html",
        dimensions=differing,
        mine=mine,
        theirs=stored,
        seen=theirs.revision,
    )
