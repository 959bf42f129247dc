"""What is kept of each interviewer's calendar, and how it is read again after a change.

The database says what changed: an interviewer whose stamp is another one is read again. So an
answer is as fresh as the rows, over any number of processes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

from sqlalchemy import func, select

from mockint.db import db
from mockint.domain import matching
from mockint.domain.availability import Terms, standing_starts
from mockint.domain.matching import Candidate, Request
from mockint.domain.timespan import CELL, EPOCH, Span, instant_of
from mockint.models import Booking, CalendarStamp, InterviewerProfile
from mockint.queries import offers
from mockint.queries.offers import Volunteer, Written

_WEEK = timedelta(days=7)
_WEEK_CELLS = _WEEK // CELL
_ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Kept(NamedTuple):
    """One interviewer who can be booked; right for their stamp while `since` <= now < `until`."""

    volunteer: Volunteer
    company: str
    """As companies are compared."""
    starts: Mapping[int, int]
    """Length of an interview in minutes to the standing starts, as bits over the frame."""
    since: datetime
    until: datetime
    """Between these no hold of theirs runs out."""


class Key(NamedTuple):
    """What many candidates have in common."""

    track: str
    level: str
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """Everybody who suits a track, a level and one of some languages."""

    people: Mapping[int, Kept]
    together: Mapping[tuple[int, int], int]
    """(Length, notice) in minutes to the starts of all with this notice."""

    def standing(self, length: int, without: Collection[int]) -> Iterable[tuple[int, int]]:
        """Each notice with the starts at which somebody else than `without` is free."""
        if self.people.keys().isdisjoint(without):
            return [
                (notice, bits) for (asked, notice), bits in self.together.items() if asked == length
            ]
        rest = [one for person_id, one in self.people.items() if person_id not in without]
        return together_of(rest, length).items()


def suits(key: Key, one: Kept) -> bool:
    anybody = Candidate(person_id=0, languages=tuple(key.languages), zone="UTC")
    request = Request(key.track, key.level, 0)
    return matching.eligible(anybody, one.volunteer.interviewer, request) is None


def group_of(people: Mapping[int, Kept], lengths: Iterable[int]) -> Group:
    together = {
        (length, notice): bits
        for length in lengths
        for notice, bits in together_of(people.values(), length).items()
    }
    return Group(people, together)


def together_of(people: Iterable[Kept], length: int) -> dict[int, int]:
    by_notice: dict[int, list[int]] = {}
    for one in people:
        by_notice.setdefault(one.volunteer.limits.notice_min, []).append(one.starts[length])
    return {notice: reduce(or_, bits) for notice, bits in by_notice.items()}


@dataclass(frozen=True, slots=True)
class Store:
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
    people: Mapping[int, Kept] = field(default_factory=dict)
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Person to the interviewers who are kept apart from them."""
    since: datetime = _ALWAYS[0]
    until: datetime = _ALWAYS[1]
    groups: dict[Key, Group] = field(default_factory=dict)
    """Worked out when first asked for; two threads may do it twice."""


_STAMPS = CalendarStamp.__table__
_SEAL = select(func.count(), func.coalesce(func.sum(_STAMPS.c.stamp), 0)).select_from(_STAMPS)


def seal_now() -> tuple[int, int]:
    count, total = db.session.execute(_SEAL).one()
    return count, int(total)


def refreshed(
    known: Store | None, seal: tuple[int, int], now: datetime, terms: Terms, length: int
) -> Store:
    """The successor of what is known: whose stamp is another one is read again."""
    frame = _frame(now, terms)
    if known is None or (known.frame, known.step_min) != (frame, terms.step_min):
        known = Store(frame, terms.step_min)
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
        key: group_of(
            _patched(group.people, gone, {n: one for n, one in fresh.items() if suits(key, one)}),
            lengths,
        )
        for key, group in known.groups.copy().items()
    }
    return Store(
        frame=frame,
        step_min=terms.step_min,
        lengths=lengths,
        seal=seal,
        stamps=stamps,
        stamped=None not in stamps.values(),
        people=people,
        apart=_apart(people.values()),
        groups=groups,
        since=max((one.since for one in people.values()), default=_ALWAYS[0]),
        until=min((one.until for one in people.values()), default=_ALWAYS[1]),
    )


def _apart(people: Iterable[Kept]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for one in people:
        for person_id in one.volunteer.apart:
            found.setdefault(person_id, set()).add(one.volunteer.interviewer.person_id)
    return {person_id: frozenset(ids) for person_id, ids in found.items()}


def _patched(
    known: Mapping[int, Kept], gone: Collection[int], fresh: Mapping[int, Kept]
) -> dict[int, Kept]:
    after = dict(known)
    for person_id in gone:
        after.pop(person_id, None)
    after.update(fresh)
    return after


def _holds(one: Kept | None, now: datetime, lengths: frozenset[int]) -> bool:
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
) -> dict[int, Kept]:
    """Those of `ids` who can be booked, from their rows: seven selects however many they are."""
    people = {
        one.interviewer.person_id: one
        for one in offers.profiles(now=now, ids=ids)
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
) -> Kept:
    offer = rows.offer(now)
    ends = [one.held_until for one in rows.taken if one.held_until is not None]
    return Kept(
        volunteer,
        matching.company_key(volunteer.interviewer.company),
        {length: standing_starts(offer, frame, length, step_min) for length in lengths},
        since=max((end for end in ends if end <= now), default=_ALWAYS[0]),
        until=min((end for end in ends if end > now), default=_ALWAYS[1]),
    )


def spared(store: Store, booking_id: int, now: datetime) -> Store:
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
