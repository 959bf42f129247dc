"""New clock rules on the interview's page, and clock changes close to an interview."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from mockint.db import db, transaction
from mockint.models import Booking
from mockint.services import promise, rubric
from tests import factories
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)

NOW = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BERLIN_CHANGES = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
NEW_YORK_CHANGES = datetime(2027, 3, 14, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _stands(app: Flask, set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)
    with app.app_context():
        rubric.publish_default(now=NOW)


class Meeting:
    """An interview of two people, and what its pages say to each."""

    def __init__(self, app: Flask, start: datetime, *, zone: str = "Asia/Kathmandu") -> None:
        self.app = app
        with app.app_context():
            people = factories.candidate(zone=zone, now=NOW), factories.interviewer(now=NOW)
            made = factories.booking(*people, start=start, now=NOW)
            self.id = made.id
            self.ids = {"candidate": people[0].id, "interviewer": people[1].id}

    def page(self, side: str, address: str = "/interviews") -> str:
        client = self.app.test_client()
        factories.login(client, self.ids[side], role=side)
        return client.get(f"{address}/{self.id}").text


@pytest.mark.parametrize("address", ["/interviews", "/bookings"])
@pytest.mark.parametrize("days", [-6, 6])
def test_both_sides_read_of_a_clock_change_within_a_week(
    app: Flask, address: str, days: int
) -> None:
    meeting = Meeting(app, BERLIN_CHANGES + days * DAY + timedelta(hours=12))
    for side in ("candidate", "interviewer"):
        page = meeting.page(side, address)
        assert page.count("Clocks in Berlin go forward on Sun 28 Mar") == 1
    assert "Your own time does not change: " in meeting.page("candidate", address)


def test_one_sentence_for_each_side_that_changes(app: Flask) -> None:
    """New York goes first, Berlin two weeks later; in between each is near to one of them."""
    near_both = NEW_YORK_CHANGES + timedelta(days=6, hours=20)
    page = Meeting(app, near_both, zone="America/New_York").page("candidate")
    assert page.count("Clocks in New York go forward on Sun 14 Mar") == 1
    assert page.count("Clocks in Berlin go forward on Sun 28 Mar") == 1
    assert "Your own time does not change" not in page


def test_nothing_is_said_where_no_clock_changes_or_nothing_is_ahead(app: Flask) -> None:
    far = Meeting(app, BERLIN_CHANGES - 8 * DAY)
    assert "Clocks in" not in far.page("candidate") + far.page("interviewer")
    with app.app_context(), transaction():
        booking = db.session.get_one(Booking, far.id)
        booking.start_at, booking.end_at = NOW - DAY, NOW - DAY + timedelta(hours=1)
    assert "Clocks in" not in far.page("candidate")


def broken(app: Flask) -> Meeting:
    """15:00 in Berlin, where 16:00 was promised."""
    meeting = Meeting(app, datetime(2027, 3, 17, 14, 0, tzinfo=UTC))
    with app.app_context(), transaction():
        db.session.get_one(Booking, meeting.id).wall_start = "2027-03-17T16:00"
    return meeting


def test_the_interviewer_is_asked_with_two_buttons(app: Flask, client: Client) -> None:
    meeting = broken(app)
    page = meeting.page("interviewer")
    assert "The clocks of Berlin have new rules" in page
    assert "You promised Wed 17 Mar, 16:00, Berlin." in page
    assert "Keep the moment: Wed 17 Mar, 15:00" in page
    assert "Move it to Wed 17 Mar, 16:00" in page
    assert "have new rules" not in meeting.page("candidate")
    factories.login(client, meeting.ids["interviewer"], role="interviewer")
    address, own = f"/bookings/{meeting.id}/promise", f"/interviews/{meeting.id}"
    answer = client.submit(address, {"answer": "move"}, page=own)
    assert (answer.status_code, answer.location) == (303, f"/bookings/{meeting.id}")
    assert "have new rules" not in meeting.page("interviewer")
    assert "16:00" in meeting.page("interviewer")


def test_a_promised_time_that_is_taken_is_said_and_asked_again(app: Flask, client: Client) -> None:
    meeting = broken(app)
    with app.app_context():
        other = factories.stranger(now=NOW)
        jonas = db.session.get_one(Booking, meeting.id).interviewer
        factories.booking(other, jonas, start=datetime(2027, 3, 17, 15, 0, tzinfo=UTC), now=NOW)
    factories.login(client, meeting.ids["interviewer"], role="interviewer")
    address, own = f"/bookings/{meeting.id}/promise", f"/interviews/{meeting.id}"
    answer = client.submit(address, {"answer": "move"}, page=own)
    assert answer.status_code == 409
    assert "have new rules" in meeting.page("interviewer")
    answer = client.submit(address, {"answer": "keep"}, page=own)
    assert (answer.status_code, answer.location) == (303, own)
    assert "have new rules" not in meeting.page("interviewer")


def test_the_desk_names_who_has_not_said_it(app: Flask, client: Client) -> None:
    broken(app)
    with app.app_context():
        promise.check(now=NOW)
        amina = factories.organiser(now=NOW).id
    factories.login(client, amina, role="organiser")
    assert "New clock rules: Jonas has not said what happens" in client.get("/desk").text
