"""How well two people who may meet suit each other: named parts of 0 to 100, and their weights.

One rule for the picker, for suggestions and for rounds. Who is ranked at a start is ranked by
quality minus the price of that hour: what others would lose if it were gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b
from operator import itemgetter

from mockint.domain import zones
from mockint.domain.community import WEIGHTS
from mockint.domain.matching.eligibility import (
    Candidate,
    Interviewer,
    Request,
    company_key,
    eligible,
)

NEUTRAL: Mapping[str, int] = {
    "target_company": 0,
    "load": 50,
    "expertise": 40,
    "level_fit": 50,
    "variety": 50,
    "zone_comfort": 50,
}
"""Each part, with the points from where on it is a reason to be glad of. The order decides which
sentence is said when two count the same."""
PARTS = tuple(NEUTRAL)
DEFAULT_WEIGHTS = WEIGHTS
NO_PRICES: Mapping[int, int] = {}
FULL_PRACTICE = 5
"""Interviews in a year from which on more of them say nothing more."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An interviewer at a start, with what speaks for them: each part is 0 to 100."""

    interviewer: Interviewer
    start: datetime
    track: str
    level: str
    parts: Mapping[str, int]
    weights: Mapping[str, int]
    price: int = 0
    """Points that others would lose if this hour were gone."""

    @property
    def quality(self) -> int:
        return quality(self.parts, self.weights)


def quality(parts: Mapping[str, int], weights: Mapping[str, int]) -> int:
    """The weighted mean of the parts, 0 to 100, rounded half up."""
    total = sum(weights.values())
    return (2 * weighted(parts, weights) + total) // (2 * total)


def weighted(parts: Mapping[str, int], weights: Mapping[str, int]) -> int:
    """The same before it is divided by the sum of the weights."""
    return sum(weight * parts[name] for name, weight in weights.items())


def parts(
    candidate: Candidate, interviewer: Interviewer, start: datetime, request: Request
) -> dict[str, int]:
    """What speaks for this interviewer at this time."""
    return Judge(candidate, request, start).parts(interviewer)


class Judge:
    """The parts for one candidate, request and start; each is worked out once for all who are
    alike in what it looks at."""

    def __init__(self, candidate: Candidate, request: Request, start: datetime) -> None:
        wanted = {company_key(name) for name in candidate.target_companies} - {""}
        self._candidate, self._asked = candidate, (request.track, request.level)
        self._company = cache(lambda name: 100 if company_key(name) in wanted else 0)
        self._load = cache(load)
        self._fit = cache(lambda years: level_fit(years, request.level))
        self._new = cache(lambda name: variety(company_key(name), candidate.met_companies))
        self._comfort = cache(lambda zone: zone_comfort(zones.wall(zone, start).hour))

    def parts(self, who: Interviewer) -> dict[str, int]:
        return {
            "target_company": self._company(who.company),
            "load": self._load(who.recent, who.cap),
            "expertise": expertise(who.practice.get(self._asked, 0)),
            "level_fit": self._fit(who.years),
            "variety": 0 if who.person_id in self._candidate.met else self._new(who.company),
            "zone_comfort": self._comfort(who.zone),
        }


def load(recent: int, cap: int) -> int:
    """100 with no interview in 28 days, 0 at the cap."""
    return 100 - min(100, 100 * recent // max(1, cap))


def expertise(given: int) -> int:
    """How often they have given this very interview: in this track, at this level, in a year."""
    return 100 * min(given, FULL_PRACTICE) // FULL_PRACTICE


def variety(company: str, met_companies: frozenset[str]) -> int:
    """More for another company than those of whom the candidate has met; 50 when that says nothing.

    Who meets the same person again gets 0, which is for `Judge` to know.
    """
    if not company or not met_companies:
        return 50
    return 30 if company in met_companies else 100


_YEARS_OF = {"entry": 0, "mid": 3, "senior": 6, "staff": 10}
_FIT_BY_STEPS = {0: 100, 1: 100, 2: 50, 3: 40, -1: 30}


def level_fit(years: int, level: str) -> int:
    """Best when the interviewer's own years are those of the level asked for, or one above."""
    own = sum(years >= least for least in _YEARS_OF.values()) - 1
    return _FIT_BY_STEPS.get(own - list(_YEARS_OF).index(level), 0)


def zone_comfort(hour: int) -> int:
    """Daytime for the interviewer is best, 22:00 to 07:00 worst."""
    if 9 <= hour < 19:
        return 100
    return 50 if 7 <= hour < 22 else 0


def rank(
    candidate: Candidate,
    interviewers: Iterable[Interviewer],
    start: datetime,
    *,
    request: Request,
    weights: Mapping[str, int] = DEFAULT_WEIGHTS,
    prices: Mapping[int, int] = NO_PRICES,
) -> list[Suggestion]:
    """The eligible interviewers, best first; whom else is free at `start` is the caller's to know.

    `prices` are those of their hours at `start`, in points of quality. Equal scores go to who had
    fewer interviews, then by a hash, so that no low id wins for ever.
    """
    who = [one for one in interviewers if eligible(candidate, one, request) is None]
    return ranked(candidate, who, start, request=request, weights=weights, prices=prices)


def ranked(
    candidate: Candidate,
    eligible_ones: Iterable[Interviewer],
    start: datetime,
    *,
    request: Request,
    weights: Mapping[str, int] = DEFAULT_WEIGHTS,
    prices: Mapping[int, int] = NO_PRICES,
) -> list[Suggestion]:
    """The same of people who are known to be eligible: many at once, so nothing is asked twice."""
    judge, lot = Judge(candidate, request, start), lots(candidate.person_id, start)
    total = sum(weights.values())
    found: list[tuple[int, int, int, int, Suggestion]] = []
    for who in eligible_ones:
        parts, person_id = judge.parts(who), who.person_id
        price = prices.get(person_id, 0)
        one = Suggestion(who, start, request.track, request.level, parts, weights, price)
        score = weighted(parts, weights) - price * total
        found.append((-score, who.recent, lot(person_id), person_id, one))
    return [one for *_order, one in sorted(found, key=itemgetter(0, 1, 2, 3))]


def lots(candidate_id: int, start: datetime) -> Callable[[int], int]:
    """Draws a number for each interviewer: the same at every asking, another at every start."""
    words = f"{candidate_id}:{start.isoformat()}".encode()
    salt = int.from_bytes(blake2b(words, digest_size=8).digest())
    return lambda person_id: _mixed(person_id ^ salt)


def _mixed(number: int) -> int:
    """The finaliser of SplitMix64: numbers close to each other end far apart."""
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return number ^ (number >> 31)
