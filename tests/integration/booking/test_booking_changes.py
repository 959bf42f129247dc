"""Moving and cancelling what is booked, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockint.db import db, transaction
from mockint.domain.errors import Conflict, Invalid, NotYours, SlotTaken, TooLate
from mockint.models import Person
from mockint.services import booking
from tests import factories
from tests.support.bookings import NOW, TEN, another, booked, cells_of, held, mail, setting

HALF_HOUR = timedelta(minutes=30)

pytestmark = pytest.mark.usefixtures("db_session", "sound")


def test_a_move_into_itself(sanjana: Person, jonas: Person) -> None:
    made = booked(sanjana)
    moved = booking.reschedule(
        made.id, by=sanjana.id, side="candidate", new_start=TEN + HALF_HOUR, now=NOW
    )
    assert (moved.id, moved.start_at, moved.sequence) == (made.id, TEN + HALF_HOUR, 1)
    assert moved.end_at - moved.start_at == timedelta(hours=1)
    assert moved.wall_start == "2026-11-26T11:30"
    assert len(cells_of(moved)) == 8
    again = booking.reschedule(
        made.id, by=sanjana.id, side="candidate", new_start=TEN + HALF_HOUR, now=NOW
    )
    assert again.sequence == 1
    states = mail(moved)
    assert ("reminder-60m", "candidate", 0, "suppressed") in states
    assert ("reminder-60m", "candidate", 1, "pending") in states
    assert ("update", "candidate", 1, "pending") in states
    assert ("update", "interviewer", 1, "pending") in states
    assert ("invitation", "interviewer", 0, "pending") in states


def test_a_move_that_is_refused_keeps_the_old_time(sanjana: Person, jonas: Person) -> None:
    made = booked(sanjana)
    factories.booking(another(1), jonas, start=TEN + timedelta(hours=2), state="held", now=NOW)
    with pytest.raises(SlotTaken):
        booking.reschedule(
            made.id,
            by=sanjana.id,
            side="candidate",
            new_start=TEN + timedelta(minutes=90),
            now=NOW,
        )
    db.session.expire_all()
    assert (made.start_at, made.sequence, len(cells_of(made))) == (TEN, 0, 8)


@pytest.mark.parametrize("side", ["candidate", "interviewer"])
def test_cut_offs_bind_both_sides_but_not_organisers(
    sanjana: Person, jonas: Person, side: str
) -> None:
    setting("cutoff_reschedule_min", 24 * 60)
    setting("cutoff_cancel_min", 48 * 60)
    amina = factories.organiser(now=NOW)
    made = booked(sanjana)
    by = made.candidate_id if side == "candidate" else made.interviewer_id
    almost = TEN - timedelta(hours=24)
    new = TEN + timedelta(days=2)
    with pytest.raises(TooLate):
        booking.reschedule(
            made.id, by=by, side=side, new_start=new, now=almost + timedelta(seconds=1)
        )
    moved = booking.reschedule(made.id, by=by, side=side, new_start=new, now=almost)
    assert moved.start_at == new
    with pytest.raises(TooLate):
        booking.cancel(made.id, by=by, side=side, reason="Ill.", now=new - timedelta(hours=47))
    ended = booking.cancel(
        made.id, by=amina.id, side="organiser", reason="Ill.", now=new - timedelta(minutes=1)
    )
    assert ended.cancelled_side == "organiser"


def test_nobody_moves_or_cancels_what_is_not_theirs(sanjana: Person, jonas: Person) -> None:
    made, robin = booked(sanjana), another(1)
    for by, side in (
        (robin.id, "candidate"),
        (robin.id, "organiser"),
        (jonas.id, "candidate"),
        (sanjana.id, "interviewer"),
    ):
        with pytest.raises(NotYours):
            booking.cancel(made.id, by=by, side=side, reason="No.", now=NOW)
        with pytest.raises(NotYours):
            booking.reschedule(made.id, by=by, side=side, new_start=TEN + HALF_HOUR, now=NOW)
    with pytest.raises(NotYours):
        booking.confirm(made.id, candidate_id=robin.id, now=NOW)
    assert (made.state, made.sequence) == ("confirmed", 0)


def test_a_cancellation_frees_the_time_and_tells_both(sanjana: Person, jonas: Person) -> None:
    made = booked(sanjana)
    with pytest.raises(Invalid):
        booking.cancel(made.id, by=jonas.id, side="interviewer", reason="  ", now=NOW)
    for _ in range(2):
        ended = booking.cancel(
            made.id, by=jonas.id, side="interviewer", reason="My train is late.", now=NOW
        )
    assert (ended.state, ended.sequence, ended.cancelled_side) == ("cancelled", 1, "interviewer")
    assert cells_of(made) == set()
    rows = mail(made)
    assert [row for row in rows if row[3] == "pending"] == [
        ("cancellation", "candidate", 1, "pending"),
        ("invitation", "candidate", 0, "pending"),
        ("cancellation", "interviewer", 1, "pending"),
        ("invitation", "interviewer", 0, "pending"),
    ]
    with pytest.raises(Conflict, match="already cancelled"):
        booking.cancel(made.id, by=sanjana.id, side="candidate", reason="Me too.", now=NOW)
    assert held(another(1)).start_at == TEN


def test_a_new_meeting_link_updates_what_is_ahead(sanjana: Person, jonas: Person) -> None:
    past = factories.booking(another(1), jonas, start=TEN - timedelta(days=7), now=NOW)
    made = booked(sanjana)
    with transaction():
        jonas.interviewer.meeting_link = "https://meet.example/new"
        assert booking.change_link(jonas.id, link="https://meet.example/new", now=NOW) == 1
    assert (made.meeting_link, made.sequence) == ("https://meet.example/new", 1)
    assert ("update", "candidate", 1, "pending") in mail(made)
    assert past.sequence == 0
    assert booking.change_link(jonas.id, link="https://meet.example/new", now=NOW) == 0
    with transaction():  # the factory wrote no mail for the past one
        db.session.delete(past)
