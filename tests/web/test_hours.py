"""The hours page: the week, dates that differ, breaks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.models import AvailabilityException, AvailabilityRule, Booking, InterviewerProfile
from tests import factories

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIMITS = {"per_day": "3", "per_week": "5", "notice_min": "720", "buffer_min": "0"}
WORK = {"mon_on": "y", "mon_start": ["18:00"], "mon_end": ["21:00"], "op": "save"} | LIMITS


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


@pytest.fixture
def jonas(client, db_session):
    person = factories.interviewer(weekly=())
    factories.login(client, person, role="interviewer")
    return person


def rules(person_id: int) -> list[tuple[int, int, int]]:
    found = db.session.scalars(
        select(AvailabilityRule)
        .where(AvailabilityRule.person_id == person_id)
        .order_by(AvailabilityRule.weekday, AvailabilityRule.start_min)
    )
    return [(rule.weekday, rule.start_min, rule.end_min) for rule in found]


def dates() -> int:
    return db.session.scalar(select(func.count()).select_from(AvailabilityException))


def test_a_new_interviewer_sees_that_nobody_can_book_yet(client, jonas):
    page = client.get("/hours")
    assert page.status_code == 200
    assert "Nobody can book you yet" in page.text


def test_a_five_day_week_without_script(client, jonas):
    drawn = client.submit("/hours", {"op": "add:mon"})
    assert "18:00" in drawn.text
    assert rules(jonas.id) == [], "only Save hours saves"
    answer = client.submit("/hours", WORK | {"copy_mon": ["weekdays"]})
    assert answer.status_code == 303
    assert rules(jonas.id) == [(day, 1080, 1260) for day in range(5)]
    page = client.get("/hours").text
    assert "starts of 60 minutes in the next two weeks" in page
    assert "Mon 23 Nov, 18:00" not in page, "too soon: twelve hours of notice"
    assert "Tue 24 Nov, 18:00" in page
    assert "Berlin, UTC+01:00" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mon_start": ["21:00"], "mon_end": ["18:00"]}, "A block ends after it starts"),
        ({"mon_start": ["18:07"], "mon_end": ["21:00"]}, "Choose times from the list"),
        ({"mon_start": ["18:00"] * 9, "mon_end": ["21:00"] * 9}, "at most eight blocks"),
        ({"per_day": "0"}, "Choose a value from the list"),
        ({"notice_min": "1e9"}, "Choose a value from the list"),
        ({"buffer_min": "-15"}, "Choose a value from the list"),
    ],
)
def test_what_cannot_be_used_is_refused_and_changes_nothing(client, jonas, change, sentence):
    answer = client.submit("/hours", WORK | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert rules(jonas.id) == []


def test_a_day_switched_off_keeps_no_hours(client, jonas):
    client.submit("/hours", WORK)
    off = {name: value for name, value in WORK.items() if name != "mon_on"}
    assert client.submit("/hours", off).status_code == 303
    assert rules(jonas.id) == []


def test_dates_that_differ_are_added_changed_and_removed(client, jonas):
    days = {"first_on": "2026-12-05", "last_on": "2026-12-06"}
    hours = days | {"kind": "hours", "start": ["10:00"], "end": ["12:00"]}
    assert client.submit("/hours/dates/new", hours).status_code == 303
    saved = db.session.scalar(select(AvailabilityException))
    assert (saved.first_on, saved.blocks) == (date(2026, 12, 5), [[600, 720]])
    assert "Sat 5 Dec, 10:00" in client.get("/hours").text, "also on a weekday that is off"
    address = f"/hours/dates/{saved.id}"
    assert client.submit(address, days | {"kind": "away"}).status_code == 303
    assert "No interviews" in client.get("/hours").text
    assert client.submit(address, {"op": "forget"}).status_code == 303
    assert dates() == 0


@pytest.mark.parametrize(
    ("first", "last", "more", "sentence"),
    [
        ("2026-12-06", "2026-12-05", {"kind": "away"}, "Swap them"),
        ("2026-11-20", "2026-11-21", {"kind": "away"}, "are over"),
        ("2026-12-01", "2028-12-01", {"kind": "away"}, "at most a year"),
        ("soon", "2026-12-05", {"kind": "away"}, "date"),
        ("2026-12-05", "2026-12-05", {"kind": "later"}, "Not a valid choice"),
        (
            "2026-12-05",
            "2026-12-05",
            {"kind": "hours", "start": ["12:00"], "end": ["10:00"]},
            "ends after it starts",
        ),
    ],
)
def test_dates_that_cannot_be_used_are_refused(client, jonas, first, last, more, sentence):
    answer = client.submit("/hours/dates/new", {"first_on": first, "last_on": last} | more)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert dates() == 0


def test_a_strangers_dates_answer_like_missing_ones(client, jonas):
    other = factories.interviewer(name="Priya", email="priya@people.example")
    with transaction():
        row = AvailabilityException(
            person_id=other.id, first_on=date(2026, 12, 1), last_on=date(2026, 12, 1), blocks=[]
        )
        db.session.add(row)
    for number in (row.id, row.id + 1000):
        assert client.get(f"/hours/dates/{number}").status_code == 404


def test_a_break_asks_about_every_booking(client, jonas):
    candidate = factories.candidate()
    start = NOW + timedelta(days=3)
    kept = factories.booking(candidate, jonas, start=start).id
    dropped = factories.booking(candidate, jonas, start=start + timedelta(days=1)).id
    assert "2 interviews are booked" in client.get("/hours/pause").text
    data = {"until": "2026-12-20", f"booking_{kept}": "keep", "reason": "A family matter"}
    refused = client.submit("/hours/pause", data)
    assert refused.status_code == 422
    assert "Say for every booked interview" in refused.text
    assert db.session.get(InterviewerProfile, jonas.id).paused_until is None
    answer = client.submit("/hours/pause", data | {f"booking_{dropped}": "cancel"})
    assert answer.status_code == 303
    db.session.expire_all()
    assert db.session.get(InterviewerProfile, jonas.id).paused_until == date(2026, 12, 20)
    states = {b.id: b.state for b in db.session.scalars(select(Booking))}
    assert states == {kept: "confirmed", dropped: "cancelled"}
    assert "Paused until Sun 20 Dec" in client.get("/hours").text
    client.submit("/hours/pause", {"op": "end"})
    assert "Paused until" not in client.get("/hours").text


@pytest.mark.parametrize("until", ["2026-11-23", "2026-11-01", "2029-01-01", "never", ""])
def test_a_break_ends_on_a_day_that_makes_sense(client, jonas, until):
    answer = client.submit("/hours/pause", {"until": until})
    assert answer.status_code == 422
    assert db.session.get(InterviewerProfile, jonas.id).paused_until is None


def test_only_interviewers_have_hours(client, db_session):
    factories.login(client, factories.candidate(), role="candidate")
    assert client.get("/hours").status_code == 403
