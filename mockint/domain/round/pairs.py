"""Who may meet whom in a round, and how well they suit each other: `matching`'s rule on arrays.

Whatever the rule looks at of an interviewer is worked out once for all candidates who ask for the
same; what is between two people alone (who met, who is kept apart, companies) is looked up one
candidate at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mockint.domain import matching
from mockint.domain.matching import Candidate, Interviewer, Request
from mockint.domain.round.instance import IntArray

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Wish:
    """A candidate and what they ask for; `pin` and `forbidden` are what an organiser decided."""

    candidate: Candidate
    request: Request
    pin: int | None = None
    """The one interviewer, also when the two have met before."""
    forbidden: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs that may meet, by candidate and within a candidate by interviewer, as in `Instance`."""

    ptr: IntArray
    interviewer: IntArray
    quality: IntArray


def pairs(
    wishes: Sequence[Wish],
    interviewers: Sequence[Interviewer],
    comfort: Sequence[int],
    weights: Mapping[str, int],
) -> Pairs:
    """All pairs that the rules allow; `comfort` is how good an hour it is for each interviewer,
    0 to 100, over what they offer."""
    market = _Market(interviewers, comfort, weights)
    found = [market.suiting(one) for one in wishes]
    ptr = np.concatenate([[0], np.cumsum([len(who) for who, _ in found])]).astype(np.int64)
    none = np.empty(0, np.int64)
    return Pairs(
        ptr,
        np.concatenate([none, *(who for who, _ in found)]),
        np.concatenate([none, *(points for _, points in found)]),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Whom track, level and languages leave, and their points without what is personal."""

    who: IntArray
    points: IntArray
    company: IntArray
    place: IntArray
    """Of each interviewer in `who`; -1 when not in it."""


@dataclass
class _Market:
    interviewers: Sequence[Interviewer]
    comfort: Sequence[int]
    weights: Mapping[str, int]
    _groups: dict[tuple[str, str, frozenset[str]], _Group] = field(default_factory=dict)
    _pools: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._total = sum(self.weights.values())
        self._spoken = frozenset[str]().union(*(one.languages for one in self.interviewers))
        self._place = {one.person_id: n for n, one in enumerate(self.interviewers)}
        names = [matching.company_key(one.company) for one in self.interviewers]
        self._companies = {name: n for n, name in enumerate(sorted(set(names)))}
        self._company = np.array([self._companies[name] for name in names], np.int64)

    def suiting(self, wish: Wish) -> tuple[IntArray, IntArray]:
        """The interviewers this candidate may meet, and the quality of each."""
        candidate, request = wish.candidate, wish.request
        if wish.pin is not None:
            request = replace(request, again=True)
        group = self._group(candidate, request)
        allowed = self._allowed(group, wish, request)
        company = group.company[allowed]
        points = group.points[allowed] + self._personal(candidate, company)
        met = self._places(group, candidate.met)
        if len(met):  # only where meeting again is allowed
            kept = np.zeros(len(group.who), bool)
            kept[met] = True
            again = kept[allowed]
            points[again] -= self.weights["variety"] * self._variety(candidate)[company[again]]
        return group.who[allowed], (2 * points + self._total) // (2 * self._total)

    def _group(self, candidate: Candidate, request: Request) -> _Group:
        key = (request.track, request.level, frozenset(candidate.languages))
        if key not in self._groups:
            self._groups[key] = self._grouped(*key)
        return self._groups[key]

    def _grouped(self, track: str, level: str, languages: frozenset[str]) -> _Group:
        pool = self._pool(track, level)
        who = self._taking(track, level, languages, pool)
        points = [pool[n] for n in who]
        found = np.array(who, np.int64)
        place = np.full(len(self.interviewers), -1, np.int64)
        place[found] = np.arange(len(found))
        return _Group(found, np.array(points, np.int64), self._company[found], place)

    def _pool(self, track: str, level: str) -> dict[int, int]:
        """Whom track and level leave in any language, with their points for everybody."""
        if (track, level) not in self._pools:
            everybody = range(len(self.interviewers))
            self._pools[track, level] = {
                n: self._common(self.interviewers[n], self.comfort[n], track, level)
                for n in self._taking(track, level, self._spoken, everybody)
            }
        return self._pools[track, level]

    def _taking(
        self, track: str, level: str, languages: frozenset[str], among: Iterable[int]
    ) -> list[int]:
        """Who would take this request of somebody whom nobody knows."""
        nobody = Candidate(person_id=0, languages=tuple(languages), zone="UTC")
        request = Request(track, level, 0)
        return [
            n for n in among if matching.eligible(nobody, self.interviewers[n], request) is None
        ]

    def _common(self, one: Interviewer, comfort: int, track: str, level: str) -> int:
        """The weighted points that are the same for everybody who asks for this."""
        parts = {
            "load": matching.load(one.recent, one.cap),
            "expertise": matching.expertise(one.practice.get((track, level), 0)),
            "level_fit": matching.level_fit(one.years, level),
            "zone_comfort": comfort,
        }
        return sum(self.weights[name] * points for name, points in parts.items())

    def _allowed(self, group: _Group, wish: Wish, request: Request) -> IntArray:
        """Places in the group that nothing personal forbids."""
        candidate = wish.candidate
        free = np.ones(len(group.who), bool)
        if wish.pin is not None:
            free[:] = False
            free[self._places(group, (wish.pin,))] = True
        employer = matching.company_key(candidate.employer)
        if employer and employer in self._companies:
            free &= group.company != self._companies[employer]
        apart = {candidate.person_id} | candidate.blocked | wish.forbidden
        if not request.again:
            apart |= candidate.met
        free[self._places(group, apart)] = False
        return np.flatnonzero(free)

    def _places(self, group: _Group, people: frozenset[int] | set[int] | tuple[int]) -> IntArray:
        here = [self._place[one] for one in people if one in self._place]
        found = group.place[here] if here else np.empty(0, np.int64)
        return found[found >= 0]

    def _personal(self, candidate: Candidate, company: IntArray) -> IntArray:
        """The weighted points that companies make."""
        wanted = {matching.company_key(name) for name in candidate.target_companies} - {""}
        points = self.weights["variety"] * self._variety(candidate)
        for name in wanted & self._companies.keys():
            points[self._companies[name]] += self.weights["target_company"] * 100
        return points[company]

    def _variety(self, candidate: Candidate) -> IntArray:
        """Points of variety of each company."""
        points = np.full(len(self._companies), 100 if candidate.met_companies else 50, np.int64)
        for name in {"", *candidate.met_companies} & self._companies.keys():
            points[self._companies[name]] = matching.variety(name, candidate.met_companies)
        return points


def first_emptying(wish: Wish, interviewers: Sequence[Interviewer]) -> matching.Nothing:
    """Which of the rules leaves nobody for this candidate, in words for them."""
    return matching.why_nothing(wish.candidate, interviewers, wish.request)


def by_candidate(pairs_of: Sequence[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """Pairs of ids as who belongs to each of the first."""
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs_of:
        found[one].add(other)
    return {one: frozenset(others) for one, others in found.items()}
