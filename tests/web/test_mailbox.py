"""The mailbox page, the movable clock and looking around as somebody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mockint import clock
from mockint.db import db, transaction
from mockint.domain.community import Community
from mockint.models import Booking, ClockOffset, KeptMail, Login, OutboxMessage
from mockint.services import owed, relay
from mockint.settings import Settings
from tests import factories
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("db_session")
HOUR = timedelta(hours=1)


@pytest.fixture
def booking() -> Booking:
    """Booked for the day after tomorrow, both invited."""
    now = clock.now()
    made = factories.booking(factories.candidate(), factories.interviewer())
    with transaction():
        owed.invitation(made, community=Community(), now=now)
    relay.sweep(now=now, transport=relay.local_transport())
    return made


def kept(subject: str) -> KeptMail:
    return db.session.scalars(
        select(KeptMail).where(KeptMail.subject.startswith(subject)).order_by(KeptMail.id.desc())
    ).all()[0]


def test_the_list_shows_every_mail_and_filters_by_person(client: Client, booking: Booking) -> None:
    page = client.get("/mailbox")
    assert page.status_code == 200
    assert page.text.count("Booked: coding") == 2
    assert "1 to 2 of 2" in page.text
    one = client.get(f"/mailbox?person={booking.candidate_id}")
    assert one.text.count("Booked: coding") == 1
    assert client.get("/mailbox?address=NOBODY@people.example").text.count("Booked:") == 0
    assert client.get("/mailbox?person=x&page=-1").status_code == 200


def test_a_mail_shows_its_text_its_html_and_its_calendar_entry(
    client: Client, booking: Booking
) -> None:
    mail = kept("Booked")
    page = client.get(f"/mailbox/{mail.id}")
    assert booking.uid in page.text
    assert "METHOD:REQUEST" in page.text
    assert "frame-src &#39;self&#39;" not in page.text
    assert page.headers["Content-Security-Policy"].endswith("frame-src 'self'")
    assert 'href="http://127.0.0.1' in page.text
    html = client.get(f"/mailbox/{mail.id}/html")
    policy = html.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "allow-scripts" not in policy
    assert "<base target" in html.text
    ics = client.get(f"/mailbox/{mail.id}/invite.ics")
    assert ics.mimetype == "text/calendar"
    assert ics.data.startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize("part", ["", "/html", "/invite.ics"])
def test_a_mail_that_is_not_there(client: Client, part: str) -> None:
    assert client.get(f"/mailbox/999{part}").status_code == 404


def test_moving_the_clock_sends_what_falls_due_on_the_way(client: Client, booking: Booking) -> None:
    before = clock.now()
    for _ in range(3):
        answer = client.submit("/demo/advance", {"hours": "24"}, page="/mailbox")
        assert answer.status_code == 303
    assert timedelta(hours=71, minutes=59) < clock.now() - before < timedelta(hours=72, minutes=1)
    subjects = db.session.scalars(select(KeptMail.subject)).all()
    for start in ("In 24 hours", "In 1 hour", "How was your interviewer", "Write the feedback"):
        assert any(subject.startswith(start) for subject in subjects), (start, subjects)
    states = db.session.scalars(
        select(OutboxMessage.state).where(OutboxMessage.kind == "reminder")
    ).all()
    assert set(states) == {"sent"}


@pytest.mark.parametrize("hours", ["", "0", "-24", "2", "1e9", "day"])
def test_an_odd_step_moves_nothing(client: Client, hours: str) -> None:
    answer = client.submit("/demo/advance", {"hours": hours}, page="/mailbox")
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(ClockOffset)) == 0


def test_looking_around_signs_in_as_the_first_of_a_role(client: Client, booking: Booking) -> None:
    factories.organiser()
    page = client.get("/login").text
    for name in ("Sanjana", "Jonas", "Amina"):
        assert name in page
    answer = client.submit("/demo/look-around", {"role": "interviewer"}, page="/login")
    assert answer.status_code == 303
    login = db.session.scalars(select(Login)).one()
    assert (login.person_id, login.role) == (booking.interviewer_id, "interviewer")


def test_looking_around_as_a_role_nobody_has(client: Client) -> None:
    answer = client.submit("/demo/look-around", {"role": "organiser"}, page="/mailbox")
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Login)) == 0


def test_a_get_changes_nothing(client: Client) -> None:
    for address in ("/demo/advance", "/demo/look-around"):
        assert client.get(address).status_code == 405


class TestProduction:
    """None of it exists where the mails are real."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, mode="production", smtp_url="smtp://127.0.0.1:1")

    @pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
    def test_the_pages_are_not_there(self, client: Client) -> None:
        assert client.get("/mailbox").status_code == 404
        token = client.token("/login")
        for address in ("/demo/advance", "/demo/look-around"):
            answer = client.post(address, data={"csrf_token": token, "hours": "24"})
            assert answer.status_code == 404
        assert "Look around" not in client.get("/login").text


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_another_machine_does_not_see_it(client: Client) -> None:
    answer = client.get("/mailbox", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 404
