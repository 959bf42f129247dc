"""After a round is published: who steps in, who would have to move, who gets what is given back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain.errors import Conflict, NotYours
from mockint.models import Booking, Person, RoundMatch
from mockint.services import booking
from mockint.services.round import repair
from mockint.services.round.repair import Place, Step
from tests.integration.rounds.conftest import CLOSED, Round, candidate, hours, interviewer
from tests.support.declines import says

pytestmark = pytest.mark.usefixtures("db_session", "sound")


def booked(who: Person) -> Booking:
    found = db.session.scalars(
        select(Booking).where(Booking.candidate_id == who.id, Booking.state == "confirmed")
    )
    return found.one()


def published(week: Round, givers: int, *asking: tuple[Person, tuple[int, int]]) -> None:
    """`givers` interviewers of one interview each; people ask for hours of the first day."""
    for number in range(givers):
        week.gives(interviewer(number), 1)
    for who, (first, last) in asking:
        week.asks(who, hours(0, first, last))
    week.close()
    week.solve()
    week.publish()


def test_who_is_free_then_steps_in(week: Round) -> None:
    ines = candidate(1)
    published(week, 2, (ines, (9, 10)))
    lost = booked(ines)
    says(lost, "interviewer", "DECLINED", now=CLOSED)

    (one,) = repair.propose(week.id, now=CLOSED).lost

    assert (one.candidate_id, one.booking_id) == (ines.id, lost.id)
    assert one.place == Place(lost.interviewer_id, lost.start_at)
    (stand_in,) = one.stand_ins
    assert stand_in.start == lost.start_at
    assert stand_in.interviewer_id != lost.interviewer_id
    assert one.steps == (Step(ines.id, one.place, stand_in),)
    with pytest.raises(Conflict):  # the candidate decides as long as the booking stands
        repair.give(
            week.id, ines.id, stand_in.interviewer_id, stand_in.start, by=week.by, now=CLOSED
        )


def test_after_a_cancellation_the_organiser_gives_the_free_place_once(week: Round) -> None:
    ines = candidate(1)
    published(week, 2, (ines, (9, 10)))
    lost = booked(ines)
    booking.cancel(lost.id, by=lost.interviewer_id, side="interviewer", reason="Ill", now=CLOSED)

    (one,) = repair.propose(week.id, now=CLOSED).lost
    assert one.booking_id is None
    (stand_in,) = one.stand_ins
    made = [
        repair.give(
            week.id, ines.id, stand_in.interviewer_id, stand_in.start, by=week.by, now=CLOSED
        )
        for _ in range(2)
    ]

    again = booked(ines)
    assert made == [again.id, again.id]
    assert (again.interviewer_id, again.start_at) == (stand_in.interviewer_id, lost.start_at)
    match = db.session.get_one(RoundMatch, (week.id, ines.id))
    assert (match.state, match.booking_id) == ("booked", again.id)
    assert repair.propose(week.id, now=CLOSED) == repair.Proposals((), ())


def lost_at_nine(week: Round) -> tuple[Person, Person]:
    """Ines, who could come at 9 only, lost it; at 9 there is only Tom's interviewer, and Tom could
    also come at 10."""
    ines, tom = candidate(1), candidate(2)
    published(week, 2, (ines, (9, 10)), (tom, (9, 11)))
    lost, other = booked(ines), booked(tom)
    if other.start_at != lost.start_at:
        booking.reschedule(
            other.id, by=week.by, side="organiser", new_start=lost.start_at, now=CLOSED
        )
    booking.cancel(lost.id, by=lost.interviewer_id, side="interviewer", reason="Ill", now=CLOSED)
    return ines, tom


def test_a_move_of_somebody_else_is_proposed_and_not_made(week: Round) -> None:
    ines, tom = lost_at_nine(week)
    before = Place(booked(tom).interviewer_id, booked(tom).start_at)

    (one,) = repair.propose(week.id, now=CLOSED).lost

    assert one.stand_ins == ()
    mine, other = one.steps
    assert mine == Step(ines.id, one.place, before)
    assert (other.candidate_id, other.old) == (tom.id, before)
    assert other.new.start == hours(0, 10, 11).start
    assert Place(booked(tom).interviewer_id, booked(tom).start_at) == before


@pytest.mark.parametrize("side", ["candidate", "interviewer"])
def test_who_accepted_is_not_asked_to_move(week: Round, side: str) -> None:
    _, tom = lost_at_nine(week)
    says(booked(tom), side, "ACCEPTED", now=CLOSED)
    (one,) = repair.propose(week.id, now=CLOSED).lost
    assert (one.stand_ins, one.steps) == ((), ())
    assert repair.resettle(week.id, now=CLOSED) == ()


def test_what_a_candidate_gives_back_goes_to_who_had_none(week: Round) -> None:
    ines, tom = candidate(1), candidate(2)
    published(week, 1, (ines, (9, 10)), (tom, (9, 10)))
    served, waiting = (ines, tom) if db.session.get(RoundMatch, (week.id, ines.id)) else (tom, ines)
    given = booked(served)
    assert repair.propose(week.id, now=CLOSED).gained == ()
    booking.cancel(given.id, by=served.id, side="candidate", reason="Ill", now=CLOSED)

    place = Place(given.interviewer_id, given.start_at)
    found = repair.propose(week.id, now=CLOSED)
    assert found.lost == ()
    assert found.gained == ((Step(waiting.id, None, place),),)
    assert repair.resettle(week.id, now=CLOSED) == (Step(waiting.id, None, place),)

    repair.give(week.id, waiting.id, place.interviewer_id, place.start, by=week.by, now=CLOSED)
    assert booked(waiting).interviewer_id == place.interviewer_id
    assert repair.propose(week.id, now=CLOSED).gained == ()


def test_nothing_is_given_that_was_not_asked_for(week: Round) -> None:
    ines, tom = candidate(1), candidate(2)
    published(week, 1, (ines, (9, 10)), (tom, (9, 10)))
    waiting = tom if db.session.get(RoundMatch, (week.id, ines.id)) else ines
    jonas = interviewer(7)
    with pytest.raises(Conflict, match="did not mark"):
        repair.give(week.id, waiting.id, jonas.id, hours(0, 14, 15).start, by=week.by, now=CLOSED)
    with pytest.raises(NotYours):
        repair.give(week.id, jonas.id, jonas.id, hours(0, 9, 10).start, by=week.by, now=CLOSED)
    with pytest.raises(NotYours):
        repair.propose(week.id + 1, now=CLOSED)


def test_who_moved_out_of_the_rounds_days_lost_nothing_and_leaves_a_place(week: Round) -> None:
    ines, tom = candidate(1), candidate(2)
    published(week, 1, (ines, (9, 10)), (tom, (9, 10)))
    served, waiting = (ines, tom) if db.session.get(RoundMatch, (week.id, ines.id)) else (tom, ines)
    given = booked(served)
    place = Place(given.interviewer_id, given.start_at)
    later = given.start_at + timedelta(days=14)
    booking.reschedule(given.id, by=week.by, side="organiser", new_start=later, now=CLOSED)
    found = repair.propose(week.id, now=CLOSED)
    assert found == repair.Proposals((), ((Step(waiting.id, None, place),),))
