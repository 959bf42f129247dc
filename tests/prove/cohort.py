"""Puts a round of `bench.matching` into a database: people, hours, wishes, missed rounds."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, select, text

from bench.matching.market import Market, pointers
from bench.matching.people import DAY, ENGLISH, LEVELS, TRACKS, ZONES, People, Windows
from mockint.db import db, transaction
from mockint.domain.timespan import cell_of
from mockint.models import (
    AvailabilityException,
    CandidateProfile,
    InterviewerProfile,
    MatchingRound,
    Person,
    RoundCapacity,
    RoundRequest,
)
from mockint.services.round import rounds
from tests import factories
from tests.support.rounds import plan

HOME = ("es", "fr", "pt", "de", "hi", "ja", "ko")
"""The language spoken at home in each zone."""
YEARS = (0, 3, 6, 10)
MISSED = 9
"""Rounds before this one."""
CHUNK = 5000
MINUTE = timedelta(minutes=1)


def fill(made: Market, *, now: datetime) -> tuple[int, int]:
    """A closed round with everybody in it; its number, and the organiser's."""
    by = factories.organiser(now=now).id
    days = timedelta(days=made.shape.days - 1)
    draft = plan("Winter weeks", now=now, tracks=TRACKS)
    draft = replace(draft, zone="UTC", last_on=draft.first_on + days)
    number = rounds.draft(draft, by=by, now=now)
    rounds.open_(number, by=by, now=now)
    start = datetime(draft.first_on.year, draft.first_on.month, draft.first_on.day, tzinfo=UTC)
    with transaction():
        first = (db.session.scalar(select(Person.id).order_by(Person.id.desc())) or 0) + 1
        giving = range(first, first + len(made.giving))
        asking = range(giving.stop, giving.stop + len(made.asking))
        zones = list(ZONES)
        for ids, people in ((giving, made.giving), (asking, made.asking)):
            _insert(
                Person,
                (_person(one, zones[z], now) for one, z in zip(ids, people.zone, strict=True)),
            )
        _insert(InterviewerProfile, _interviewers(made, giving, now))
        _insert(AvailabilityException, _hours(made, giving, start.date()))
        _insert(RoundCapacity, _capacities(made, giving, number, now))
        _insert(CandidateProfile, _candidates(made, asking))
        _insert(RoundRequest, _requests(made, asking, number, start, now))
        _insert(RoundRequest, _missed(made, asking, by, now))
    rounds.close(number, by=by, now=now)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            plain.execute(text("VACUUM ANALYZE"))
    db.session.remove()
    return number, by


