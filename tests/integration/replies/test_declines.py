"""Somebody cannot come: what the other side is told, and what time alone ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Booking, Invitation, OutboxMessage, Person
from mockint.queries import community as community_query
from mockint.queries import verify
from mockint.services import booking as booking_service
from mockint.services import decline, owed, replies
from tests import factories
from tests.support.bookings import cells_of
from tests.support.declines import kinds, mailed, says, state_of
from tests.support.letters import NOW, START
from tests.support.replies import gmail
from tests.support.reply_cases import HOUR, MINUTE, Scene

CUT_OFF = START - 12 * HOUR
SIDES = ("candidate", "interviewer")


@pytest.fixture
def invited(scene: Scene) -> Iterator[Booking]:
    """Both have their invitation; whatever happens, the invariants hold."""
    with transaction():
        owed.invitation(scene.booking, community=community_query.current(), now=NOW)
    assert len(kinds(NOW)) == 2
    yield scene.booking
    db.session.rollback()
    assert list(verify.violations(now=NOW)) == []


def test_a_candidate_is_waited_for_twelve_hours(invited: Booking) -> None:
    says(invited, "candidate", "DECLINED", now=NOW)
    assert kinds(NOW) == [("declined", invited.interviewer_id)]
    assert decline.settle_due(now=NOW + 12 * HOUR - MINUTE) == 0
    assert state_of(invited) == "confirmed"
    assert decline.settle_due(now=NOW + 12 * HOUR) == 1
    assert decline.settle_due(now=NOW + 12 * HOUR) == 0
    assert state_of(invited) == "cancelled"
    assert (invited.cancelled_side, invited.cancelled_by) == ("candidate", invited.candidate_id)
    assert cells_of(invited) == set()
    told = kinds(NOW + 12 * HOUR)
    assert told == sorted(
        ("cancellation", by) for by in (invited.candidate_id, invited.interviewer_id)
    )


@pytest.mark.parametrize("side", SIDES)
def test_at_the_cut_off_it_ends_whoever_declined(invited: Booking, side: str) -> None:
    says(invited, side, "DECLINED", now=CUT_OFF - HOUR)
    decline.settle_due(now=CUT_OFF - MINUTE)
    assert state_of(invited) == "confirmed"
    decline.settle_due(now=CUT_OFF)
    assert state_of(invited) == "cancelled"
    assert invited.cancelled_side == side


@pytest.mark.parametrize("side", SIDES)
def test_after_the_cut_off_it_ends_at_once(invited: Booking, side: str) -> None:
    says(invited, side, "DECLINED", now=START - HOUR)
    decline.settle_due(now=START - HOUR)
    assert state_of(invited) == "cancelled"


def test_when_neither_comes_it_ends_with_the_second(invited: Booking) -> None:
    says(invited, "interviewer", "DECLINED", now=NOW)
    says(invited, "candidate", "DECLINED", now=NOW + HOUR)
    decline.settle_due(now=NOW + HOUR)
    assert state_of(invited) == "cancelled"
    subjects = dict(mailed(NOW + HOUR))
    assert set(subjects) == {"Sanjana", "Jonas"}
    assert all(subject.startswith("Cancelled") for subject in subjects.values())


def test_an_interviewers_decline_ends_with_an_apology_and_the_next_time(invited: Booking) -> None:
    says(invited, "interviewer", "DECLINED", now=NOW)
    mailed(NOW)
    decline.settle_due(now=CUT_OFF)
    row = db.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.kind == "cancellation", OutboxMessage.side == "candidate"
        )
    ).one()
    assert row.payload["declined"] == ["interviewer"]
    assert row.payload["next_start"] > START.isoformat()
    assert len(mailed(CUT_OFF)) == 2


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("back", ["ACCEPTED", "TENTATIVE"])
def test_a_mind_changed_in_time_is_told_once_and_all_is_as_before(
    invited: Booking, side: str, back: str
) -> None:
    other = invited.interviewer_id if side == "candidate" else invited.candidate_id
    says(invited, side, "DECLINED", now=NOW)
    assert kinds(NOW) == [("declined", other)]
    says(invited, side, back, now=NOW + HOUR)
    assert kinds(NOW + HOUR) == [("comes-again", other)]
    assert decline.settle_due(now=START - MINUTE) == 0
    assert state_of(invited) == "confirmed"
    says(invited, side, "DECLINED", now=NOW + 2 * HOUR)
    assert kinds(NOW + 2 * HOUR) == [("declined", other)]
    told = db.session.get_one(Invitation, (invited.id, side, getattr(invited, f"{side}_id")))
    assert told.declined_at == NOW + 2 * HOUR


def test_saying_it_again_gains_no_time(invited: Booking, scene: Scene) -> None:
    says(invited, "candidate", "DECLINED", now=NOW)
    again = gmail(scene.said().but(partstat="DECLINED", stamp=NOW + 11 * HOUR))
    assert replies.ingest(again, now=NOW + 11 * HOUR).outcome == "applied"
    assert decline.settle_due(now=NOW + 12 * HOUR) == 1


def test_a_flood_of_changed_minds_is_five_mails(invited: Booking) -> None:
    for number in range(20):
        said = "ACCEPTED" if number % 2 else "DECLINED"
        says(invited, "candidate", said, now=NOW + number * MINUTE)
        mailed(NOW + number * MINUTE)
    news = select(OutboxMessage.kind).where(OutboxMessage.kind.in_(("declined", "comes-again")))
    assert len(db.session.scalars(news).all()) == 10


def test_a_move_asks_anew_and_a_stale_decline_has_no_effect(invited: Booking, scene: Scene) -> None:
    stale = gmail(scene.said("interviewer").but(partstat="DECLINED", stamp=NOW))
    says(invited, "interviewer", "DECLINED", now=NOW)
    booking_service.reschedule(
        invited.id,
        by=invited.candidate_id,
        side="candidate",
        new_start=START + timedelta(days=1),
        now=NOW + HOUR,
    )
    assert replies.ingest(stale, now=NOW + 2 * HOUR).outcome == "ignored"
    assert decline.settle_due(now=START + 20 * HOUR) == 0
    assert state_of(invited) == "confirmed"
    assert scene.told("interviewer").declined_at is None


def test_what_is_declined_while_it_runs_ends_nothing(invited: Booking, scene: Scene) -> None:
    late = gmail(scene.said().but(partstat="DECLINED", stamp=START + MINUTE))
    replies.ingest(late, now=START + 2 * MINUTE)
    assert decline.settle_due(now=START + 3 * MINUTE) == 0
    assert state_of(invited) == "confirmed"


def test_a_person_of_the_past_ends_nothing(invited: Booking) -> None:
    """The row of an interviewer who was replaced stays, and says that they cannot come."""
    gone: Person = factories.interviewer(email="gone@people.example", now=NOW)
    with transaction():
        db.session.add(
            Invitation(
                booking_id=invited.id,
                side="interviewer",
                person_id=gone.id,
                attendee=gone.email,
                organizer="mockint+past@mock.harbour.example",
                token="pastpastpastpast",
                partstat="DECLINED",
                declined_at=NOW,
            )
        )
    assert decline.waits_until(invited) is None
    assert decline.settle_due(now=START - MINUTE) == 0
