"""Who may interview whom: the rules that keep two people apart, in the order asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

LOAD_DAYS = 28
PRACTICE_DAYS = 365


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
    met_companies: frozenset[str] = frozenset()
    """Where those work, as `company_key` says it."""
    blocked: frozenset[int] = frozenset()
    """Whom an organiser keeps apart from them."""


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
    """Interviews of the last 28 days, counted from the beginning of a week, and ahead."""
    cap: int = 8
    """How many they would take in 28 days."""
    practice: Mapping[tuple[str, str], int] = field(default_factory=dict, hash=False)
    """Track and level to how many such interviews they gave in the last year."""


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
    BLOCKED = "blocked"
    """Nobody but organisers may learn of this one."""


FILTERS = (
    Ineligible.TRACK,
    Ineligible.LEVEL,
    Ineligible.LANGUAGE,
    Ineligible.EMPLOYER,
    Ineligible.MET,
)
"""The reasons a candidate is told, in the order asked."""


@lru_cache(maxsize=16_384)
def company_key(name: str) -> str:
    """Company names are equal when they read the same: case and blanks do not count."""
    return " ".join(name.split()).casefold()


def same_company(one: str, other: str) -> bool:
    """Two empty names are nobody's employer, not the same one."""
    return bool(company_key(one)) and company_key(one) == company_key(other)


def eligible(candidate: Candidate, interviewer: Interviewer, request: Request) -> Ineligible | None:
    """The first rule that keeps the two apart for this request, or None.

    A common time is the caller's to know: it costs more to ask than all of these.
    """
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
    if interviewer.person_id in candidate.blocked:
        yield Ineligible.BLOCKED


def common_language(candidate: Candidate, interviewer: Interviewer) -> str | None:
    """The language to hold it in: the candidate's first that the interviewer speaks."""
    return next((one for one in candidate.languages if one in interviewer.languages), None)
