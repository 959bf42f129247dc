"""Who may interview whom, who suits best, and why, in words.

A suggestion is a sum of named parts; the sentence a candidate reads is made from the largest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from mockint.domain import zones
from mockint.domain.errors import N_
from mockint.domain.rubric import LEVELS, TRACKS

LOAD_DAYS = 28


@dataclass(frozen=True, slots=True)
class Request:
    """What a candidate looks for. `again`: interviewers they already met are welcome."""

    track: str
    level: str
    duration_min: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    person_id: int
    languages: tuple[str, ...]
    """The one they like best first."""
    zone: str
    employer: str = ""
    target_companies: tuple[str, ...] = ()
    met: frozenset[int] = frozenset()
    """Interviewers with whom an interview took place or is agreed."""


@dataclass(frozen=True, slots=True)
class Interviewer:
    person_id: int
    tracks: frozenset[str]
    levels: frozenset[str]
    languages: frozenset[str]
    zone: str
    company: str = ""
    years: int = 0
    approved: bool = True
    paused: bool = False
    """Paused beyond every day that can be booked; a shorter pause is a matter of free starts."""
    recent: int = 0
    """Interviews in the last 28 days and ahead."""
    cap: int = 8
    """How many they would take in 28 days."""


@dataclass(frozen=True, slots=True)
class Words:
    """An untranslated sentence and what goes into its places."""

    sentence: str
    params: Mapping[str, object]

    def text(self) -> str:
        """The sentence in English."""
        return self.sentence % self.params if self.params else self.sentence


class Ineligible(StrEnum):
    """Why an interviewer cannot take a request, in the order asked."""

    NOT_APPROVED = "not_approved"
    SELF = "self"
    PAUSED = "paused"
    TRACK = "track"
    LEVEL = "level"
    LANGUAGE = "language"
    EMPLOYER = "employer"
    MET = "met"


def company_key(name: str) -> str:
    """Company names are equal when they read the same: case and blanks do not count."""
    return " ".join(name.split()).casefold()


def same_company(one: str, other: str) -> bool:
    """Two empty names are nobody's employer, not the same one."""
    return bool(company_key(one)) and company_key(one) == company_key(other)


def eligible(candidate: Candidate, interviewer: Interviewer, request: Request) -> Ineligible | None:
    """The first rule that keeps the two apart for this request, or None."""
    return next(_apart(candidate, interviewer, request), None)


def _apart(
    candidate: Candidate, interviewer: Interviewer, request: Request
) -> Iterator[Ineligible]:
    if not interviewer.approved:
        yield Ineligible.NOT_APPROVED
    if interviewer.person_id == candidate.person_id:
        yield Ineligible.SELF
    if interviewer.paused:
        yield Ineligible.PAUSED
    if request.track not in interviewer.tracks:
        yield Ineligible.TRACK
    if request.level not in interviewer.levels:
        yield Ineligible.LEVEL
    if interviewer.languages.isdisjoint(candidate.languages):
        yield Ineligible.LANGUAGE
    if candidate.employer and same_company(candidate.employer, interviewer.company):
        yield Ineligible.EMPLOYER
    if interviewer.person_id in candidate.met and not request.again:
        yield Ineligible.MET


def common_language(candidate: Candidate, interviewer: Interviewer) -> str | None:
    """The language to hold it in: the candidate's first that the interviewer speaks."""
    return next((one for one in candidate.languages if one in interviewer.languages), None)


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a part of 0 to 100 counts, and from where on it is a reason to be glad of."""

    weight: int
    neutral: int


WEIGHTS: dict[str, Weight] = {
    "target_company": Weight(30, neutral=0),
    "load": Weight(35, neutral=50),
    "level_fit": Weight(25, neutral=50),
    "zone_comfort": Weight(10, neutral=50),
}
"""Parts of a suggestion; the order decides which sentence is said when two count the same."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An interviewer at a start, with what speaks for them: each part is 0 to 100."""

    interviewer: Interviewer
    start: datetime
    level: str
    parts: Mapping[str, int]

    @property
    def score(self) -> int:
        return sum(rule.weight * self.parts[name] for name, rule in WEIGHTS.items())


