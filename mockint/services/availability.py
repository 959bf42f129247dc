"""An interviewer says when they can: weekly hours, dates that differ, limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import delete, select

from mockint.db import db, transaction
from mockint.domain.availability import Limits, clean_blocks
from mockint.domain.errors import N_, Invalid, LimitReached, NotYours
from mockint.domain.timespan import CELL_MIN
from mockint.models import AvailabilityException, AvailabilityRule, InterviewerProfile

MOST_EXCEPTIONS = 100
LONGEST_EXCEPTION = timedelta(days=366)


def profile(person_id: int) -> InterviewerProfile:
    """The approved interviewer's profile, locked for a change; anybody else has no hours to set."""
    found = db.session.get(
        InterviewerProfile, person_id, with_for_update={"of": InterviewerProfile}
    )
    if found is None or found.state != "approved":
        raise NotYours()
    return found


def set_hours(person_id: int, *, weekly: Sequence[Iterable[Sequence[int]]], limits: Limits) -> None:
    """Replace the weekly hours (seven lists of blocks, Monday first) and the limits."""
    cleaned = [clean_blocks(f"day{weekday}", blocks) for weekday, blocks in enumerate(weekly)]
    _check(limits)
    with transaction():
        person = profile(person_id)
        db.session.execute(delete(AvailabilityRule).where(AvailabilityRule.person_id == person_id))
        db.session.add_all(
            AvailabilityRule(person_id=person_id, weekday=weekday, start_min=start, end_min=end)
            for weekday, blocks in enumerate(cleaned)
            for start, end in blocks
        )
        person.buffer_min = limits.buffer_min
        person.notice_min = limits.notice_min
        person.max_per_day = limits.per_day or person.max_per_day
        person.max_per_week = limits.per_week or person.max_per_week
        person.availability_version += 1


def _check(limits: Limits) -> None:
    if limits.buffer_min % CELL_MIN or not 0 <= limits.buffer_min <= 240:
        raise Invalid("buffer_min", N_("The rest between interviews is a multiple of 15 minutes."))
    if not 0 <= limits.notice_min <= 14 * 1440:
        raise Invalid("notice_min", N_("The notice is at most two weeks."))
    for name, value in (("max_per_day", limits.per_day), ("max_per_week", limits.per_week)):
        if value is not None and not 1 <= value <= 50:
            raise Invalid(name, N_("Take at least one interview, and at most 50."))


def save_exception(
    person_id: int,
    *,
    first_on: date,
    last_on: date,
    blocks: Iterable[Sequence[int]],
    today: date,
    exception_id: int | None = None,
) -> None:
    """Add or change dates whose hours replace the weekly ones; no blocks means away.

    `today` is the interviewer's local date.
    """
    cleaned = clean_blocks("blocks", blocks)
    if last_on < first_on:
        raise Invalid("last_on", N_("The last day lies before the first. Swap them."))
    if last_on < today:
        raise Invalid("last_on", N_("These dates are over. Choose a day from today on."))
    if last_on - first_on > LONGEST_EXCEPTION:
        raise Invalid("last_on", N_("Choose at most a year at once."))
    with transaction():
        person = profile(person_id)
        if exception_id is None:
            known = select(AvailabilityException.id).where(
                AvailabilityException.person_id == person_id
            )
            if len(db.session.scalars(known).all()) >= MOST_EXCEPTIONS:
                raise LimitReached(
                    N_("You have %(most)s dates already. Remove one that is over."),
                    most=MOST_EXCEPTIONS,
                )
            exception = AvailabilityException(person_id=person_id)
            db.session.add(exception)
        else:
            exception = _exception(person_id, exception_id)
        exception.first_on, exception.last_on = first_on, last_on
        exception.blocks = [list(block) for block in cleaned]
        person.availability_version += 1


def remove_exception(person_id: int, exception_id: int) -> None:
    """Let the weekly hours count again on these dates."""
    with transaction():
        person = profile(person_id)
        db.session.delete(_exception(person_id, exception_id))
        person.availability_version += 1


def _exception(person_id: int, exception_id: int) -> AvailabilityException:
    found = db.session.get(AvailabilityException, exception_id)
    if found is None or found.person_id != person_id:
        raise NotYours()
    return found
