"""What a look does to a calendar's row and to the slots, on both databases, over real HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.domain import owncalendars as rules
from mockint.domain.errors import Invalid, LimitReached, NotYours, SlotTaken
from mockint.domain.matching import Request
from mockint.models import BusyCalendar, BusyTime, CalendarStamp, OutboxMessage, Person
from mockint.services import busytime, departure, looks
from mockint.services import matching as finding
from tests import factories
from tests.support.bookings import NOW, TEN, held, setting
from tests.support.shelf import Shelf, calendar, entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = rules.EVERY * 2
PATH = "/private-4f1c/jonas.ics"


def connected(jonas: Person, shelf: Shelf, *entries: str, path: str = PATH) -> BusyCalendar:
    shelf.files[path] = calendar(*entries)
    return busytime.add_url(jonas.id, url=shelf.url(path), name="", now=NOW)


def look(now: datetime = NOW, **options: object) -> looks.Looked:
    return looks.look(now=now, **options)  # type: ignore[arg-type]  # passed through


def row(calendar_id: int) -> BusyCalendar:
    db.session.rollback()
    return db.session.get_one(BusyCalendar, calendar_id, populate_existing=True)


def starts(candidate: Person, now: datetime = NOW) -> tuple[datetime, ...]:
    """As the picker shows them, from what this process keeps."""
    db.session.rollback()
    return finding.search(candidate.id, request=Request("coding", "mid", 60), now=now).starts


def stamp(person: Person) -> int | None:
    db.session.rollback()
    return db.session.scalar(
        select(CalendarStamp.stamp).where(CalendarStamp.person_id == person.id)
    )


def mails(kind: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return list(db.session.scalars(query))


def test_what_it_says_is_busy_cannot_be_booked(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    before = starts(sanjana)
    made = connected(jonas, shelf, entry(TEN + HOUR / 3, TEN + HOUR))
    assert starts(sanjana) == before, "nothing is known of it yet"
    done = look()
    assert (done.parsed, done.unchanged, done.failed) == (1, 0, 0)
    half = HOUR / 2
    gone = {TEN - half, TEN, TEN + half}
    assert gone <= set(before)
    assert starts(sanjana) == tuple(one for one in before if one not in gone)
    assert [(one.first_cell, one.end_cell) for one in db.session.scalars(select(BusyTime))] == (
        rules.blocked([rules.Span(TEN + HOUR / 4, TEN + HOUR)])
    )
    for start in sorted(gone):
        with pytest.raises(SlotTaken, match="no longer offered"):
            held(sanjana, start, interviewer_id=jonas.id)
    assert held(sanjana, TEN + HOUR).start_at == TEN + HOUR, "no rest is added to it"
    known = row(made.id)
    assert (known.read_at, known.tried_at, known.failing_since) == (NOW, NOW, None)
    assert known.next_look_at is not None
    assert 0.9 * rules.EVERY <= known.next_look_at - NOW <= 1.1 * rules.EVERY


def test_unchanged_is_neither_sent_nor_parsed_and_wakes_nobody(jonas: Person, shelf: Shelf) -> None:
    connected(jonas, shelf, entry(TEN, TEN + HOUR))
    look()
    known = stamp(jonas)
    done = look(NOW + LATER)
    assert (done.parsed, done.unchanged) == (0, 1)
    assert shelf.asked[0][1] == ""
    assert shelf.asked[1][1].startswith('"')
    shelf.tags = False
    done = look(NOW + 2 * LATER)
    assert (done.parsed, done.unchanged) == (0, 1), "equal octets, though the server sent them"
    assert stamp(jonas) == known
    assert look(NOW + 2 * LATER).seen == [], "it is not due"


def test_a_new_day_another_zone_or_another_horizon_is_read_anew(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    connected(jonas, shelf, entry(TEN, TEN + HOUR))
    look()
    assert look(NOW + DAY).parsed == 1
    with transaction():
        db.session.get_one(Person, jonas.id).zone = "Asia/Tokyo"
    assert look(NOW + DAY + LATER).parsed == 1
    setting("horizon_days", 60)
    assert look(NOW + DAY + 2 * LATER).parsed == 1
    assert look(NOW + DAY + 3 * LATER).unchanged == 1
    assert [tag for _path, tag in shelf.asked[:-1]] == [""] * 4


def test_what_the_calendar_frees_is_free_again(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    before = starts(sanjana)
    made = connected(jonas, shelf, entry(TEN, TEN + HOUR))
    look()
    assert TEN not in starts(sanjana)
    shelf.files[PATH] = calendar()
    look(NOW + LATER)
    assert starts(sanjana) == before
    shelf.files[PATH] = calendar(entry(TEN, TEN + HOUR))
    look(NOW + 2 * LATER)
    assert TEN not in starts(sanjana)
    busytime.remove(jonas.id, made.id)
    assert starts(sanjana) == before
    assert db.session.scalar(select(func.count()).select_from(BusyTime)) == 0


def test_the_candidates_side_of_its_owner_is_not_blocked(jonas: Person, shelf: Shelf) -> None:
    """Somebody may put an interview they take into their own calendar, or over something."""
    lea = factories.candidate(
        name="Lea", email="lea@people.example", now=NOW, also=("interviewer",)
    )
    mara = factories.interviewer(name="Mara", email="mara@people.example", now=NOW)
    with transaction():
        db.session.get_one(Person, lea.id).interviewer = None
    connected(jonas, shelf, entry(TEN, TEN + HOUR))
    look()
    taken = held(lea, TEN, interviewer_id=mara.id)
    assert taken.interviewer_id == mara.id


def test_the_last_good_result_counts_until_it_is_read_again(
    jonas: Person, sanjana: Person, shelf: Shelf
) -> None:
    made = connected(jonas, shelf, entry(TEN, TEN + HOUR))
    look()
    shelf.status = 503
    done = look(NOW + LATER)
    assert done.failed == 1
    known = row(made.id)
    assert (known.read_at, known.failing_since) == (NOW, NOW + LATER)
    assert known.trouble_about == {"status": 503}
    assert TEN not in starts(sanjana)
    shelf.status = 200
    assert look(NOW + 2 * LATER).unchanged == 1
    known = row(made.id)
    assert (known.failing_since, known.trouble) == (None, "")


def test_a_file_that_is_refused_is_a_failure_and_the_next_is_read(
    jonas: Person, shelf: Shelf
) -> None:
    bomb = entry(TEN, TEN + HOUR, more="RRULE:FREQ=SECONDLY\r\n")
    bad = connected(jonas, shelf, bomb, path="/a.ics")
    page = connected(jonas, shelf, path="/b.ics")
    shelf.files["/b.ics"] = b"<html>Sign in</html>"
    good = connected(jonas, shelf, entry(TEN, TEN + HOUR), path="/c.ics")
    done = look()
    assert (done.parsed, done.failed) == (1, 2)
    assert row(bad.id).trouble == "The calendar has an entry that repeats too often."
    assert row(page.id).trouble == "This is not a calendar file."
    assert row(good.id).read_at is not None, "a second later where forks are slow"


def test_a_server_that_hangs_delays_no_other_and_ends_in_time(
    jonas: Person, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mockint.adapters import fetching

    monkeypatch.setattr(fetching, "SECONDS", 1.0)
    shelf.hangs = {"/slow.ics"}
    slow = connected(jonas, shelf, path="/slow.ics")
    quick = connected(jonas, shelf, entry(TEN, TEN + HOUR))
    done = look()
    assert (done.parsed, done.failed) == (1, 1)
    assert done.seconds < 8
    assert row(quick.id).read_at is not None
    assert "longer" in row(slow.id).trouble


def test_two_workers_read_each_calendar_once(jonas: Person, shelf: Shelf) -> None:
    connected(jonas, shelf, entry(TEN, TEN + HOUR))
    (mine,) = looks._claim(now=NOW, person_id=None, at_once=False, without=())
    assert look().seen == [], "it is claimed"
    assert shelf.asked == []
    again = NOW + looks.LEASE
    assert look(again).parsed == 1, "whoever claimed it was not heard of again"
    late = looks.Seen(mine, failure=NotYours())
    assert looks._settle(late, now=again) is False, "what comes too late counts no more"
    assert row(mine.id).failing_since is None


def test_look_now_is_a_look_of_the_worker(jonas: Person, shelf: Shelf) -> None:
    made = connected(jonas, shelf, entry(TEN, TEN + HOUR))
    look()
    busytime.look_soon(jonas.id, made.id, now=NOW + HOUR / 60)
    assert len(shelf.asked) == 1, "nothing is fetched by who asks"
    assert look(NOW + HOUR / 60).unchanged == 1


def test_only_who_may_interview_is_read(jonas: Person, shelf: Shelf) -> None:
    number = connected(jonas, shelf, entry(TEN, TEN + HOUR)).id
    amina = factories.organiser(now=NOW)
    departure.disable(jonas.id, answers={}, reason="", by=amina.id, now=NOW)
    assert look().seen == []
    departure.enable(jonas.id, by=amina.id, now=NOW)
    assert look().parsed == 1
    departure.delete_account(jonas.id, reason="", now=NOW)
    assert db.session.get(BusyCalendar, number, populate_existing=True) is None
    assert db.session.scalar(select(func.count()).select_from(BusyTime)) == 0


def test_five_calendars_each_once_and_only_ones_own(jonas: Person, shelf: Shelf) -> None:
    made = [connected(jonas, shelf, path=f"/{n}.ics") for n in range(rules.MOST)]
    with pytest.raises(LimitReached, match="5 calendars"):
        connected(jonas, shelf, path="/6.ics")
    with pytest.raises(Invalid, match="already"):
        connected(jonas, shelf, path="/0.ics")
    mara = factories.interviewer(name="Mara", email="mara@people.example", now=NOW)
    for act in (busytime.remove, busytime.look_soon):
        options = {"now": NOW} if act is busytime.look_soon else {}
        with pytest.raises(NotYours):
            act(mara.id, made[0].id, **options)  # type: ignore[operator]  # both take these
    with pytest.raises(NotYours):
        busytime.add_url(factories.candidate(now=NOW).id, url=shelf.url(), name="", now=NOW)


def test_the_address_is_in_no_log_and_no_sentence(
    jonas: Person, shelf: Shelf, capfd: pytest.CaptureFixture[str]
) -> None:
    made = connected(jonas, shelf)
    for status in (200, 404, 403, 500):
        shelf.status = status
        busytime.look_soon(jonas.id, made.id, now=NOW)
        look()
        assert "private-4f1c" not in row(made.id).trouble
    heard = capfd.readouterr()
    assert "private-4f1c" not in heard.out + heard.err
    assert row(made.id).name == "127.0.0.1", "without a name it is called by its host"
