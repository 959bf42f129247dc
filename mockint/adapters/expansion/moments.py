"""Times as calendars write them, put into zones and turned into instants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar.prop import vBroken, vDDDLists

from mockint.domain import zones
from mockint.domain.busytime import Caveat
from mockint.domain.errors import N_
from mockint.domain.timespan import Span

Moment = date | datetime

DAY = timedelta(days=1)
AROUND = 2 * DAY
"""How far beyond the window is looked, so that no zone and no clock change hides anything."""
TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE")
UNKNOWN_ZONE = N_("The time zone %(about)s is not known; your own was taken for it.")
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


def listed(value: Any) -> list[Any]:
    """The values of a property: it is absent, there once, or a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


@dataclass(frozen=True, slots=True)
class Zoning:
    """What times without a zone mean in one calendar."""

    owner: str
    """The owner's zone: for all-day entries and for zones nobody knows."""
    calendar: str
    """X-WR-TIMEZONE, or ""; floating times are in it, and UTC times repeat by its clock."""
    window: Span
    warn: Callable[[Caveat], None]

    @property
    def floating(self) -> ZoneInfo:
        return ZoneInfo(self.calendar or self.owner)

    def settle(self, component: Any) -> None:
        """Give every time of `component` its zone; drop what is broken or at the end of time."""
        for name in TIMES:
            kept = [v for v in listed(component.get(name)) if not isinstance(v, vBroken)]
            for value in kept:
                zone = str(value.params.get("TZID", ""))
                if isinstance(value, vDDDLists):
                    value.dts = [each for each in value.dts if _year(each.dt) < LATEST.year]
                for each in value.dts:
                    each.dt = self.zoned(each.dt, zone)
            if kept:
                component[name] = kept if len(kept) > 1 else kept[0]
            else:
                component.pop(name, None)

    def make_days(self, component: Any, *names: str) -> None:
        """Let the times of these properties be days, as those of an all-day series are.

        Midnight stands for the day it is written with; any other time for the local day it is in.
        """
        for name in names:
            for value in listed(component.get(name)):
                for each in value.dts:
                    if isinstance(each.dt, datetime) and each.dt.time() == time():
                        each.dt = each.dt.date()
                    elif isinstance(each.dt, datetime):
                        each.dt = each.dt.astimezone(self.floating).date()

    def zoned(self, moment: Any, zone: str = "") -> Any:
        """A date-time in its zone; a date or a duration as it is; a period with both its ends."""
        if isinstance(moment, tuple):
            return tuple(self.zoned(end, zone) for end in moment)
        if not isinstance(moment, datetime):
            return moment
        if moment.tzinfo is None and zone:
            self.warn(Caveat(UNKNOWN_ZONE, zone))
            return moment.replace(tzinfo=ZoneInfo(self.owner))
        if moment.tzinfo is None:
            return moment.replace(tzinfo=self.floating)
        if self.calendar and moment.tzinfo == ZoneInfo("UTC") and moment.year < LATEST.year:
            return moment.astimezone(self.floating)
        return moment

    def beyond(self, kind: Moment) -> Moment:
        """A moment just after all that matters, a date or a time like `kind`."""
        after = (self.window.end + AROUND).astimezone(self.floating)
        return after if isinstance(kind, datetime) else after.date()

    def instant(self, moment: Moment) -> datetime:
        """In UTC; a date is the beginning of that day where the owner lives."""
        if isinstance(moment, datetime):
            try:
                return moment.astimezone(UTC)
            except OverflowError:
                return LATEST if moment.year > self.window.end.year else EARLIEST
        first, last = (self.window.start - AROUND).date(), (self.window.end + AROUND).date()
        return zones.first_instant(self.owner, min(max(moment, first), last))

    def until(self, until: Moment, start: Moment) -> Moment | None:
        """The last moment of a rule, of the kind its entry's start has; None: beyond the window.

        A date includes its whole day; a time without a zone is in that of the start (RFC 5545,
        3.3.10, wants UTC, but not everybody writes it).
        """
        if until.year > self.window.end.year + 1:
            return None
        if not isinstance(start, datetime):
            is_time = isinstance(until, datetime)
            return self.zoned(until).astimezone(self.floating).date() if is_time else until
        if not isinstance(until, datetime):
            until = datetime.combine(until, time(23, 59, 59))
        if until.tzinfo is None:
            until = until.replace(tzinfo=start.tzinfo)
        return until.astimezone(ZoneInfo("UTC"))


def is_day(moment: Moment) -> bool:
    return not isinstance(moment, datetime)


def _year(moment: Any) -> int:
    return int(moment[0].year if isinstance(moment, tuple) else moment.year)


def lasting(start: datetime, duration: timedelta, nominal: timedelta) -> datetime:
    """When something ends: whole days by the clock on the wall, the rest exactly (RFC 5545)."""
    return (start + nominal).astimezone(UTC) + (duration - nominal)
