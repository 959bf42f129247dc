"""An own calendar that is busy during a booked interview: asked once, and nothing happens alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain.errors import NotYours
from mockint.models import Booking, BusyQuestion, KeptMail, OutboxMessage, Person
from mockint.queries import busytime as query
from mockint.services import booking, busytime, looks, relay
from mockint.services import matching as finding
from tests.support.bookings import NOW, TEN, booked, held
from tests.support.shelf import Shelf, calendar, entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PATH = "/jonas.ics"


def connect(jonas: Person, shelf: Shelf, *entries: str) -> None:
    shelf.files[PATH] = calendar(*entries)
    busytime.add_url(jonas.id, url=shelf.url(PATH), name="", now=NOW)
    assert looks.look(now=NOW).parsed == 1


def change(shelf: Shelf, *entries: str, now: datetime) -> None:
    shelf.files[PATH] = calendar(*entries)
    looks.look(now=now)
    db.session.rollback()


def asked() -> list[int]:
    """The SEQUENCE of the interview in every question's mail that is not given up."""
    query = select(OutboxMessage.sequence).where(
        OutboxMessage.kind == "calendar-busy", OutboxMessage.state != "suppressed"
    )
    return [number or 0 for number in db.session.scalars(query.order_by(OutboxMessage.id))]


def is_open(made: Booking, now: datetime = NOW) -> bool:
    db.session.rollback()
    return query.asked(db.session.get_one(Booking, made.id, populate_existing=True), now=now)


def test_a_block_over_an_interview_asks_once_and_cancels_nothing(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    made = booked(sanjana)
    connect(jonas, shelf)
    assert (asked(), is_open(made)) == ([], False)
    for number in range(1, 4):
        change(shelf, entry(TEN + HOUR / 2, TEN + number * HOUR), now=NOW + number * HOUR)
    assert asked() == [0]
    assert is_open(made)
    assert db.session.get_one(Booking, made.id).state == "confirmed"
    done = relay.sweep(now=NOW + 4 * HOUR, transport=relay.local_transport())
    assert done.failed == done.dead == 0
    (letter,) = [
        kept.raw
        for kept in db.session.scalars(select(KeptMail))
        if b"X-Auto-Response" in kept.raw and b"Your calendar is busy" in kept.raw
    ]
    assert jonas.email.encode() in letter
    assert b"Dentist" not in letter


def test_keep_silences_it_for_this_time_only(jonas: Person, sanjana: Person, shelf: Shelf) -> None:
    made = booked(sanjana)
    connect(jonas, shelf, entry(TEN, TEN + HOUR))
    assert is_open(made)
    with pytest.raises(NotYours):
        busytime.keep(made.id, interviewer_id=sanjana.id, now=NOW)
    for _twice in range(2):
        busytime.keep(made.id, interviewer_id=jonas.id, now=NOW)
    assert not is_open(made)
    change(shelf, entry(TEN, TEN + 2 * HOUR), now=NOW + HOUR)
    assert asked() == [0]
    later = TEN + DAY
    booking.reschedule(made.id, by=jonas.id, side="interviewer", new_start=later, now=NOW + HOUR)
    change(shelf, entry(later, later + HOUR), now=NOW + 2 * HOUR)
    assert asked() == [0, 1]
    assert is_open(made)


def test_a_block_that_goes_takes_the_question_with_it(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    made = booked(sanjana)
    connect(jonas, shelf, entry(TEN, TEN + HOUR))
    change(shelf, now=NOW + HOUR)
    assert not is_open(made)
    relay.sweep(now=NOW + HOUR, transport=relay.local_transport())
    (row,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "calendar-busy"))
    assert (row.state, row.reason) == ("suppressed", "there is nothing to decide any more")


def test_a_hold_taken_before_the_block_may_be_booked_and_is_asked_about(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    connect(jonas, shelf)
    mine = held(sanjana)
    change(shelf, entry(TEN, TEN + HOUR), now=NOW + HOUR / 3)
    assert asked() == []
    made = booking.confirm(mine.id, candidate_id=sanjana.id, now=NOW + HOUR / 10)
    change(shelf, entry(TEN, TEN + HOUR), now=NOW + HOUR)
    assert asked() == [0]
    assert is_open(made)


def test_our_own_invitation_in_it_blocks_nothing_and_asks_nothing(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    """Who accepts an invitation has it in the calendar that is read here."""
    made = booked(sanjana)
    connect(jonas, shelf, entry(TEN, TEN + HOUR, uid=made.uid))
    assert (asked(), is_open(made)) == ([], False)
    half_an_hour_later = TEN + HOUR / 2
    assert half_an_hour_later in finding.moves(made, now=NOW)
    booking.cancel(made.id, by=sanjana.id, side="candidate", reason="Ill.", now=NOW)
    again = held(sanjana, TEN, interviewer_id=jonas.id, now=NOW)
    assert again.start_at == TEN, "what was cancelled here is free, whatever calendars still hold"


def test_a_move_onto_a_busy_time_is_refused_and_its_own_time_is_not(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    made = booked(sanjana)
    connect(jonas, shelf, entry(TEN + 2 * HOUR, TEN + 3 * HOUR))
    offered = finding.moves(made, now=NOW)
    assert TEN + 2 * HOUR not in offered
    assert TEN + HOUR in offered


def test_questions_are_no_longer_asked_once_it_has_begun(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    made = booked(sanjana)
    connect(jonas, shelf)
    change(shelf, entry(TEN, TEN + HOUR), now=TEN)
    assert asked() == []
    assert not is_open(made, now=TEN)
    assert db.session.scalars(select(BusyQuestion)).all() == []
