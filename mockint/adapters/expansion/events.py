"""The entries of one UID as spans of time.

icalendar parses them and recurring-ical-events repeats them; here is what those leave open or get
wrong: which entries block, exact durations, ends before starts, far futures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import recurring_ical_events
from icalendar import Calendar
from icalendar.prop import vBroken, vDDDTypes, vInt

from mockint.adapters.expansion.moments import AROUND, DAY, Moment, Zoning, is_day, lasting, listed
from mockint.adapters.expansion.scan import Block
from mockint.domain.busytime import Caveat
from mockint.domain.errors import N_
from mockint.domain.timespan import Span

Entry = Any
"""A component of icalendar's; the values of its properties are of some thirty types."""

FREE_STATES = frozenset({"FREE", "WORKINGELSEWHERE"})
PERIODS = {"DAILY": 1, "WEEKLY": 7}
"""Rules that may begin later without changing what they give, and their days."""
RULE_PARTS = frozenset(
    {"FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY"}
    | {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST"}
)
FAR_YEARS = 5
"""What starts, ends or lasts longer after the window is as good as for ever."""
NOMINAL = "X-NOMINAL-DAYS"
"""Our own property: how much of DURATION goes by the clock on the wall."""

LEFT_OUT = N_("An entry cannot be read and was left out.")
ENDS_EARLY = N_("An entry ends before it starts and was left out.")
NO_RULE = N_("An entry repeats by a rule that cannot be read; only its first time was taken.")


def parsed(blocks: Sequence[Block]) -> Calendar:
    """The components of `blocks`, as a calendar of their own."""
    text = "\r\n".join(["BEGIN:VCALENDAR", *(block.text() for block in blocks), "END:VCALENDAR"])
    calendar = Calendar.from_ical(text)
    if not isinstance(calendar, Calendar):
        raise ValueError("not one calendar")
    return calendar


def freebusy(block: Block, zoning: Zoning) -> Iterator[Span]:
    """What a VFREEBUSY calls busy, also tentatively."""
    for component in parsed([block]).subcomponents:
        for period in listed(component.get("FREEBUSY")):
            kind = "" if isinstance(period, vBroken) else str(period.params.get("FBTYPE", "BUSY"))
            if kind and kind.upper() != "FREE":
                start, end = zoning.zoned(period.start), zoning.zoned(period.end)
                yield from _between(zoning.instant(start), zoning.instant(end))


def busy(blocks: Sequence[Block], zoning: Zoning, owners: frozenset[str]) -> Iterator[Span]:
    """When the entries of one UID make a person busy who has the addresses `owners`."""
    calendar = parsed(blocks)
    pairs = zip(list(calendar.subcomponents), blocks, strict=True)
    calendar.subcomponents = [e for e, block in pairs if _is_sound(e, block, zoning)]
    events: list[Entry] = calendar.subcomponents
    if any("RECURRENCE-ID" not in e and is_day(e["DTSTART"].dt) for e in events):
        for event in events:
            zoning.make_days(event, "RECURRENCE-ID", "RDATE", "EXDATE")
    if any(name in event for event in events for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        found: Sequence[Entry] = list(_repeated(calendar, zoning.window))
    else:
        newest = max((_sequence(event) for event in events), default=0)
        found = [event for event in events if _sequence(event) == newest]
    for event in found:
        if _blocks(event, owners):
            start, end = event["DTSTART"].dt, _end(event)
            yield from _between(zoning.instant(start), zoning.instant(end))


def _repeated(calendar: Calendar, window: Span) -> Iterator[Entry]:
    """The times of entries of one UID around the window, each as an entry.

    Exceptions are ours to take out, by instant: the library also takes out times that read the same
    in another zone. Only where all later times are moved it must know which are gone.
    """
    gone: set[Moment] = set()
    if not any(_moves_the_rest(event) for event in calendar.subcomponents):
        for event in calendar.subcomponents:
            _begin_later(event, window)
            if "RECURRENCE-ID" not in event:
                dates = [
                    each.dt for value in listed(event.pop("EXDATE", None)) for each in value.dts
                ]
                gone.update(_place(moment) for moment in dates)
    query = recurring_ical_events.of(calendar)
    for event in query.between(window.start - DAY, window.end + DAY):
        place = event["RECURRENCE-ID"].dt
        if _place(place) not in gone and date(place.year, place.month, place.day) not in gone:
            yield event


def _place(moment: Moment) -> Moment:
    """What tells the times of a series apart: the instant, or the day."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def _between(start: datetime, end: datetime) -> Iterator[Span]:
    if start < end:
        yield Span(start, end)


def _sequence(event: Entry) -> int:
    return int(event.get("SEQUENCE", -1))


def _moves_the_rest(event: Entry) -> bool:
    return "RECURRENCE-ID" in event and "RANGE" in event["RECURRENCE-ID"].params


def _blocks(event: Entry, owners: frozenset[str]) -> bool:
    def says(name: str) -> str:
        return str(event.get(name, "")).strip().upper()

    return not (
        says("TRANSP") == "TRANSPARENT"
        or says("STATUS") == "CANCELLED"
        or says("X-MICROSOFT-CDO-BUSYSTATUS") in FREE_STATES
        or any(_declined(person, owners) for person in listed(event.get("ATTENDEE")))
    )


def _declined(attendee: Any, owners: frozenset[str]) -> bool:
    names = {str(attendee).strip().lower().removeprefix("mailto:")}
    names.add(str(attendee.params.get("EMAIL", "")).strip().lower().removeprefix("mailto:"))
    partstat = str(attendee.params.get("PARTSTAT", "")).upper()
    return partstat == "DECLINED" and not owners.isdisjoint(names)


# Putting entries in order


def _is_sound(event: Entry, block: Block, zoning: Zoning) -> bool:
    """Put an entry in order; False, with a caveat, when it cannot be used."""
    for name in ("SEQUENCE", "DURATION"):
        if isinstance(event.get(name), vBroken | list):
            del event[name]
    zoning.settle(event)
    lost_id = "RECURRENCE-ID" in block.lines and "RECURRENCE-ID" not in event
    if lost_id or not isinstance(event.get("DTSTART"), vDDDTypes):
        zoning.warn(Caveat(LEFT_OUT))
        return False
    start = event["DTSTART"].dt
    if "DURATION" in event:
        by_days = not {"D", "W"}.isdisjoint(block.first("DURATION").upper())
        event[NOMINAL] = vInt(event["DURATION"].dt.days if by_days else 0)
    if "DTEND" in event and event["DTEND"].dt == start:
        del event["DTEND"]
    _bring_near(event, zoning)
    if zoning.instant(_end(event)) < zoning.instant(event["DTSTART"].dt):
        zoning.warn(Caveat(ENDS_EARLY))
        return False
    _settle_rules(event, zoning)
    return True


def _end(event: Entry) -> Moment:
    """When an entry, or one time of an entry that repeats, ends."""
    start: Moment = event["DTSTART"].dt
    is_time = isinstance(start, datetime)
    duration: timedelta = event["DURATION"].dt if "DURATION" in event else timedelta()
    end: Moment = start + (duration if is_time else max(duration, DAY))
    if "DTEND" in event:
        end = event["DTEND"].dt
    if NOMINAL in event and isinstance(start, datetime) and isinstance(end, datetime):
        return lasting(start, end - start, timedelta(days=int(event[NOMINAL])))
    return end


def _bring_near(event: Entry, zoning: Zoning) -> None:
    """Let what starts or ends in a far future do so just beyond the window.

    The year 9999 stands for "for ever", and nothing can be added to it.
    """
    start, last_year = event["DTSTART"].dt, zoning.window.end.year + FAR_YEARS
    beyond = zoning.beyond(start)
    ends_late = "DTEND" in event and event["DTEND"].dt.year > last_year
    lasts_long = "DURATION" in event and event["DURATION"].dt.days > FAR_YEARS * 365
    if start.year <= last_year and not ends_late and not lasts_long:
        return
    for name in ("DTEND", "DURATION", NOMINAL, "RRULE"):
        event.pop(name, None)
    if start.year > last_year:
        event["DTSTART"].dt = beyond
    else:
        event["DTEND"] = vDDDTypes(max(start, beyond))


def _settle_rules(event: Entry, zoning: Zoning) -> None:
    rules = listed(event.get("RRULE"))
    kept = [rule for rule in rules if not isinstance(rule, vBroken) and _is_known(rule)]
    if len(kept) < len(rules):
        zoning.warn(Caveat(NO_RULE))
    for rule in kept:
        for part in set(rule) - RULE_PARTS:
            del rule[part]
        if "UNTIL" in rule:
            until = zoning.until(rule.pop("UNTIL")[0], event["DTSTART"].dt)
            if until is not None:
                rule["UNTIL"] = [until]
    event.pop("RRULE", None)
    if kept:
        event["RRULE"] = kept


def _is_known(rule: Any) -> bool:
    scale = str(rule.get("RSCALE", ["GREGORIAN"])[0]).upper()
    return "FREQ" in rule and scale == "GREGORIAN"


def _begin_later(event: Entry, window: Span) -> None:
    """Begin an endless rule shortly before the window: dateutil counts from the first time on.

    Whole periods are skipped, so the same times follow. The new first time, which counts even
    where the rule does not give it, is over before the window begins.
    """
    rules = listed(event.get("RRULE"))
    if len(rules) != 1 or "COUNT" in rules[0] or rules[0]["FREQ"][0] not in PERIODS:
        return
    start, end = event["DTSTART"].dt, _end(event)
    step = PERIODS[rules[0]["FREQ"][0]] * int(rules[0].get("INTERVAL", [1])[0])
    last = (window.start - 2 * AROUND).date().toordinal()
    periods = (last - end.toordinal()) // step
    if periods > 0:
        skipped = timedelta(days=periods * step)
        event["DTSTART"].dt = start + skipped
        if "DTEND" in event:
            event["DTEND"].dt += skipped
