"""What a feed says, when it changes, and that an outside parser reads it; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mockint import settings as settings_module
from mockint.db import db, transaction
from mockint.domain.errors import NotYours
from mockint.models import CalendarFeed, KeptMail, OutboxMessage, Person
from mockint.services import account, booking, community, departure, feed, polls, relay
from mockint.services.recent import Recent
from tests import factories
from tests.support.bookings import NOW, TEN, another, booked, held
from tests.support.counting import statements
from tests.support.ics import as_seen_by_ical_js

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture(autouse=True)
def _stands(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def sanjana() -> Person:
    return factories.candidate(now=NOW - 30 * DAY)


@pytest.fixture
def jonas() -> Person:
    return factories.interviewer(now=NOW - 30 * DAY)


def token_of(person: Person, *, now: datetime = NOW) -> str:
    address = feed.address(feed.make(person.id, now=now))
    assert address is not None
    assert address.startswith(settings_module.active().base_url + "/feeds/")
    return address.rpartition("/")[2].removesuffix(".ics")


def written(token: str, *, now: datetime = NOW) -> polls.Written:
    """What a process writes that keeps nothing but entries; the version it keeps is the same."""
    db.session.rollback()
    found = polls.find(token)
    made = polls.write(found, now=now)
    assert polls.kept(found, now=now) == made.version
    return made


def text(token: str, *, now: datetime = NOW) -> str:
    return written(token, now=now).octets.decode().replace("\r\n ", "")


def seen(token: str, folder: Path, *, now: datetime = NOW) -> dict[str, Any]:
    file = folder / "feed.ics"
    file.write_bytes(written(token, now=now).octets)
    return as_seen_by_ical_js([file])[0]


# What it says


def test_an_empty_feed_is_a_calendar(sanjana: Person, tmp_path: Path) -> None:
    token = token_of(sanjana)
    found = seen(token, tmp_path)
    assert (found["events"], found["components"]) == ([], 0)
    assert (found["method"], found["version"]) == (None, "2.0")
    assert (found["name"], found["refresh"]) == ("Mock interviews: mockint", "PT1H")
    for line in (
        "X-WR-CALNAME:Mock interviews: mockint",
        "NAME:Mock interviews: mockint",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ):
        assert text(token).count(f"\r\n{line}\r\n") == 1, line


def test_each_side_reads_its_own_and_who_has_both_roles_reads_both(
    sanjana: Person, jonas: Person, tmp_path: Path
) -> None:
    with transaction():
        jonas.roles = [*sanjana.roles, *jonas.roles]
    mara = factories.interviewer(name="Mara", email="mara@people.example", now=NOW - 30 * DAY)
    gives = booked(sanjana, interviewer_id=jonas.id)
    takes = factories.booking(jonas, mara, start=TEN - DAY, now=NOW)
    found = seen(token_of(jonas), tmp_path)["events"]
    assert [one["uid"] for one in found] == [takes.uid, gives.uid]
    assert [one["summary"] for one in found] == [
        "Mock interview with Mara: coding & data structures",
        "You interview Sanjana: coding & data structures",
    ]
    theirs = {who.name: text(token_of(who)) for who in (sanjana, mara)}
    assert gives.uid in theirs["Sanjana"]
    assert takes.uid not in theirs["Sanjana"]
    assert takes.uid in theirs["Mara"]
    assert gives.uid not in theirs["Mara"]


def test_it_is_what_the_mail_said_without_people(
    sanjana: Person, jonas: Person, tmp_path: Path
) -> None:
    made = booked(sanjana)
    booking.reschedule(made.id, by=sanjana.id, side="candidate", new_start=TEN + DAY, now=NOW)
    relay.sweep(now=NOW, transport=relay.local_transport())
    mails = {
        row.person_id: message_from_bytes(row.raw)
        for row in db.session.scalars(
            select(KeptMail)
            .join(OutboxMessage, OutboxMessage.id == KeptMail.outbox_id)
            .where(OutboxMessage.kind == "update")
        )
    }
    assert set(mails) == {sanjana.id, jonas.id}
    for person in (sanjana, jonas):
        (mailed,) = (
            part.get_payload(decode=True)
            for part in mails[person.id].walk()
            if part.get_content_type() == "text/calendar"
        )
        assert isinstance(mailed, bytes)
        mail, mine = tmp_path / "mail.ics", token_of(person)
        mail.write_bytes(mailed)
        (said,) = as_seen_by_ical_js([mail])
        (entry,) = seen(mine, tmp_path)["events"]
        for name in ("uid", "sequence", "start", "end", "summary", "location", "description"):
            assert entry[name] == said[name], name
        assert (entry["sequence"], entry["status"], entry["utc"]) == (1, "CONFIRMED", True)
        assert (entry["attendees"], entry["organizer"], entry["alarms"]) == ([], None, 0)
        assert said["attendees"]
        for absent in ("METHOD", "ATTENDEE", "ORGANIZER", "people.example", "VTIMEZONE"):
            assert absent not in text(mine)


def test_holds_are_not_in_it(sanjana: Person, jonas: Person) -> None:
    held(sanjana)
    assert "VEVENT" not in text(token_of(sanjana))


def test_a_cancelled_interview_stays_for_thirty_days(
    sanjana: Person, jonas: Person, tmp_path: Path
) -> None:
    made = booked(sanjana)
    stays = factories.booking(sanjana, jonas, start=TEN + 3 * HOUR, now=NOW)
    token = token_of(jonas)
    booking.cancel(made.id, by=sanjana.id, side="candidate", reason="Ill.", now=NOW)
    first, second = seen(token, tmp_path)["events"]
    assert (first["uid"], first["sequence"], first["status"]) == (made.uid, 1, "CANCELLED")
    assert (second["uid"], second["status"]) == (stays.uid, "CONFIRMED")
    end = NOW + 30 * DAY
    just_before = written(token, now=end - timedelta(seconds=1))
    assert just_before == written(token)
    assert polls.kept(polls.find(token), now=end) is None
    gone = written(token, now=end)
    assert made.uid not in gone.octets.decode()
    assert stays.uid in gone.octets.decode()
    assert gone.version.etag != just_before.version.etag
    assert gone.version.modified == end > just_before.version.modified
    assert gone.version.until is None


def test_text_that_people_write_stays_text(sanjana: Person, jonas: Person, tmp_path: Path) -> None:
    name = "Zoë; \\, “X” 日本語"
    with transaction():
        sanjana.name = name
    booked(sanjana)
    community.change({"name": "Ünïted; \\, all"}, by=factories.organiser(now=NOW).id, now=NOW)
    found = seen(token_of(jonas), tmp_path)
    for property in ("NAME", "X-WR-CALNAME"):  # which parsers leave as they are written
        line = f"\r\n{property}:Mock interviews: Ünïted\\; \\\\\\, all\r\n"
        assert line in text(token_of(jonas))
    assert found["events"][0]["summary"] == f"You interview {name}: coding & data structures"
    lines = written(token_of(jonas)).octets.split(b"\r\n")
    assert max(map(len, lines)) <= 75


# When it changes


def changes(person: Person) -> Callable[[], tuple[bool, bool]]:
    """Whether the feed's number rose and whether it reads differently, since last asked."""
    token = token_of(person)
    last: tuple[int, bytes] = polls.find(token).changed, written(token).octets

    def asked() -> tuple[bool, bool]:
        nonlocal last
        octets = written(token).octets
        number = polls.find(token).changed
        assert number >= last[0]
        found = number > last[0], octets != last[1]
        last = number, octets
        return found

    return asked


