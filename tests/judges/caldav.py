"""Radicale, a CalDAV server: people whose client stores what arrives there have one event."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import icalendar

from tests.judges import Claim, equal
from tests.judges.story import Story, told
from tests.prove.radicale import PATH, Radicale

NEEDS: tuple[str, ...] = ()
MAKE = b"""<?xml version="1.0" encoding="utf-8"?>
<mkcalendar xmlns="urn:ietf:params:xml:ns:caldav"/>"""
REPORT = """<?xml version="1.0" encoding="utf-8"?>
<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">
  <C:time-range start="{start:%Y%m%dT%H%M%SZ}" end="{end:%Y%m%dT%H%M%SZ}"/>
</C:free-busy-query>"""
CALENDAR = {"Content-Type": "text/calendar"}


def judge(folder: Path) -> Iterator[Claim]:
    folder.mkdir(parents=True, exist_ok=True)
    server = Radicale(folder, dict(os.environ))
    server.start()
    try:
        with told(folder / "mockint") as story:
            yield from _lifecycle(story, server)
    finally:
        server.service.stop()


def _lifecycle(story: Story, server: Radicale) -> Iterator[Claim]:
    status, _ = server.ask("MKCALENDAR", PATH, MAKE)
    yield equal("a calendar is made", status, 201)
    story.book()
    uid = story.booking.uid
    yield equal("the invitation is stored", _put(server, story, uid), 201)
    yield equal("and busy at its time", _busy(server, story), [story.booking.start_at])
    yield equal("the same under another name is refused", _put(server, story, "other"), 409)
    for step in (
        lambda: story.move(timedelta(hours=1)),
        lambda: story.move(timedelta(days=1, minutes=-30), side="interviewer"),
        lambda: story.change_place("https://meet.example/another"),
    ):
        step()
        name = story.of("candidate")[-1].step
        yield equal(f"{name}: it replaces the event", _put(server, story, uid) in (201, 204), True)
        yield equal(f"{name}: one event at the right instant", _kept(server), [_facts(story)])
        yield equal(f"{name}: busy then only", _busy(server, story), [story.booking.start_at])
    story.cancel()
    yield equal("cancelled: it replaces the event", _put(server, story, uid) in (201, 204), True)
    yield equal("cancelled: nobody is busy any more", _busy(server, story), [])
    status, _ = server.ask("DELETE", f"{PATH}{uid}.ics")
    yield equal("a client that removes it", (status, _kept(server)), (200, []))


def _put(server: Radicale, story: Story, name: str) -> int:
    """Store what came last, as a client does: without METHOD (RFC 4791 4.1)."""
    calendar = icalendar.Calendar.from_ical(story.of("candidate")[-1].calendar)
    del calendar["METHOD"]
    return server.ask("PUT", f"{PATH}{name}.ics", calendar.to_ical(), CALENDAR)[0]


def _kept(server: Radicale) -> list[tuple[object, ...]]:
    events = icalendar.Calendar.from_ical(server.read()).events
    return [(str(one["UID"]), one.start, one.end, str(one["SEQUENCE"])) for one in events]


def _facts(story: Story) -> tuple[object, ...]:
    found = story.booking
    return (found.uid, found.start_at, found.end_at, str(found.sequence))


def _busy(server: Radicale, story: Story) -> list[object]:
    """When it says that the person is busy, over the days of the story."""
    report = REPORT.format(start=story.begins, end=story.begins + timedelta(days=7))
    headers = {"Content-Type": "application/xml; charset=utf-8"}
    _, said = server.ask("REPORT", PATH, report.encode(), headers)
    calendar = icalendar.Calendar.from_ical(said)
    periods: list[Any] = [
        one["FREEBUSY"] for one in calendar.walk("VFREEBUSY") if "FREEBUSY" in one
    ]
    return [one.start for one in periods if one.params.get("FBTYPE", "BUSY") != "FREE"]
