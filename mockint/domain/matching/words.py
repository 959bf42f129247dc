"""Why this interviewer, and why nobody: sentences made from the rules, never beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mockint.domain import zones
from mockint.domain.errors import N_
from mockint.domain.matching.eligibility import (
    FILTERS,
    Candidate,
    Ineligible,
    Interviewer,
    Request,
    eligible,
)
from mockint.domain.matching.quality import NEUTRAL, Suggestion
from mockint.domain.rubric import LEVELS, TRACKS


@dataclass(frozen=True, slots=True)
class Words:
    """An untranslated sentence and what goes into its places."""

    sentence: str
    params: Mapping[str, object]

    def text(self) -> str:
        """The sentence in English."""
        return self.sentence % self.params if self.params else self.sentence


def sentence(suggestion: Suggestion) -> Words:
    """Why this interviewer, from the part that counts most; honest when none stands out."""
    gains = {
        name: suggestion.weights[name] * (suggestion.parts[name] - neutral)
        for name, neutral in NEUTRAL.items()
    }
    best = max(gains, key=lambda name: gains[name])
    if gains[best] <= 0:
        return Words(N_("Covers your track and level, and is free at this time."), {})
    return _said_of(best, suggestion)


def _said_of(part: str, suggestion: Suggestion) -> Words:
    who = suggestion.interviewer
    level = LEVELS[suggestion.level].lower()
    if part == "target_company":
        company = " ".join(who.company.split())
        return Words(N_("Works at a company you named: %(company)s."), {"company": company})
    if part == "load":
        return Words(N_("Has had few interviews lately, and has room for yours."), {})
    if part == "expertise":
        given = who.practice[suggestion.track, suggestion.level]
        return Words(
            N_("Has given %(count)s interviews in %(track)s at %(level)s level within a year."),
            {"count": given, "track": TRACKS[suggestion.track], "level": level},
        )
    if part == "level_fit":
        return Words(
            N_("Has the experience for %(level)s level: %(years)s years in the work."),
            {"level": level, "years": who.years},
        )
    if part == "variety":
        return Words(N_("Works at another company than your interviewers so far."), {})
    time = zones.wall(who.zone, suggestion.start).strftime("%H:%M")
    return Words(
        N_("It is a good time of day for them too: %(time)s in %(place)s."),
        {"time": time, "place": zones.place(who.zone)},
    )


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why nothing is free: how many interviewers each filter left, and which one left nobody."""

    emptied: Ineligible | None
    """None: somebody is eligible, so it is time that is missing."""
    counts: tuple[tuple[Ineligible, int], ...]
    left: int
    words: Words
    helps: tuple[str, ...]
    """What would help, most likely first: track, level, language, again, length, later, ask."""


_HELPS: dict[Ineligible | None, tuple[str, ...]] = {
    Ineligible.TRACK: ("track", "ask"),
    Ineligible.LEVEL: ("level", "track", "ask"),
    Ineligible.LANGUAGE: ("language", "level", "ask"),
    Ineligible.EMPLOYER: ("level", "track", "ask"),
    Ineligible.MET: ("again", "level", "ask"),
    None: ("length", "level", "track", "ask"),
}


def why_nothing(
    candidate: Candidate, interviewers: Iterable[Interviewer], request: Request
) -> Nothing:
    """Which filter left nobody, in the order asked; pass all interviewers of the community.

    Somebody who is kept apart from the candidate counts like one who has no time: that is all a
    candidate may learn of it.
    """
    left = [
        one
        for one in interviewers
        if one.approved and not one.paused and one.person_id != candidate.person_id
    ]
    counts: list[tuple[Ineligible, int]] = []
    for step in FILTERS:
        before = len(left)
        left = [one for one in left if eligible(candidate, one, request) is not step]
        counts.append((step, len(left)))
        if not left:
            words = _nothing_words(step, before, request)
            return Nothing(step, tuple(counts), 0, words, _HELPS[step])
    words = _nothing_words(None, len(left), request)
    return Nothing(None, tuple(counts), len(left), words, _HELPS[None])


def _nothing_words(emptied: Ineligible | None, count: int, request: Request) -> Words:
    one, many = _NOTHING[emptied]
    params = {
        "count": count,
        "track": TRACKS[request.track],
        "level": LEVELS[request.level].lower(),
    }
    return Words(one if count == 1 else many, params)


_NOTHING: dict[Ineligible | None, tuple[str, str]] = {
    Ineligible.TRACK: (
        N_("No volunteer covers %(track)s yet."),
        N_("No volunteer covers %(track)s yet."),
    ),
    Ineligible.LEVEL: (
        N_("One volunteer covers %(track)s, but not at %(level)s level."),
        N_("%(count)s volunteers cover %(track)s, but none at %(level)s level."),
    ),
    Ineligible.LANGUAGE: (
        N_("One volunteer covers it at %(level)s level, but in none of your languages."),
        N_("%(count)s volunteers cover it at %(level)s level, but in none of your languages."),
    ),
    Ineligible.EMPLOYER: (
        N_("The one volunteer who covers it at %(level)s level works where you work."),
        N_("All %(count)s volunteers who cover it at %(level)s level work where you work."),
    ),
    Ineligible.MET: (
        N_("You have already met the one volunteer who covers it at %(level)s level."),
        N_("You have already met all %(count)s volunteers who cover it at %(level)s level."),
    ),
    None: (
        N_("One volunteer covers it at %(level)s level, and has no free time left."),
        N_("%(count)s volunteers cover it at %(level)s level, and none has free time left."),
    ),
}
"""For one volunteer and for several (or none)."""
