"""Who has which quarter of an hour: the one guard against being in two places.

Rows go in in key order, in one statement that steps over what is there already; fewer rows than
asked for means that somebody else was first. The caller's savepoint takes them back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, and_, bindparam, delete, exists, not_, or_, select

from mockint.db import db, insert_all
from mockint.domain.errors import N_, SlotTaken
from mockint.domain.timespan import Span, cells
from mockint.models import Booking, Occupancy, Person
from mockint.queries.parties import Meeting
from mockint.services import stamps

_PERSON, _BOOKING, _OCCUPANCY = (one.__table__ for one in (Person, Booking, Occupancy))
_LOCK = select(_PERSON.c.id).order_by(_PERSON.c.id).with_for_update(of=_PERSON, key_share=True)
_LOCK_ANY = _LOCK.where(_PERSON.c.id.in_(bindparam("ids", expanding=True)))
_LOCK_PAIR = _LOCK.where(
    _PERSON.c.id.in_(
        (bindparam("candidate_id", type_=Integer), bindparam("interviewer_id", type_=Integer))
    ),
    not_(
        exists().where(
            _BOOKING.c.interviewer_id == bindparam("interviewer_id"),
            _BOOKING.c.candidate_id != bindparam("candidate_id"),
            _BOOKING.c.start_at < bindparam("end"),
            _BOOKING.c.end_at > bindparam("start"),
            or_(
                _BOOKING.c.state == "confirmed",
                and_(_BOOKING.c.state == "held", _BOOKING.c.held_until > bindparam("now")),
            ),
        )
    ),
)
_LOCK_SIDES = _LOCK.join(
    _BOOKING,
    _PERSON.c.id.in_(
        (_BOOKING.c.candidate_id, _BOOKING.c.interviewer_id, bindparam("also", type_=Integer))
    ),
).where(_BOOKING.c.id == bindparam("booking_id"))


def lock_people(ids: Iterable[int]) -> None:
    """Let nobody else book with these people until the transaction ends.

    In order of id, so that two who wait for each other cannot be; SQLite is locked as a whole.
    """
    db.session.execute(_LOCK_ANY, {"ids": list(set(ids))}).all()


def lock_pair(candidate_id: int, interviewer_id: int, span: Span, *, now: datetime) -> bool:
    """The same of two people, unless the interviewer gave this time to another candidate: False.

    So whoever comes too late is told at once, and does not wait for those locks. True promises
    nothing: what is asked again behind the locks decides.
    """
    asked = {"candidate_id": candidate_id, "interviewer_id": interviewer_id}
    about = {"start": span.start, "end": span.end, "now": now}
    return bool(db.session.execute(_LOCK_PAIR, asked | about).all())


def lock_sides(booking_id: int, *, also: int | None = None) -> frozenset[int]:
    """The same of both people of a booking, and of one more; says whom it locked, nobody when
    there is no such booking."""
    asked = {"booking_id": booking_id, "also": also}
    return frozenset(db.session.scalars(_LOCK_SIDES, asked))


def claim_first(booking: Meeting) -> None:
    """The same as `claim` for a booking that was just made, where no hold is in the way."""
    stamps.touch(_people(booking))
    hours = cells(booking.start_at, booking.end_at)
    _insert(booking.id, sorted((person, cell) for person in _people(booking) for cell in hours))


def claim(booking: Booking | Meeting, *, now: datetime) -> None:
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


def _people(booking: Booking | Meeting) -> tuple[int, int]:
    return booking.candidate_id, booking.interviewer_id


def _evict(booking: Booking | Meeting, *, now: datetime) -> None:
    """Delete the holds that ran out and still stand in the way."""
    span = Span(booking.start_at, booking.end_at)
    in_the_way = select(Occupancy.booking_id).where(
        Occupancy.person_id.in_(_people(booking)),
        Occupancy.cell.in_(cells(span.start, span.end)),
        Occupancy.booking_id != booking.id,
    )
    drop_holds(Booking.id.in_(in_the_way), Booking.held_until <= now)


def _insert(booking_id: int, keys: list[tuple[int, int]]) -> None:
    rows = [{"person_id": person, "cell": cell, "booking_id": booking_id} for person, cell in keys]
    if insert_all(_OCCUPANCY, rows) < len(rows):
        raise SlotTaken(N_("This time was just taken."))
