"""Many people at once, over real HTTP: nobody gets what somebody else has.

The two races that matter most run against two processes, the others against threads of one.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from mockint import clock
from mockint.db import db, transaction
from mockint.models import Booking, OutboxMessage, Person
from mockint.queries import verify
from mockint.services import booking, holds
from mockint.services.matching import Wanted
from tests import factories, people

Result = TypeVar("Result")

PATIENCE_SECONDS = 60
WISH = {"track": "coding", "level": "mid", "length": "60"}


@dataclass
class Answer:
    status: int
    location: str
    text: str


class Browser:
    """One person's browser: a cookie, a token, and no redirect followed by itself."""

    def __init__(self, url: str, cookie: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port
        self.cookie = cookie
        self.token = ""

    def send(self, method: str, path: str, data: dict[str, str] | None = None) -> Answer:
        headers = {"Cookie": f"mockint={self.cookie}"}
        body = None
        if data is not None:
            body = urlencode({"csrf_token": self.token} | data)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        link = HTTPConnection(self.host, self.port, timeout=PATIENCE_SECONDS)
        with closing(link) as connection:
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                text = response.read().decode()
        for cookie in response.msg.get_all("Set-Cookie") or []:
            if found := re.match(r"mockint=([^;]+)", cookie):
                self.cookie = found[1]
        return Answer(response.status, response.getheader("Location", ""), text)

    def open(self, path: str) -> Answer:
        answer = self.send("GET", path)
        if found := re.search(r'name="csrf_token" value="([^"]+)"', answer.text):
            self.token = found[1]
        return answer


Enter = Callable[[Person], Browser]


@pytest.fixture
def jonas(app: Flask, db_session: object) -> Person:
    return factories.interviewer(max_per_day=8)


@pytest.fixture
def enter(request: pytest.FixtureRequest, app: Flask, jonas: Person) -> Enter:
    """A browser in which this person is signed in, with the picker open."""
    processes = "live_processes" in request.fixturenames
    url = request.getfixturevalue("live_processes" if processes else "live_server")

    def signed_in(person: Person) -> Browser:
        client = app.test_client()
        factories.login(client, person, role="candidate")
        cookie = client.get_cookie("mockint")
        assert cookie is not None
        browser = Browser(url, cookie.value)
        browser.open("/book")
        assert browser.token
        return browser

    return signed_in


@pytest.fixture(autouse=True)
def _sound(db_session: object) -> Iterator[None]:
    yield
    db.session.rollback()
    assert list(verify.violations(now=clock.now())) == []


def candidates(count: int) -> list[Person]:
    return [
        factories.candidate(
            people.ROBIN, name=f"Robin {number}", email=f"robin{number}@people.example"
        )
        for number in range(count)
    ]


def at_once(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run all jobs from threads that start together."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], Result]) -> Result:
        start.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def wish(at: datetime, **changes: str) -> dict[str, str]:
    return WISH | {"start": f"{at:%Y-%m-%dT%H:%MZ}"} | changes


def days_ahead(days: int, hour: int = 12) -> datetime:
    return factories.tomorrow_at(hour, people.JONAS.zone, days=days)


def booked() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Booking.state == "confirmed")) or 0


@pytest.mark.usefixtures("live_processes")
def test_fifty_requests_for_one_slot(enter: Enter, jonas: Person) -> None:
    at = days_ahead(3)
    browsers = [enter(person) for person in candidates(50)]
    began = time.monotonic()
    answers = at_once(
        [lambda b=browser: b.send("POST", "/bookings", wish(at)) for browser in browsers]
    )
    took = time.monotonic() - began
    assert Counter(answer.status for answer in answers) == {303: 1, 409: 49}
    for answer in answers:
        if answer.status == 409:
            assert "was just taken" in answer.text
            assert re.search(r"Somebody booked it \d+ seconds? ago\.", answer.text)
            assert "your choices are kept" in answer.text
            assert len(re.findall(r'class="button time-button" name="start"', answer.text)) > 3
    db.session.rollback()
    held = db.session.scalars(select(Booking)).one()
    winner = next(n for n, answer in enumerate(answers) if answer.status == 303)
    page = answers[winner].location
    assert page.endswith(f"/bookings/{held.id}")
    browsers[winner].open(page)
    answer = browsers[winner].send("POST", f"{page}/confirmation", wish(at))
    assert (answer.status, booked()) == (303, 1)
    assert took < PATIENCE_SECONDS / 2