def _insert(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    waiting = list(rows)
    for first in range(0, len(waiting), CHUNK):
        db.session.execute(insert(model), waiting[first : first + CHUNK])


def _person(one: int, zone: str, now: datetime) -> dict[str, Any]:
    return {
        "id": one,
        "email": f"person{one}@people.example",
        "fs_uniquifier": uuid.UUID(int=one).hex,
        "confirmed_at": now,
        "name": f"Person {one}",
        "zone": zone,
        "created_at": now,
    }


def _company(number: int) -> str:
    return f"Company {number}" if number else ""


def _languages(people: People, one: int) -> tuple[str, ...]:
    spoken = int(people.languages[one])
    home = tuple(name for z, name in enumerate(HOME) if spoken & (2 << z))
    return (("en",) if spoken & ENGLISH else ()) + home


def _interviewers(made: Market, ids: range, now: datetime) -> Iterator[dict[str, Any]]:
    giving = made.giving
    for one, person_id in enumerate(ids):
        own = int(giving.level[one])
        yield {
            "person_id": person_id,
            "state": "approved",
            "company": _company(int(giving.company[one])),
            "title": "Engineer",
            "years": YEARS[own],
            "tracks": tuple(np.array(TRACKS)[giving.expertise[one] > 0].tolist()),
            "levels": LEVELS[max(0, own - 2) : own + 1],
            "languages": _languages(giving, one),
            "meeting_link": f"https://meet.example/{person_id}",
            "applied_at": now,
            "decided_at": now,
            "buffer_min": int(giving.gap[one]),
            "max_per_day": int(giving.max_per_day[one]),
            "max_per_week": int(giving.max_total[one]),
        }


def _spans(windows: Windows, count: int) -> list[list[list[int]]]:
    """Of each owner, in minutes from the round's start."""
    spans = np.column_stack((windows.begin, windows.end)).tolist()
    bounds = pointers(windows.owner, count).tolist()
    return [spans[bounds[one] : bounds[one + 1]] for one in range(count)]


def _hours(made: Market, ids: range, first_on: date) -> Iterator[dict[str, Any]]:
    """What each offers, as hours of single dates of their zone."""
    for one, spans in enumerate(_offered(made)):
        blocks: dict[int, list[list[int]]] = defaultdict(list)
        for begin, end in spans:
            local, until = (minute + int(made.giving.offset[one]) for minute in (begin, end))
            while local < until:
                day, minute = divmod(local, DAY)
                last = min(until, (day + 1) * DAY)
                blocks[day].append([minute, minute + last - local])
                local = last
        for day, found in sorted(blocks.items()):
            on = first_on + timedelta(days=day)
            yield {"person_id": ids[one], "first_on": on, "last_on": on, "blocks": sorted(found)}


def _offered(made: Market) -> Sequence[list[list[int]]]:
    """The stretches that the starts were cut from; starts that touch are one."""
    found = []
    for one in range(len(made.giving)):
        spans: list[list[int]] = []
        for start in made.start[made.start_ptr[one] : made.start_ptr[one + 1]].tolist():
            end = start + made.shape.duration
            if spans and start - spans[-1][1] <= int(made.giving.gap[one]):
                spans[-1][1] = end
            else:
                spans.append([start, end])
        found.append(spans)
    return found


def _capacities(made: Market, ids: range, number: int, now: datetime) -> Iterator[dict[str, Any]]:
    for one, most in zip(ids, made.giving.max_total.tolist(), strict=True):
        yield {
            "round_id": number,
            "interviewer_id": one,
            "max_total": most,
            "answered_at": now,
        }


def _candidates(made: Market, ids: range) -> Iterator[dict[str, Any]]:
    asking = made.asking
    for one, person_id in enumerate(ids):
        aimed = _company(int(asking.target[one]))
        yield {
            "person_id": person_id,
            "target_level": LEVELS[asking.level[one]],
            "tracks": (TRACKS[asking.track[one]],),
            "languages": _languages(asking, one),
            "current_employer": _company(int(asking.company[one])),
            "target_companies": (aimed,) if aimed else (),
        }


def _asked(made: Market, one: int) -> dict[str, Any]:
    return {"track": TRACKS[made.asking.track[one]], "level": LEVELS[made.asking.level[one]]}


def _requests(
    made: Market, ids: range, number: int, start: datetime, now: datetime
) -> Iterator[dict[str, Any]]:
    for one, spans in enumerate(_spans(made.wanted, len(made.asking))):
        yield {
            "round_id": number,
            "candidate_id": ids[one],
            "windows": [
                [cell_of(start + begin * MINUTE), cell_of(start + end * MINUTE)]
                for begin, end in spans
            ],
            "asked_at": now,
        } | _asked(made, one)


def _missed(made: Market, ids: range, by: int, now: datetime) -> Iterator[dict[str, Any]]:
    """As many earlier rounds without a match as each one's priority says."""
    for nth in range(MISSED):
        past = MatchingRound(
            name=f"Earlier weeks {nth}",
            zone="UTC",
            first_on=(now - timedelta(days=14 * (nth + 1))).date(),
            last_on=(now - timedelta(days=14 * nth + 1)).date(),
            closes_at=now - timedelta(days=14 * (nth + 1)),
            duration_min=made.shape.duration,
            tracks=TRACKS,
            state="archived",
            created_at=now,
            created_by=by,
            published_at=now - timedelta(days=14 * (nth + 1)),
            published_by=by,
        )
        db.session.add(past)
        db.session.flush()
        for one in np.flatnonzero(made.asking.priority > nth).tolist():
            yield {
                "round_id": past.id,
                "candidate_id": ids[one],
                "windows": [],
                "asked_at": now,
                "outcome": {"kind": "hall", "sentence": "", "params": {}, "extra": []},
            } | _asked(made, one)
