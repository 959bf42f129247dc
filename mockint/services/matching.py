"""Finding a time: who is free when, who suits best, and asking to be told when nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import bindparam, select

from mockint.db import db, transaction
from mockint.domain import availability, matching
from mockint.domain.availability import Offer, Reason, Terms
from mockint.domain.community import Community
from mockint.domain.errors import N_, Conflict, Invalid, NotYours, Refusal, SlotTaken
from mockint.domain.matching import Nothing, Ranking, Request
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.domain.timespan import Span
from mockint.models import Booking, SlotRequest
from mockint.queries import community as community_query
from mockint.queries import offers, parties, prices, seekers, standing
from mockint.queries.people import Wishes
from mockint.queries.seekers import Seeker
from mockint.services import outbox

UNFINISHED = N_("Say first what you prepare for; then you can book.")
MOST_REQUESTS = 20
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a candidate chose: a start, for which interview, and with whom (None: anyone)."""

    track: str
    level: str
    duration_min: int
    start: datetime
    interviewer_id: int | None = None
    again: bool = False

    @property
    def request(self) -> Request:
        """Who is asked for by name may be met again."""
        again = self.again or self.interviewer_id is not None
        return Request(self.track, self.level, self.duration_min, again)

    @property
    def span(self) -> Span:
        return Span.lasting(self.start, self.duration_min)


@dataclass(frozen=True, slots=True)
class Search:
    """The answer to a picker: every start that can be booked, and who is on offer by name."""

    starts: tuple[datetime, ...]
    people: tuple[offers.Volunteer, ...]
    """Who is eligible, by name, also those with no free time left; of many the ones asked for."""
    many: bool
    """There are too many to list: a part of the name finds them."""
    nothing: Nothing | None
    """Why there is no start, when there is none."""


def seeker(person_id: int, *, now: datetime, wishes: Wishes | None = None) -> Seeker:
    """Refused while the profile is missing; `wishes` saves reading it."""
    found = seekers.find(person_id, now=now, wishes=wishes)
    if found is None:
        raise Conflict(UNFINISHED)
    return found


def check(request: Request, community: Community) -> None:
    """Refuse a track, level or length that is not on offer, naming the field."""
    if request.track not in TRACKS:
        raise Invalid("track", N_("Choose one of the tracks."))
    if request.level not in LEVELS:
        raise Invalid("level", N_("Choose one of the levels."))
    if request.duration_min not in community.lengths_min:
        raise Invalid("length", N_("Choose one of the lengths offered."))


def search(
    candidate_id: int,
    *,
    request: Request,
    interviewer_id: int | None = None,
    name: str = "",
    now: datetime,
    without: int | None = None,
    known: Seeker | None = None,
) -> Search:
    """Every start over the horizon with anyone, or with one interviewer.

    `name` is a part of the name of somebody looked for. `without` is a booking that does not
    count: the candidate's own hold, or the one that moves. `known` is the candidate, if just read.
    """
    found = known or seeker(candidate_id, now=now)
    candidate, busy = found.candidate, found.busy(now, without=without)
    market = standing.market(
        now=now,
        community=community_query.current(),
        duration_min=request.duration_min,
        without=without,
    )
    named = replace(request, again=True)
    if interviewer_id is None:
        starts = market.starts(candidate, request, busy=busy)
    else:
        starts = market.starts_with(interviewer_id, candidate, named, busy=busy)
    nothing = None
    if not starts:
        nothing = matching.why_nothing(candidate, market.everybody(), request)
    many = market.crowd(candidate, named) > MOST_LISTED
    people = market.suited(candidate, named, _named(name, interviewer_id) if many else _anybody)
    by_name = nsmallest(
        MOST_LISTED, people, key=lambda one: (one.name.casefold(), one.interviewer.person_id)
    )
    return Search(tuple(starts), tuple(by_name), many, nothing)


def _anybody(one: offers.Volunteer) -> bool:
    return True


def _named(part: str, person_id: int | None) -> Callable[[offers.Volunteer], bool]:
    """Those with this in their name; without it, only the one chosen already."""
    part = part.strip().casefold()
    if not part:
        return lambda one: one.interviewer.person_id == person_id
    return lambda one: part in one.name.casefold()


