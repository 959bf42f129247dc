"""The worker's look at own calendars: claim what is due, fetch, expand, write down.

Nothing is locked and no transaction is open while a server is waited for. Several are fetched at
once, so that one that hangs holds up a few others for ten seconds at most, and only one file is
parsed at a time, by a process with limits of its own.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select

from mockint.adapters.addresses import Network
from mockint.adapters.expansion import Job, expand
from mockint.adapters.fetching import Fetched, FetchFailed, fetch
from mockint.db import db, transaction
from mockint.domain import owncalendars as rules
from mockint.domain.busytime import Busy, Owner
from mockint.domain.errors import N_, Refusal
from mockint.domain.timespan import Span
from mockint.models import BusyCalendar, InterviewerProfile, Person
from mockint.queries import community
from mockint.services import busytime, occupancy
from mockint.settings import active

log = structlog.get_logger()

BATCH = 16
"""Claimed at once; with all at the size limit their bodies need 160 MiB."""
FETCHERS = 8
LEASE = timedelta(minutes=15)
"""How long a claimed calendar is nobody else's; a batch takes minutes at the very most."""
LOOK_SECONDS = 60.0
"""A look takes no new batch after this long."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A calendar to be read, as its row was."""

    id: int
    person_id: int
    name: str
    url: str
    etag: str
    """Empty when it must be read anew even if it has not changed."""
    digest: str
    owner: Owner
    window: Span
    read_as: str
    until: datetime
    """Marks the claim: a row whose next look is another one is somebody else's by now."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one calendar."""

    calendar: Claimed
    etag: str = ""
    digest: str = ""
    busy: Busy | None = None
    """None: as before, unless it failed."""
    failure: Refusal | None = None


@dataclass
class Looked:
    """What a look did."""

    seen: list[Seen] = field(default_factory=list)
    """Without those that somebody else had meanwhile."""
    seconds: float = 0.0

    def count(self, of: Callable[[Seen], bool]) -> int:
        return sum(map(of, self.seen))

    @property
    def failed(self) -> int:
        return self.count(lambda one: one.failure is not None)

    @property
    def parsed(self) -> int:
        return self.count(lambda one: one.busy is not None)

    @property
    def unchanged(self) -> int:
        return len(self.seen) - self.failed - self.parsed


def look(
    *,
    now: datetime,
    ending: Callable[[], bool] = lambda: False,
    person_id: int | None = None,
    at_once: bool = False,
) -> Looked:
    """Read the calendars that are due; `at_once` also those that are not, each one time.

    `person_id` reads one person's only. Once `ending` says so, no further batch is begun.
    """
    done, began, asked = Looked(), time.monotonic(), set[int]()

    def moment() -> datetime:
        return now + timedelta(seconds=int(time.monotonic() - began))

    while not ending() and (at_once or time.monotonic() - began < LOOK_SECONDS):
        claimed = _claim(now=moment(), person_id=person_id, at_once=at_once, without=asked)
        if not claimed:
            break
        asked.update(one.id for one in claimed)
        for seen in _read(claimed):
            if _settle(seen, now=moment()):
                done.seen.append(seen)
    done.seconds = time.monotonic() - began
    return done


def _claim(
    *, now: datetime, person_id: int | None, at_once: bool, without: Collection[int]
) -> list[Claimed]:
    """Take some calendars, for as long as the lease; those of who may interview."""
    query = (
        select(BusyCalendar, Person)
        .join(Person, Person.id == BusyCalendar.person_id)
        .join(InterviewerProfile, InterviewerProfile.person_id == Person.id)
        .where(
            BusyCalendar.kind == "url",
            BusyCalendar.id.not_in(without),
            InterviewerProfile.state == "approved",
            Person.active,
            Person.deleted_at.is_(None),
        )
        .order_by(BusyCalendar.next_look_at, BusyCalendar.id)
        .limit(BATCH)
        .with_for_update(of=BusyCalendar, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if not at_once:
        query = query.where(BusyCalendar.next_look_at <= now)
    if person_id is not None:
        query = query.where(BusyCalendar.person_id == person_id)
    with transaction():
        rows = db.session.execute(query).unique().all()
        if not rows:
            return []
        window = rules.window(now, community.current().horizon_days)
        for row, _person in rows:
            row.next_look_at = now + LEASE
        return [_claimed(row, person, window, now + LEASE) for row, person in rows]


def _claimed(row: BusyCalendar, person: Person, window: Span, until: datetime) -> Claimed:
    owner = busytime.owner_of(person)
    read_as = rules.read_as(owner, window)
    same = row.read_as == read_as
    return Claimed(
        id=row.id,
        person_id=row.person_id,
        name=row.name,
        url=row.url,
        etag=row.etag if same else "",
        digest=row.digest if same else "",
        owner=owner,
        window=window,
        read_as=read_as,
        until=until,
    )


def _read(claimed: list[Claimed]) -> Iterator[Seen]:
    """Fetch all of them, and expand those that are not as they were; in any order."""
    waiting: dict[int, Seen] = {}
    settled: list[Seen] = []

    def jobs() -> Iterator[Job]:
        for one, answer in zip(claimed, answers, strict=True):
            if isinstance(answer, Refusal):
                settled.append(Seen(one, failure=answer))
                continue
            digest = one.digest if answer.body is None else rules.digest(answer.body)
            seen = Seen(one, answer.etag, digest)
            if answer.body is None or digest == one.digest:
                settled.append(seen)
                continue
            waiting[one.id] = seen
            yield Job(one.id, answer.body, one.owner, one.window)

    with ThreadPoolExecutor(FETCHERS, "mockint-fetch") as pool:
        answers = pool.map(partial(_fetch, allowed=active().calendar_allowed), claimed)
        for outcome in expand(jobs()):
            seen = waiting[outcome.key]
            yield Seen(seen.calendar, seen.etag, seen.digest, outcome.busy, outcome.refusal)
    yield from settled


def _fetch(one: Claimed, *, allowed: Collection[Network]) -> Fetched | Refusal:
    try:
        return fetch(one.url, etag=one.etag, allowed=allowed)
    except FetchFailed as failure:
        return failure
    except Exception as error:  # a fault of ours; its words may hold the address
        log.error("calendar_not_fetched", calendar_id=one.id, fault=type(error).__name__)
        return FetchFailed(N_("The calendar cannot be fetched at the moment."))


def _settle(seen: Seen, *, now: datetime) -> bool:
    """Write down what was found; False when the calendar is gone or somebody else has it."""
    calendar = seen.calendar
    with transaction():
        occupancy.lock_people([calendar.person_id])
        row = db.session.get(
            BusyCalendar,
            calendar.id,
            with_for_update={"of": BusyCalendar},
            populate_existing=True,
        )
        if row is None or row.next_look_at != calendar.until:
            return False
        row.tried_at, row.next_look_at = now, rules.next_look(now, random.random())
        if seen.failure is not None:
            busytime.note_failure(row, seen.failure, now=now)
            return True
        row.etag, row.digest, row.read_as = seen.etag, seen.digest, calendar.read_as
        busytime.note_read(row, seen.busy, now=now)
    return True
