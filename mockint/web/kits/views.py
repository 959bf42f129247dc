"""The question of an interview, and the organisers' bank of questions."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain import kit as rules
from mockint.domain.errors import NotYours, Refusal
from mockint.domain.rubric import TRACKS
from mockint.models import Booking
from mockint.queries import kits as query
from mockint.queries import rubric as rubric_query
from mockint.services import kits as service
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.guards import INTERVIEWER, ORGANISER, allow
from mockint.web.kits import words
from mockint.web.typed import whole

blueprint = Blueprint("kits", __name__)


def context(booking: Booking, *, side: str, released: bool) -> dict[str, Any]:
    """What the page of an interview shows of its question.

    A candidate gets the prompt once it is revealed, and a solution with the feedback.
    """
    chosen = query.of(booking.id)
    shown = chosen is not None and (side == "interviewer" or chosen.choice.revealed_at is not None)
    found: dict[str, Any] = {"kit": chosen.kit if chosen and shown else None, "kit_others": []}
    if chosen and shown:
        found["kit_revealed"] = chosen.choice.revealed_at
        found["kit_solved"] = side == "interviewer" or released
        found["paragraphs"] = words.paragraphs
    if side != "interviewer":
        return found
    now = presenters.now()
    open_ = booking.state == "confirmed" and now <= booking.end_at
    revealed = chosen is not None and chosen.choice.revealed_at is not None
    if chosen:
        track = rubric_query.current().tracks[booking.track]
        found["kit_parts"] = words.parts(chosen.kit, track)
    if open_ and not revealed:
        stock, recent = query.stock(booking, now=now)
        fit = rules.fitting(stock, query.seen(booking.candidate_id), recent=recent, now=now)
        rows = query.titles([one.kit_id for one in fit])
        found["kit_others"] = [(rows[one.kit_id], one.uses) for one in fit]
    found |= {
        "kit_open": open_ and not revealed,
        "kit_revealable": rules.may_reveal(booking.start_at, booking.end_at, now),
        "RUNGS": rules.RUNGS,
    }
    return found


def _back(booking_id: int) -> ResponseReturnValue:
    return redirect(url_for("interviews.show", booking_id=booking_id, _anchor="question"), 303)


@blueprint.post("/interviews/<int:booking_id>/question")
@allow(INTERVIEWER)
def choice(booking_id: int) -> ResponseReturnValue:
    """Take a question for this interview: any that fits, or the one that was picked."""
    picked = request.form.get("kit", "")
    kit_id = whole(picked)
    if picked and kit_id is None:
        raise NotYours
    service.choose(booking_id, by=current_user.id, kit_id=kit_id, now=presenters.now())
    flash(_("The question is chosen. Only you see it until you show it."), "success")
    return _back(booking_id)


@blueprint.post("/interviews/<int:booking_id>/question/reveal")
@allow(INTERVIEWER)
def reveal(booking_id: int) -> ResponseReturnValue:
    """Show the prompt to the candidate."""
    service.reveal(booking_id, by=current_user.id, now=presenters.now())
    flash(_("The candidate's page shows the prompt now."), "success")
    return _back(booking_id)


@blueprint.post("/interviews/<int:booking_id>/question/flag")
@allow(INTERVIEWER)
def flag(booking_id: int) -> ResponseReturnValue:
    """The candidate had seen it, or it is published somewhere."""
    kind = "link" if request.form.get("note", "").strip() else "seen"
    note = request.form.get("note", "")
    service.flag(booking_id, kind, by=current_user.id, note=note, now=presenters.now())
    flash(_("Noted. Organisers see it; thank you."), "success")
    return _back(booking_id)


# The bank


@blueprint.get("/desk/questions")
@allow(ORGANISER)
def bank() -> ResponseReturnValue:
    """Every question, with how often it was used."""
    return _bank()


def _bank(error: str = "", typed: str = "", status: int = 200) -> ResponseReturnValue:
    g.nav = "Desk"
    track, state = request.args.get("track", ""), request.args.get("state", "")
    track = track if track in TRACKS else ""
    state = state if state in rules.STATES else ""
    page = render_template(
        "kits/bank.html",
        lines=query.lines(track=track, state=state),
        track=track,
        state=state,
        states=rules.STATES,
        errors=[(error, "#kits")] if error else [],
        typed=typed,
    )
    return page, status


@blueprint.post("/desk/questions")
@allow(ORGANISER)
def take_in() -> ResponseReturnValue:
    """Take in questions as drafts."""
    text = request.form.get("kits", "")
    try:
        taken = service.take_in(text, by=current_user.id, now=presenters.now())
    except Refusal as refusal:
        return _bank(sentence(refusal), text, refusal.status)
    flash(
        ngettext(
            "%(num)s question is in the bank, as a draft unless it was there before.",
            "%(num)s questions are in the bank, as drafts unless they were there before.",
            len(taken),
        ),
        "success",
    )
    return redirect(url_for("kits.bank"), 303)


@blueprint.get("/desk/questions/<int:kit_id>")
@allow(ORGANISER)
def question(kit_id: int) -> ResponseReturnValue:
    """One question with all that belongs to it."""
    g.nav = "Desk"
    row = query.one(kit_id)
    if row is None:
        raise NotYours
    kit = query.parsed(row)
    return render_template(
        "kits/question.html",
        row=row,
        kit=kit,
        kit_parts=words.parts(kit, rubric_query.current().tracks[row.track]),
        kit_solved=True,
        paragraphs=words.paragraphs,
        RUNGS=rules.RUNGS,
        states=rules.STATES,
        moves=[state for state in rules.STATES if state in rules.MOVES[row.state]],
        flags=query.flags(kit_id),
        versions=query.versions(row.key),
    )


@blueprint.get("/desk/questions/<int:kit_id>.json")
@allow(ORGANISER)
def export(kit_id: int) -> ResponseReturnValue:
    """One question as a file that can be taken in again."""
    row = query.one(kit_id)
    if row is None:
        raise NotYours
    said = {"schema_version": 1, "track": row.track, "kits": [row.content]}
    return Response(
        json.dumps(said, ensure_ascii=False, indent=2) + "\n",
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{row.key}-{row.version}.json"'},
    )


@blueprint.post("/desk/questions/<int:kit_id>/state")
@allow(ORGANISER)
def state(kit_id: int) -> ResponseReturnValue:
    """Let it in, rest it, retire it."""
    row = service.move(
        kit_id, request.form.get("state", ""), by=current_user.id, now=presenters.now()
    )
    flash(_("It is %(state)s now.", state=_(rules.STATES[row.state]).lower()), "success")
    return redirect(url_for("kits.question", kit_id=kit_id), 303)