def suited(candidate_id: int, request: Request, *, now: datetime) -> list[int]:
    """The ids of everybody eligible."""
    market = standing.market(
        now=now, community=community_query.current(), duration_min=request.duration_min
    )
    people = market.suited(seeker(candidate_id, now=now).candidate, request)
    return [one.interviewer.person_id for one in people]


def moves(moved: Booking, *, now: datetime) -> list[datetime]:
    """Where a booking can move to: its interviewer's free starts that suit its candidate."""
    community = community_query.current()
    terms = offers.terms(community)
    window = availability.horizon_window(now, terms, moved.duration_min)
    people = offers.volunteers(now=now, community=community, ids=[moved.interviewer_id])
    free = offers.offers_of(people, now=now, window=window, without=moved.id)
    meetings = parties.around(moved.candidate_id, moved.candidate_id, window)
    starts = availability.free_to_any(
        free.values(),
        window=window,
        duration_min=moved.duration_min,
        now=now,
        terms=terms,
        candidate_busy=seekers.busy(moved.candidate_id, meetings, now, moved.id),
    )
    return [start for start in starts if start != moved.start_at]


def alternatives(
    candidate_id: int, request: Request, helps: Iterable[str], *, now: datetime, most: int = 2
) -> list[tuple[Request, int]]:
    """Requests close to one that found nothing, and how many starts each has."""
    looks = seeker(candidate_id, now=now)
    found: list[tuple[Request, int]] = []
    for other in _close_to(request, helps, community_query.current()):
        starts = starts_for(looks, other, now=now)
        if starts:
            found.append((other, len(starts)))
        if len(found) == most:
            break
    return found


def starts_for(who: Seeker, request: Request, *, now: datetime) -> list[datetime]:
    """Every start over the horizon with anyone who suits."""
    market = standing.market(
        now=now, community=community_query.current(), duration_min=request.duration_min
    )
    return market.starts(who.candidate, request, busy=who.busy(now))


def _close_to(request: Request, helps: Iterable[str], community: Community) -> Iterator[Request]:
    """What would help, in the order given: of each kind the nearest first."""
    levels = list(LEVELS)
    at = levels.index(request.level)
    for key in helps:
        if key == "again" and not request.again:
            yield replace(request, again=True)
        elif key == "length":
            for minutes in sorted(
                community.lengths_min, key=lambda n: abs(n - request.duration_min)
            ):
                if minutes != request.duration_min:
                    yield replace(request, duration_min=minutes)
        elif key == "level":
            for level in sorted(levels, key=lambda word: abs(levels.index(word) - at)):
                if level != request.level:
                    yield replace(request, level=level)
        elif key == "track":
            for track in TRACKS:
                if track != request.track:
                    yield replace(request, track=track)


def ranked(
    candidate_id: int, wanted: Wanted, *, now: datetime, without: int | None = None
) -> Ranking:
    """Who can take exactly this, best first; refused in words when nobody can.

    It proposes: whoever holds a time with one of them asks again behind the locks.
    """
    looks = seeker(candidate_id, now=now)
    candidate, busy = looks.candidate, looks.busy(now, without=without)
    community = community_query.current()
    check(wanted.request, community)
    ids = None if wanted.interviewer_id is None else [wanted.interviewer_id]
    how: dict[str, Any] = {"request": wanted.request, "weights": community.weights}
    if ids is None:
        market = standing.market(
            now=now,
            community=community,
            duration_min=wanted.duration_min,
            without=without,
        )
        candidate = market.knowing(candidate)
        how["prices"] = prices.at(wanted.span, now=now)
        free = market.free_at(candidate, wanted.request, wanted.start, busy=busy)
        if free:
            return matching.ranked(candidate, free, wanted.start, **how)
    people = offers.volunteers(now=now, community=community, ids=ids)
    apart = {one.interviewer.person_id for one in people if candidate_id in one.apart}
    candidate = replace(candidate, blocked=frozenset(apart))
    people = [
        one for one in people if not matching.eligible(candidate, one.interviewer, wanted.request)
    ]
    offered = offers.offers_of(people, now=now, window=wanted.span, without=without)
    answer = _Answer(offered, wanted, now, offers.terms(community), busy)
    among = [one.interviewer for one in people if answer.reason(one.interviewer.person_id) is None]
    if not among:
        raise answer.refusal()
    return matching.ranked(candidate, among, wanted.start, **how)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What each interviewer's offer says to one wish."""

    offered: Mapping[int, Offer]
    wanted: Wanted
    now: datetime
    terms: Terms
    busy: tuple[Span, ...]

    def reason(self, person_id: int) -> Reason | None:
        return availability.why_not(
            self.offered[person_id],
            self.wanted.start,
            duration_min=self.wanted.duration_min,
            now=self.now,
            terms=self.terms,
            candidate_busy=self.busy,
        )

    def refusal(self) -> Refusal:
        """Of all reasons the one asked last: that interviewer came nearest to being free."""
        order = {None: -1} | {reason: number for number, reason in enumerate(Reason)}
        nearest = max(self.offered, key=lambda one: order[self.reason(one)], default=None)
        if nearest is None:
            return SlotTaken(N_("This time is no longer offered."))
        try:
            availability.require_free(
                self.offered[nearest],
                self.wanted.start,
                duration_min=self.wanted.duration_min,
                now=self.now,
                terms=self.terms,
                candidate_busy=self.busy,
            )
        except Refusal as refusal:
            return refusal
        raise AssertionError("an interviewer without a reason is free")


