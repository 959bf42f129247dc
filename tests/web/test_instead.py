"""The interviewer cannot come: the candidate's page, its buttons, and what each side reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockint.db import db, transaction
from mockint.models import Booking, Person
from mockint.queries import community as community_query
from mockint.services import decline, invitation, owed, rubric
from tests import factories
from tests.support.declines import MARA, says

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
BEFORE = START - timedelta(days=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(db_session, set_clock):
    rubric.publish_default(now=BEFORE)
    set_clock(BEFORE)
    candidate = factories.candidate(now=BEFORE)
    booking = factories.booking(
        candidate, factories.interviewer(now=BEFORE), start=START, now=BEFORE
    )
    with transaction():
        for side in ("candidate", "interviewer"):
            invitation.ensure(booking, side)
        owed.invitation(booking, community=community_query.current(), now=BEFORE)
    says(booking, "interviewer", "DECLINED", now=BEFORE)
    return candidate, booking


def page(booking: Booking) -> str:
    return f"/interviews/{booking.id}/instead"


def now_of(booking: Booking) -> Booking:
    db.session.expire_all()
    return db.session.get_one(Booking, booking.id)


def test_one_click_keeps_the_time(client, cast):
    candidate, booking = cast
    mara: Person = factories.interviewer(MARA, now=BEFORE)
    factories.login(client, candidate)
    home = client.get("/").text
    assert f'href="{page(booking)}"' in home, "what settles it is the button of the first page"
    own = client.get(f"/interviews/{booking.id}").text
    assert "Jonas cannot come" in own
    assert "Unless that changes, it is cancelled Thu 26 Nov, 06:45, Kathmandu." in own
    shown = client.get(page(booking)).text
    assert "Mara is free at the same time" in shown
    assert now_of(booking).sequence == 0
    answer = client.submit(
        page(booking), {"start": "2026-11-26T13:00Z", "who": str(mara.id)}, page=page(booking)
    )
    assert (answer.status_code, answer.location) == (303, f"/interviews/{booking.id}")
    assert now_of(booking).interviewer_id == mara.id
    assert "Settled: Mara meets you." in client.get(f"/interviews/{booking.id}").text
    assert "There is nothing to decide" in client.get(page(booking)).text


def test_otherwise_three_times_each_a_button(client, cast):
    candidate, booking = cast
    factories.login(client, candidate)
    shown = client.get(page(booking)).text
    assert "Nobody else is free at this time." in shown
    assert shown.count('class="button time-button" name="start"') == 3
    answer = client.submit(page(booking), {"start": "2026-11-26T14:00Z"}, page=page(booking))
    assert answer.status_code == 303
    assert now_of(booking).start_at == START + HOUR


def test_a_stand_in_who_was_taken_is_said_and_others_are_shown(client, cast):
    candidate, booking = cast
    mara = factories.interviewer(MARA, now=BEFORE)
    factories.login(client, candidate)
    client.get(page(booking))
    factories.booking(factories.stranger(now=BEFORE), mara, start=START, now=BEFORE)
    answer = client.submit(
        page(booking), {"start": "2026-11-26T13:00Z", "who": str(mara.id)}, page=page(booking)
    )
    assert answer.status_code == 409
    assert "This time was just taken." in answer.text
    assert "Nobody else is free at this time." in answer.text
    assert now_of(booking).sequence == 0


def test_what_ended_leads_to_the_next_time(client, cast, set_clock):
    candidate, booking = cast
    cut_off = START - 12 * HOUR
    set_clock(cut_off)
    assert decline.settle_due(now=cut_off) == 1
    factories.login(client, candidate)
    shown = client.get(page(booking)).text
    assert "The next time that fits" in shown
    wish = {"track": "coding", "level": "mid", "length": "60", "start": "2026-11-26T13:30Z"}
    held = client.submit("/bookings", wish, page=page(booking))
    assert held.status_code == 303
    assert "Jonas" in client.get(held.location).text


def test_the_other_side_reads_until_when_it_may_change(client, cast):
    _candidate, booking = cast
    says(booking, "interviewer", "ACCEPTED", now=BEFORE)
    says(booking, "candidate", "DECLINED", now=BEFORE)
    factories.login(client, booking.interviewer)
    own = client.get(f"/interviews/{booking.id}").text
    assert "Sanjana cannot come" in own
    assert "it is cancelled Wed 25 Nov, 02:00, Berlin" in own.replace("\n", " ")
    factories.login(client, booking.candidate)
    assert "You said that you cannot come" in client.get(f"/interviews/{booking.id}").text
    assert client.get(page(booking)).status_code == 200


def test_a_proposal_that_cannot_be_had_is_said_plainly(client, cast):
    candidate, booking = cast
    told = invitation.find(booking, "interviewer")
    with transaction():
        told.proposed_start = START - timedelta(days=1, hours=9)
    factories.login(client, candidate)
    assert "You are not both free then." in client.get(f"/interviews/{booking.id}").text