def test_every_change_that_is_shown_gives_it_a_higher_number(
    sanjana: Person, jonas: Person
) -> None:
    """All within one second, by the clock."""
    amina = factories.organiser(now=NOW)
    mine, theirs = changes(sanjana), changes(jonas)
    stranger = changes(another(1))
    made = held(sanjana)
    assert mine() == theirs() == (False, False)
    booking.confirm(made.id, candidate_id=sanjana.id, now=NOW)
    assert mine() == theirs() == (True, True)
    booking.reschedule(made.id, by=sanjana.id, side="candidate", new_start=TEN + DAY, now=NOW)
    assert mine() == theirs() == (True, True)
    with transaction():
        booking.change_link(jonas.id, link="https://meet.example/other", now=NOW)
    assert mine() == theirs() == (True, True)
    account.set_name(jonas.id, name="Jonas B.", locale="en")
    assert (mine(), theirs()) == ((True, True), (True, False))
    account.set_zone(jonas.id, "Asia/Tokyo")
    assert mine() == theirs() == (False, False)
    booking.cancel(made.id, by=jonas.id, side="interviewer", reason="Ill.", now=NOW)
    assert mine() == theirs() == (True, True)
    assert stranger() == (False, False)
    community.change({"name": "Harbour Circle"}, by=amina.id, now=NOW)
    assert mine() == theirs() == stranger() == (True, True)
    departure.delete_account(jonas.id, reason="I have no time.", now=NOW)
    assert mine() == (True, True)


