"""Who has which quarter of an hour: the one guard against being in two places.

Rows go in in key order, in one statement that steps over what is there already; fewer rows than
asked for means that somebody else was first. The caller's savepoint takes them back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, select

from mockint.db import db, insert
from mockint.domain.errors import N_, SlotTaken
from mockint.domain.timespan import Span, cells
from mockint.models import Booking, Occupancy, Person
from mockint.services import stamps

_PERSON, _OCCUPANCY = Person.__table__, Occupancy.__table__
_LOCK = (
    select(_PERSON.c.id)
    .where(_PERSON.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_PERSON.c.id)
    .with_for_update(key_share=True)
)


def lock_people(ids: Iterable[int]) -> None:
    """Let nobody else book with these people until the transaction ends.

    In order of id, so that two who wait for each other cannot be; SQLite is locked as a whole.
    """
    db.session.execute(_LOCK, {"ids": list(set(ids))}).all()


def claim_first(booking: Booking) -> None:
    """The same as `claim` for a booking that was just made, where no hold is in the way."""
    stamps.touch(_people(booking))
    hours = cells(booking.start_at, booking.end_at)
    _insert(booking.id, sorted((person, cell) for person in _people(booking) for cell in hours))


def claim(booking: Booking, *, now: datetime) -> None:
    """Make the time of `booking` its own for both people, or refuse; frees what it had before.

    Only cells the booking does not own yet are asked for, so it can move into itself. Who is on
    neither side any more has no cell of it afterwards.
    """
    stamps.touch(_people(booking))
    mine = {
        (row.person_id, row.cell)
        for row in db.session.execute(
            select(Occupancy.person_id, Occupancy.cell).where(Occupancy.booking_id == booking.id)
        )
    }
    hours = cells(booking.start_at, booking.end_at)
    asked = {(person, cell) for person in _people(booking) for cell in hours}
    _evict(booking, now=now)
    _insert(booking.id, sorted(asked - mine))
    if gone := {person for person, _cell in mine} - set(_people(booking)):
        stamps.touch(gone)
        left = (Occupancy.booking_id == booking.id, Occupancy.person_id.in_(gone))
        db.session.execute(delete(Occupancy).where(*left))
    for person_id in _people(booking):
        kept = (cell for owner, cell in asked if owner == person_id)
        db.session.execute(
            delete(Occupancy).where(
                Occupancy.booking_id == booking.id,
                Occupancy.person_id == person_id,
                Occupancy.cell.not_in(list(kept)),
            )
        )


def free(booking: Booking) -> None:
    """Give back all the time a booking has."""
    stamps.touch(_people(booking))
    db.session.execute(delete(Occupancy).where(Occupancy.booking_id == booking.id))


def drop_holds(*which: ColumnElement[bool]) -> int:
    """Delete these holds, and so give back their time; returns how many."""
    gone = db.session.execute(
        delete(Booking)
        .where(Booking.state == "held", *which)
        .returning(Booking.candidate_id, Booking.interviewer_id)
    ).all()
    stamps.touch(person_id for people in gone for person_id in people)
    return len(gone)


def _people(booking: Booking) -> tuple[int, int]:
    return booking.candidate_id, booking.interviewer_id


def _evict(booking: Booking, *, now: datetime) -> None:
    """Delete the holds that ran out and still stand in the way."""
    span = Span(booking.start_at, booking.end_at)
    in_the_way = select(Occupancy.booking_id).where(
        Occupancy.person_id.in_(_people(booking)),
        Occupancy.cell.in_(cells(span.start, span.end)),
        Occupancy.booking_id != booking.id,
    )
    drop_holds(Booking.id.in_(in_the_way), Booking.held_until <= now)


def _insert(booking_id: int, keys: list[tuple[int, int]]) -> None:
    if not keys:
        return
    rows = [{"person_id": person, "cell": cell, "booking_id": booking_id} for person, cell in keys]
    free = insert(_OCCUPANCY).on_conflict_do_nothing().returning(_OCCUPANCY.c.cell)
    if len(db.session.execute(free, rows).all()) < len(rows):
        raise SlotTaken(N_("This time was just taken."))
