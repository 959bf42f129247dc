"""Every automatic mail, what became of it, and sending it again."""

from __future__ import annotations

from flask import flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain.errors import Refusal
from mockint.models import OutboxMessage, Person
from mockint.queries import lists
from mockint.services import outbox
from mockint.web import presenters
from mockint.web.desk import words
from mockint.web.desk.blueprint import blueprint, ticked
from mockint.web.desk.listing import listing
from mockint.web.errors import sentence
from mockint.web.guards import ORGANISER, allow
from mockint.web.typed import whole

HEADS = ("id", "kind", "to", "booking", "due_utc", "state", "attempts", "sent_utc", "reason")
MOST_AT_ONCE = 200


def _cells(row: OutboxMessage, person: Person | None) -> tuple[object, ...]:
    return (
        row.id,
        row.kind,
        person.name if person else row.address,
        row.booking_id,
        presenters.machine(row.due_at),
        row.state,
        row.attempts,
        presenters.machine(row.sent_at) if row.sent_at else "",
        row.reason,
    )


@blueprint.get("/mail")
@allow(ORGANISER)
def mail() -> ResponseReturnValue:
    """What goes out by itself, the latest first."""
    return _list(lists.Filter.of(request.args))


def _list(chosen: lists.Filter) -> ResponseReturnValue:
    g.nav = "Mail"
    return listing(
        "mail",
        lists.mails(chosen, now=presenters.now()),
        chosen,
        heads=HEADS,
        cells=_cells,
        kinds=[(kind, _(label)) for kind, label in words.MAIL_KINDS.items()],
        mail_kind=words.mail_kind,
        mail_state=words.mail_state,
        can_go_again=words.can_go_again,
    )


@blueprint.post("/mail/again")
@allow(ORGANISER)
def mail_again() -> ResponseReturnValue:
    """Send the ticked mails once more: the same rows, the same Message-IDs."""
    chosen = ticked(request.form.getlist("mail"), MOST_AT_ONCE)
    sent = 0
    for message_id in chosen:
        try:
            outbox.send_again(message_id, by=current_user.id, now=presenters.now())
        except Refusal as refusal:
            flash(sentence(refusal), "warning")
        else:
            sent += 1
    if sent:
        flash(
            ngettext(
                "The mail goes out again within a minute.",
                "%(num)s mails go out again within a minute.",
                sent,
            ),
            "success",
        )
        return redirect(_back(), 303)
    if not chosen:
        flash(_("Tick the mails to send again first."), "warning")
    return make_response(_list(lists.Filter.of(request.form)), 409 if chosen else 422)


def _back() -> str:
    """The page of the booking the button was on, or the list with its filter."""
    booking_id = whole(request.form.get("booking"))
    if booking_id is not None:
        return url_for("desk.booking", booking_id=booking_id, _anchor="mail")
    return url_for("desk.mail", **lists.Filter.of(request.form).chosen())
