"""Who comes: on the interview's page, in lists, at the desk, and behind the link of a mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Booking, Invitation, OutboxMessage, Person
from mockint.services import answer, invitation, replies, rubric
from tests import factories
from tests.support.replies import Said, gmail

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
BEFORE = START - timedelta(days=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(db_session, set_clock):
    rubric.publish_default(now=BEFORE)
    set_clock(BEFORE)
    candidate = factories.candidate(now=BEFORE)
    interviewer = factories.interviewer(now=BEFORE)
    booking = factories.booking(candidate, interviewer, start=START, now=BEFORE)
    with transaction():
        for side in ("candidate", "interviewer"):
            invitation.ensure(booking, side)
    return candidate, interviewer, booking


def told(booking: Booking, side: str) -> Invitation:
    found = invitation.find(booking, side)
    assert found is not None
    db.session.refresh(found)
    return found


def says(booking: Booking, partstat: str, side: str = "interviewer", **changes: object) -> str:
    """A calendar answers, and nobody vouches for the sender."""
    row = told(booking, side)
    said = Said(
        uid=booking.uid,
        organizer=row.organizer,
        attendee=row.attendee,
        start=booking.start_at,
        end=booking.end_at,
        stamp=BEFORE - HOUR,
        partstat=partstat,
        trace="",
    ).but(**changes)
    return replies.ingest(gmail(said), now=BEFORE).outcome


def page_of(client, person: Person, booking: Booking) -> str:
    factories.login(client, person)
    return str(client.get(f"/interviews/{booking.id}").text)


def test_each_side_reads_what_both_said(client, cast):
    candidate, interviewer, booking = cast
    assert page_of(client, candidate, booking).count("Not answered yet") == 2
    answer.give(booking.id, by=interviewer.id, partstat="TENTATIVE", now=BEFORE)
    assert "May come" in page_of(client, candidate, booking)
    assert "Jonas may come" in client.get("/interviews").text
    assert "Jonas may come" in client.get("/").text
    page = page_of(client, interviewer, booking)
    assert "May come" in page
    assert "I may come" not in page
    assert "I cannot come" in page


def test_a_button_answers_for_oneself(client, cast):
    candidate, interviewer, booking = cast
    factories.login(client, candidate)
    page = f"/interviews/{booking.id}"
    response = client.submit(f"{page}/answer", {"answer": "DECLINED"}, page=page)
    assert response.status_code == 303
    assert told(booking, "candidate").partstat == "DECLINED"
    assert told(booking, "interviewer").partstat == "NEEDS-ACTION"
    assert "The other side is told by mail" in client.get(f"/interviews/{booking.id}").text
    assert "You cannot come" in client.get("/").text
    page = page_of(client, interviewer, booking)
    assert "Sanjana cannot come" in page
    assert "Then your hour opens again." in page
    assert "Sanjana cannot come" in client.get("/").text


def test_what_somebody_wrote_stays_text(client, cast):
    candidate, _interviewer, booking = cast
    row = told(booking, "interviewer")
    with transaction():
        row.partstat, row.comment = "DECLINED", "<img src=x> & {{ 7*7 }}"
    assert "&lt;img src=x&gt; &amp; {{ 7*7 }}" in page_of(client, candidate, booking)


def test_a_delegate_is_between_them_and_the_organisers(client, cast):
    candidate, interviewer, booking = cast
    row = told(booking, "interviewer")
    with transaction():
        row.partstat = "DELEGATED"
    page = page_of(client, candidate, booking)
    assert "somebody else" not in page
    assert page.count("Not answered yet") == 2
    own = page_of(client, interviewer, booking)
    assert "You asked that somebody else comes" in own
    assert own.count("Not answered yet") == 1
    factories.login(client, factories.organiser())
    assert "One side wants to send somebody else" in client.get("/desk").text
    assert "Wants to send somebody else" in client.get(f"/desk/bookings/{booking.id}").text


def test_a_proposal_leads_to_moving(client, cast):
    candidate, _interviewer, booking = cast
    row = told(booking, "interviewer")
    with transaction():
        row.proposed_start = START + HOUR
    page = page_of(client, candidate, booking)
    top, _below = page.split('class="facts"', 1)
    assert "Jonas asks for another time" in top
    assert "Jonas would rather meet Thu 26 Nov, 19:45, Kathmandu." in top
    address = f"/bookings/{booking.id}/reschedule?start=2026-11-26T14:00Z"
    assert f'href="{address}"' in page
    assert "Move to this time" in client.get(address).text
    assert client.get(f"/interviews/{booking.id}").status_code == 200
    assert db.session.get_one(Booking, booking.id).start_at == START


def test_an_organiser_sees_who_cannot_come_and_what_came_in(client, cast):
    _candidate, interviewer, booking = cast
    assert says(booking, "DECLINED") == "held"
    assert says(booking, "ACCEPTED", sequence=9) == "refused"
    answer.give(booking.id, by=interviewer.id, partstat="DECLINED", now=BEFORE)
    factories.login(client, factories.organiser())
    assert "One side cannot come" in client.get("/desk").text
    assert str(booking.id) in client.get("/desk/bookings?state=declined").text
    page = client.get(f"/desk/bookings/{booking.id}").text
    for words in ("Cannot come", "To be confirmed", "Refused", "answered the invitation"):
        assert words in page


def test_mail_that_comes_back_is_said_where_it_matters(client, cast):
    candidate, interviewer, booking = cast
    factories.person_with(candidate, undeliverable_at=BEFORE)
    assert "Mail to Sanjana comes back" in page_of(client, interviewer, booking)
    factories.login(client, candidate)
    assert "Mail to your address comes back" in client.get("/").text
    factories.login(client, factories.organiser())
    assert "Mail to Sanjana comes back" in client.get(f"/desk/bookings/{booking.id}").text


def link_of(booking: Booking) -> str:
    row = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "confirm-answer")
    ).one()
    return str(row.payload["link"])


def test_the_link_of_a_mail_asks_and_its_button_counts(client, cast):
    _candidate, _interviewer, booking = cast
    assert says(booking, "DECLINED", comment="a <b>fever</b>") == "held"
    link = link_of(booking)
    for _ in range(2):
        page = client.get(link)
        assert page.status_code == 200
        assert "Did you answer that you cannot come?" in page.text
        assert "a &lt;b&gt;fever&lt;/b&gt;" in page.text
        assert client.head(link).status_code == 200
    assert told(booking, "interviewer").partstat == "NEEDS-ACTION"
    assert client.submit(link, {}).status_code == 303
    assert told(booking, "interviewer").partstat == "DECLINED"
    for again in (client.get(link), client.submit(link, {}, page="/login")):
        assert again.status_code == 410
        assert "used already" in again.text


def test_a_link_that_was_overtaken_says_so(client, cast):
    _candidate, interviewer, booking = cast
    says(booking, "DECLINED")
    answer.give(booking.id, by=interviewer.id, partstat="ACCEPTED", now=BEFORE)
    response = client.submit(link_of(booking), {})
    assert response.status_code == 409
    assert "A later answer is known already." in response.text
    assert told(booking, "interviewer").partstat == "ACCEPTED"


def test_a_made_up_link_is_useless(client, db_session):
    assert client.get("/interviews/answers/made-up").status_code == 410
