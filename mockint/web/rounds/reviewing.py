"""What a result is worth, who is matched with whom and who is not, and what to change about it."""

from __future__ import annotations

from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.errors import N_, Invalid, NotYours, Refusal
from mockint.domain.round.states import DECIDING, LOAD_PRICES, Job, MatchState, State
from mockint.domain.rubric import LANGUAGES, TRACKS
from mockint.queries import round as query
from mockint.queries.round import Card, CurvePoint, MatchLine, ParityLine, Review
from mockint.services.round import pairs, review, solving
from mockint.web import presenters, svg
from mockint.web.desk import export
from mockint.web.errors import sentence
from mockint.web.guards import ORGANISER, allow
from mockint.web.rounds import listing, words
from mockint.web.rounds.blueprint import blueprint
from mockint.web.rounds.organiser import card_of, moved, progress_of
from mockint.web.typed import whole

HEADS = (
    "candidate_id", "candidate", "interviewer_id", "interviewer", "track", "level", "start_utc",
    "priority", "quality", "state", "booking_id", "why", "failure",
)  # fmt: skip
MOST_EXPORTED = 20_000
"""Rows of one file; twice the largest round there is a promise about."""
PARITY = ("track", "level", "zone", "language")
FEW = 3
"""Groups of fewer people say nothing."""


@blueprint.get("/desk/rounds/<int:round_id>/review")
@allow(ORGANISER)
def show_review(round_id: int) -> ResponseReturnValue:
    """The result in figures, with what they mean; what is not compared yet comes by itself."""
    card_of(round_id)
    answer = make_response(_page(round_id))
    if "HX-Request" in request.headers and _comparing(round_id) is None:
        answer.headers["HX-Refresh"] = "true"  # it is compared: there is more to see than before
    return answer


def _page(round_id: int, errors: list[tuple[str, str | None]] | None = None) -> str:
    g.nav = "Rounds"
    found = query.review(round_id)
    if found is None:
        raise NotYours()
    return render_template(
        "rounds/review.html",
        review=found,
        card=found.card,
        errors=errors or [],
        share=_share(found.matched, found.asked),
        proof=_proof(found),
        progress=_comparing(round_id),
        picture=_picture(found),
        parity=_parity(found.parity),
        can_decide=found.card.state in DECIDING and found.card.job is None,
        when=words.when,
        days=words.days,
        State=State,
        **_numbers(),
    )


def _comparing(round_id: int) -> dict[str, Any] | None:
    """How far the comparison is; None when nobody is at it."""
    found = query.progress(round_id)
    return progress_of(found) if found is not None and found.job is Job.COMPARING else None


def _numbers() -> dict[str, Any]:
    return {
        "percent": lambda part, whole_: f"{_share(part, whole_)} %",
        "decimal": lambda value: f"{value:.1f}",
    }


def _share(part: float, whole_: float) -> int:
    """A part in per cent, never rounded up to all or down to none."""
    if not whole_ or not part:
        return 0
    share = round(100 * part / whole_)
    return min(max(share, 1), 99) if part < whole_ else max(share, 100)


def _proof(found: Review) -> tuple[str, str]:
    """Whether the result is proven, and what that means."""
    if found.status == "optimal":
        return (
            _("Proven"),
            _(
                "No other choice of interviews serves more people, or serves these by priority with"
                " more quality; the file of the result holds numbers that show it, and anybody can"
                " check them."
            ),
        )
    return (
        _("Gap of %(gap)s %%", gap=f"{100 * found.gap:.3f}"),
        _(
            "No choice of interviews is worth more than the bound; how much better one could be,"
            " if at all, is the gap."
        ),
    )


def _picture(found: Review) -> Any:
    """The curve of load, drawn; nothing where there is only one price."""
    points = found.curve
    if len({(one.idle, one.mean_quality) for one in points}) < 2:
        return ""
    return svg.load_curve(
        [
            (_idle(one), one.mean_quality, str(one.price), one.price == found.load_price)
            for one in points
        ],
        across=_("idle interviewers, per cent"),
        up=_("mean quality"),
        alt=_("Mean quality against the share of idle interviewers, for each price of load."),
    )


def _idle(point: CurvePoint) -> float:
    return 100 * point.idle / point.interviewers if point.interviewers else 0.0


def _parity(lines: list[ParityLine]) -> list[dict[str, Any]]:
    """One table for each way to divide people, largest groups first; small groups are one line."""
    titles = {
        "track": _("By track"),
        "level": _("By level"),
        "zone": _("By time zone"),
        "language": _("By language"),
    }
    tables = []
    for by in PARITY:
        group = sorted((one for one in lines if one.by == by), key=lambda one: -one.asked)
        if group:
            shown = [one for one in group if one.asked >= FEW]
            rest = [one for one in group if one.asked < FEW]
            tables.append(
                {
                    "title": titles[by],
                    "rows": [(_named(by, one.value), one) for one in shown],
                    "rest": (sum(one.matched for one in rest), sum(one.asked for one in rest)),
                }
            )
    return tables


def _named(by: str, value: str) -> str:
    if by == "track":
        return words.track(value)
    if by == "level":
        return words.level(value)
    if by == "language":
        return LANGUAGES.get(value, value)
    return zones.place(value)


@blueprint.post("/desk/rounds/<int:round_id>/load")
@allow(ORGANISER)
def choose_load(round_id: int) -> ResponseReturnValue:
    """Take another point of the curve: it is solved again with that price."""

    def move() -> None:
        price = whole(request.form.get("price"))
        if price not in LOAD_PRICES:
            raise Invalid("price", N_("Choose one of the prices shown."))
        solving.choose_load_price(round_id, price, by=current_user.id, now=presenters.now())

    return moved(round_id, move, _("Chosen. The round is solved again with it."))


