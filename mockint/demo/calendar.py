"""The calendar that one interviewer of the demo has uploaded."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from mockint.models import Person
from mockint.services import busytime

DAY = timedelta(days=1)


def upload(person: Person, *, now: datetime) -> None:
    """A lunch each week, a visit in three days and two days off, none with a word that is kept."""
    zone = ZoneInfo(person.zone)
    today = now.astimezone(zone).date()
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=zone)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//mockint//demo//EN")
    entries = (
        ("lunch", noon + DAY, noon + DAY + timedelta(hours=1), {"freq": "weekly"}),
        ("visit", noon + 3 * DAY, noon + 3 * DAY + timedelta(minutes=50), None),
        ("off", today + 12 * DAY, today + 14 * DAY, None),
    )
    for name, start, end, rule in entries:
        event = Event.new(uid=f"{name}@elsewhere.example", start=start, end=end, stamp=now)
        if rule:
            event.add("rrule", rule)
        calendar.add_component(event)
    busytime.add_file(person.id, name="own-calendar.ics", body=calendar.to_ical(), now=now)
