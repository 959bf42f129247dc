"""What a published round lost since, who could step in, and giving a free place away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.errors import N_, Invalid, NotYours, Refusal
from mockint.domain.round.states import State
from mockint.queries import round as query
from mockint.queries.round import Card, Ended, Seen, Standing
from mockint.services.round import repair as service
from mockint.services.round.repair import Lost, Place, Proposals, Step
from mockint.web import presenters
from mockint.web.desk.words import of_candidate
from mockint.web.errors import sentence
from mockint.web.guards import ORGANISER, allow
from mockint.web.rounds import words
from mockint.web.rounds.blueprint import blueprint
from mockint.web.rounds.organiser import card_of
from mockint.web.slots.forms import InsteadForm
from mockint.web.typed import whole

MOST_PAIRS = 1_000_000
"""Candidates times interviewers of a round that a page reads and solves in about a second."""
MOST_OFFERED = 3
"""Stand-ins with a button; the best come first."""

Problems = Sequence[tuple[str, str | None]]


@blueprint.route("/desk/rounds/<int:round_id>/repair", methods=["GET", "POST"])
@allow(ORGANISER)
def repair(round_id: int) -> ResponseReturnValue:
    """Who lost an interview and what would help; the form gives one free place."""
    card = card_of(round_id)
    if request.method == "POST":
        return _give(card)
    if card.state != State.PUBLISHED:
        return redirect(url_for("rounds.show", round_id=round_id))
    return _page(card)


def _give(card: Card) -> ResponseReturnValue:
    """Book the place for the candidate; sent twice it is one booking."""
    form = InsteadForm()
    candidate_id = whole(request.form.get("candidate"))
    try:
        if not form.validate() or form.interviewer_id is None or candidate_id is None:
            raise Invalid("start", N_("Choose one of the places shown."))
        booking_id = service.give(
            card.id,
            candidate_id,
            form.interviewer_id,
            form.at,
            by=current_user.id,
            now=presenters.now(),
        )
    except NotYours:
        raise
    except Refusal as refusal:
        return _page(card, [(sentence(refusal, of_candidate), None)]), refusal.status
    flash(_("Given. Both people get the invitation by mail."), "success")
    return redirect(url_for("desk.booking", booking_id=booking_id), 303)


def _page(card: Card, errors: Problems = ()) -> str:
    g.nav = "Rounds"
    if card.state != State.PUBLISHED:
        raise NotYours()
    now = presenters.now()
    over = card.span.end <= now
    large = card.asked * card.confirmed > MOST_PAIRS
    found, again = Proposals((), ()), None
    if not over and not large:
        found = service.propose(card.id, now=now)
        if request.args.get("again") == "1":
            again = service.resettle(card.id, now=now)
    ended = {} if over else {one.candidate_id: one for one in query.ended(card)}
    known = _Known.of(card, found, again or (), ended)
    return render_template(
        "rounds/repair.html",
        card=card,
        errors=errors,
        over=over,
        large=large,
        lost=[known.lost(one) for one in found.lost],
        ended=[known.ended_line(one) for one in ended.values()] if large else [],
        gained=[known.steps(one) for one in found.gained],
        again=None if again is None else known.steps(again),
        most=MOST_OFFERED,
        track_name=words.track,
        level_words=words.level,
        said=words.said,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """Names, and the interviews that stand, for whatever the page mentions."""

    people: dict[int, Seen]
    standing: dict[int, Standing]
    ended: dict[int, Ended]

    @classmethod
    def of(
        cls, card: Card, found: Proposals, again: Sequence[Step], ended: dict[int, Ended]
    ) -> _Known:
        """Everything in two statements."""
        steps = [*again]
        for lost in found.lost:
            steps += lost.steps
        for chain in found.gained:
            steps += chain
        asking = {one.candidate_id for one in steps} | set(ended)
        asking |= {one.candidate_id for one in found.lost}
        places = [one.place for one in found.lost]
        places += [place for one in found.lost for place in one.stand_ins]
        places += [place for one in steps for place in (one.old, one.new) if place is not None]
        return cls(
            people=query.people(card, asking | {one.interviewer_id for one in places}),
            standing=query.standing(card, asking),
            ended=ended,
        )

    def lost(self, one: Lost) -> dict[str, Any]:
        """One place that was lost, and what would mend it."""
        return {
            "candidate_id": one.candidate_id,
            "who": self.people[one.candidate_id],
            "booking_id": one.booking_id,
            "place": self.place(one.place),
            "ended": self.ended.get(one.candidate_id),
            "failure": self.failure(one.candidate_id),
            "stand_ins": [self.place(other) for other in one.stand_ins],
            "steps": self.steps(one.steps),
        }

    def ended_line(self, one: Ended) -> dict[str, Any]:
        """The same of a round too large to look for help in a page's time."""
        return {
            "candidate_id": one.candidate_id,
            "who": self.people[one.candidate_id],
            "ended": one,
            "failure": self.failure(one.candidate_id),
        }

    def failure(self, candidate_id: int) -> Any:
        """Why it was never booked; None when it was."""
        ended = self.ended.get(candidate_id)
        return None if ended is None else words.failure(ended.failure)

    def place(self, one: Place) -> dict[str, Any]:
        """When and with whom."""
        return {
            "interviewer_id": one.interviewer_id,
            "name": self.people[one.interviewer_id].name,
            "start": one.start,
        }

    def steps(self, steps: Sequence[Step]) -> list[dict[str, Any]]:
        """Who would get which place; `free` when it can be given as it is."""
        held = {(one.interviewer_id, one.start_at) for one in self.standing.values()}
        shown = []
        for one in steps:
            own = self.standing.get(one.candidate_id)
            free = own is None and (one.new.interviewer_id, one.new.start) not in held
            shown.append(
                {
                    "candidate_id": one.candidate_id,
                    "who": self.people[one.candidate_id],
                    "old": None if one.old is None else self.place(one.old),
                    "new": self.place(one.new),
                    "booking_id": None if own is None else own.booking_id,
                    "free": free,
                }
            )
        return shown
