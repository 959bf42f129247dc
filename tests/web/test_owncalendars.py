"""An interviewer's own calendars on their pages, and who may see and change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import BusyCalendar, Person
from mockint.services import busytime, looks, rubric
from mockint.settings import Settings
from tests import factories
from tests.support import shelf as shelves
from tests.support.bookings import NOW, TEN, booked
from tests.support.shelf import Shelf, calendar, entry
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGE = "/hours/calendars"
SECRET = "/private-4f1c/jonas.ics"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, calendar_networks=shelves.NETWORK)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with shelves.serving() as one:
        yield one


@pytest.fixture(autouse=True)
def _stands(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def jonas(db_session: object) -> Person:
    return factories.interviewer(now=NOW - 30 * DAY)


@pytest.fixture
def signed_in(client: Client, jonas: Person) -> Client:
    factories.login(client, jonas, role="interviewer")
    return client


def look(now: datetime = NOW) -> None:
    looks.look(now=now)
    db.session.rollback()


def upload(client: Client, body: bytes, name: str = "own.ics") -> int:
    data = {"file": (BytesIO(body), name)}
    return client.submit(f"{PAGE}/upload", data, page=PAGE).status_code


def test_from_nothing_to_what_it_blocks_and_back(signed_in: Client, shelf: Shelf) -> None:
    page = signed_in.get(PAGE).text
    assert "No calendar is connected" in page
    assert "no titles, no places, no people" in page
    assert "Connect your calendar" in signed_in.get("/hours").text
    shelf.files[SECRET] = calendar(
        entry(TEN, TEN + HOUR / 2), entry(TEN + 2 * HOUR, TEN + 14 * HOUR)
    )
    form = {"url": shelf.url(SECRET), "name": "Work"}
    assert signed_in.submit(PAGE, form).status_code == 303
    page = signed_in.get(PAGE).text
    assert "Waiting to be read" in page
    assert shelf.asked == [], "no page fetches anything"
    look()
    page = signed_in.get(PAGE).text
    assert "Last read Mon 23 Nov, 10:35." in page
    assert "11:00 to 11:30, 13:00 to 24:00" in page
    assert "00:00 to 01:00" in page
    assert "Dentist" not in page
    assert "private-4f1c" not in page
    assert "See what it blocks" in signed_in.get("/hours").text
    number = db.session.scalars(select(BusyCalendar.id)).one()
    assert "Remove this calendar" in signed_in.get(f"{PAGE}/{number}/removal").text
    assert signed_in.submit(f"{PAGE}/{number}/removal").status_code == 303
    assert "No calendar is connected" in signed_in.get(PAGE).text


def test_whole_days_and_nights_are_said_so(signed_in: Client, jonas: Person) -> None:
    day = "BEGIN:VEVENT\r\nUID:a@b\r\nDTSTART;VALUE=DATE:20261125\r\nEND:VEVENT\r\n"
    assert upload(signed_in, calendar(day)) == 303
    page = signed_in.get(PAGE).text
    assert "all day" in page
    assert "Wed\N{NO-BREAK SPACE}25\N{NO-BREAK SPACE}Nov" in page
    assert "Read once, Mon 23 Nov, 10:35; it counts until 24 November 2027." in page


def test_what_is_wrong_with_an_address_or_a_file_is_said_at_the_field(
    signed_in: Client, shelf: Shelf
) -> None:
    answer = signed_in.submit(PAGE, {"url": "calendar.example"})
    assert answer.status_code == 422
    assert "starting with https:// or webcal://" in answer.text
    assert 'aria-invalid="true"' in answer.text
    data = {"file": (BytesIO(b"<html>"), "own.ics")}
    answer = signed_in.submit(f"{PAGE}/upload", data, page=PAGE)
    assert answer.status_code == 422
    assert "This is not a calendar file." in answer.text
    assert db.session.scalars(select(BusyCalendar)).all() == []


@pytest.mark.parametrize(
    "host", ["10.0.0.7", "[::1]", "169.254.169.254", "0xc0a80001", "192.168.1"]
)
def test_an_address_that_spells_a_private_host_is_refused_at_once(
    signed_in: Client, host: str
) -> None:
    answer = signed_in.submit(PAGE, {"url": f"https://{host}/own.ics"})
    assert answer.status_code == 422
    assert "leads into a private network" in answer.text
    assert db.session.scalars(select(BusyCalendar)).all() == []


def test_failing_and_closed_are_said_in_plain_words(signed_in: Client, shelf: Shelf) -> None:
    signed_in.submit(PAGE, {"url": shelf.url(SECRET), "name": "Work"})
    look()
    page = signed_in.get(PAGE).text
    assert "In vain since Mon 23 Nov, 10:35: There is no calendar at this address." in page
    assert "One cannot be read." in signed_in.get("/hours").text
    with transaction():
        db.session.scalars(select(BusyCalendar)).one().closed = True
    assert "Nobody new can book you" in signed_in.get(PAGE).text
    assert "Nobody new can book you" in signed_in.get("/hours").text


def test_a_sixth_is_not_offered(signed_in: Client, jonas: Person) -> None:
    for number in range(5):
        url = f"https://calendar.example/{number}.ics"
        busytime.add_url(jonas.id, url=url, name="", now=NOW)
    page = signed_in.get(PAGE).text
    assert "as many as can be" in page
    assert 'name="url"' not in page


def test_reading_it_now_is_left_to_the_worker(signed_in: Client, shelf: Shelf) -> None:
    shelf.files[SECRET] = calendar()
    signed_in.submit(PAGE, {"url": shelf.url(SECRET)})
    look()
    number = db.session.scalars(select(BusyCalendar.id)).one()
    assert signed_in.submit(f"{PAGE}/{number}/look", page=PAGE).status_code == 303
    assert len(shelf.asked) == 1
    look()
    assert len(shelf.asked) == 2


def test_only_interviewers_send_files_and_only_here(
    app: Flask, signed_in: Client, jonas: Person
) -> None:
    larger_than_other_forms = calendar(entry(TEN, TEN + HOUR)) + b"\r\n" * 200_000
    assert upload(signed_in, larger_than_other_forms) == 303
    for path, size in ((PAGE, 300_000), (f"{PAGE}/upload", 11_000_000)):
        assert sent(signed_in, path, size) == 413
    factories.login(other := app.test_client(), factories.candidate(now=NOW), role="candidate")
    for stranger in (other, app.test_client()):
        assert sent(stranger, f"{PAGE}/upload", 300_000) == 413


def sent(client: FlaskClient, path: str, size: int) -> int:
    kind = "multipart/form-data; boundary=x"
    return client.post(path, data=b" " * size, content_type=kind).status_code


def test_nobody_elses_is_shown_or_changed(
    app: Flask, signed_in: Client, client: Client, shelf: Shelf
) -> None:
    signed_in.submit(PAGE, {"url": shelf.url(SECRET), "name": "Work"})
    number = db.session.scalars(select(BusyCalendar.id)).one()
    mara = factories.interviewer(name="Mara", email="mara@people.example", now=NOW)
    factories.login(client, mara, role="interviewer")
    assert "Work" not in client.get(PAGE).text
    assert client.get(f"{PAGE}/{number}/removal").status_code == 404
    for path in ("look", "removal"):
        assert client.submit(f"{PAGE}/{number}/{path}", page=PAGE).status_code == 404


def test_the_interview_asks_until_it_is_kept(
    signed_in: Client, jonas: Person, shelf: Shelf
) -> None:
    rubric.publish_default(now=NOW - DAY)
    made = booked(factories.candidate(now=NOW - DAY))
    address = f"/interviews/{made.id}"
    asks = "Your own calendar is busy at this time"
    assert asks not in signed_in.get(address).text
    upload(signed_in, calendar(entry(TEN, TEN + HOUR)))
    page = signed_in.get(address).text
    assert asks in page
    for way_out in ("reschedule", "cancellation"):
        assert f"/bookings/{made.id}/{way_out}" in page.partition('id="busy"')[2][:2500]
    answer = signed_in.submit(f"{address}/kept", page=address)
    assert (answer.status_code, answer.location) == (303, address)
    assert asks not in signed_in.get(address).text


def test_the_candidate_learns_nothing_of_it(
    signed_in: Client, client: Client, jonas: Person
) -> None:
    rubric.publish_default(now=NOW - DAY)
    sanjana = factories.candidate(now=NOW - DAY)
    made = booked(sanjana)
    upload(signed_in, calendar(entry(TEN, TEN + HOUR)))
    factories.login(client, sanjana, role="candidate")
    for path in (f"/interviews/{made.id}", f"/bookings/{made.id}"):
        page = client.get(path).text
        assert "calendar is busy" not in page


def test_organisers_see_that_it_fails_but_not_what_it_is_called(
    signed_in: Client, client: Client, jonas: Person, shelf: Shelf
) -> None:
    signed_in.submit(PAGE, {"url": shelf.url(SECRET), "name": "Therapy"})
    with transaction():
        row = db.session.scalars(select(BusyCalendar)).one()
        row.next_look_at = NOW - 49 * HOUR
    look(NOW - 49 * HOUR)
    factories.login(client, factories.organiser(now=NOW), role="organiser")
    assert "Own calendar of Jonas cannot be read" in client.get("/desk").text
    page = client.get(f"/desk/people/{jonas.id}").text
    assert "An own calendar cannot be read." in page
    assert "There is no calendar at this address." in page
    assert "Therapy" not in page
    assert "private-4f1c" not in page
