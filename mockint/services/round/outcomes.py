"""Why somebody got no match, what would have helped, and whose further hour would serve most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mockint.domain import matching
from mockint.domain.errors import N_
from mockint.domain.matching import Words
from mockint.domain.round import parity, reasons, words
from mockint.domain.round.instance import Instance
from mockint.domain.round.reasons import Kind, Reason
from mockint.domain.round.residual import Residual
from mockint.domain.round.solution import Solution
from mockint.domain.rubric import TRACKS
from mockint.domain.timespan import Span, cell_of
from mockint.queries.round.ground import Asker
from mockint.services.round.ground import Stand

FULL = Words(N_("You have as many interviews ahead as anybody may have."), {})
PIN = Words(N_("You were to meet one certain interviewer, and that was not possible."), {})
NO_TIME = Words(N_("Nobody who suits you is free at a time that you marked."), {})
MOST_HOURS = 5
COMPETED = "hall"
NO_OPTION = "no_option"


def as_json(said: Words) -> dict[str, Any]:
    """A sentence as it is kept."""
    return {"sentence": said.sentence, "params": dict(said.params)}


def outcomes(read: Stand, graph: Residual) -> Mapping[int, dict[str, Any]]:
    """By place of each candidate without a match: kind, sentence and times that would have done."""
    asked: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(read.ground.askers):
        asked[one.wish.request.track].append(place)
    offered = {track: reasons.offered(graph, np.array(places)) for track, places in asked.items()}
    found: dict[int, dict[str, Any]] = {}
    for reason in reasons.of_all(graph):
        asker = read.ground.askers[reason.candidate]
        track = asker.wish.request.track
        told = words.unmatched(
            reason,
            priority=asker.priority,
            about=TRACKS[track],
            asked=len(asked[track]),
            offered=offered[track],
        )
        said = _personal(asker) or told or _nobody(read, asker)
        found[reason.candidate] = as_json(said) | {
            "kind": COMPETED if reason.kind is Kind.BLOCK else NO_OPTION,
            "extra": [[cell_of(one.start), cell_of(one.end)] for one in _extra(read, reason)],
        }
    return found


def _personal(asker: Asker) -> Words | None:
    """What stood in the way of this candidate alone."""
    if asker.full:
        return FULL
    return PIN if asker.wish.pin is not None else None


def _nobody(read: Stand, asker: Asker) -> Words:
    """The first filter that left nobody."""
    people = [one.volunteer.interviewer for one in read.ground.givers]
    nothing = matching.why_nothing(asker.wish.candidate, people, asker.wish.request)
    return NO_TIME if nothing.emptied is None else nothing.words


def _extra(read: Stand, reason: Reason) -> Iterator[Span]:
    """Any of these would have done, and the candidate has nothing else at that time."""
    asker = read.ground.askers[reason.candidate]
    if asker.full:
        return
    for first, end in reason.windows:
        span = read.span(first, end)
        if not any(span.overlaps(one) for one in asker.busy):
            yield span


def hours(read: Stand, graph: Residual) -> list[list[int]]:
    """Interviewers of whom more hours would serve most, and how many."""
    return [
        [read.ground.givers[one.interviewer].volunteer.interviewer.person_id, one.served]
        for one in reasons.extra_hours(graph, most=MOST_HOURS)
    ]


def parity_of(read: Stand, best: Solution, most: Callable[[Instance], int]) -> list[list[Any]]:
    """How each group of candidates fared, and how many of it could be matched if it were alone."""
    wishes = [one.wish for one in read.ground.askers]
    groups: dict[str, list[str]] = {
        "track": [one.request.track for one in wishes],
        "level": [one.request.level for one in wishes],
        "zone": [one.candidate.zone for one in wishes],
        "language": [one.candidate.languages[0] for one in wishes],
    }
    return [
        [by, line.group, line.asked, line.matched, line.best]
        for by, names in groups.items()
        for line in parity.lines(read.instance, best.matching, names, most)
    ]