def test_fifty_requests_for_anyone_fill_every_interviewer_once(enter: Enter, jonas: Person) -> None:
    for number in range(4):
        factories.interviewer(name=f"Lea {number}", email=f"lea{number}@people.example")
    at = days_ahead(3)
    browsers = [enter(person) for person in candidates(20)]
    answers = at_once(
        [lambda b=browser: b.send("POST", "/bookings", wish(at)) for browser in browsers]
    )
    assert Counter(answer.status for answer in answers) == {303: 5, 409: 15}
    db.session.rollback()
    assert len(set(db.session.scalars(select(Booking.interviewer_id)))) == 5


@pytest.mark.usefixtures("live_processes")
def test_parallel_bookings_cannot_beat_the_cap_of_a_candidate(enter: Enter, jonas: Person) -> None:
    sanjana = factories.candidate()
    browsers = [enter(sanjana) for _ in range(6)]

    def book(browser: Browser, at: datetime) -> int:
        again = wish(at, again="y")
        held = browser.send("POST", "/bookings", again)
        if held.status != 303:
            return held.status
        return browser.send("POST", f"{held.location}/confirmation", again).status

    times = [days_ahead(3 + number) for number in range(6)]
    statuses = at_once(
        [lambda b=b, at=at: book(b, at) for b, at in zip(browsers, times, strict=True)]
    )
    assert booked() == 2
    assert statuses.count(303) == 2
    assert set(statuses) <= {303, 409}


@pytest.mark.parametrize("cap", [1, 3])
def test_parallel_bookings_cannot_beat_the_cap_of_an_interviewer(
    enter: Enter, jonas: Person, cap: int
) -> None:
    with transaction():
        jonas.interviewer.max_per_day = cap
    browsers = [enter(person) for person in candidates(8)]
    times = [days_ahead(3, hour=9 + number) for number in range(8)]
    answers = at_once(
        [
            lambda b=b, at=at: b.send("POST", "/bookings", wish(at))
            for b, at in zip(browsers, times, strict=True)
        ]
    )
    assert Counter(answer.status for answer in answers) == {303: cap, 409: 8 - cap}


def test_the_same_form_ten_times_is_one_booking(enter: Enter, jonas: Person) -> None:
    sanjana, at = factories.candidate(), days_ahead(3)
    browsers = [enter(sanjana) for _ in range(10)]
    form = wish(at, key="a" * 32)
    held = at_once([lambda b=b: b.send("POST", "/bookings", form) for b in browsers])
    assert {(answer.status, answer.location) for answer in held} == {(303, held[0].location)}
    action = f"{held[0].location}/confirmation"
    answers = at_once([lambda b=b: b.send("POST", action, form) for b in browsers])
    assert {(one.status, one.location) for one in answers} == {(303, held[0].location)}
    assert booked() == 1
    invitations = select(func.count()).where(OutboxMessage.kind == "invitation")
    assert db.session.scalar(invitations) == 2


def test_two_moves_and_a_booking_for_one_time(enter: Enter, jonas: Person) -> None:
    first, second, third = candidates(3)
    for person, days in ((first, 3), (second, 4)):
        _booked_with_mail(person, jonas, days_ahead(days))
    at = days_ahead(5)
    one, two, three = (enter(person) for person in (first, second, third))
    ids = {row.candidate_id: row.id for row in db.session.scalars(select(Booking))}
    move = wish(at, sure="y")
    answers = at_once(
        [
            lambda: one.send("POST", f"/bookings/{ids[first.id]}/reschedule", move),
            lambda: two.send("POST", f"/bookings/{ids[second.id]}/reschedule", move),
            lambda: three.send("POST", "/bookings", move),
        ]
    )
    assert Counter(answer.status for answer in answers) == {303: 1, 409: 2}


def _booked_with_mail(person: Person, interviewer: Person, at: datetime) -> None:
    """Through the services, so that every change has its mail."""
    now = clock.now()
    held = holds.hold(person.id, Wanted("coding", "mid", 60, at), now=now)
    booking.confirm(held.id, candidate_id=person.id, now=now + timedelta(seconds=1))
