"""A calendar that cannot be read: who hears of it and when, and when it keeps bookings out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain import owncalendars as rules
from mockint.domain.busytime import CalendarRefused
from mockint.domain.errors import Invalid, LimitReached, SlotTaken
from mockint.domain.matching import Request
from mockint.models import BusyCalendar, BusyTime, OutboxMessage, Person
from mockint.queries import busytime as query
from mockint.queries import desk
from mockint.services import busytime, looks, relay
from mockint.services import matching as finding
from mockint.settings import Settings
from tests.support.bookings import NOW, TEN, booked, held
from tests.support.commands import run
from tests.support.shelf import Shelf, calendar, entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PATH = "/jonas.ics"


@pytest.fixture
def failing(jonas: Person, shelf: Shelf) -> int:
    """Read once, then its server breaks; the first look in vain comes an hour later."""
    shelf.files[PATH] = calendar(entry(TEN, TEN + HOUR))
    made = busytime.add_url(jonas.id, url=shelf.url(PATH), name="Work", now=NOW)
    looks.look(now=NOW)
    shelf.status = 500
    looks.look(now=NOW + HOUR)
    return made.id


def mails(now_offset: timedelta) -> list[tuple[str, str]]:
    """(state, reason) of each mail about it, after what is due by then went out."""
    relay.sweep(now=NOW + now_offset, transport=relay.local_transport())
    query = select(OutboxMessage).where(OutboxMessage.kind == "calendar-failing")
    rows = db.session.scalars(query.order_by(OutboxMessage.id))
    return [(row.state, row.subject or row.reason) for row in rows]


def needs(now_offset: timedelta) -> list[str]:
    return [f"{one.kind} {one.name}" for one in desk.people(now=NOW + now_offset)]


def test_its_owner_gets_one_mail_after_an_hour(failing: int, shelf: Shelf) -> None:
    for quarter in range(1, 4):
        looks.look(now=NOW + HOUR + quarter * HOUR / 2)
    assert mails(1.9 * HOUR) == [("pending", "")]
    assert mails(2 * HOUR) == [("sent", "Your calendar Work cannot be read")]


def test_a_hiccup_is_no_news_and_a_second_failure_is(failing: int, shelf: Shelf) -> None:
    shelf.status = 200
    looks.look(now=NOW + 1.5 * HOUR)
    assert mails(2 * HOUR) == [("suppressed", "the calendar was read again")]
    shelf.status = 500
    looks.look(now=NOW + 3 * HOUR)
    assert mails(4 * HOUR)[1:] == [("sent", "Your calendar Work cannot be read")]


def test_organisers_see_it_from_the_third_day_on(failing: int) -> None:
    assert needs(48.9 * HOUR) == []
    assert needs(49 * HOUR) == ["calendar Jonas"]


def test_it_keeps_new_bookings_out_after_three_days_until_it_is_read_again(
    failing: int, shelf: Shelf, jonas: Person, sanjana: Person
) -> None:
    request = Request("coding", "mid", 60, again=True)
    kept = booked(sanjana, TEN + 5 * HOUR)
    almost, then = NOW + 72.5 * HOUR, NOW + 73 * HOUR
    looks.look(now=almost)
    before = finding.search(sanjana.id, request=request, now=almost).starts
    assert before
    looks.look(now=then)
    assert db.session.get_one(BusyCalendar, failing, populate_existing=True).closed
    db.session.rollback()
    assert finding.search(sanjana.id, request=request, now=then).starts == ()
    with pytest.raises(SlotTaken, match="no longer offered"):
        held(sanjana, before[0], now=then, interviewer_id=jonas.id)
    db.session.refresh(kept)
    assert kept.state == "confirmed"
    assert mails(73 * HOUR)[1:] == [("sent", "Nobody new can book you: Work cannot be read")]
    looks.look(now=then + HOUR)
    assert len(mails(74 * HOUR)) == 2, "once"
    shelf.status = 200
    looks.look(now=then + 2 * HOUR)
    db.session.rollback()
    assert set(before[1:]) <= set(finding.search(sanjana.id, request=request, now=then).starts)
    assert needs(76 * HOUR) == []
    assert len(mails(76 * HOUR)) == 2, "that it is fine again is no news"


def test_removing_a_calendar_that_keeps_bookings_out_lets_them_in(
    failing: int, jonas: Person, sanjana: Person
) -> None:
    request, then = Request("coding", "mid", 60), NOW + 73 * HOUR
    looks.look(now=then)
    db.session.rollback()
    assert finding.search(sanjana.id, request=request, now=then).starts == ()
    busytime.remove(jonas.id, failing)
    assert finding.search(sanjana.id, request=request, now=then).starts


# Files


def test_a_file_is_read_for_a_year_and_not_kept(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    far = TEN + 300 * DAY
    body = calendar(entry(TEN, TEN + HOUR), entry(far, far + HOUR))
    made = busytime.add_file(jonas.id, name="own.ics", body=body, now=NOW)
    window = rules.Span(NOW, NOW + 366 * DAY)
    assert [span.start for span in query.blocked(jonas.id, window)] == [TEN, far]
    assert (made.url, made.next_look_at, made.read_at) == ("", None, NOW)
    with pytest.raises(SlotTaken):
        held(sanjana, TEN, interviewer_id=jonas.id)
    assert looks.look(now=NOW + DAY).seen == []
    with pytest.raises(Invalid, match="Upload it again"):
        busytime.look_soon(jonas.id, made.id, now=NOW)
    again = busytime.add_file(jonas.id, name="own.ics", body=calendar(), now=NOW + DAY)
    assert again.id == made.id, "it takes the place of the one with its name"
    assert query.blocked(jonas.id, window) == []


def test_a_file_that_cannot_be_read_changes_nothing(jonas: Person) -> None:
    good = calendar(entry(TEN, TEN + HOUR))
    busytime.add_file(jonas.id, name="own.ics", body=good, now=NOW)
    for body, words in (
        (b"<html>", "not a calendar"),
        (good[:-16], "breaks off"),
        (b"", "Choose a calendar file"),
        (b" " * (rules.MOST_OCTETS + 1), "at most 10 MiB"),
    ):
        with pytest.raises((CalendarRefused, Invalid), match=words):
            busytime.add_file(jonas.id, name="own.ics", body=body, now=NOW)
    assert len(query.blocked(jonas.id, rules.Span(NOW, TEN + DAY))) == 1
    for number in range(rules.MOST - 1):
        busytime.add_file(jonas.id, name=f"{number}.ics", body=good, now=NOW)
    with pytest.raises(LimitReached):
        busytime.add_file(jonas.id, name="one-more.ics", body=good, now=NOW)


def test_what_is_over_is_forgotten(jonas: Person) -> None:
    body = calendar(entry(NOW, NOW + HOUR), entry(NOW + 20 * DAY, NOW + 20 * DAY + HOUR))
    busytime.add_file(jonas.id, name="own.ics", body=body, now=NOW)
    busytime.drop_old(now=NOW + 7 * DAY)
    assert len(db.session.scalars(select(BusyTime)).all()) == 2
    busytime.drop_old(now=NOW + 9 * DAY)
    assert len(db.session.scalars(select(BusyTime)).all()) == 1


# By hand


def test_the_command_reads_now_and_says_what_it_did(
    jonas: Person, shelf: Shelf, settings: Settings
) -> None:
    shelf.files[PATH] = calendar(entry(TEN, TEN + HOUR))
    shelf.files["/private.ics"] = calendar(entry(TEN, TEN + HOUR))
    busytime.add_url(jonas.id, url=shelf.url(PATH), name="Work", now=NOW)
    busytime.add_url(jonas.id, url=shelf.url("/private.ics"), name="Choir", now=NOW)
    number, email = jonas.id, jonas.email
    db.session.remove()
    said = run("calendar", "look", settings=settings)
    assert said.exit_code == 0, said.output
    assert f"{number} Work: read, busy at 1 times\n" in said.output
    assert "Read: 2. Unchanged: 0. Failed: 0." in said.output
    del shelf.files["/private.ics"]
    said = run("calendar", "look", "--person", email, settings=settings)
    assert said.exit_code == 1
    assert f"{number} Work: unchanged\n" in said.output
    assert "Choir: it cannot be read. There is no calendar at this address." in said.output
    assert "private.ics" not in said.output
    said = run("calendar", "look", "--person", "nobody@people.example", settings=settings)
    assert said.exit_code == 1
    assert "Nobody here has the address nobody@people.example." in said.output


def test_nothing_of_a_look_that_breaks_counts_as_a_failure_of_the_calendar(
    jonas: Person, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that reads files cannot be started: the next look is for that."""
    shelf.files[PATH] = calendar(entry(TEN, TEN + HOUR))
    made = busytime.add_url(jonas.id, url=shelf.url(PATH), name="", now=NOW)
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(FileNotFoundError):
        looks.look(now=NOW)
    monkeypatch.undo()
    db.session.rollback()
    row = db.session.get_one(BusyCalendar, made.id, populate_existing=True)
    assert (row.failing_since, row.trouble, row.tried_at) == (None, "", None)
    assert looks.look(now=NOW + looks.LEASE).parsed == 1
