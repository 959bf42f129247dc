"""Why somebody got no match, what would have helped, and how groups of candidates fared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mockint.domain import matching
from mockint.domain.errors import N_
from mockint.domain.matching import Words
from mockint.domain.round.edges import edges_of
from mockint.domain.round.solution import Solution
from mockint.domain.rubric import TRACKS
from mockint.services.round.ground import Stand

FULL = Words(N_("You have as many interviews ahead as anybody may have."), {})
PIN = Words(N_("You were to meet one certain interviewer, and that was not possible."), {})
NO_TIME = Words(N_("Nobody who suits you is free at a time that you marked."), {})
BEATEN = N_(
    "%(track)s: %(asked)s asked, and %(served)s could be served. Those who were had missed as many"
    " rounds as you, or more."
)


def as_json(words: Words) -> dict[str, Any]:
    """A sentence as it is kept."""
    return {"sentence": words.sentence, "params": dict(words.params)}


def outcomes(read: Stand, best: Solution) -> Mapping[int, dict[str, Any]]:
    """By place of each candidate without a match: kind, sentence and times that would have done."""
    askers = read.ground.askers
    matched = {one.candidate for one in best.matching}
    without = [place for place in range(len(askers)) if place not in matched]
    options = edges_of(read.instance).ptr
    asked = Counter(one.wish.request.track for one in askers)
    served = Counter(askers[one].wish.request.track for one in matched)
    found: dict[int, dict[str, Any]] = {}
    for place in without:
        if options[place] == options[place + 1]:
            found[place] = as_json(_no_option(read, place)) | {"kind": "no_option", "extra": []}
            continue
        track = askers[place].wish.request.track
        words = Words(
            BEATEN,
            {"track": TRACKS[track], "asked": asked[track], "served": served[track]},
        )
        found[place] = as_json(words) | {"kind": "hall", "extra": []}
    return found


def _no_option(read: Stand, place: int) -> Words:
    """The first filter that left nobody."""
    asker = read.ground.askers[place]
    if asker.full:
        return FULL
    if asker.wish.pin is not None:
        return PIN
    if read.instance.pair_ptr[place] < read.instance.pair_ptr[place + 1]:
        return NO_TIME
    people = [one.volunteer.interviewer for one in read.ground.givers]
    nothing = matching.why_nothing(asker.wish.candidate, people, asker.wish.request)
    return NO_TIME if nothing.emptied is None else nothing.words
