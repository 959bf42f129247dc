"""What the progress page says: sentences about a level, a change, readiness and one's own view."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from mockint.domain.calibration.level import Interval
from mockint.domain.progress import estimate as rules
from mockint.domain.progress import selfview
from mockint.domain.progress.estimate import Change, Known, Lean, Line, Move, Readiness, Standing
from mockint.domain.progress.series import LEAST
from mockint.domain.rubric import LEVELS
from mockint.queries.progress import Group
from mockint.web import presenters


def number(value: float) -> str:
    """A level with one place."""
    return f"{value:.1f}"


def signed(value: float) -> str:
    """A difference with its sign: +0.4, −0.2 or 0.0."""
    shown = f"{value:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown.replace("-", "−")


def between(level: Interval) -> str:
    """The 90 % interval."""
    return _("between %(low)s and %(high)s", low=number(level.low), high=number(level.high))


def change(found: Change) -> str:
    """Change since first: +0.4 (0.0 to +0.8); progress only where the interval excludes 0."""
    said = _(
        "%(value)s since the first (%(low)s to %(high)s)",
        value=signed(found.value),
        low=signed(found.low),
        high=signed(found.high),
    )
    return {
        Move.PROGRESS: _("%(change)s: progress", change=said),
        Move.DECLINE: _("%(change)s: lower than before", change=said),
        Move.CHANCE: _("%(change)s, may still be chance", change=said),
    }[found.move]


def trend(line: Line, count: int) -> str:
    """One word for a dimension."""
    if line.change is None:
        if not count:
            return _("No score yet")
        return ngettext("One score so far", "%(num)s scores so far", count)
    return {Move.PROGRESS: _("Up"), Move.DECLINE: _("Down"), Move.CHANCE: _("Even")}[
        line.change.move
    ]


def lines(line: Line, count: int) -> list[str]:
    """What stands under the number of a chart."""
    if line.change is not None and line.latest is not None:
        return [between(line.latest), change(line.change)]
    if count < LEAST:
        return [
            _("%(n)s of %(least)s interviews needed before a line means anything",
              n=count, least=LEAST)
        ]  # fmt: skip
    return [_("The next estimate will draw a line.")]


def title(group: Group, known: Known | None, names: dict[str, str]) -> str:
    """The finding as one sentence."""
    count = len(group.progress.results)
    worst = rules.weakest(known.last, names) if known and not group.progress.early else None
    if known is None or worst is None or rules.line(known, group.progress, worst).change is None:
        return ngettext(
            "One interview: too early for a trend",
            "%(num)s interviews: too early for a trend",
            count,
        )
    chance = rules.chance_at_bar(known.last.dimensions[worst])
    if chance < rules.NOT_YET_BELOW:
        return _("%(name)s is what stands between you and a clear yes", name=names[worst])
    if chance > rules.LIKELY_ABOVE:
        return _("Every dimension is likely at the bar or above it")
    return _("%(name)s is your lowest, close to the bar", name=names[worst])


def track_level(group: Group) -> str:
    """How one group is called."""
    return _("%(track)s, %(level)s", track=group.track.name, level=_(LEVELS[group.level]).lower())


def lead(group: Group) -> str:
    """What the finding rests on."""
    found = group.progress
    count = len(found.results)
    by = ngettext("by one person", "by %(num)s people", found.people)
    interviews = ngettext("One interview", "%(num)s interviews", count)
    return f"{track_level(group)}. {interviews} {by}; {_yeses(group)}."


def _yeses(group: Group) -> str:
    found = group.progress
    return _("%(yes)s of %(count)s said yes", yes=found.yeses, count=len(found.results))


def next_step(group: Group, names: dict[str, str], still_open: int) -> str:
    """What to do, from the scores as they were given."""
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
        first = _("%(name)s scored below the bar over the last two interviews.", name=name)
    if not still_open:
        return first
    work = ngettext(
        "Work through the open practice item, then test it.",
        "Work through the %(num)s open practice items, then test it.",
        still_open,
    )
    return f"{first} {work}"


def summary(lines: list[Line], names: dict[str, str]) -> str:
    """The charts in one sentence."""
    by_move: dict[Move, list[str]] = {move: [] for move in Move}
    for line in lines:
        if line.change is not None:
            by_move[line.change.move].append(names[line.dimension])
    early = sum(line.change is None for line in lines)
    parts = []
    for move, words in (
        (Move.PROGRESS, _("Up beyond chance: %(names)s.")),
        (Move.DECLINE, _("Down beyond chance: %(names)s.")),
        (Move.CHANCE, _("No change that could not be chance: %(names)s.")),
    ):
        if by_move[move]:
            parts.append(words % {"names": ", ".join(by_move[move])})
    if early:
        parts.append(
            ngettext(
                "One dimension is too early for a line.",
                "%(num)s dimensions are too early for a line.",
                early,
            )
        )
    return " ".join(parts)


def limits(group: Group, known: Known | None) -> list[str]:
    """What the estimate does not know, said plainly."""
    if known is None:
        return [_("There is no estimate of your level yet; it is made each night.")]
    said = []
    if known.unknown:
        days = [presenters.day(group.progress.results[place].at) for place in known.unknown]
        said.append(
            _("The estimate does not know the interview of %(days)s yet; it is made anew each "
              "night.", days=", ".join(days))
        )  # fmt: skip
    if not known.fitted:
        said.append(
            _("So few interviews were held on this track that the bands rest on general "
              "experience, and how strict your interviewers are is not taken into account.")
        )  # fmt: skip
    elif known.alone:
        said.append(
            _("Your interviewers have met too few of the people whom others met. So your level "
              "rests on them alone and cannot be compared with anybody else's.")
        )  # fmt: skip
    return said


def standing(lean: Lean) -> str:
    """Strength, gap, or even."""
    return {
        Standing.STRENGTH: _("Strength"),
        Standing.GAP: _("Gap"),
        Standing.EVEN: _("Even"),
    }[lean.standing]


def aside(lean: Lean) -> str:
    """The distance to one's own mean, with its interval."""
    return _(
        "%(value)s (%(low)s to %(high)s)",
        value=signed(lean.value),
        low=signed(lean.low),
        high=signed(lean.high),
    )


