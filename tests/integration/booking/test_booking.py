"""Holding and booking, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.domain.errors import Conflict, Invalid, LimitReached, NotYours, SlotTaken, TooLate
from mockint.domain.timespan import cells
from mockint.models import Booking, Occupancy, OutboxMessage, Person
from mockint.services import booking, holds, matching
from tests import factories, people
from tests.support import counting
from tests.support.bookings import NOW, TEN, another, booked, cells_of, held, mail, wanted

HALF_HOUR = timedelta(minutes=30)

pytestmark = pytest.mark.usefixtures("db_session", "sound")


def test_a_hold_takes_both_peoples_time_for_ten_minutes(sanjana: Person, jonas: Person) -> None:
    made = held(sanjana)
    assert (made.state, made.interviewer_id, made.chosen) == ("held", jonas.id, False)
    assert made.held_until == NOW + timedelta(minutes=10)
    assert made.wall_start == "2026-11-26T11:00"
    assert made.zone == "Europe/Berlin"
    assert made.uid.endswith("@127.0.0.1")
    assert made.reason
    assert cells_of(made) == {
        (who, cell) for who in (sanjana.id, jonas.id) for cell in cells(made.start_at, made.end_at)
    }


def test_somebody_else_is_refused_and_may_take_it_once_the_hold_ran_out(
    sanjana: Person, jonas: Person
) -> None:
    first_id, robin = held(sanjana).id, another(1)
    with pytest.raises(SlotTaken, match="just taken"):
        held(robin, now=NOW + timedelta(minutes=9))
    second = held(robin, now=NOW + timedelta(minutes=10))
    assert db.session.scalars(select(Booking.id)).all() == [second.id]
    assert second.id != first_id
    with pytest.raises(NotYours):
        booking.confirm(first_id, candidate_id=sanjana.id, now=NOW + timedelta(minutes=11))


def test_choosing_another_time_swaps_the_hold(sanjana: Person, jonas: Person) -> None:
    held(sanjana)
    second = held(sanjana, TEN + HALF_HOUR)
    assert db.session.scalars(select(Booking.id)).all() == [second.id]
    assert len(cells_of(second)) == 8


def test_a_swap_that_fails_keeps_the_first_hold(sanjana: Person, jonas: Person) -> None:
    first = held(sanjana)
    factories.booking(another(1), jonas, start=TEN + timedelta(hours=2), state="held", now=NOW)
    with pytest.raises(SlotTaken):
        held(sanjana, TEN + timedelta(hours=2))
    assert len(cells_of(first)) == 8


def test_the_same_form_twice_is_one_hold_and_one_booking(sanjana: Person, jonas: Person) -> None:
    first = holds.hold(sanjana.id, wanted(), request_key="k" * 32, now=NOW)
    assert holds.hold(sanjana.id, wanted(), request_key="k" * 32, now=NOW).id == first.id
    booking.confirm(first.id, candidate_id=sanjana.id, now=NOW)
    again = holds.hold(sanjana.id, wanted(), request_key="k" * 32, now=NOW)
    assert (again.id, again.state) == (first.id, "confirmed")
    booking.cancel(first.id, by=sanjana.id, side="candidate", reason="Ill.", now=NOW)
    anew = holds.hold(sanjana.id, wanted(again=True), request_key="k" * 32, now=NOW)
    assert anew.state == "held"


def test_confirming_twice_is_one_booking_with_one_invitation_each(
    sanjana: Person, jonas: Person
) -> None:
    made = booked(sanjana)
    again = booking.confirm(made.id, candidate_id=sanjana.id, now=NOW + HALF_HOUR)
    assert again.id == made.id
    assert made.meeting_link == "https://meet.example/jonas"
    assert mail(made) == [
        ("feedback-late", "candidate", 0, "pending"),
        ("invitation", "candidate", 0, "pending"),
        ("rate-interviewer", "candidate", 0, "pending"),
        ("reminder-1440m", "candidate", 0, "pending"),
        ("reminder-60m", "candidate", 0, "pending"),
        *[(f"feedback-nudge-{n}", "interviewer", 0, "pending") for n in range(1, 8)],
        ("invitation", "interviewer", 0, "pending"),
        ("reminder-1440m", "interviewer", 0, "pending"),
        ("reminder-60m", "interviewer", 0, "pending"),
    ]


def test_a_hold_that_ran_out_is_booked_all_the_same_while_it_is_free(
    sanjana: Person, jonas: Person
) -> None:
    made = held(sanjana)
    late = booking.confirm(made.id, candidate_id=sanjana.id, now=NOW + timedelta(hours=3))
    assert (late.id, late.state, late.held_until) == (made.id, "confirmed", None)


def test_anyone_means_the_next_interviewer_when_the_first_is_taken(
    sanjana: Person, jonas: Person
) -> None:
    first = held(sanjana)
    lea = factories.interviewer(name="Lea", email="lea@people.example", now=NOW)
    second = held(another(1))
    assert {first.interviewer_id, second.interviewer_id} == {jonas.id, lea.id}
    with pytest.raises(SlotTaken):
        held(another(2))


def test_a_lost_hold_with_anyone_is_booked_with_somebody_else(
    sanjana: Person, jonas: Person
) -> None:
    made_id = held(sanjana).id
    later = NOW + timedelta(minutes=11)
    held(another(1), now=later, interviewer_id=jonas.id)
    lea = factories.interviewer(name="Lea", email="lea@people.example", now=NOW)
    got = booking.confirm(made_id, candidate_id=sanjana.id, now=later, wanted=wanted())
    assert (got.interviewer_id, got.state) == (lea.id, "confirmed")
    same = booking.confirm(made_id, candidate_id=sanjana.id, now=later, wanted=wanted())
    assert same.id == got.id


def test_an_expired_hold_is_not_moved_to_somebody_who_was_not_asked_for(
    sanjana: Person, jonas: Person
) -> None:
    made = held(sanjana, interviewer_id=jonas.id)
    later = NOW + timedelta(minutes=11)
    factories.interviewer(name="Lea", email="lea@people.example", now=NOW)
    factories.booking(another(1), jonas, start=TEN + 2 * HALF_HOUR, state="held", now=later)
    with transaction():
        jonas.interviewer.max_per_day = 1
    with pytest.raises(SlotTaken):
        booking.confirm(made.id, candidate_id=sanjana.id, now=later)
    assert db.session.get(Booking, made.id) is not None


def test_an_interviewer_who_left_is_replaced_or_the_time_is_refused(
    sanjana: Person, jonas: Person
) -> None:
    made = held(sanjana)
    named = held(another(1), TEN + timedelta(hours=2), interviewer_id=jonas.id)
    with transaction():
        jonas.active = False
    with pytest.raises(SlotTaken):
        booking.confirm(named.id, candidate_id=named.candidate_id, now=NOW)
    with pytest.raises(SlotTaken):
        booking.confirm(made.id, candidate_id=sanjana.id, now=NOW)
    assert len(cells_of(made)) == 8, "a refusal keeps the hold"
    lea = factories.interviewer(name="Lea", email="lea@people.example", now=NOW)
    got = booking.confirm(made.id, candidate_id=sanjana.id, now=NOW)
    assert (got.interviewer_id, got.state, got.start_at) == (lea.id, "confirmed", TEN)


def test_a_hold_can_be_extended_and_given_up(sanjana: Person, jonas: Person) -> None:
    made = held(sanjana)
    later = NOW + timedelta(minutes=8)
    assert holds.extend(made.id, candidate_id=sanjana.id, now=later).held_until == (
        later + timedelta(minutes=10)
    )
    with pytest.raises(LimitReached):
        holds.extend(made.id, candidate_id=sanjana.id, now=NOW + timedelta(minutes=101))
    with pytest.raises(NotYours):
        holds.release(made.id, candidate_id=jonas.id, now=NOW)
    for _ in range(2):
        holds.release(made.id, candidate_id=sanjana.id, now=NOW)
    assert db.session.scalar(select(func.count()).select_from(Occupancy)) == 0


def test_long_gone_holds_are_dropped(sanjana: Person, jonas: Person) -> None:
    held(sanjana)
    assert holds.drop_expired(now=NOW + timedelta(minutes=69)) == 0
    assert holds.drop_expired(now=NOW + timedelta(minutes=70)) == 1
    assert db.session.scalar(select(func.count()).select_from(Occupancy)) == 0


def test_at_most_two_upcoming_interviews(sanjana: Person, jonas: Person) -> None:
    booked(sanjana)
    booked(sanjana, TEN + timedelta(hours=1), again=True)
    with pytest.raises(LimitReached, match="2 upcoming interviews; 2 is the most"):
        held(sanjana, TEN + timedelta(hours=2), again=True)


def test_an_unconfirmed_address_or_an_unfinished_profile_holds_nothing(jonas: Person) -> None:
    with pytest.raises(Conflict, match="Confirm your e-mail address"):
        held(another(1, confirmed=False))
    with pytest.raises(Conflict, match="what you prepare for"):
        held(another(2, tracks=()))
    with pytest.raises(Conflict, match="what you prepare for"):
        held(factories.person(people.AMINA, "candidate", now=NOW))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"track": "chess"}, Invalid),
        ({"level": "wizard"}, Invalid),
        ({"duration_min": 17}, Invalid),
        ({"start": TEN + timedelta(minutes=7)}, SlotTaken),
        ({"start": NOW - timedelta(days=1, minutes=5)}, TooLate),
        ({"start": datetime(2026, 11, 23, 11, 0, tzinfo=UTC)}, TooLate),
        ({"start": TEN.replace(hour=3)}, SlotTaken),
        ({"interviewer_id": 4711}, SlotTaken),
        ({"track": "ml_concepts"}, SlotTaken),
    ],
)
def test_what_is_not_on_offer_is_refused(
    sanjana: Person, jonas: Person, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        holds.hold(sanjana.id, wanted(**changes), now=NOW)
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0


def test_who_has_met_meets_again_only_when_asked_for(sanjana: Person, jonas: Person) -> None:
    booked(sanjana)
    later = TEN + timedelta(hours=3)
    with pytest.raises(SlotTaken):
        held(sanjana, later)
    assert held(sanjana, later, again=True).interviewer_id == jonas.id
    assert held(sanjana, later, interviewer_id=jonas.id).chosen


def test_the_rest_between_interviews_and_the_caps_are_kept(sanjana: Person) -> None:
    factories.interviewer(buffer_min=30, max_per_day=2, now=NOW)
    booked(sanjana)
    with pytest.raises(SlotTaken):
        held(another(1), TEN + timedelta(minutes=60))
    booked(another(2), TEN + timedelta(minutes=90))
    with pytest.raises(SlotTaken):
        held(another(3), TEN + timedelta(hours=5))


def test_asking_to_be_told(sanjana: Person) -> None:
    choice = {"track": "coding", "level": "mid", "duration_min": 60}
    asked = matching.ask(sanjana.id, **choice, now=NOW)
    assert matching.ask(sanjana.id, **choice, now=NOW).id == asked.id
    assert matching.tell_waiting(now=NOW) == 0
    factories.interviewer(now=NOW)
    assert matching.tell_waiting(now=NOW) == 1
    assert matching.tell_waiting(now=NOW) == 0
    row = db.session.scalars(select(OutboxMessage)).one()
    assert (row.kind, row.person_id) == ("time-opened", sanjana.id)
    assert row.payload["path"] == "/book?track=coding&level=mid&length=60"
    second = matching.ask(sanjana.id, track="testing", level="mid", duration_min=60, now=NOW)
    with pytest.raises(NotYours):
        matching.withdraw(second.id, candidate_id=another(1).id, now=NOW)
    matching.withdraw(second.id, candidate_id=sanjana.id, now=NOW)
    assert matching.open_requests(sanjana.id) == []


def test_the_number_of_selects_does_not_grow_with_the_interviewers(sanjana: Person) -> None:
    request, sanjana_id = wanted().request, sanjana.id

    def selects() -> int:
        with counting.statements() as sent:
            assert matching.search(sanjana_id, request=request, now=NOW).starts
        return len(sent)

    factories.interviewer(now=NOW)
    few = selects()
    for number in range(12):
        lea = factories.interviewer(
            name=f"Lea {number}", email=f"lea{number}@people.example", now=NOW
        )
        factories.booking(another(number), lea, start=TEN, state="held", now=NOW)
    assert selects() == few
