"""Everybody's standing starts, kept by each process: the searches that read them.

They show what can be booked and decide nothing: a booking reads the rows themselves behind its
locks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from threading import Lock

from mockint.db import db
from mockint.domain import matching
from mockint.domain.availability import Terms, free_of_standing, horizon_window
from mockint.domain.community import Community
from mockint.domain.matching import Candidate, Interviewer, Request
from mockint.domain.timespan import Span, cell_of, instant_of, on_grid
from mockint.queries import calendars, offers
from mockint.queries.offers import Volunteer

MOST_GROUPS = 16
_lock = Lock()
_kept: calendars.Store | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """All interviewers as they can be booked at one moment, for many questions."""

    _store: calendars.Store
    community: Community
    terms: Terms
    now: datetime

    def starts(
        self, candidate: Candidate, request: Request, *, busy: Iterable[Span] = ()
    ) -> list[datetime]:
        """The starts with anyone who suits this request."""
        group = self._group(candidate, request)
        apart = self._apart(group, candidate, request)
        return self._free(group.standing(request.duration_min, apart), request, busy)

    def starts_with(
        self, person_id: int, candidate: Candidate, request: Request, *, busy: Iterable[Span] = ()
    ) -> list[datetime]:
        """The starts with one interviewer; none when they do not suit."""
        one, candidate = self._store.people.get(person_id), self.knowing(candidate)
        if one is None or matching.eligible(candidate, self._now(one), request):
            return []
        standing = [(one.volunteer.limits.notice_min, one.starts[request.duration_min])]
        return self._free(standing, request, busy)

    def free_at(
        self,
        candidate: Candidate,
        request: Request,
        start: datetime,
        *,
        busy: Iterable[Span] = (),
    ) -> list[Interviewer]:
        """Who of all that suit is free at one start."""
        frame = self._store.frame
        if not on_grid(start) or cell_of(start) not in frame:
            return []
        bit = 1 << (cell_of(start) - frame.start)
        group, taken = self._group(candidate, request), tuple(busy)
        soon_enough = {
            notice
            for length, notice in group.together
            if length == request.duration_min and self._free([(notice, bit)], request, taken)
        }
        apart = self._apart(group, candidate, request) if soon_enough else set()
        return [
            one.volunteer.interviewer
            for person_id, one in group.people.items()
            if one.starts[request.duration_min] & bit
            and one.volunteer.limits.notice_min in soon_enough
            and person_id not in apart
        ]

    def next_starts(
        self, candidate: Candidate, request: Request, *, busy: Iterable[Span] = ()
    ) -> list[tuple[Volunteer, datetime]]:
        """Everybody eligible with the first start of theirs that this candidate can book."""
        frame, taken = self._store.frame, tuple(busy)
        group, length = self._group(candidate, request), request.duration_min
        apart = self._apart(group, candidate, request)
        whole = (1 << len(frame)) - 1
        bit_of = _bits(frame)
        soon_enough = {
            notice: sum(bit_of[start] for start in self._free([(notice, whole)], request, taken))
            for asked, notice in group.together
            if asked == length
        }
        found = []
        for person_id, one in group.people.items():
            free = one.starts[length] & soon_enough[one.volunteer.limits.notice_min]
            if free and person_id not in apart:
                first = frame.start + (free & -free).bit_length() - 1
                found.append((one.volunteer, instant_of(first)))
        return found

    def suited(
        self,
        candidate: Candidate,
        request: Request,
        only: Callable[[Volunteer], bool] = lambda one: True,
    ) -> list[Volunteer]:
        """Everybody eligible, also those with no free time left."""
        group = self._group(candidate, request)
        apart = self._apart(group, candidate, request)
        return [
            one.volunteer
            for person_id, one in group.people.items()
            if only(one.volunteer) and person_id not in apart and not self._now(one).paused
        ]

    def crowd(self, candidate: Candidate, request: Request) -> int:
        """About how many suit."""
        return len(self._group(candidate, request).people)

    def knowing(self, candidate: Candidate) -> Candidate:
        """The candidate with what only a look at all interviewers says about them."""
        people = self._store.people
        known = (people[one].company for one in candidate.met if one in people)
        apart = self._store.apart.get(candidate.person_id, frozenset())
        return replace(candidate, met_companies=frozenset(known) - {""}, blocked=apart)

    def find(self, person_id: int) -> Interviewer | None:
        one = self._store.people.get(person_id)
        return None if one is None else self._now(one)

    def everybody(self) -> Iterable[Interviewer]:
        """All approved interviewers, for words about why nobody is free."""
        return map(self._now, self._store.people.values())

    def _free(
        self, standing: Iterable[tuple[int, int]], request: Request, busy: Iterable[Span]
    ) -> list[datetime]:
        return free_of_standing(
            standing,
            frame=self._store.frame,
            window=horizon_window(self.now, self.terms, request.duration_min),
            duration_min=request.duration_min,
            now=self.now,
            terms=self.terms,
            candidate_busy=busy,
        )

    def _group(self, candidate: Candidate, request: Request) -> calendars.Group:
        """Whom track, level and language leave; a break is a matter of starts."""
        key = calendars.Key(request.track, request.level, frozenset(candidate.languages))
        found = self._store.groups.get(key)
        if found is None:
            people = {
                person_id: one
                for person_id, one in self._store.people.items()
                if calendars.suits(key, one)
            }
            found = calendars.group_of(people, self._store.lengths)
            if len(self._store.groups) >= MOST_GROUPS:
                self._store.groups.clear()
            self._store.groups[key] = found
        return found

    def _apart(self, group: calendars.Group, candidate: Candidate, request: Request) -> set[int]:
        """Who of a group is kept from this candidate by what is between the two alone."""
        candidate = self.knowing(candidate)
        asked = candidate.met | candidate.blocked | {candidate.person_id}
        if company := matching.company_key(candidate.employer):
            asked |= {
                person_id for person_id, one in group.people.items() if one.company == company
            }
        return {
            person_id
            for person_id in asked & group.people.keys()
            if matching.eligible(candidate, group.people[person_id].volunteer.interviewer, request)
        }

    def _now(self, one: calendars.Kept) -> Interviewer:
        days = self.community.horizon_days
        if offers.on_break(one.volunteer, now=self.now, horizon_days=days):
            return replace(one.volunteer.interviewer, paused=True)
        return one.volunteer.interviewer


@lru_cache(maxsize=2)
def _bits(frame: range) -> dict[datetime, int]:
    """The bit of each start of a frame."""
    return {instant_of(cell): 1 << (cell - frame.start) for cell in frame}


def market(
    *, now: datetime, community: Community, duration_min: int, without: int | None = None
) -> Market:
    """Everybody as the rows have them; `without` is a booking that does not count.

    In a write unit the answer is worked out anew and forgotten: its rows are nobody else's yet.
    """
    global _kept
    terms = offers.terms(community)
    seal = calendars.seal_now()
    if db.session().info.get("writing"):
        store = calendars.refreshed(None, seal, now, terms, duration_min)
    else:
        with _lock:
            store = _kept = calendars.refreshed(_kept, seal, now, terms, duration_min)
    if without is not None:
        store = calendars.spared(store, without, now)
    return Market(store, community, terms, now)


def forget() -> None:
    """Start with nothing, as a new process does."""
    global _kept
    with _lock:
        _kept = None
