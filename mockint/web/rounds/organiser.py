"""A round from its draft to the archive, as organisers see it and move it on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.errors import NotYours, Refusal
from mockint.domain.round.states import MOVES, Job, State
from mockint.domain.rubric import TRACKS
from mockint.queries import community as community_query
from mockint.queries import round as query
from mockint.queries.round import Card, Desk, Progress
from mockint.services.round import rounds, solving
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.guards import ORGANISER, allow
from mockint.web.rounds import words
from mockint.web.rounds.blueprint import blueprint
from mockint.web.rounds.forms import ClosingForm, PlanForm

USUAL_DAYS = 14
USUAL_LEAD = timedelta(days=7)
"""A new round asks for a week and lasts two."""


@blueprint.get("/desk/rounds")
@allow(ORGANISER)
def desk() -> ResponseReturnValue:
    """Every round, or those put away."""
    g.nav = "Rounds"
    archived = request.args.get("archived") == "1"
    return render_template(
        "rounds/desk.html",
        cards=[
            card
            for card in query.cards(archived=archived)
            if (card.state == State.ARCHIVED) == archived
        ],
        archived=archived,
        state=words.round_state,
        days=words.days,
        when=words.when,
        State=State,
    )


def card_of(round_id: int) -> Card:
    """The round, or a refusal as for any other address."""
    found = query.find(round_id)
    if found is None:
        raise NotYours()
    return found


@blueprint.route("/desk/rounds/new", methods=["GET", "POST"])
@allow(ORGANISER)
def new() -> ResponseReturnValue:
    """Plan a round."""
    zone = current_user.zone
    if request.method == "GET":
        return _plan_page(_usual(zone), None, zone)
    form = PlanForm()
    try:
        round_id = rounds.draft(form.plan(zone), by=current_user.id, now=presenters.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _plan_page(form, None, zone), refusal.status
    flash(_("Drafted. Nobody but organisers sees it until you open it."), "success")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


def _usual(zone: str) -> PlanForm:
    """A round of two weeks that begins on a Monday and asks for a week."""
    first = zones.local_date(zone, presenters.now()) + USUAL_LEAD
    first += timedelta(days=-first.weekday() % 7)
    closes = first - timedelta(days=2)
    return PlanForm(
        data={
            "first_on": first.isoformat(),
            "last_on": (first + timedelta(days=USUAL_DAYS - 1)).isoformat(),
            "closes_on": closes.isoformat(),
            "closes_at": "18:00",
            "duration_min": str(community_query.current().default_length_min),
            "tracks": list(TRACKS),
        }
    )


@blueprint.route("/desk/rounds/<int:round_id>/plan", methods=["GET", "POST"])
@allow(ORGANISER)
def plan(round_id: int) -> ResponseReturnValue:
    """Plan it otherwise."""
    card = card_of(round_id)
    if request.method == "GET":
        if card.state not in (State.DRAFT, State.OPEN):
            return redirect(url_for("rounds.show", round_id=round_id))
        return _plan_page(PlanForm.of(card), card, card.zone)
    form = PlanForm()
    try:
        changed = form.plan(card.zone)
        rounds.edit(round_id, changed, by=current_user.id, now=presenters.now())
    except NotYours:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _plan_page(form, card, card.zone), refusal.status
    flash(_("Saved."), "success")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


def _plan_page(form: PlanForm, card: Card | None, zone: str) -> str:
    g.nav = "Rounds"
    community = community_query.current()
    return render_template(
        "rounds/plan.html",
        form=form,
        card=card,
        zone=zones.label(zone, presenters.now()),
        horizon=community.horizon_days,
        State=State,
    )


@blueprint.get("/desk/rounds/<int:round_id>")
@allow(ORGANISER)
def show(round_id: int) -> ResponseReturnValue:
    """How far it is and what comes next; while the worker is at it, the page asks by itself."""
    found = query.desk(round_id)
    if found is None:
        raise NotYours()
    answer = make_response(_page(found))
    if "HX-Request" in request.headers and found.card.job is None:
        answer.headers["HX-Refresh"] = "true"  # it is done: there is more to see than before
    return answer


def _page(found: Desk, errors: list[tuple[str, str | None]] | None = None) -> str:
    g.nav = "Rounds"
    card = found.card
    return render_template(
        "rounds/show.html",
        desk=found,
        card=card,
        errors=errors or [],
        progress=progress_of(found.progress),
        steps=_steps(card),
        reopening=_reopening(card),
        can=lambda state: card.job is None and State(state) in MOVES[card.state],
        state=words.round_state(card),
        days=words.days,
        when=words.when,
        track_name=words.track,
        State=State,
        Job=Job,
    )


def progress_of(found: Progress) -> dict[str, Any] | None:
    """What the worker is at, in words."""
    if found.job is None:
        return {"trouble": _(found.trouble)} if found.trouble else None
    return {
        "job": found.job,
        "share": round(100 * found.share),
        "words": _(found.words) if found.words else _("Waiting for the worker."),
        "cancelling": found.cancelling,
        "trouble": "",
    }


def _steps(card: Card) -> list[dict[str, Any]]:
    """The life of a round as a rail; the present state is now."""
    order = [State.DRAFT, State.OPEN, State.CLOSED, State.SOLVED, State.REVIEWED, State.PUBLISHED]
    names = {
        State.DRAFT: _("Planned"),
        State.OPEN: _("People answer"),
        State.CLOSED: _("Closed"),
        State.SOLVED: _("Solved"),
        State.REVIEWED: _("Reviewed"),
        State.PUBLISHED: _("Published"),
    }
    if card.state == State.ARCHIVED:
        return []
    here = order.index(card.state)
    return [
        {
            "title": names[one],
            "url": None,
            "state": "done" if number < here else "now" if number == here else "next",
            "score": None,
        }
        for number, one in enumerate(order)
    ]


def _reopening(card: Card) -> ClosingForm | None:
    """The form to reopen it with: a day from now at the same hour of the clock."""
    if card.state not in (State.CLOSED, State.SOLVED) or card.job is not None:
        return None
    local = presenters.local(presenters.now(), card.zone) + timedelta(days=1)
    return ClosingForm(
        formdata=None, data={"closes_on": local.date().isoformat(), "closes_at": "18:00"}
    )


def moved(round_id: int, move: Callable[[], None], said: str) -> ResponseReturnValue:
    """Do it and go back to the round; a refusal stands on its page."""
    card_of(round_id)
    try:
        move()
    except NotYours:
        raise
    except Refusal as refusal:
        found = query.desk(round_id)
        if found is None:
            raise
        return _page(found, [(sentence(refusal), None)]), refusal.status
    flash(said, "success")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@blueprint.post("/desk/rounds/<int:round_id>/opening")
@allow(ORGANISER)
def open_(round_id: int) -> ResponseReturnValue:
    """Let people answer."""
    return moved(
        round_id,
        lambda: rounds.open_(round_id, by=current_user.id, now=presenters.now()),
        _("Open. Interviewers are asked by mail; candidates see it on their first page."),
    )


@blueprint.post("/desk/rounds/<int:round_id>/closing")
@allow(ORGANISER)
def close(round_id: int) -> ResponseReturnValue:
    """Nobody asks any more."""
    return moved(
        round_id,
        lambda: rounds.close(round_id, by=current_user.id, now=presenters.now()),
        _("Closed. Nobody can ask any more."),
    )


@blueprint.post("/desk/rounds/<int:round_id>/reopening")
@allow(ORGANISER)
def reopen(round_id: int) -> ResponseReturnValue:
    """Let people ask again until another time."""
    form, card = ClosingForm(), card_of(round_id)

    def move() -> None:
        closes_at = form.closing(card.zone)
        rounds.reopen(round_id, closes_at, by=current_user.id, now=presenters.now())

    return moved(round_id, move, _("Open again. What was solved is gone."))


@blueprint.post("/desk/rounds/<int:round_id>/archiving")
@allow(ORGANISER)
def archive(round_id: int) -> ResponseReturnValue:
    """Put it away."""
    return moved(
        round_id,
        lambda: rounds.archive(round_id, by=current_user.id, now=presenters.now()),
        _("Put away. You find it under the archived rounds."),
    )


@blueprint.post("/desk/rounds/<int:round_id>/discarding")
@allow(ORGANISER)
def discard(round_id: int) -> ResponseReturnValue:
    """A draft nobody needs."""
    card_of(round_id)
    rounds.discard(round_id, by=current_user.id, now=presenters.now())
    flash(_("The draft is gone."), "success")
    return redirect(url_for("rounds.desk"), 303)


@blueprint.post("/desk/rounds/<int:round_id>/solving")
@allow(ORGANISER)
def solve(round_id: int) -> ResponseReturnValue:
    """Ask the worker to match everybody."""
    return moved(
        round_id,
        lambda: solving.start(round_id, by=current_user.id, now=presenters.now()),
        _("Started. You can leave this page; the worker goes on."),
    )


@blueprint.post("/desk/rounds/<int:round_id>/solving/cancellation")
@allow(ORGANISER)
def cancel(round_id: int) -> ResponseReturnValue:
    """Stop the worker; the last result stays."""
    return moved(
        round_id,
        lambda: solving.cancel(round_id, by=current_user.id, now=presenters.now()),
        _("It stops within a moment. What was there before stays."),
    )