def ask(
    candidate_id: int, *, track: str, level: str, duration_min: int, now: datetime
) -> SlotRequest:
    """Ask to be told when a time opens; asking twice is asking once."""
    request = Request(track, level, duration_min)
    check(request, community_query.current())
    with transaction():
        seeker(candidate_id, now=now)
        waiting = open_requests(candidate_id)
        for one in waiting:
            if (one.track, one.level, one.duration_min) == (track, level, duration_min):
                return one
        if len(waiting) >= MOST_REQUESTS:
            raise Conflict(N_("You wait for many times already. Withdraw one of them first."))
        made = SlotRequest(
            candidate_id=candidate_id,
            track=track,
            level=level,
            duration_min=duration_min,
            created_at=now,
        )
        db.session.add(made)
    return made


_OPEN = (
    select(SlotRequest)
    .where(
        SlotRequest.candidate_id == bindparam("candidate_id"),
        SlotRequest.ended_at.is_(None),
        SlotRequest.told_at.is_(None),
    )
    .order_by(SlotRequest.id)
)


def open_requests(candidate_id: int) -> list[SlotRequest]:
    """What a candidate waits for and was not told about yet."""
    return list(db.session.scalars(_OPEN, {"candidate_id": candidate_id}))


def withdraw(request_id: int, *, candidate_id: int, now: datetime) -> None:
    """Wait no longer; withdrawing twice changes nothing."""
    with transaction():
        found = db.session.get(SlotRequest, request_id, with_for_update=True)
        if found is None or found.candidate_id != candidate_id:
            raise NotYours()
        found.ended_at = found.ended_at or now


def tell_waiting(*, now: datetime) -> int:
    """Owe a mail to everybody whose asked-for interview can be booked again; returns how many."""
    waiting = db.session.scalars(
        select(SlotRequest)
        .where(SlotRequest.ended_at.is_(None), SlotRequest.told_at.is_(None))
        .order_by(SlotRequest.id)
    ).all()
    if not waiting:
        return 0
    opened = [one.id for one in waiting if _opened(one, now=now)]
    return sum(_tell(request_id, now=now) for request_id in opened)


def _opened(waiting: SlotRequest, *, now: datetime) -> bool:
    try:
        looks = seeker(waiting.candidate_id, now=now)
    except Conflict:  # the profile was emptied meanwhile
        return False
    request = Request(waiting.track, waiting.level, waiting.duration_min)
    return bool(starts_for(looks, request, now=now))


def _tell(request_id: int, *, now: datetime) -> bool:
    with transaction():
        waiting = db.session.get(SlotRequest, request_id, with_for_update=True)
        if waiting is None or waiting.ended_at or waiting.told_at:
            return False
        choice = {"track": waiting.track, "level": waiting.level, "length": waiting.duration_min}
        waiting.told_at = now
        return outbox.record(
            key=f"request:{waiting.id}:time-opened",
            kind="time-opened",
            person_id=waiting.candidate_id,
            payload={"request_id": waiting.id, "path": f"/book?{urlencode(choice)}"},
            due_at=now,
            now=now,
        )
