"""From a chosen time to a booked, moved or cancelled interview, page by page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.models import Booking, CommunitySetting, OutboxMessage, Person
from tests import factories, people

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)
TEN = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
"""Thursday, 11:00 in Berlin and 15:45 in Kathmandu."""
WISH = {"track": "coding", "level": "mid", "length": "60", "start": "2026-11-26T10:00Z"}


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


@pytest.fixture
def jonas(db_session) -> Person:
    return factories.interviewer()


@pytest.fixture
def sanjana(client, db_session) -> Person:
    person = factories.candidate()
    factories.login(client, person, role="candidate")
    return person


def only() -> Booking:
    db.session.expire_all()
    return db.session.scalars(select(Booking)).one()


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def starts(page: str) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', page)


def hidden(page: str, action: str) -> dict[str, str]:
    """What the form that goes to `action` sends by itself."""
    form = re.search(rf'<form[^>]*action="{action}".*?</form>', page, re.S)
    assert form, f"no form for {action}"
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


def hold(client, **changes: str):
    return client.submit("/bookings", WISH | changes, page="/book")


def test_three_clicks_and_no_typing(client, sanjana, jonas):
    picker = client.get("/book?day=2026-11-26").text
    form = hidden(picker, "/bookings")
    assert "2026-11-26T10:00Z" in starts(picker)
    answer = client.post("/bookings", data={**form, "start": "2026-11-26T10:00Z"})
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Held until 15:30" in page
    assert "Thu 26 Nov, 15:45 to 16:45" in page
    assert "Thu 26 Nov, 11:00 to 12:00" in page
    assert "Jonas" in page
    assert jonas.email not in page
    action = f"{answer.location}/confirmation"
    for _ in range(2):
        booked = client.post(action, data=hidden(page, action))
        assert (booked.status_code, booked.location) == (303, answer.location)
    page = client.get(answer.location).text
    assert "Booked" in page
    assert "An invitation is on its way to s...a@people.example" in page
    assert "Last moment to move or cancel: Thu 26 Nov, 03:45, Kathmandu." in page
    assert only().state == "confirmed"
    invitations = select(func.count()).where(OutboxMessage.kind == "invitation")
    assert db.session.scalar(invitations) == 2


def test_the_booked_page_for_the_interviewer_and_an_organiser(client, sanjana, jonas):
    made = factories.booking(sanjana, jonas, start=TEN)
    address = f"/bookings/{made.id}"
    factories.login(client, jonas, role="interviewer")
    page = client.get(address).text
    assert "with Sanjana" in page
    assert "11:00" in page
    assert sanjana.email not in page
    assert "Everest Pay" not in page
    factories.login(client, factories.organiser(), role="organiser")
    assert "Sanjana with Jonas" in client.get(address).text
    factories.login(client, factories.stranger(), role="candidate")
    for part in ("", "/reschedule", "/cancellation", "/invite.ics"):
        assert client.get(address + part).status_code == 404
    for part in ("/confirmation", "/extension", "/release", "/reschedule", "/cancellation"):
        data = {**WISH, "sure": "y", "reason": "No."}
        assert client.submit(address + part, data, page="/book").status_code == 404
    assert (only().state, only().sequence) == ("confirmed", 0)


def test_calendar_links_and_file(client, sanjana, jonas):
    made = factories.booking(sanjana, jonas, start=TEN)
    page = client.get(f"/bookings/{made.id}").text
    assert page.index("invite.ics") < page.index("calendar.google.com")
    assert "dates=20261126T100000Z/20261126T110000Z".replace("/", "%2F") in page or (
        "dates=20261126T100000Z/20261126T110000Z" in page
    )
    assert "outlook.live.com/calendar/0/deeplink/compose" in page
    assert "outlook.office.com/calendar/0/deeplink/compose" in page
    file = client.get(f"/bookings/{made.id}/invite.ics")
    assert file.content_type == "text/calendar; charset=utf-8"
    assert f"UID:{made.uid}" in file.text.replace("\r\n ", "")
    assert jonas.email not in file.text


def test_a_taken_time_is_said_calmly_with_three_others(client, sanjana, jonas, set_clock):
    picker = client.get("/book?day=2026-11-26").text
    robin = factories.stranger()
    factories.booking(robin, jonas, start=TEN)
    set_clock(NOW + timedelta(seconds=20))
    form = hidden(picker, "/bookings")
    answer = client.post("/bookings", data={**form, "start": WISH["start"]})
    assert answer.status_code == 409
    assert "15:45 on Thu 26 Nov was just taken" in answer.text
    assert "Somebody booked it 20 seconds ago." in answer.text
    assert "your choices are kept" in answer.text
    near = starts(answer.text)[:3]
    assert near == ["2026-11-26T09:00Z", "2026-11-26T11:00Z", "2026-11-26T08:30Z"]
    assert "an hour" not in answer.text
    assert "1 h earlier" in answer.text
    assert robin.name not in answer.text
    assert count() == 1
    again = client.post("/bookings", data={**hidden(answer.text, "/bookings"), "start": near[0]})
    assert again.status_code == 303


def test_a_hold_that_is_gone_offers_the_nearest_times(client, sanjana, jonas, set_clock):
    held = hold(client)
    page = client.get(held.location).text
    action = f"{held.location}/confirmation"
    form = hidden(page, action)
    later = NOW + timedelta(minutes=11)
    set_clock(later)
    assert "The hold ran out at 15:30" in client.get(held.location).text
    with transaction():
        db.session.delete(only())
    factories.booking(factories.stranger(), jonas, start=TEN, now=later)
    answer = client.post(action, data=form)
    assert answer.status_code == 409
    assert "15:45 on Thu 26 Nov was just taken" in answer.text
    assert len(starts(answer.text)) > 3


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"start": "yesterday"}, 422, "This is no time."),
        ({"start": ""}, 422, "Choose a time."),
        ({"start": "0001-01-01T00:00Z"}, 422, "This is no time."),
        ({"start": "2026-11-26T10:00"}, 422, "This is no time."),
        ({"track": "chess"}, 422, "Choose one of the tracks."),
        ({"level": "wizard"}, 422, "Choose one of the levels."),
        ({"length": "17"}, 422, "Choose one of the lengths offered."),
        ({"length": "60; drop table"}, 422, "Choose one of the lengths offered."),
        ({"who": "abc"}, 422, "Choose one of the interviewers."),
        ({"key": "\x00" * 9}, 422, "Reload this page"),
        ({"start": "2026-11-26T10:07Z"}, 409, "cannot be booked"),
        ({"start": "2026-11-20T10:00Z"}, 409, "too close to be booked now"),
        ({"start": "2026-11-23T12:00Z"}, 409, "too close to be booked now"),
        ({"start": "2027-11-26T10:00Z"}, 409, "further ahead"),
        ({"who": "4711"}, 409, "no longer offered"),
    ],
)
def test_bad_input_changes_nothing(client, sanjana, jonas, change, status, words):
    answer = hold(client, **change)
    assert answer.status_code == status
    assert words in answer.text
    assert count() == 0


def test_at_the_cap_there_is_a_sentence_and_no_times(client, sanjana, jonas):
    token = client.token("/book")
    for days in (3, 10):
        factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + timedelta(days=days))
    answer = client.post("/bookings", data={**WISH, "csrf_token": token})
    assert answer.status_code == 409
    assert "You already have 2 upcoming interviews; 2 is the most." in answer.text
    assert starts(answer.text) == []
    assert count() == 2


def test_extending_and_letting_go(client, sanjana, jonas, set_clock):
    address = hold(client).location
    set_clock(NOW + timedelta(minutes=8))
    assert client.submit(f"{address}/extension", page=address).status_code == 303
    assert "Held until 15:38" in client.get(address).text
    answer = client.submit(f"{address}/release", WISH, page=address)
    assert (answer.status_code, count()) == (303, 0)
    assert answer.location == "/book?track=coding&level=mid&length=60"


def test_a_time_is_not_held_for_ever(client, sanjana, jonas, set_clock):
    address = hold(client).location
    set_clock(NOW + timedelta(minutes=101))
    answer = client.submit(f"{address}/extension", page=address)
    assert answer.status_code == 409
    assert "This time was held for long enough; confirm it or let it go." in answer.text


def test_a_hold_is_confirmed_by_a_page_that_shows_it(client, sanjana, jonas):
    address = hold(client).location
    for other in ({"start": "2026-11-26T10:30Z"}, {"length": "30"}, {"track": "system_design"}):
        answer = client.submit(f"{address}/confirmation", {**WISH, **other}, page=address)
        assert answer.status_code == 409
        assert "This is not the time you hold. Choose it again." in answer.text
        assert only().state == "held"


def test_moving_in_two_clicks(client, sanjana, jonas):
    made = factories.booking(sanjana, jonas, start=TEN)
    address = f"/bookings/{made.id}"
    page = client.get(f"{address}/reschedule").text
    assert "It stays there until you have chosen and confirmed another time." in page
    assert "Last moment to move it: Thu 26 Nov, 03:45, Kathmandu." in page
    assert WISH["start"] not in starts(page)
    chosen = client.submit(f"{address}/reschedule", {"start": "2026-11-26T10:30Z"})
    assert chosen.status_code == 303
    page = client.get(chosen.location).text
    assert "Move to this time" in page
    assert "Thu 26 Nov, 16:15 to 17:15" in page
    assert only().start_at == TEN, "nothing moved so far"
    for _ in range(2):
        moved = client.submit(
            f"{address}/reschedule",
            {"start": "2026-11-26T10:30Z", "sure": "y"},
            page=address + "/reschedule",
        )
        assert (moved.status_code, moved.location) == (303, address)
    assert (only().start_at, only().sequence) == (TEN + timedelta(minutes=30), 1)


def test_the_interviewer_moves_it_to_a_time_that_suits_both(client, sanjana, jonas):
    made = factories.booking(sanjana, jonas, start=TEN)
    lea = factories.interviewer(name="Lea", email="lea@people.example")
    factories.booking(sanjana, lea, start=TEN + timedelta(hours=2))
    factories.login(client, jonas, role="interviewer")
    offered = starts(client.get(f"/bookings/{made.id}/reschedule?day=2026-11-26").text)
    assert "2026-11-26T09:00Z" in offered
    assert "2026-11-26T11:30Z" not in offered, "Sanjana has another interview then"
    taken = {"start": "2026-11-26T11:30Z", "sure": "y"}
    answer = client.submit(f"/bookings/{made.id}/reschedule", taken)
    assert answer.status_code == 409
    assert "Your interview stays where it is." in answer.text
    chosen = client.submit(f"/bookings/{made.id}/reschedule", {"start": "2026-11-26T11:30Z"})
    assert chosen.status_code == 409
    link = f"/bookings/{made.id}/reschedule?start=2026-11-26T11:30Z"
    assert client.get(link).status_code == 409


def test_after_the_cut_off_only_organisers_move_and_cancel(client, sanjana, jonas, set_clock):
    made = factories.booking(sanjana, jonas, start=TEN)
    address = f"/bookings/{made.id}"
    set_clock(TEN - timedelta(hours=11))
    page = client.get(address).text
    assert f"{address}/cancellation" not in page
    assert "Later than this the organisers can help." in page
    for part in ("reschedule", "cancellation"):
        assert "It is too late to" in client.get(f"{address}/{part}").text
    token = client.token("/book")
    data = {"csrf_token": token, "reason": "Ill.", "start": "2026-11-27T10:00Z", "sure": "y"}
    assert client.post(f"{address}/cancellation", data=data).status_code == 409
    assert client.post(f"{address}/reschedule", data=data).status_code == 409
    assert (only().state, only().sequence) == ("confirmed", 0)
    factories.login(client, factories.organiser(), role="organiser")
    answer = client.submit(f"{address}/cancellation", {"reason": "The venue has no power."})
    assert answer.status_code == 303
    assert only().cancelled_side == "organiser"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "Say in a few words why"),
        ("   ", "Say in a few words why"),
        ("x" * 501, "Shorten this to 500 characters. It has 501."),
        ("bad \x07 bell", "Remove the characters that cannot be shown."),
    ],
)
def test_a_cancellation_needs_a_reason(client, sanjana, jonas, reason, words):
    made = factories.booking(sanjana, jonas, start=TEN)
    answer = client.submit(f"/bookings/{made.id}/cancellation", {"reason": reason})
    assert answer.status_code == 422
    assert words in answer.text
    assert only().state == "confirmed"


def test_cancelling_tells_why_to_the_other_side(client, sanjana, jonas):
    made = factories.booking(sanjana, jonas, start=TEN)
    address = f"/bookings/{made.id}"
    page = client.get(f"{address}/cancellation").text
    assert "Jonas gets a mail with your reason" in page
    answer = client.submit(f"{address}/cancellation", {"reason": "<b>My train</b> is late."})
    assert (answer.status_code, answer.location) == (303, address)
    factories.login(client, jonas, role="interviewer")
    page = client.get(address).text
    assert "Cancelled" in page
    assert "&lt;b&gt;My train&lt;/b&gt; is late." in page
    again = client.submit(f"{address}/cancellation", {"reason": "Me too."}, page="/hours")
    assert again.status_code == 409
    assert only().cancelled_by == sanjana.id


def test_a_clock_change_close_to_the_interview_is_said(client, db_session, set_clock):
    spring = datetime(2027, 3, 25, 9, 35, tzinfo=UTC)
    set_clock(spring)
    sanjana, jonas = factories.candidate(), factories.interviewer()
    factories.login(client, sanjana, role="candidate")
    start = datetime(2027, 3, 30, 13, 0, tzinfo=UTC)
    made = factories.booking(sanjana, jonas, start=start)
    page = client.get(f"/bookings/{made.id}").text
    assert "Clocks in Berlin go forward on Sun 28 Mar" in page
    assert "For Jonas it starts at 15:00, not 14:00." in page
    assert "Your own time does not change: 18:45 Kathmandu." in page


def test_looking_at_pages_changes_nothing(client, sanjana, jonas):
    held = hold(client)
    made = only()
    before = {column.name: getattr(made, column.name) for column in Booking.__table__.columns}
    for address in (held.location, "/book", f"/interviewers/{jonas.id}"):
        for _ in range(3):
            client.get(address)
            client.head(address)
    made = only()
    assert {name: getattr(made, name) for name in before} == before
    for part in ("confirmation", "extension", "release"):
        assert client.get(f"{held.location}/{part}").status_code == 405


def test_lengths_an_organiser_withdrew_are_refused(client, sanjana, jonas):
    with transaction():
        db.session.add(CommunitySetting(name="lengths_min", value=[30, 60], updated_at=NOW))
    assert hold(client, length="90").status_code == 422
    assert "90 minutes" not in client.get("/book").text


def test_an_interviewer_who_is_a_candidate_too_is_never_in_two_places(client, jonas):
    lea = factories.candidate(people.ROBIN, employer="", also=["organiser"])
    factories.booking(lea, jonas, start=TEN)
    sanjana = factories.candidate()
    factories.login(client, sanjana, role="candidate")
    assert hold(client).status_code == 409