def test_what_is_undone_changes_nothing(sanjana: Person, jonas: Person) -> None:
    made, asked = booked(sanjana), changes(sanjana)

    def fails() -> None:
        with transaction():
            booking.cancel(made.id, by=sanjana.id, side="candidate", reason="Ill.", now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    account.set_reminders(sanjana.id, False)
    assert asked() == (False, False)


def test_two_processes_say_the_same_of_it(
    sanjana: Person, jonas: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(sanjana)
    token = token_of(sanjana)
    here = written(token)
    monkeypatch.setattr(polls, "_entries", Recent(polls.MOST_ENTRIES))
    monkeypatch.setattr(polls, "_versions", Recent(polls.MOST_VERSIONS))
    assert polls.kept(polls.find(token), now=NOW) is None
    assert written(token, now=NOW + DAY) == here


def test_unchanged_is_known_by_one_statement(sanjana: Person, jonas: Person) -> None:
    booked(sanjana)
    token = token_of(sanjana)
    written(token)
    with statements() as sent:
        assert polls.kept(polls.find(token), now=NOW) is not None
    assert len([one for one in sent if one.startswith("SELECT")]) == len(sent) - sent.count("BEGIN")
    assert len([one for one in sent if one.startswith("SELECT")]) == 1


def test_entries_are_kept_over_changes_of_others(sanjana: Person, jonas: Person) -> None:
    for number in range(3):
        factories.booking(sanjana, jonas, start=TEN + number * DAY, now=NOW)
    token = token_of(jonas)
    written(token)
    booking.cancel(
        factories.booking(sanjana, jonas, start=TEN + 3 * DAY, now=NOW).id,
        by=jonas.id,
        side="interviewer",
        reason="Ill.",
        now=NOW,
    )
    polls.write(polls.find(token), now=NOW)
    with statements() as again:
        polls.write(polls.find(token), now=NOW)
    assert not [one for one in again if "meeting_link" in one], "written, not taken from before"


# The address


def test_the_address_is_kept_as_a_hash_and_ends_at_once(sanjana: Person) -> None:
    token = token_of(sanjana)
    assert len(token) == 32, "160 bits, five to a character"
    row = db.session.get_one(CalendarFeed, sanjana.id)
    assert token not in {str(getattr(row, column.key)) for column in row.__table__.columns}
    newer = token_of(sanjana)
    assert newer != token
    for useless in (token, "", "x" * 5000, newer.upper(), newer[:-1]):
        with pytest.raises(NotYours):
            polls.find(useless)
    assert polls.find(newer).person_id == sanjana.id
    feed.revoke(sanjana.id)
    feed.revoke(sanjana.id)
    with pytest.raises(NotYours):
        polls.find(newer)


def test_a_feed_made_again_never_looks_unchanged(sanjana: Person) -> None:
    before = polls.find(token_of(sanjana)).changed
    assert polls.find(token_of(sanjana)).changed > before


def test_after_the_key_was_changed_it_works_and_is_shown_no_more(sanjana: Person) -> None:
    token = token_of(sanjana)
    before = settings_module.active()
    settings_module.activate(
        replace(before, secret_key="another one, and long enough to sign with")
    )
    try:
        assert feed.address(db.session.get_one(CalendarFeed, sanjana.id)) is None
        assert polls.find(token).person_id == sanjana.id
    finally:
        settings_module.activate(before)


def test_who_may_not_come_in_has_no_feed(sanjana: Person, jonas: Person) -> None:
    amina = factories.organiser(now=NOW)
    tokens = [token_of(who) for who in (sanjana, jonas)]
    departure.disable(sanjana.id, answers={}, reason="", by=amina.id, now=NOW)
    departure.delete_account(jonas.id, reason="I have no time.", now=NOW)
    for token in tokens:
        with pytest.raises(NotYours):
            polls.find(token)
    assert db.session.get(CalendarFeed, jonas.id) is None
    departure.enable(sanjana.id, by=amina.id, now=NOW)
    assert polls.find(tokens[0]).person_id == sanjana.id
