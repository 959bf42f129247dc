"""Why somebody got no match, what would have helped, and whose further hour would serve most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mockint.domain import matching
from mockint.domain.errors import N_
from mockint.domain.matching import Words
from mockint.domain.round import reasons
from mockint.domain.round.reasons import Kind, Reason
from mockint.domain.round.residual import Residual
from mockint.domain.round.solution import Solution
from mockint.domain.rubric import TRACKS
from mockint.domain.timespan import Span, cell_of
from mockint.services.round.ground import Stand

FULL = Words(N_("You have as many interviews ahead as anybody may have."), {})
PIN = Words(N_("You were to meet one certain interviewer, and that was not possible."), {})
NO_TIME = Words(N_("Nobody who suits you is free at a time that you marked."), {})
NO_PLACE = Words(
    N_("Those who suit you at the times you marked have no interview left to give."), {}
)
FEW = N_(
    "More people than %(places)s wanted the %(places)s interviews that suited you. They went to"
    " people whose priority is as high as yours, or higher."
)
ONE = Words(
    N_(
        "Only one interview suited you, and somebody else wanted it too. It went to a person whose"
        " priority is as high as yours, or higher."
    ),
    {},
)
MANY = N_(
    "%(track)s: %(asked)s asked, and %(served)s could be served. Places went to people whose"
    " priority is as high as yours, or higher."
)
CROWD = 50
"""With more competitors than this, numbers of the track say more than how many they are."""
COMPETED = "hall"
NO_OPTION = "no_option"


def as_json(words: Words) -> dict[str, Any]:
    """A sentence as it is kept."""
    return {"sentence": words.sentence, "params": dict(words.params)}


def outcomes(read: Stand, graph: Residual, best: Solution) -> Mapping[int, dict[str, Any]]:
    """By place of each candidate without a match: kind, sentence and times that would have done."""
    askers = read.ground.askers
    asked = Counter(one.wish.request.track for one in askers)
    served = Counter(askers[one.candidate].wish.request.track for one in best.matching)
    found: dict[int, dict[str, Any]] = {}
    for reason in reasons.of_all(graph):
        track = askers[reason.candidate].wish.request.track
        competed = reason.kind is Kind.BLOCK
        counts = {"track": TRACKS[track], "asked": asked[track], "served": served[track]}
        words = _beaten(reason, counts) if competed else _no_option(read, reason)
        found[reason.candidate] = as_json(words) | {
            "kind": COMPETED if competed else NO_OPTION,
            "extra": [[cell_of(one.start), cell_of(one.end)] for one in _extra(read, reason)],
        }
    return found


def _extra(read: Stand, reason: Reason) -> Iterator[Span]:
    """Any of these would have done, and the candidate has nothing else at that time."""
    asker = read.ground.askers[reason.candidate]
    if asker.full:
        return
    for first, end in reason.windows:
        span = read.span(first, end)
        if not any(span.overlaps(one) for one in asker.busy):
            yield span


def _beaten(reason: Reason, counts: Mapping[str, object]) -> Words:
    """Everybody who competed comes before them, or as early."""
    if reason.rivals > CROWD:
        return Words(MANY, counts)
    return ONE if reason.rivals == 1 else Words(FEW, {"places": reason.rivals})


def _no_option(read: Stand, reason: Reason) -> Words:
    """The first filter that left nobody."""
    asker = read.ground.askers[reason.candidate]
    if asker.full:
        return FULL
    if asker.wish.pin is not None:
        return PIN
    if reason.kind is Kind.NO_COMMON_TIME:
        return NO_TIME
    if reason.kind is Kind.NO_PLACE:
        return NO_PLACE
    people = [one.volunteer.interviewer for one in read.ground.givers]
    nothing = matching.why_nothing(asker.wish.candidate, people, asker.wish.request)
    return NO_TIME if nothing.emptied is None else nothing.words


def hours(read: Stand, graph: Residual) -> list[list[int]]:
    """Interviewers of whom one more hour would serve most, and how many."""
    return [
        [read.ground.givers[one.interviewer].volunteer.interviewer.person_id, one.served]
        for one in reasons.extra_hours(graph)
    ]
