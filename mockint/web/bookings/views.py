"""Hold, confirm, move and cancel; the booked page and its calendar object."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.booking import State
from mockint.domain.errors import N_, Conflict, Invalid, NotYours, Refusal, SlotTaken
from mockint.queries import community as community_query
from mockint.services import booking as service
from mockint.services import holds, invitation, matching
from mockint.services import promise as promises
from mockint.services.matching import Wanted
from mockint.web import presenters
from mockint.web.bookings import pages, sides
from mockint.web.bookings.forms import CancelForm
from mockint.web.errors import sentence
from mockint.web.guards import CANDIDATE, INTERVIEWER, SIGNED_IN, allow
from mockint.web.health import figures
from mockint.web.slots import choice, picker
from mockint.web.slots.forms import HoldForm, MoveForm, instant

blueprint = Blueprint("bookings", __name__, url_prefix="/bookings")


def _show(booking_id: int) -> ResponseReturnValue:
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


@blueprint.post("")
@allow(CANDIDATE)
def hold() -> ResponseReturnValue:
    """A time was chosen: hold it."""
    form = HoldForm()
    if not form.validate_on_submit():
        return picker.page(_wish(), errors=form.problems()), 422
    wanted = _wanted(form)
    try:
        held = holds.hold(
            current_user.id, wanted, request_key=form.key.data or None, now=presenters.now()
        )
    except Invalid as refusal:
        return picker.page(_wish(), errors=[(sentence(refusal), f"#{refusal.field}")]), 422
    except Conflict as refusal:
        return picker.page(_wish(), wanted=wanted.start, refusal=refusal), refusal.status
    if kept := figures.current():
        kept.held()
    return _show(held.id)


def _wish() -> choice.Choice:
    """What the form that was refused looks for."""
    return choice.from_address(request.form, choice.wishes(), community_query.current())


def _wanted(form: HoldForm) -> Wanted:
    return Wanted(
        track=form.track.data or "",
        level=form.level.data or "",
        duration_min=form.minutes,
        start=form.at,
        interviewer_id=form.interviewer_id,
        again=form.again.data,
    )


@blueprint.get("/<int:booking_id>")
@allow(SIGNED_IN)
def show(booking_id: int) -> ResponseReturnValue:
    """What is held, booked or cancelled; the same address from the first moment to the last."""
    reader = sides.reader_of(booking_id)
    if reader.booking.state == State.HELD and reader.side == "candidate":
        return pages.held(reader)
    return pages.booked(reader)


@blueprint.post("/<int:booking_id>/confirmation")
@allow(CANDIDATE)
def confirmation(booking_id: int) -> ResponseReturnValue:
    """Book it. The form carries the choice, so that a hold that is gone costs nothing typed."""
    form = HoldForm()
    if not form.validate_on_submit():
        sides.reader_of(booking_id)  # what is somebody else's answers like what is not there
        return picker.page(_wish(), errors=form.problems()), 422
    wanted = _wanted(form)
    try:
        booked = service.confirm(
            booking_id, candidate_id=current_user.id, now=presenters.now(), wanted=wanted
        )
    except Invalid as refusal:
        return picker.page(_wish(), errors=[(sentence(refusal), f"#{refusal.field}")]), 422
    except Conflict as refusal:
        return picker.page(_wish(), wanted=wanted.start, refusal=refusal), refusal.status
    return _show(booked.id)


@blueprint.post("/<int:booking_id>/extension")
@allow(CANDIDATE)
def extension(booking_id: int) -> ResponseReturnValue:
    """Hold it ten more minutes."""
    try:
        holds.extend(booking_id, candidate_id=current_user.id, now=presenters.now())
    except Conflict as refusal:
        flash(sentence(refusal), "warning")
        return make_response(show(booking_id), refusal.status)
    return _show(booking_id)


@blueprint.post("/<int:booking_id>/release")
@allow(CANDIDATE)
def release(booking_id: int) -> ResponseReturnValue:
    """Give the hold up and go back to the times."""
    holds.release(booking_id, candidate_id=current_user.id, now=presenters.now())
    flash(_("That time is free again for others."), "info")
    return redirect(url_for("slots.picker", **_wish().fields()), 303)


@blueprint.route("/<int:booking_id>/reschedule", methods=["GET", "POST"])
@allow(SIGNED_IN)
def reschedule(booking_id: int) -> ResponseReturnValue:
    """Choose another time, see it beside the old one, move: nothing happens before the last."""
    reader = _confirmed(booking_id)
    if request.method == "GET":
        return _moving(reader)
    form = MoveForm()
    if not form.validate_on_submit():
        return pages.moving(reader, form=form), 422
    if not request.form.get("sure"):
        return _asked(reader, form.at)
    try:
        service.reschedule(
            booking_id,
            by=current_user.id,
            side=reader.side,
            new_start=form.at,
            now=presenters.now(),
        )
    except Conflict as refusal:
        return (
            pages.moving(sides.reader_of(booking_id), wanted=form.at, refusal=refusal),
            refusal.status,
        )
    flash(_("Moved. Both of you get a mail with the new time."), "success")
    return _show(booking_id)


def _confirmed(booking_id: int) -> sides.Reader:
    """A booking that can change; a hold cannot be moved or cancelled, only given up."""
    reader = sides.reader_of(booking_id)
    if reader.booking.state == State.HELD:
        raise NotYours()
    return reader


def _asked(reader: sides.Reader, at: datetime) -> ResponseReturnValue:
    """A time was chosen: show it beside the old one, if it can be had."""
    if at != reader.booking.start_at and not _can_move_to(reader, at):
        return _gone(reader, at)
    start = presenters.machine(at)
    return redirect(url_for("bookings.reschedule", booking_id=reader.booking.id, start=start), 303)


def _can_move_to(reader: sides.Reader, at: datetime) -> bool:
    now = presenters.now()
    return pages.shut(reader, now) is None and at in matching.moves(reader.booking, now=now)


def _gone(reader: sides.Reader, at: datetime) -> ResponseReturnValue:
    gone = SlotTaken(N_("This time cannot be had any more."))
    return pages.moving(reader, wanted=at, refusal=gone), gone.status


def _moving(reader: sides.Reader) -> ResponseReturnValue:
    at = _asked_start()
    if at is not None and _can_move_to(reader, at):
        return pages.move_to(reader, at)
    if at is not None and at != reader.booking.start_at:
        return _gone(reader, at)
    return pages.moving(
        reader,
        day=choice.date_from(request.args.get("day")),
        week=choice.date_from(request.args.get("week")),
    )


def _asked_start() -> datetime | None:
    try:
        return instant(request.args.get("start"))
    except ValueError:
        return None


@blueprint.route("/<int:booking_id>/cancellation", methods=["GET", "POST"])
@allow(SIGNED_IN)
def cancellation(booking_id: int) -> ResponseReturnValue:
    """Say why, then it is cancelled for both."""
    reader = _confirmed(booking_id)
    form = CancelForm()
    if request.method == "GET":
        return pages.cancelling(reader, form)
    if not form.validate_on_submit():
        return pages.cancelling(reader, form), 422
    try:
        service.cancel(
            booking_id,
            by=current_user.id,
            side=reader.side,
            reason=form.reason.data or "",
            now=presenters.now(),
        )
    except Refusal as refusal:
        form.form_errors.append(sentence(refusal))
        return pages.cancelling(sides.reader_of(booking_id), form), refusal.status
    flash(_("Cancelled. The other side is told by mail."), "success")
    return _show(booking_id)


@blueprint.post("/<int:booking_id>/promise")
@allow(INTERVIEWER)
def promise(booking_id: int) -> ResponseReturnValue:
    """New zone rules: keep the moment, or move to the promised wall time."""
    answer = request.form.get("answer", "")
    try:
        promises.settle(booking_id, by=current_user.id, answer=answer, now=presenters.now())
    except Conflict as refusal:
        flash(sentence(refusal), "warning")
        return make_response(show(booking_id), refusal.status)
    if answer == promises.KEEP:
        flash(_("The moment stays, and that is what you promise now."), "success")
        return redirect(url_for("interviews.show", booking_id=booking_id), 303)
    flash(_("Moved. Both of you get a mail with the new time."), "success")
    return _show(booking_id)


@blueprint.get("/<int:booking_id>/invite.ics")
@allow(SIGNED_IN)
def ics(booking_id: int) -> ResponseReturnValue:
    """The calendar object as a file, with the UID and SEQUENCE of the mail."""
    content = invitation.download(booking_id, person_id=current_user.id)
    return Response(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="invite.ics"'},
    )
