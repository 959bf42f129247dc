"""How well two people who may meet suit each other: named parts of 0 to 100, and their weights.

One rule for the picker, for suggestions and for rounds. Who is ranked at a start is ranked by
quality minus the price of that hour: what others would lose if it were gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, overload

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
    """The parts for one candidate, request and start."""

    def __init__(self, candidate: Candidate, request: Request, start: datetime) -> None:
        self._wanted = {company_key(name) for name in candidate.target_companies} - {""}
        self._candidate, self._level = candidate, request.level
        self._asked, self._start = (request.track, request.level), start

    def parts(self, who: Interviewer) -> dict[str, int]:
        return {
            "target_company": self._company(who.company),
            "load": load(who.recent, who.cap),
            "expertise": expertise(who.practice.get(self._asked, 0)),
            "level_fit": level_fit(who.years, self._level),
            "variety": self._new(who.company) if who.person_id not in self._candidate.met else 0,
            "zone_comfort": self._comfort(who.zone),
        }

    def _company(self, name: str) -> int:
        return 100 if company_key(name) in self._wanted else 0

    def _new(self, name: str) -> int:
        return variety(company_key(name), self._candidate.met_companies)

    def _comfort(self, zone: str) -> int:
        return zone_comfort(zones.wall(zone, self._start).hour)

    def scores(self, people: Iterable[Interviewer], weights: Mapping[str, int]) -> list[int]:
        """`weighted` of the parts of each: a part is worked out once for all who are alike in
        what it looks at, so that ten thousand take little longer than their names."""
        asked, met = self._asked, self._candidate.met
        company = _Once(self._company, weights["target_company"])
        busy = _Once(lambda both: load(*both), weights["load"])
        given = _Once(expertise, weights["expertise"])
        years = _Once(lambda count: level_fit(count, self._level), weights["level_fit"])
        new = _Once(self._new, weights["variety"])
        zone = _Once(self._comfort, weights["zone_comfort"])
        return [
            company[who.company]
            + (new[who.company] if who.person_id not in met else 0)
            + years[who.years]
            + zone[who.zone]
            + busy[who.recent, who.cap]
            + given[who.practice.get(asked, 0)]
            for who in people
        ]


class _Once(dict[Any, int]):
    """Weighted points of a part, each worked out when first asked for."""

    def __init__(self, part: Callable[[Any], int], weight: int) -> None:
        super().__init__()
        self._part, self._weight = part, weight

    def __missing__(self, key: Any) -> int:
        points = self[key] = self._weight * self._part(key)
        return points


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


class Ranking(Sequence[Suggestion]):
    """Suggestions, best first; what speaks for one is put together when it is looked at."""

    def __init__(
        self, people: Sequence[Interviewer], suggest: Callable[[Interviewer], Suggestion]
    ) -> None:
        self._people, self._suggest = people, suggest

    def __len__(self) -> int:
        return len(self._people)

    @overload
    def __getitem__(self, place: int) -> Suggestion: ...
    @overload
    def __getitem__(self, place: slice) -> list[Suggestion]: ...
    def __getitem__(self, place: int | slice) -> Suggestion | list[Suggestion]:
        if isinstance(place, slice):
            return [self._suggest(one) for one in self._people[place]]
        return self._suggest(self._people[place])


def rank(
    candidate: Candidate,
    interviewers: Iterable[Interviewer],
    start: datetime,
    *,
    request: Request,
    weights: Mapping[str, int] = DEFAULT_WEIGHTS,
    prices: Mapping[int, int] = NO_PRICES,
) -> Ranking:
    """The eligible interviewers, best first; whom else is free at `start` is the caller's to know.

    `prices` are those of their hours at `start`, in points of quality. Equal scores go to who had
    fewer interviews, then by a hash, so that no low id wins for ever.
    """
    who = [one for one in interviewers if eligible(candidate, one, request) is None]
    return ranked(candidate, who, start, request=request, weights=weights, prices=prices)


def ranked(
    candidate: Candidate,
    people: Sequence[Interviewer],
    start: datetime,
    *,
    request: Request,
    weights: Mapping[str, int] = DEFAULT_WEIGHTS,
    prices: Mapping[int, int] = NO_PRICES,
) -> Ranking:
    """The same of people who are known to be eligible: many at once, so nothing is asked twice."""
    judge, total = Judge(candidate, request, start), sum(weights.values())
    lot, price = lots(candidate.person_id, start), prices.get
    order = sorted(
        (total * price(who.person_id, 0) - score, who.recent, lot(who.person_id), place)
        for place, (who, score) in enumerate(
            zip(people, judge.scores(people, weights), strict=True)
        )
    )

    def suggest(who: Interviewer) -> Suggestion:
        dear = price(who.person_id, 0)
        parts = judge.parts(who)
        return Suggestion(who, start, request.track, request.level, parts, weights, dear)

    return Ranking([people[one[-1]] for one in order], suggest)


def lots(candidate_id: int, start: datetime) -> Callable[[int], int]:
    """Draws a number for each interviewer: the same at every asking, another at every start."""
    words = f"{candidate_id}:{start.isoformat()}".encode()
    salt = int.from_bytes(blake2b(words, digest_size=8).digest())
    return lambda person_id: (
        (person_id * 0x9E3779B97F4A7C15 & _WORD ^ salt) * 0xBF58476D1CE4E5B9 & _WORD
    )


_WORD = (1 << 64) - 1
