"""Everybody's standing starts, kept by each process and worked out again only after a change.

The database says what changed: an interviewer whose stamp is another one is read again. So an
answer is as fresh as the rows, over any number of processes. It shows what can be booked and
decides nothing: a booking reads the rows themselves behind its locks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from threading import Lock
from typing import NamedTuple

from sqlalchemy import func, select

from mockint.db import db
from mockint.domain import matching
from mockint.domain.availability import Terms, free_of_standing, horizon_window, standing_starts
from mockint.domain.community import Community
from mockint.domain.matching import Candidate, Interviewer, Request
from mockint.domain.timespan import CELL, EPOCH, Span, cell_of, instant_of, on_grid
from mockint.models import Booking, CalendarStamp, InterviewerProfile
from mockint.queries import offers
from mockint.queries.offers import Volunteer, Written

_WEEK = timedelta(days=7)
_WEEK_CELLS = _WEEK // CELL
_ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class _Kept(NamedTuple):
    """One interviewer who can be booked; right for their stamp while `since` <= now < `until`."""

    volunteer: Volunteer
    company: str
    """As companies are compared."""
    starts: Mapping[int, int]
    """Length of an interview in minutes to the standing starts, as bits over the frame."""
    since: datetime
    until: datetime
    """Between these no hold of theirs runs out."""


class _Key(NamedTuple):
    """What many candidates have in common."""

    track: str
    level: str
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Group:
    """Everybody who suits a track, a level and one of some languages."""

    people: Mapping[int, _Kept]
    together: Mapping[tuple[int, int], int]
    """(Length, notice) in minutes to the starts of all with this notice."""

    def standing(self, length: int, without: Collection[int]) -> Iterable[tuple[int, int]]:
        """Each notice with the starts at which somebody else than `without` is free."""
        if self.people.keys().isdisjoint(without):
            return [
                (notice, bits) for (asked, notice), bits in self.together.items() if asked == length
            ]
        rest = [one for person_id, one in self.people.items() if person_id not in without]
        return _together(rest, length).items()


def _suits(key: _Key, one: _Kept) -> bool:
    anybody = Candidate(person_id=0, languages=tuple(key.languages), zone="UTC")
    request = Request(key.track, key.level, 0)
    return matching.eligible(anybody, one.volunteer.interviewer, request) is None


def _group_of(people: Mapping[int, _Kept], lengths: Iterable[int]) -> _Group:
    together = {
        (length, notice): bits
        for length in lengths
        for notice, bits in _together(people.values(), length).items()
    }
    return _Group(people, together)


def _together(people: Iterable[_Kept], length: int) -> dict[int, int]:
    by_notice: dict[int, list[int]] = {}
    for one in people:
        by_notice.setdefault(one.volunteer.limits.notice_min, []).append(one.starts[length])
    return {notice: reduce(or_, bits) for notice, bits in by_notice.items()}


@dataclass(frozen=True, slots=True)
class _Store:
    """What a process knows; never changed, but replaced by its successor."""

    frame: range
    """Whole weeks of UTC, so that it moves once a week."""
    step_min: int
    lengths: frozenset[int] = frozenset()
    seal: tuple[int, int] | None = None
    """Count and sum of all stamps: while it is the same, so are they."""
    stamps: Mapping[int, int | None] = field(default_factory=dict)
    """None: rows that came in by no service; they are read every time."""
    stamped: bool = False
    people: Mapping[int, _Kept] = field(default_factory=dict)
    since: datetime = _ALWAYS[0]
    until: datetime = _ALWAYS[1]
    groups: dict[_Key, _Group] = field(default_factory=dict)
    """Worked out when first asked for; two threads may do it twice."""


MOST_GROUPS = 16
_lock = Lock()
_kept: _Store | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """All interviewers as they can be booked at one moment, for many questions."""

    _store: _Store
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
        one = self._store.people.get(person_id)
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
    ) -> list[int]:
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
            person_id
            for person_id, one in group.people.items()
            if one.starts[request.duration_min] & bit
            and one.volunteer.limits.notice_min in soon_enough
            and person_id not in apart
        ]

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

    def _group(self, candidate: Candidate, request: Request) -> _Group:
        """Whom track, level and language leave; a break is a matter of starts."""
        key = _Key(request.track, request.level, frozenset(candidate.languages))
        found = self._store.groups.get(key)
        if found is None:
            people = {
                person_id: one for person_id, one in self._store.people.items() if _suits(key, one)
            }
            found = _group_of(people, self._store.lengths)
            if len(self._store.groups) >= MOST_GROUPS:
                self._store.groups.clear()
            self._store.groups[key] = found
        return found

    def _apart(self, group: _Group, candidate: Candidate, request: Request) -> set[int]:
        """Who of a group is kept from this candidate by what is between the two alone."""
        asked = candidate.met | {candidate.person_id}
        if company := matching.company_key(candidate.employer):
            asked |= {
                person_id for person_id, one in group.people.items() if one.company == company
            }
        return {
            person_id
            for person_id in asked & group.people.keys()
            if matching.eligible(candidate, group.people[person_id].volunteer.interviewer, request)
        }

    def _now(self, one: _Kept) -> Interviewer:
        days = self.community.horizon_days
        if offers.on_break(one.volunteer, now=self.now, horizon_days=days):
            return replace(one.volunteer.interviewer, paused=True)
        return one.volunteer.interviewer


# What is kept, and read again


def market(
    *, now: datetime, community: Community, duration_min: int, without: int | None = None
) -> Market:
    """Everybody as the rows have them; `without` is a booking that does not count.

    In a write unit the answer is worked out anew and forgotten: its rows are nobody else's yet.
    """
    global _kept
    terms = offers.terms(community)
    seal = _seal()
    if db.session().info.get("writing"):
        store = _refreshed(None, seal, now, terms, duration_min)
    else:
        with _lock:
            store = _kept = _refreshed(_kept, seal, now, terms, duration_min)
    if without is not None:
        store = _spared(store, without, now)
    return Market(store, community, terms, now)


def forget() -> None:
    """Start with nothing, as a new process does."""
    global _kept
    with _lock:
        _kept = None


def _seal() -> tuple[int, int]:
    count, total = db.session.execute(
        select(func.count(), func.coalesce(func.sum(CalendarStamp.stamp), 0))
    ).one()
    return count, int(total)


def _refreshed(
    known: _Store | None, seal: tuple[int, int], now: datetime, terms: Terms, length: int
) -> _Store:
    """The successor of what is known: whose stamp is another one is read again."""
    frame = _frame(now, terms)
    if known is None or (known.frame, known.step_min) != (frame, terms.step_min):
        known = _Store(frame, terms.step_min)
    lengths = known.lengths | {length}
    same = known.seal == seal and known.stamped and lengths == known.lengths
    if same and known.since <= now < known.until:
        return known
    stamps = _stamps()
    stale = {
        person_id
        for person_id, stamp in stamps.items()
        if stamp is None
        or stamp != known.stamps.get(person_id)
        or not _holds(known.people.get(person_id), now, lengths)
    }
    fresh = _read(stale, frame, terms.step_min, lengths, now) if stale else {}
    gone = (known.people.keys() - stamps.keys()) | stale
    people = _patched(known.people, gone, fresh)
    groups = {
        key: _group_of(
            _patched(group.people, gone, {n: one for n, one in fresh.items() if _suits(key, one)}),
            lengths,
        )
        for key, group in known.groups.copy().items()
    }
    return _Store(
        frame=frame,
        step_min=terms.step_min,
        lengths=lengths,
        seal=seal,
        stamps=stamps,
        stamped=None not in stamps.values(),
        people=people,
        groups=groups,
        since=max((one.since for one in people.values()), default=_ALWAYS[0]),
        until=min((one.until for one in people.values()), default=_ALWAYS[1]),
    )


def _patched(
    known: Mapping[int, _Kept], gone: Collection[int], fresh: Mapping[int, _Kept]
) -> dict[int, _Kept]:
    after = dict(known)
    for person_id in gone:
        after.pop(person_id, None)
    after.update(fresh)
    return after


def _holds(one: _Kept | None, now: datetime, lengths: frozenset[int]) -> bool:
    """Whether it is still right; who cannot be booked at all stays so until the next stamp."""
    return one is None or (one.since <= now < one.until and lengths <= one.starts.keys())


def _stamps() -> dict[int, int | None]:
    """Everybody who ever volunteered."""
    query = select(InterviewerProfile.person_id, CalendarStamp.stamp).outerjoin(
        CalendarStamp, CalendarStamp.person_id == InterviewerProfile.person_id
    )
    rows = db.session.connection().execute(query)  # many and plain: no need of the ORM
    return dict(rows.all())


def _read(
    ids: Collection[int], frame: range, step_min: int, lengths: frozenset[int], now: datetime
) -> dict[int, _Kept]:
    """Those of `ids` who can be booked, from their rows: five selects however many they are."""
    people = {
        one.interviewer.person_id: one
        for one in offers.profiles(ids)
        if one.interviewer.person_id in ids
    }
    window = Span(instant_of(frame.start), instant_of(frame.stop))
    rows = offers.written(people.values(), window=window)
    return {
        person_id: _kept_of(people[person_id], one, frame, step_min, lengths, now)
        for person_id, one in rows.items()
    }


def _kept_of(
    volunteer: Volunteer,
    rows: Written,
    frame: range,
    step_min: int,
    lengths: frozenset[int],
    now: datetime,
) -> _Kept:
    offer = rows.offer(now)
    ends = [one.held_until for one in rows.taken if one.held_until is not None]
    return _Kept(
        volunteer,
        matching.company_key(volunteer.interviewer.company),
        {length: standing_starts(offer, frame, length, step_min) for length in lengths},
        since=max((end for end in ends if end <= now), default=_ALWAYS[0]),
        until=min((end for end in ends if end > now), default=_ALWAYS[1]),
    )


def _spared(store: _Store, booking_id: int, now: datetime) -> _Store:
    """The same as if one booking were not there; nobody keeps this."""
    interviewer_id = db.session.scalar(
        select(Booking.interviewer_id).where(Booking.id == booking_id)
    )
    one = None if interviewer_id is None else store.people.get(interviewer_id)
    if one is None:
        return store
    window = Span(instant_of(store.frame.start), instant_of(store.frame.stop))
    for person_id, rows in offers.written(
        [one.volunteer], window=window, without=booking_id
    ).items():
        one = _kept_of(one.volunteer, rows, store.frame, store.step_min, store.lengths, now)
        return replace(store, people={**store.people, person_id: one}, groups={})
    return store


def _frame(now: datetime, terms: Terms) -> range:
    """Whole weeks from this one on, as far as anything can be booked until the next begins."""
    first = (now - EPOCH) // _WEEK
    weeks = 1 - (-timedelta(days=terms.horizon_days + 1) // _WEEK)
    return range(first * _WEEK_CELLS, (first + weeks) * _WEEK_CELLS)
