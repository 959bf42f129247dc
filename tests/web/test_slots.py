"""The picker, an interviewer's public page, and asking to be told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Booking, CommunitySetting, Person, SlotRequest
from mockint.services import matching
from tests import factories, people
from tests.support import counting

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)
THURSDAY = "2026-11-26"
CHOICE = {"track": "coding", "level": "mid", "length": "60"}
EVENING = tuple((weekday, 18 * 60, 21 * 60) for weekday in (1, 3))


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


@pytest.fixture
def sanjana(client, db_session) -> Person:
    person = factories.candidate()
    factories.login(client, person, role="candidate")
    return person


@pytest.fixture
def jonas(db_session) -> Person:
    return factories.interviewer(weekly=EVENING)


def starts(page: str) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', page)


def test_five_weeks_with_the_first_free_day_open(client, sanjana, jonas):
    page = client.get("/book").text
    assert "23 Nov to 27 Dec" in page
    assert "Coding &amp; data structures</b>, mid level, 60 minutes, with anyone" in page
    # Tuesday evening in Berlin begins at 22:45 in Kathmandu and runs past midnight
    assert "Tuesday 24 November, 3 free times" in page
    assert "Wednesday 25 November, 2 free times" in page
    assert starts(page) == ["2026-11-24T17:00Z", "2026-11-24T17:30Z", "2026-11-24T18:00Z"]
    assert "22:45" in page
    assert "Kathmandu, UTC+05:45" in page
    assert "It is now Mon 23 Nov, 15:20." in page


def test_a_candidate_who_named_no_language_is_told_to(client, sanjana, jonas):
    with transaction():
        sanjana.candidate.languages = ()
    page = client.get("/book").text
    assert "Say what you prepare for" in page
    assert starts(page) == []


def test_the_address_carries_the_whole_choice(client, sanjana, jonas):
    page = client.get("/book?track=behavioural&level=entry&length=30&day=2026-12-01").text
    assert "Behavioural &amp; communication</b>, entry level, 30 minutes" in page
    assert "Tue 1 December" in page
    assert starts(page)[0] == "2026-12-01T17:00Z"
    assert 'name="track" value="behavioural"' in page


@pytest.mark.parametrize(
    "query",
    [
        "track=chess&level=wizard&length=17",
        "day=2026-99-99&week=x&who=abc",
        "day=0001-01-01&week=9999-12-31",
        "who=99999999999999999999&length=-5",
        "track=%00&level=" + "x" * 5000,
    ],
)
def test_words_an_address_cannot_mean_are_passed_over(client, sanjana, jonas, query):
    page = client.get(f"/book?{query}")
    assert page.status_code == 200
    assert "Book an interview" in page.text


def test_weeks_beyond_the_fifth_are_behind_later(client, sanjana, jonas):
    page = client.get("/book?day=2026-12-27").text
    assert "Earlier" not in page
    later = re.search(r'href="(/book[^"]*week=2026-12-28)"', page)
    assert later is None, "the horizon ends on Monday 28 December, 35 days from now"
    with transaction():
        db.session.add(CommunitySetting(name="horizon_days", value=60, updated_at=NOW))
    page = client.get("/book").text
    later = re.search(r'href="(/book[^"]*week=2026-12-28)"', page)
    assert later is not None
    page = client.get(later[1].replace("&amp;", "&")).text
    assert "28 Dec to 31 Jan" in page
    assert "Earlier" in page


def test_only_somebody_further_ahead_is_free_so_the_page_opens_there(client, sanjana, jonas):
    with transaction():
        db.session.add(CommunitySetting(name="horizon_days", value=60, updated_at=NOW))
        jonas.interviewer.paused_until = datetime(2027, 1, 4, tzinfo=UTC).date()
    assert "28 Dec to 31 Jan" in client.get("/book").text


def test_the_time_held_for_me_stays_visible(client, sanjana, jonas):
    start = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    factories.booking(sanjana, jonas, start=start, state="held", now=NOW)
    page = client.get("/book").text
    assert "Tue 24 Nov, 23:15 is held for you until 15:30" in page
    assert 'class="button time-button held" name="start" value="2026-11-24T17:30Z"' in page
    robin = factories.stranger()
    factories.login(client, robin, role="candidate")
    assert "2026-11-24T17:30Z" not in starts(client.get("/book").text)


def test_one_interviewer_by_name(client, sanjana, jonas):
    factories.interviewer(name="Lea", email="lea@people.example")
    everybody = starts(client.get(f"/book?day={THURSDAY}").text)
    page = client.get(f"/book?day={THURSDAY}&who={jonas.id}").text
    assert "with Jonas" in page
    assert 0 < len(starts(page)) < len(everybody)
    assert f'name="who" value="{jonas.id}"' in page


def test_nothing_free_says_why_and_what_helps(client, sanjana, jonas):
    page = client.get("/book?track=coding&level=staff").text
    assert "No free time for Coding &amp; data structures in the next 5 weeks" in page
    assert "One volunteer covers Coding &amp; data structures, but not at staff level." in page
    assert "Look at senior level (" in page
    data = {"track": "coding", "level": "staff", "length": "60"}
    for _ in range(2):
        answer = client.submit("/book/requests", data, page="/book?level=staff")
        assert answer.status_code == 303
    asked = db.session.scalars(select(SlotRequest)).one()
    assert (asked.candidate_id, asked.level, asked.duration_min) == (sanjana.id, "staff", 60)
    page = client.get(answer.location).text
    assert "You are on the list since Mon 23 Nov" in page
    address = f"/book/requests/{asked.id}/withdrawal"
    factories.login(client, factories.stranger(), role="candidate")
    assert client.submit(address, page="/book?level=staff").status_code == 404
    factories.login(client, sanjana, role="candidate")
    assert client.submit(address, page=answer.location).status_code == 303
    db.session.expire_all()
    assert asked.ended_at is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"track": "chess"}, "Choose one of the tracks."),
        ({"level": ""}, "Choose one of the levels."),
        ({"length": "17"}, "Choose one of the lengths offered."),
        ({"length": "abc"}, "Choose one of the lengths offered."),
        ({"track": "x" * 100}, "Field cannot be longer than 40 characters."),
    ],
)
def test_asking_for_what_is_no_interview_is_refused(client, sanjana, change, words):
    answer = client.submit("/book/requests", CHOICE | change, page="/book")
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.scalars(select(SlotRequest)).all() == []


def test_the_public_page_of_an_interviewer(client, sanjana, jonas):
    page = client.get(f"/interviewers/{jonas.id}").text
    assert "Staff engineer, Nordlicht" in page
    assert "Twelve years of payment systems." in page
    assert jonas.email not in page
    assert starts(page)[0] == "2026-11-24T17:00Z"
    for missing in (sanjana.id, 4711):
        assert client.get(f"/interviewers/{missing}").status_code == 404
    returned = factories.interviewer(people.ROBIN, state="returned", weekly=EVENING)
    assert client.get(f"/interviewers/{returned.id}").status_code == 404


def test_who_cannot_book_yet_is_told_what_to_do(client, db_session, jonas):
    new = factories.candidate(tracks=())
    factories.login(client, new, role="candidate")
    page = client.get("/book").text
    assert "Say first what you prepare for; then you can book." in page
    assert "/account/candidate" in page
    assert starts(page) == []
    unconfirmed = factories.candidate(people.ROBIN, confirmed=False)
    factories.login(client, unconfirmed, role="candidate")
    assert "Confirm your e-mail address first" in client.get("/book").text


def test_two_upcoming_interviews_are_enough(client, sanjana, jonas):
    for days in (3, 10):
        factories.booking(sanjana, jonas, start=NOW.replace(minute=0) + timedelta(days=days))
    page = client.get("/book").text
    assert "You already have 2 upcoming interviews; 2 is the most." in page
    assert starts(page) == []


def test_only_candidates_book(client, jonas):
    assert client.get("/book").status_code == 302
    factories.login(client, jonas, role="interviewer")
    assert client.get("/book").status_code == 403
    assert client.get(f"/interviewers/{jonas.id}").status_code == 200


def test_the_number_of_selects_does_not_grow_and_nothing_is_written(client, sanjana, jonas):
    with counting.statements() as few:
        client.get("/book")
    for number in range(9):
        factories.interviewer(name=f"Lea {number}", email=f"lea{number}@people.example")
    with counting.statements() as many:
        client.get("/book")
    assert len(many) == len(few)
    assert not [one for one in many if one.startswith(("INSERT", "DELETE"))]
    assert db.session.scalars(select(Booking)).all() == []


def test_many_interviewers_are_found_by_a_part_of_their_name(client, sanjana, monkeypatch):
    monkeypatch.setattr(matching, "MOST_LISTED", 2)
    ids = [
        factories.interviewer(name=name, email=f"{number}@people.example").id
        for number, name in enumerate(("Lea Ober", "Mads Unter", "Leander Hoch"))
    ]
    page = client.get("/book").text
    assert 'name="name"' in page
    assert "Mads Unter" not in page
    found = client.get("/book?name=LEA").text
    assert "Lea Ober" in found
    assert "Leander Hoch" in found
    assert "Mads Unter" not in found
    chosen = client.get(f"/book?name=lea&who={ids[1]}").text
    assert f'<option value="{ids[1]}" selected>Mads Unter' in chosen
    assert "with <b>Mads Unter" in chosen or "with Mads Unter" in chosen