def readiness(group: Group, known: Known | None) -> tuple[str, str]:
    """A word and what it rests on; never a promise."""
    said, results = rules.readiness(known, group.progress.results), group.progress.results
    count = _("Recommendations so far: yes in %(yes)s of %(count)s.",
              yes=group.progress.yeses, count=len(results))  # fmt: skip
    if known is None or said == Readiness.EARLY:
        waits = len(results) >= LEAST and group.progress.people >= 2
        why = (
            _("The estimate has to know three interviews by at least two people; it is made "
              "each night.")
            if waits
            else _("It takes three interviews by at least two people before this can be said.")
        )  # fmt: skip
        return _("Too early."), f"{why} {count}"
    level = known.last.overall
    estimate = _("Your level is %(value)s, %(between)s; the bar is 3.",
                 value=number(level.value), between=between(level))  # fmt: skip
    word = {
        Readiness.NOT_YET: _("Not yet."),
        Readiness.OPEN: _("Open."),
        Readiness.LIKELY: _("Likely."),
    }[said]
    if said == Readiness.OPEN:
        estimate += " " + _("One or two more interviews would settle it.")
    return word, f"{estimate} {count}"


def gap_over_time(found: list[tuple[selfview.Pair, ...]]) -> str:
    """One's own view beside the interviewers', in a sentence."""
    lean = selfview.lean(pair for pairs in found for pair in pairs)
    if not lean.count:
        return _("You have not scored yourself on anything your interviewers scored.")
    return ngettext(
        "Of %(num)s score you put yourself higher than your interviewer in %(above)s, lower in "
        "%(below)s and the same in %(same)s.",
        "Of %(num)s scores you put yourself higher than your interviewer in %(above)s, lower in "
        "%(below)s and the same in %(same)s.",
        lean.count,
        above=lean.above,
        below=lean.below,
        same=lean.same,
    )
