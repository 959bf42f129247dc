"""One interviewer's hours as the hours page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from mockint.db import db
from mockint.domain.availability import Blocks, Offer, horizon_window
from mockint.domain.errors import NotYours
from mockint.models import AvailabilityException, AvailabilityRule
from mockint.queries import community as community_query
from mockint.queries import offers, parties

LONGEST_MIN = 90


def offer(person_id: int, *, now: datetime) -> Offer:
    """When an approved interviewer is free, as far as anything can be booked."""
    window = horizon_window(now, offers.terms(community_query.current()), LONGEST_MIN)
    found = parties.pair(person_id, person_id, window)
    taken = parties.taken_by(person_id, parties.around(person_id, person_id, window))
    written = found.written(taken) if found is not None else None
    if written is None:
        raise NotYours
    return written.offer(now)


def weekly(person_id: int) -> list[Blocks]:
    """Seven lists of blocks, Monday first."""
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for rule in db.session.scalars(
        select(AvailabilityRule)
        .where(AvailabilityRule.person_id == person_id)
        .order_by(AvailabilityRule.weekday, AvailabilityRule.start_min)
    ):
        days[rule.weekday].append((rule.start_min, rule.end_min))
    return [tuple(blocks) for blocks in days]


def exceptions(person_id: int, *, since: date) -> Sequence[AvailabilityException]:
    """Dates that differ and are not over, the earliest first."""
    return db.session.scalars(
        select(AvailabilityException)
        .where(AvailabilityException.person_id == person_id, AvailabilityException.last_on >= since)
        .order_by(AvailabilityException.first_on, AvailabilityException.id)
    ).all()


def exception(person_id: int, exception_id: int) -> AvailabilityException | None:
    """One of this person's dates, or None when it is missing or somebody else's."""
    found = db.session.get(AvailabilityException, exception_id)
    return found if found is not None and found.person_id == person_id else None
