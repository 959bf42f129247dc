"""One booking before an organiser, its mails, and booking for somebody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.models import Booking, OutboxMessage
from mockint.services import community
from tests import factories, people
from tests.support import desk
from tests.support import feedback as given
from tests.support.desk import DAY, HOUR, NOW, mail, refreshed


@pytest.fixture
def cast(client, db_session, set_clock):
    return desk.cast(client, set_clock)


# One booking


def test_a_booking_shows_three_clocks_and_its_mails(client, cast):
    sanjana, jonas, _ = cast
    booking = factories.booking(
        sanjana, jonas, start=datetime(2026, 11, 25, 13, 0, tzinfo=UTC), now=NOW
    )
    row = mail("k", sanjana, kind="invitation", booking_id=booking.id, side="candidate")
    with transaction():
        row.state, row.sent_at = "sent", NOW
    page = client.get(f"/desk/bookings/{booking.id}").text
    for words in (
        "Wed 25 Nov, 14:00 to 15:00", "Wed 25 Nov, 18:45 to 19:45", "For you, Lagos",
        "Sanjana, Kathmandu", "Jonas, Berlin", "UTC+05:45", "Sanjana with Jonas",
        "Invitation", "Send again", f"/bookings/{booking.id}/reschedule",
        f"/bookings/{booking.id}/cancellation",
    ):  # fmt: skip
        assert words in page, words
    assert "What counts" not in page, "it has not begun"


def test_a_dispute_is_settled(client, cast):
    sanjana, jonas, _ = cast
    booking = factories.booking(sanjana, jonas, start=NOW - 3 * HOUR, now=NOW - DAY)
    with transaction():
        booking.candidate_attendance = booking.interviewer_attendance = "absent"
    address = f"/desk/bookings/{booking.id}"
    assert "Disputed" in client.get(address).text
    refused = client.submit(f"{address}/attendance", {"verdict": "maybe"}, page=address)
    assert refused.status_code == 422
    assert "Say whether it took place, or who did not come." in refused.text
    settled = client.submit(f"{address}/attendance", {"verdict": "candidate_absent"}, page=address)
    assert settled.status_code == 303
    assert refreshed(booking).interviewer_attendance == "unknown"
    page = client.get(address).text
    assert "Candidate absent" in page
    assert "settled who came" in page


def test_a_draft_stays_the_interviewers_and_submitted_words_are_shown(client, cast, set_clock):
    sanjana, jonas, _ = cast
    booking = factories.booking(sanjana, jonas, start=NOW - 3 * HOUR, now=NOW - DAY)
    feedback = given.submitted(booking, now=NOW, changes={"organiser_note": "Talk to Sanjana."})
    address = f"/desk/bookings/{booking.id}"
    page = client.get(address).text
    assert "Talk to Sanjana." in page
    assert given.SUMMARY.strip()[:60] in page
    with transaction():
        refreshed(feedback).state = "draft"
    page = client.get(address).text
    assert "Talk to Sanjana." not in page
    assert given.SUMMARY.strip()[:60] not in page


def test_a_private_report_is_read_and_closed(client, cast):
    sanjana, jonas, amina = cast
    booking = factories.booking(sanjana, jonas, start=NOW - 3 * HOUR, now=NOW - DAY)
    given.rated(booking, now=NOW, points=1, report="He laughed at me.")
    address = f"/desk/bookings/{booking.id}"
    desk = client.get("/desk").text
    assert "1 private report" in desk
    assert "name a safety person" in desk
    assert "Private report by" not in desk
    assert "He laughed at me." not in client.get(address).text, "nobody is named yet"
    named = {"person": str(amina.id)}
    assert client.submit("/desk/settings/safety", named, page="/desk/settings").status_code == 303
    assert "Private report by Sanjana" in client.get("/desk").text
    assert "He laughed at me." in client.get(address).text
    assert "opened a private report" not in client.get(address).text, "no history tells of it"
    assert client.submit(f"{address}/report/closing", page=address).status_code == 303
    assert "Close the report" not in client.get(address).text
    factories.login(client, jonas, role="interviewer")
    assert client.get(address).status_code == 403


def test_another_organiser_sees_only_how_many_reports_there_are(client, cast):
    sanjana, jonas, amina = cast
    community.change({"safety_person_id": amina.id}, by=amina.id, now=NOW)
    booking = factories.booking(sanjana, jonas, start=NOW - 3 * HOUR, now=NOW - DAY)
    given.rated(booking, now=NOW, points=1, report="He laughed at me.")
    other = factories.organiser(people.Character("Lea", "lea@people.example", "UTC"), now=NOW)
    factories.login(client, other, role="organiser")
    desk = client.get("/desk").text
    assert "1 private report" in desk
    assert "is the safety person and reads it." in desk
    assert "Private report by" not in desk
    address = f"/desk/bookings/{booking.id}"
    assert "He laughed at me." not in client.get(address).text
    assert client.submit(f"{address}/report/closing", page="/desk/settings").status_code == 404


def test_ticked_bookings_are_cancelled_after_a_page_that_asks_why(client, cast):
    sanjana, jonas, _ = cast
    ahead = [factories.booking(sanjana, jonas, start=NOW + n * DAY, now=NOW) for n in (2, 3)]
    over = factories.booking(sanjana, jonas, start=NOW - 3 * HOUR, now=NOW)
    ids = [str(one.id) for one in (*ahead, over)]

    def cancel(**more: str):
        return client.submit(
            "/desk/bookings/cancellation", {"booking": ids, **more}, page="/desk/bookings"
        )

    asked = cancel()
    assert asked.status_code == 200
    assert "Cancel 2 interviews" in asked.text
    assert "1 ticked booking is left out" in asked.text
    assert cancel(reason=" ").status_code == 422
    assert cancel(reason="x" * 501).status_code == 422
    assert cancel(reason="a\x00b").status_code == 422
    assert {refreshed(one).state for one in ahead} == {"confirmed"}
    assert cancel(reason="The building is closed.").status_code == 303
    assert {(refreshed(one).state, one.cancelled_side) for one in ahead} == {
        ("cancelled", "organiser")
    }
    assert refreshed(over).state == "confirmed"
    told = db.session.scalar(
        select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == "cancellation")
    )
    assert told == 4


@pytest.mark.parametrize("ticks", [[], ["x"], ["99999999999999999999"], ["4242"]])
def test_nothing_ticked_shows_the_list_and_says_so(client, cast, ticks):
    answer = client.submit("/desk/bookings/cancellation", {"booking": ticks}, page="/desk/settings")
    assert answer.status_code == 422
    assert "Tick interviews that are still ahead first" in answer.text


# Mail


def test_mails_are_sent_again_as_the_same_rows(client, cast):
    sanjana, jonas, _ = cast
    dead = mail("a", sanjana, state="dead", message_id="<1@x>", attempts=9, kind="feedback-ready")
    sent = mail("b", jonas, state="sent", sent_at=NOW, message_id="<2@x>", kind="feedback-ready")
    waits = mail("c", jonas)
    form = {"mail": [str(dead.id), str(sent.id), "x", "9" * 30, "4242"], "state": "failed"}
    answer = client.submit("/desk/mail/again", form, page="/desk/mail")
    assert (answer.status_code, answer.location) == (303, "/desk/mail?state=failed")
    assert "2 mails go out again within a minute." in client.get("/desk/mail").text
    for row, message_id in ((dead, "<1@x>"), (sent, "<2@x>")):
        assert (refreshed(row).state, row.message_id, row.attempts) == ("pending", message_id, 0)
    assert refreshed(waits).state == "pending"
    answer = client.submit("/desk/mail/again", page="/desk/mail")
    assert answer.status_code == 422
    assert "Tick the mails to send again first." in answer.text


def test_a_mail_is_not_sent_again_before_its_time(client, cast):
    sanjana, _, _ = cast
    later = NOW + HOUR
    row = mail("later", sanjana, kind="reminder", due_at=later, next_try_at=later)
    answer = client.submit("/desk/mail/again", {"mail": str(row.id)}, page="/desk/settings")
    assert answer.status_code == 409
    page = answer.text
    assert "This mail is not due yet. It goes out by itself at its time." in page
    assert "again within a minute" not in page
    assert refreshed(row).next_try_at == later
    with transaction():
        row.attempts, row.next_try_at = 1, NOW + 2 * HOUR
    client.submit("/desk/mail/again", {"mail": str(row.id)}, page="/desk/settings")
    assert refreshed(row).next_try_at == NOW, "what failed once need not wait for its next try"


# Booking for somebody


def test_booking_for_somebody_takes_a_candidate_and_a_time(client, cast):
    sanjana, jonas, _ = cast
    assert "Sanjana" in client.get("/desk/book").text
    assert "No candidate matches" in client.get("/desk/book?q=jonas").text
    address = f"/desk/book?candidate={sanjana.id}"
    page = client.get(address).text
    assert "Book for Sanjana" in page
    assert "Lagos, UTC+01:00" in page
    form = {
        "candidate": str(sanjana.id), "track": "coding", "level": "mid", "length": "60",
        "start": "2026-11-25T13:00Z", "key": "ab12",
    }  # fmt: skip
    answers = [client.submit("/desk/book", form, page="/desk/settings") for _twice in (1, 2)]
    made = db.session.scalars(select(Booking)).all()
    assert [(one.state, one.interviewer_id) for one in made] == [("confirmed", jonas.id)]
    assert {one.location for one in answers} == {f"/desk/bookings/{made[0].id}"}
    assert "booked it for the candidate" in client.get(answers[0].location).text


def test_a_time_that_is_gone_comes_back_with_the_nearest_ones(client, cast):
    sanjana, jonas, _ = cast
    other = factories.stranger()
    start = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    factories.booking(other, jonas, start=start, now=NOW)
    address = f"/desk/book?candidate={sanjana.id}"
    form = {"candidate": str(sanjana.id), "track": "coding", "level": "mid", "length": "60"}
    taken = client.submit("/desk/book", form | {"start": "2026-11-25T13:00Z"}, page=address)
    assert taken.status_code == 409
    assert "14:00 on Wed 25 Nov cannot be booked" in taken.text
    assert "1 h later" in taken.text
    for change in ({"start": "never"}, {"start": ""}, {"track": "chess"}, {"length": "25"}):
        refused = client.submit(
            "/desk/book", form | {"start": "2026-11-25T13:00Z"} | change, page=address
        )
        assert refused.status_code == 422, change
    assert len(db.session.scalars(select(Booking)).all()) == 1


def test_a_candidate_with_enough_ahead_is_said_so(client, cast):
    sanjana, jonas, _ = cast
    for days in (2, 3):
        factories.booking(sanjana, jonas, start=NOW + days * DAY, now=NOW)
    page = client.get(f"/desk/book?candidate={sanjana.id}").text
    assert "as many interviews ahead as the settings allow" in page
