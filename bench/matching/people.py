"""People drawn by chance, as skewed as a real community: scarce tracks, zones, languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

TRACKS = ("coding", "system_design", "behavioural", "ml_system_design", "ml_concepts", "testing")
ASKED = (0.34, 0.24, 0.12, 0.14, 0.09, 0.07)
"""Share of the requests of each track."""
OFFERED = (0.42, 0.22, 0.24, 0.05, 0.09, 0.12)
"""How likely an interviewer is to give each: ML system design is what everybody waits for."""
LEVELS = ("entry", "mid", "senior", "staff")
ASKED_LEVELS = (0.30, 0.38, 0.24, 0.08)
OWN_LEVELS = (0.00, 0.30, 0.45, 0.25)
"""Levels of the interviewers themselves, who interview for their own and up to two below."""
ZONES: Mapping[str, tuple[int, float]] = {
    "America/Los_Angeles": (-480, 0.14),
    "America/New_York": (-300, 0.19),
    "America/Sao_Paulo": (-180, 0.06),
    "Europe/Berlin": (60, 0.23),
    "Asia/Kolkata": (330, 0.21),
    "Asia/Singapore": (480, 0.12),
    "Australia/Sydney": (600, 0.05),
}
"""Minutes east of UTC, and the share of the people there."""
ENGLISH, ENGLISH_SPOKEN, HOME_SPOKEN = 1, 0.92, 0.55
COMPANIES, EMPLOYED, AIMING = 200, 0.7, 0.8
DAY = 1440


@dataclass(frozen=True, slots=True)
class People:
    """One row a person; `languages` is a bit set, companies are numbers from 1 (0: none)."""

    zone: Ints
    offset: Ints
    languages: Ints
    company: Ints

    def __len__(self) -> int:
        return len(self.zone)


@dataclass(frozen=True, slots=True)
class Candidates(People):
    track: Ints
    level: Ints
    target: Ints
    waited: Ints
    """Days since the last interview, or since they signed up."""
    priority: Ints


@dataclass(frozen=True, slots=True)
class Interviewers(People):
    expertise: Ints
    """A row a person, a column a track: 30 to 100, or 0 for what they do not give."""
    level: Ints
    gap: Ints
    max_total: Ints
    max_per_day: Ints


@dataclass(frozen=True, slots=True)
class Windows:
    """Spans of free time in minutes of UTC from the round's start, by owner, then by time."""

    owner: Ints
    begin: Ints
    end: Ints


def pick(rng: np.random.Generator, count: int, shares: tuple[float, ...]) -> Ints:
    """Numbers of the shares, drawn by their size."""
    edges = np.cumsum(shares) / sum(shares)
    return np.searchsorted(edges, rng.random(count), side="right").astype(np.int64)


def candidates(rng: np.random.Generator, count: int) -> Candidates:
    zone, offset, languages = _home(rng, count)
    waited = np.minimum(-22.0 * np.log1p(-rng.random(count)), 120).astype(np.int64)
    missed = np.where(rng.random(count) < 0.12, 0, np.minimum(waited // 14, 9))
    return Candidates(
        zone=zone,
        offset=offset,
        languages=languages,
        company=_companies(rng, count, EMPLOYED),
        track=pick(rng, count, ASKED),
        level=pick(rng, count, ASKED_LEVELS),
        target=_companies(rng, count, AIMING),
        waited=waited,
        priority=missed.astype(np.int64),
    )


def interviewers(rng: np.random.Generator, count: int, caps: float) -> Interviewers:
    """`caps` times the usual number of interviews each would give."""
    zone, offset, languages = _home(rng, count)
    gives = rng.random((count, len(TRACKS))) < np.array(OFFERED)
    gives[~gives.any(axis=1), 0] = True
    most = np.array((1, 2, 3, 4, 5, 6, 8, 10))
    usual = most[pick(rng, count, (0.36, 0.27, 0.16, 0.09, 0.05, 0.04, 0.02, 0.01))]
    return Interviewers(
        zone=zone,
        offset=offset,
        languages=languages,
        company=_companies(rng, count, 0.95),
        expertise=np.where(gives, rng.integers(30, 101, gives.shape), 0),
        level=pick(rng, count, OWN_LEVELS),
        gap=np.array((0, 15, 30))[pick(rng, count, (0.3, 0.5, 0.2))],
        max_total=np.maximum(1, np.rint(usual * caps)).astype(np.int64),
        max_per_day=1 + pick(rng, count, (0.55, 0.35, 0.10)),
    )


def _home(rng: np.random.Generator, count: int) -> tuple[Ints, Ints, Ints]:
    """Zone, offset and languages: English, the one spoken at home, or both."""
    offsets, shares = zip(*ZONES.values(), strict=True)
    zone = pick(rng, count, shares)
    home = np.where(rng.random(count) < HOME_SPOKEN, 2 << zone, 0)
    english = np.where(rng.random(count) < ENGLISH_SPOKEN, ENGLISH, 0)
    languages = np.where(home + english == 0, 2 << zone, home | english)
    return zone, np.array(offsets)[zone], languages.astype(np.int64)


def _companies(rng: np.random.Generator, count: int, named: float) -> Ints:
    """A few large ones and a long tail."""
    size = (COMPANIES ** rng.random(count)).astype(np.int64)
    return np.where(rng.random(count) < named, size, 0)


def windows(
    rng: np.random.Generator, people: People, most: int, longest: int, days: int
) -> Windows:
    """1 to `most` days each: evenings of the week, any time at weekends; up to `longest` hours."""
    count = len(people)
    chosen = rng.random((count, days)).argsort(axis=1)[:, :most]
    painted = 1 + (most * rng.random(count) ** 0.8).astype(np.int64)
    owner, which = np.nonzero(np.arange(chosen.shape[1]) < painted[:, None])
    day = chosen[owner, which]
    hours = 1 + (longest * rng.random(len(day)) ** 0.8).astype(np.int64)
    evening = 17 * 60 + 30 * rng.integers(0, 6, len(day))
    weekend = 9 * 60 + 30 * rng.integers(0, 16, len(day))
    local = np.where(day % 7 >= 5, weekend, evening)
    begin = day * DAY + local - people.offset[owner]
    kept = (begin >= 0) & (begin + hours * 60 <= days * DAY)
    order = np.lexsort((begin[kept], owner[kept]))
    owner, begin, hours = owner[kept][order], begin[kept][order], hours[kept][order]
    return Windows(owner.astype(np.int64), begin.astype(np.int64), begin + hours * 60)
