"""The first page: what comes next for a candidate, an interviewer and a volunteer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.domain import booking as booking_rules
from mockint.models import Booking, Feedback, InterviewerProfile, PracticeItem
from mockint.services import feedback, interview, matching, rubric
from tests import factories, people
from tests.support import feedback as written
from tests.support.counting import statements

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MARA = people.Character("Mara", "mara@people.example", "America/Sao_Paulo")


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


@pytest.fixture
def sanjana(client, db_session):
    rubric.publish_default(now=NOW - 60 * DAY)
    person = factories.candidate()
    factories.login(client, person, role="candidate")
    return person


@pytest.fixture
def jonas(db_session):
    return factories.interviewer()


@pytest.fixture
def as_jonas(client, db_session, jonas):
    rubric.publish_default(now=NOW - 60 * DAY)
    factories.login(client, jonas, role="interviewer")
    return jonas


def released(candidate, interviewer, *, ago: timedelta, **scores):
    """Feedback on an interview that began `ago`, rated and released."""
    start = (NOW - ago).replace(minute=0)
    booking = factories.booking(candidate, interviewer, start=start, now=start - 5 * DAY)
    written.submitted(booking, now=start + 2 * HOUR, **scores)
    written.rated(booking, now=start + 2 * HOUR)
    feedback.release_due(now=start + 4 * HOUR)
    return booking


def primary(page) -> int:
    return page.text.count("button-primary")


def test_somebody_new_says_first_what_they_prepare_for(client, db_session):
    factories.login(client, factories.person(people.SANJANA, "candidate"), role="candidate")
    page = client.get("/")
    assert "First say what you prepare for" in page.text
    assert 'href="/account/candidate"' in page.text
    assert primary(page) == 1


def test_the_first_visit_shows_where_the_hour_goes(client, sanjana, jonas):
    page = client.get("/")
    assert "Your first hour goes here" in page.text
    assert 'href="/book"' in page.text
    assert "slot-ghost" in page.text
    assert "free times for Coding" in page.text
    assert primary(page) == 1


@pytest.mark.parametrize(
    ("ahead", "title"),
    [
        (timedelta(days=3, hours=3), "Your next interview is in 3 days"),
        (timedelta(days=1), "Your next interview is tomorrow"),
        (timedelta(hours=8), "Your next interview is today"),
        (timedelta(hours=2, minutes=30), "Your next interview is in 2 hours"),
        (timedelta(minutes=45), "Your next interview is in 45 minutes"),
        (timedelta(minutes=-30), "Your interview with Jonas is running"),
    ],
)
def test_the_next_interview_is_the_heading(client, sanjana, jonas, ahead, title):
    start = NOW + ahead
    booking = factories.booking(sanjana, jonas, start=start - timedelta(minutes=start.minute % 15))
    page = client.get("/")
    assert title in page.text
    assert "Kathmandu, UTC+05:45" in page.text
    assert "Jonas, Berlin" in page.text, "the other side's day is on the ruler"
    assert f'href="/interviews/{booking.id}"' in page.text
    assert primary(page) == 1


def test_moving_and_cancelling_are_offered_until_their_last_moment(client, sanjana, jonas):
    early = factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + 3 * DAY)
    assert f"/bookings/{early.id}/reschedule" in client.get("/").text
    with transaction():
        db.session.get_one(Booking, early.id).state = booking_rules.State.CANCELLED
    late = factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + 4 * HOUR)
    page = client.get("/").text
    assert f"/bookings/{late.id}/reschedule" not in page
    assert f"/bookings/{late.id}/cancellation" not in page


def test_a_time_that_is_held_comes_before_the_next_interview(client, sanjana, jonas):
    factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + 3 * DAY)
    held = factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + 5 * DAY, state="held")
    page = client.get("/")
    assert "is held for you until 15:25" in page.text
    assert f'href="/bookings/{held.id}"' in page.text
    assert primary(page) == 1


def test_feedback_to_read_comes_first_then_rating(client, sanjana, jonas):
    booking = released(sanjana, jonas, ago=4 * DAY)
    mara = factories.interviewer(MARA)
    unrated = factories.booking(sanjana, mara, start=NOW.replace(minute=0) - 3 * HOUR)
    factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + 3 * DAY)
    page = client.get("/")
    assert "<h1>Feedback from Jonas is ready</h1>" in page.text
    assert f'href="/interviews/{booking.id}/feedback/released"' in page.text
    assert f'href="/interviews/{unrated.id}/rating"' in page.text
    assert "Say how the interview with Mara was" in page.text
    assert primary(page) == 1
    feedback.acknowledge(booking.id, candidate_id=sanjana.id, now=NOW)
    page = client.get("/")
    assert "Feedback from Jonas is ready" not in page.text
    assert "<h1>Say how the interview with Mara was</h1>" in page.text
    written.rated(unrated, now=NOW)
    page = client.get("/")
    assert "<h1>Your next interview is in 3 days</h1>" in page.text
    assert "Feedback from Mara" in page.text, "it is only waited for"


def test_an_absence_leaves_nothing_to_wait_for(client, sanjana, jonas):
    booking = factories.booking(sanjana, jonas, start=NOW.replace(minute=0) - 3 * HOUR)
    interview.report(booking.id, by=sanjana.id, report="absent", now=NOW)
    page = client.get("/").text
    assert "Say how the interview" not in page
    assert "Feedback from Jonas" not in page


def test_practice_stands_beside_the_latest_scores(client, sanjana, jonas):
    released(sanjana, jonas, ago=9 * DAY, framing=2, verification=1)
    page = client.get("/").text
    assert "Write three questions before ten problems." in page
    assert "0 of 1 done" in page
    assert "2 of 4, Close" in page
    assert "weakest" in page
    item = db.session.scalar(select(PracticeItem))
    answer = client.submit(f"/practice/{item.id}", {"done": "yes", "back": "home"}, page="/")
    assert answer.status_code == 303
    assert answer.location == f"/#practice-{item.id}"
    assert "1 of 1 done" in client.get("/").text


def test_room_for_one_more_while_there_is_room(client, sanjana, jonas):
    factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + 3 * DAY)
    assert "Room for one more" in client.get("/").text
    factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + 4 * DAY)
    page = client.get("/").text
    assert "Room for one more" not in page
    assert "Also booked" in page


def test_what_a_candidate_waits_for_can_be_left(client, sanjana):
    matching.ask(sanjana.id, track="testing", level="mid", duration_min=60, now=NOW)
    page = unescape(client.get("/").text)
    assert "Waiting for a time" in page
    assert "Testing & debugging, mid level, 60 minutes" in page


def test_looking_changes_nothing(client, sanjana, jonas):
    released(sanjana, jonas, ago=4 * DAY)
    client.get("/")
    client.get("/")
    assert db.session.scalar(select(Feedback.state)) == "released"
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 1


def test_an_interviewer_owes_feedback_first(client, as_jonas):
    sanjana, robin = factories.candidate(), factories.stranger()
    late = factories.booking(sanjana, as_jonas, start=NOW.replace(minute=0) - 30 * HOUR)
    fresh = factories.booking(robin, as_jonas, start=NOW.replace(minute=0) - 2 * HOUR)
    factories.booking(sanjana, as_jonas, start=NOW.replace(minute=0) + 2 * DAY)
    factories.booking(robin, as_jonas, start=NOW.replace(minute=0) + 3 * DAY)
    page = client.get("/")
    assert "2 interviews wait for your feedback" in page.text
    assert "Write about Sanjana" in page.text, "the most urgent one"
    assert page.text.index(f"/interviews/{late.id}/feedback") < page.text.index(
        f"/interviews/{fresh.id}/feedback"
    )
    assert "late" in page.text
    assert "0 of 5 scored" in page.text
    assert "After that" in page.text
    assert primary(page) == 1


def test_an_interviewer_sees_what_the_hours_give(client, as_jonas):
    page = client.get("/")
    assert "No interview is booked with you" in page.text
    assert "starts of 60 minutes in the next two weeks" in page.text
    assert "Berlin, UTC+01:00" in page.text
    assert primary(page) == 1


def test_without_hours_nobody_can_book(client, db_session):
    jonas = factories.interviewer(weekly=())
    factories.login(client, jonas, role="interviewer")
    page = client.get("/")
    assert "Nobody can book you yet" in page.text
    assert primary(page) == 1
    assert 'href="/hours"' in page.text


def test_a_break_is_said(client, as_jonas):
    with transaction():
        profile = db.session.get_one(InterviewerProfile, as_jonas.id)
        profile.paused_until = (NOW + 20 * DAY).date()
    assert "You are on a break until Sun 13 Dec" in client.get("/").text


def test_the_interviewer_never_reads_where_the_candidate_works(client, as_jonas):
    sanjana = factories.candidate()
    factories.booking(sanjana, as_jonas, start=NOW.replace(minute=0) + 2 * DAY)
    page = client.get("/").text
    assert "Sanjana" in page
    assert "Everest Pay" not in page
    assert sanjana.email not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("applied", "Your application is with the organisers"),
        ("returned", "The organisers ask for a change"),
        ("declined", "Your application was not accepted"),
    ],
)
def test_a_volunteer_reads_where_the_application_stands(client, db_session, state, words):
    volunteer = factories.interviewer(state=state)
    with transaction():
        profile = db.session.get_one(InterviewerProfile, volunteer.id)
        profile.note = "Say which languages you speak."
    factories.login(client, volunteer)
    page = client.get("/").text
    assert words in page
    assert ("Say which languages you speak." in page) == (state != "applied")
    assert 'href="/volunteer"' in page


def test_a_candidate_who_applied_reads_it_too(client, db_session):
    person = factories.interviewer(state="returned", also=("candidate",))
    factories.login(client, person, role="candidate")
    assert "The organisers ask for a change" in client.get("/").text


def test_organisers_are_sent_to_the_desk(client, db_session):
    factories.login(client, factories.organiser(), role="organiser")
    assert client.get("/").location == "/desk"


def test_more_interviews_ask_no_more_questions(client, sanjana, jonas, as_jonas):
    def counted(person, role):
        factories.login(client, person, role=role)
        client.get("/")
        with statements() as sent:
            client.get("/")
        return len(sent)

    def one_more(number):
        factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + (2 + number) * DAY)
        factories.booking(sanjana, jonas, start=NOW.replace(minute=0) - (1 + number) * DAY)
        released(sanjana, jonas, ago=(6 + number) * DAY)

    one_more(0)
    before = counted(sanjana, "candidate"), counted(jonas, "interviewer")
    for number in (1, 2, 3):
        one_more(number)
    assert (counted(sanjana, "candidate"), counted(jonas, "interviewer")) == before
