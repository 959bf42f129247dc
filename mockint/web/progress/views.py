"""Released feedback over time, and the practice items to tick off."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain.errors import N_, Invalid, NotYours
from mockint.domain.progress import series as rules
from mockint.domain.progress.series import Direction, Readiness, Series
from mockint.domain.rubric import LEVELS
from mockint.queries import progress as query
from mockint.queries.progress import Group
from mockint.services import progress as service
from mockint.web import presenters
from mockint.web.guards import CANDIDATE, allow
from mockint.web.progress import selfview, sharing
from mockint.web.typed import whole

blueprint = Blueprint("progress", __name__)
blueprint.add_url_rule(
    "/interviews/<int:booking_id>/self-assessment",
    "self_assessment",
    selfview.form,
    methods=["GET", "POST"],
)
blueprint.add_url_rule("/progress/shares", "shares", sharing.index, methods=["GET", "POST"])
blueprint.add_url_rule(
    "/progress/shares/<int:share_id>/end", "end_share", sharing.end, methods=["POST"]
)
blueprint.add_url_rule("/practice/sharing", "practice_sharing", sharing.practice, methods=["POST"])
blueprint.add_url_rule("/shared/<token>", "shared", sharing.shared, methods=["GET", "POST"])


@blueprint.get("/progress")
@allow(CANDIDATE)
def progress() -> ResponseReturnValue:
    """One track at one level; `of` names it, the one met last by default."""
    g.nav = "Progress"
    groups = query.of(current_user.id)
    if not groups:
        return render_template("progress/empty.html")
    wanted = request.args.get("of", groups[0].key)
    group = next((found for found in groups if found.key == wanted), None)
    if group is None:
        raise NotYours
    return render_template("progress/progress.html", **_context(group, groups))


def _context(group: Group, groups: list[Group]) -> dict[str, Any]:
    names = {dimension.key: dimension.name for dimension in group.track.dimensions}
    found = group.progress
    results = [
        (presenters.day(row.booking.start_at), row.booking, row, result)
        for row, result in zip(group.feedback, found.results, strict=True)
    ]
    mine = {row.id for row in group.feedback}
    items = [pair for pair in query.practice(current_user.id) if pair[0].feedback_id in mine]
    still_open = sum(item.done_at is None for item, _booking in items)
    return {
        "group": group,
        "choices": [(one.key, _name(one)) for one in groups],
        "title": _title(group, names),
        "lead": _lead(group),
        "next_step": _next_step(group, names, still_open),
        "names": names,
        "charts": [_chart(series, group, names) for series in found.series],
        "breaks": list(found.breaks),
        "dates": [row.booking.start_at for row in group.feedback],
        "results": results,
        "strengths": [names[series.dimension] for series in found.strengths()],
        "gaps": [names[series.dimension] for series in found.gaps()],
        "readiness": _readiness(group),
        "items": items,
        "early": found.early,
    }


def _name(group: Group) -> str:
    return _("%(track)s, %(level)s", track=group.track.name, level=_(LEVELS[group.level]).lower())


def _title(group: Group, names: dict[str, str]) -> str:
    found = group.progress
    count, weakest = len(found.results), found.weakest
    if found.early or weakest is None:
        return ngettext(
            "One interview: too early for a trend",
            "%(num)s interviews: too early for a trend",
            count,
        )
    if found.gap:
        return _("%(name)s is what stands between you and a clear yes",
                 name=names[weakest.dimension])  # fmt: skip
    return _("Every dimension is at the bar or above it")


def _lead(group: Group) -> str:
    found = group.progress
    count = len(found.results)
    by = ngettext("by one person", "by %(num)s people", found.people)
    said = _("%(yes)s of %(count)s said yes", yes=found.yeses, count=count)
    interviews = ngettext("One interview", "%(num)s interviews", count)
    return f"{_name(group)}. {interviews} {by}; {said}."


def _next_step(group: Group, names: dict[str, str], still_open: int) -> str:
    found, weakest = group.progress, group.progress.weakest
    if weakest is None:
        return _("No dimension was observed yet. Another interview will show more.")
    name = names[weakest.dimension]
    if not found.gap:
        first = _("Lowest of late is %(name)s, at the bar.", name=name)
        if not found.early and group.level != "staff":
            first += " " + _("Consider the next level.")
    elif found.early:
        first = _("%(name)s scored lowest so far.", name=name)
    else:
        first = _("%(name)s lies below the bar over the last two interviews.", name=name)
    if not still_open:
        return first
    work = ngettext(
        "Work through the open practice item, then test it.",
        "Work through the %(num)s open practice items, then test it.",
        still_open,
    )
    return f"{first} {work}"


def _chart(series: Series, group: Group, names: dict[str, str]) -> dict[str, Any]:
    """What `tables.chart` draws of one dimension."""
    given = [_("not observed") if point is None else str(point) for point in series.points]
    words = _trend(series)
    latest = series.latest
    early = series.trend.direction == Direction.EARLY
    weakest = group.progress.weakest
    lines = _lines(series)
    if weakest is not None and weakest.dimension == series.dimension and not early:
        lines.append(_("the one to work on") if group.progress.gap else _("lowest of late"))
    return {
        "title": names[series.dimension],
        "trend": words,
        "points": series.points,
        "value": _("Too early")
        if early or latest is None
        else f"{latest} {group.rubric.label(latest)}",
        "lines": lines,
        "alt": _("%(name)s, oldest first: %(scores)s. %(trend)s.",
                 name=names[series.dimension], scores=", ".join(given), trend=words),
    }  # fmt: skip


def _trend(series: Series) -> str:
    return {
        Direction.EARLY: ngettext("One score so far", "%(num)s scores so far", series.trend.count)
        if series.trend.count
        else _("No score yet"),
        Direction.UP: _("Up"),
        Direction.DOWN: _("Down"),
        Direction.EVEN: _("Even"),
    }[series.trend.direction]


def _lines(series: Series) -> list[str]:
    trend = series.trend
    if trend.direction == Direction.EARLY:
        return [
            _("%(n)s of %(least)s interviews needed before a line means anything",
              n=trend.count, least=rules.LEAST)
        ]  # fmt: skip
    if trend.direction == Direction.EVEN:
        return [_("no change to speak of")]
    moved = f"{trend.change:+.1f}".replace("-", "−")
    if trend.chance:
        return [_("last two against before: %(moved)s, may still be chance", moved=moved)]
    return [_("last two against before: %(moved)s", moved=moved)]


def _readiness(group: Group) -> tuple[str, str]:
    """A word and what it rests on; never a promise."""
    found = rules.readiness(group.progress.results)
    return {
        Readiness.EARLY: (
            _("Too early."),
            _("It takes three interviews by at least two people before this can be said."),
        ),
        Readiness.NOT_YET: (_("Not yet."), _("None of the last three interviews was a yes.")),
        Readiness.OPEN: (
            _("Open."),
            _("The last three interviews disagree. One or two more would settle it."),
        ),
        Readiness.LIKELY: (_("Likely."), _("All of the last three interviews were a yes.")),
    }[found]


@blueprint.post("/practice/<int:item_id>")
@allow(CANDIDATE)
def practice(item_id: int) -> ResponseReturnValue:
    """Tick an item off, or open it again."""
    answer = request.form.get("done")
    if query.item_of(item_id, candidate_id=current_user.id) is None:
        raise NotYours
    if answer not in ("yes", "no"):
        raise Invalid("done", N_("Say whether it is done: tick it off or open it again."))
    item = service.tick(
        item_id,
        candidate_id=current_user.id,
        done=answer == "yes",
        now=presenters.now(),
    )
    anchor = f"practice-{item.id}"
    if request.form.get("back") == "home":
        return redirect(url_for("pages.home", _anchor=anchor), 303)
    booking_id = whole(request.form.get("booking"))
    if booking_id:
        return redirect(url_for("feedback.read", booking_id=booking_id, _anchor=anchor), 303)
    group = request.form.get("of")
    return redirect(url_for("progress.progress", of=group, _anchor=anchor), 303)