def rank(
    candidate: Candidate,
    interviewers: Iterable[Interviewer],
    start: datetime,
    *,
    request: Request,
) -> list[Suggestion]:
    """The eligible interviewers, best first; whom else is free at `start` is the caller's to know.

    Equal scores go to who had fewer interviews, then by a hash, so that no low id wins for ever.
    """
    found = [
        Suggestion(
            interviewer, start, request.level, _parts(candidate, interviewer, start, request)
        )
        for interviewer in interviewers
        if eligible(candidate, interviewer, request) is None
    ]
    return sorted(found, key=lambda one: _order(candidate, one))


def _order(candidate: Candidate, one: Suggestion) -> tuple[int, int, bytes, int]:
    person_id = one.interviewer.person_id
    lot = f"{candidate.person_id}:{person_id}:{one.start.isoformat()}".encode()
    return -one.score, one.interviewer.recent, blake2b(lot, digest_size=8).digest(), person_id


def _parts(
    candidate: Candidate, interviewer: Interviewer, start: datetime, request: Request
) -> dict[str, int]:
    wanted = any(same_company(name, interviewer.company) for name in candidate.target_companies)
    return {
        "target_company": 100 if wanted else 0,
        "load": _load(interviewer),
        "level_fit": _level_fit(interviewer.years, request.level),
        "zone_comfort": _comfort(zones.wall(interviewer.zone, start).hour),
    }


def _load(interviewer: Interviewer) -> int:
    """100 with no interview in 28 days, 0 at the cap."""
    return 100 - min(100, 100 * interviewer.recent // max(1, interviewer.cap))


_YEARS_OF = {"entry": 0, "mid": 3, "senior": 6, "staff": 10}
_FIT_BY_STEPS = {0: 100, 1: 100, 2: 50, 3: 40, -1: 30}


def _level_fit(years: int, level: str) -> int:
    """Best when the interviewer's own years are those of the level asked for, or one above."""
    own = sum(years >= least for least in _YEARS_OF.values()) - 1
    return _FIT_BY_STEPS.get(own - list(_YEARS_OF).index(level), 0)


def _comfort(hour: int) -> int:
    """Daytime for the interviewer is best, 22:00 to 07:00 worst."""
    if 9 <= hour < 19:
        return 100
    return 50 if 7 <= hour < 22 else 0


def sentence(suggestion: Suggestion) -> Words:
    """Why this interviewer, from the part that counts most; honest when none stands out."""
    gains = {
        name: rule.weight * (suggestion.parts[name] - rule.neutral)
        for name, rule in WEIGHTS.items()
    }
    best = max(gains, key=lambda name: gains[name])
    who = suggestion.interviewer
    if gains[best] <= 0:
        return Words(N_("Covers your track and level, and is free at this time."), {})
    if best == "target_company":
        company = " ".join(who.company.split())
        return Words(N_("Works at a company you named: %(company)s."), {"company": company})
    if best == "load":
        return Words(N_("Has had few interviews lately, and has room for yours."), {})
    if best == "level_fit":
        level = LEVELS[suggestion.level].lower()
        return Words(
            N_("Has the experience for %(level)s level: %(years)s years in the work."),
            {"level": level, "years": who.years},
        )
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


_FILTERS = (
    Ineligible.TRACK,
    Ineligible.LEVEL,
    Ineligible.LANGUAGE,
    Ineligible.EMPLOYER,
    Ineligible.MET,
)
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
    """Which filter left nobody, in the order asked; pass all interviewers of the community."""
    left = [
        one
        for one in interviewers
        if one.approved and not one.paused and one.person_id != candidate.person_id
    ]
    counts: list[tuple[Ineligible, int]] = []
    for step in _FILTERS:
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