@blueprint.post("/desk/rounds/<int:round_id>/acceptance")
@allow(ORGANISER)
def accept(round_id: int) -> ResponseReturnValue:
    """The result is good as it is."""
    return moved(
        round_id,
        lambda: review.accept(round_id, by=current_user.id, now=presenters.now()),
        _("Reviewed. Nothing goes out until somebody publishes it."),
    )


@blueprint.post("/desk/rounds/<int:round_id>/reconsideration")
@allow(ORGANISER)
def reconsider(round_id: int) -> ResponseReturnValue:
    """Look at it again."""
    return moved(
        round_id,
        lambda: review.reconsider(round_id, by=current_user.id, now=presenters.now()),
        _("Back to the review."),
    )


@blueprint.get("/desk/rounds/<int:round_id>/matches")
@allow(ORGANISER)
def matches(round_id: int) -> ResponseReturnValue:
    """Who meets whom and when; also as a file."""
    card, name = card_of(round_id), listing.text()
    failed = request.args.get("failed") == "1"
    if request.args.get("format") == "csv":
        rows, _total = query.matches(round_id, limit=MOST_EXPORTED, name=name, failed=failed)
        return export.response(f"round-{round_id}-matches", HEADS, map(_cells, rows))
    g.nav = "Rounds"
    return render_template(
        "rounds/matches.html",
        card=card,
        q=name,
        failed=failed,
        match_state=words.match_state,
        said=words.said,
        failure=words.failure,
        track_name=words.track,
        level_words=words.level,
        days=words.days,
        MatchState=MatchState,
        State=State,
        csv_url=url_for(
            "rounds.matches",
            round_id=round_id,
            q=name or None,
            failed=int(failed) or None,
            format="csv",
        ),
        **listing.page(
            lambda offset, limit: query.matches(
                round_id, offset=offset, limit=limit, name=name, failed=failed
            ),
            "rounds.matches",
            round_id=round_id,
            q=name,
            failed=int(failed),
        ),
    )


def _cells(one: MatchLine) -> tuple[object, ...]:
    return (
        one.candidate_id,
        one.candidate,
        one.interviewer_id,
        one.interviewer,
        one.track,
        one.level,
        presenters.machine(one.start_at),
        one.priority,
        one.quality,
        one.state.value,
        one.booking_id,
        one.why.text(),
        failure.text() if (failure := words.failure(one.failure)) else "",
    )


@blueprint.get("/desk/rounds/<int:round_id>/unmatched")
@allow(ORGANISER)
def unmatched(round_id: int) -> ResponseReturnValue:
    """Who could not be matched, and why."""
    card, name = card_of(round_id), listing.text()
    track = request.args.get("track", "")
    track = track if track in TRACKS else ""
    g.nav = "Rounds"
    return render_template(
        "rounds/unmatched.html",
        card=card,
        q=name,
        track=track,
        tracks=[("", _("All tracks")), *((key, words.track(key)) for key in card.tracks)],
        said=words.said,
        window=words.window,
        track_name=words.track,
        level_words=words.level,
        **listing.page(
            lambda offset, limit: query.unmatched(
                round_id, offset=offset, limit=limit, name=name, track=track
            ),
            "rounds.unmatched",
            round_id=round_id,
            q=name,
            track=track,
        ),
    )


@blueprint.route("/desk/rounds/<int:round_id>/candidates/<int:person_id>", methods=["GET", "POST"])
@allow(ORGANISER)
def candidate(round_id: int, person_id: int) -> ResponseReturnValue:
    """One candidate of a round: what came out, and who else suits."""
    card = card_of(round_id)
    if request.method == "GET":
        return _candidate_page(card, person_id)
    return _decide(card, person_id)


def _candidate_page(
    card: Card, person_id: int, errors: list[tuple[str, str | None]] | None = None
) -> str:
    g.nav = "Rounds"
    found = query.asked_by(card.id, person_id)
    if found is None:
        raise NotYours()
    known = query.review(card.id)
    decided = [one for one in known.pairs if one.candidate_id == person_id] if known else []
    taken = {one.interviewer_id for one in decided}
    people = [
        one for one in query.people_for_pair(card.id, candidate_id=person_id) if one[0] not in taken
    ]
    return render_template(
        "rounds/pair.html",
        card=card,
        one=found,
        person_id=person_id,
        decided=decided,
        people=people,
        errors=errors or [],
        typed=request.form.get("interviewer", ""),
        can_decide=card.state in DECIDING and card.job is None and found.withdrawn_at is None,
        said=words.said,
        failure=words.failure,
        window=words.window,
        track_name=words.track,
        level_words=words.level,
        match_state=words.match_state,
    )


VERBS = {"pin": pairs.pin, "forbid": pairs.forbid, "unset": pairs.unset}


def _decide(card: Card, person_id: int) -> ResponseReturnValue:
    """Two people together, or apart, or as the rules say; the next solving counts it."""
    verb = VERBS.get(request.form.get("op", ""))
    interviewer_id = whole(request.form.get("interviewer"))
    try:
        if interviewer_id is None:
            raise Invalid("interviewer", N_("Choose one of the interviewers."))
        if verb is None:
            raise Invalid("interviewer", N_("Choose whether to pin, forbid or lift."))
        verb(card.id, person_id, interviewer_id, by=current_user.id, now=presenters.now())
    except NotYours:
        raise
    except Refusal as refusal:
        field = getattr(refusal, "field", None)
        errors = [(sentence(refusal), f"#{field}" if field else None)]
        return _candidate_page(card, person_id, errors), refusal.status
    flash(_("Noted. It counts when the round is solved again."), "success")
    return redirect(url_for("rounds.candidate", round_id=card.id, person_id=person_id), 303)
