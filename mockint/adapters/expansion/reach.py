"""Which entries can touch a window, judged by the first eight digits of their dates.

Most of a calendar is long past. Passing it over unparsed is what makes a large one quick to read.
In doubt an entry counts as touching: zones and clock changes move it by less than two days.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mockint.adapters.expansion.scan import Block
from mockint.domain.timespan import Span

MARGIN = timedelta(days=2)
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_UNTIL = re.compile(r"UNTIL=([0-9]{8})", re.IGNORECASE)


def touching(events: list[Block], window: Span) -> bool:
    """Whether any of the entries of one UID may touch `window`."""
    low = (window.start - MARGIN).toordinal()
    high = (window.end + MARGIN).toordinal()
    return any(_may_touch(event, low, high) for event in events)


def _may_touch(event: Block, low: int, high: int) -> bool:
    lines = event.lines
    start = _day(event.first("DTSTART"))
    if start is None or "RDATE" in lines or "RECURRENCE-ID" in lines or "DURATION" in lines:
        return True
    if start > high:
        return False
    end = _day(event.first("DTEND")) if "DTEND" in lines else start
    if end is None:
        return True
    if "RRULE" not in lines:
        return end >= low
    untils = [_UNTIL.search(line) for line in lines["RRULE"]]
    lasts = [_day(until[1]) if until else None for until in untils]
    return any(last is None or last + abs(end - start) >= low for last in lasts)


def _day(text: str) -> int | None:
    """The number of a day, so that none is too far to count from."""
    found = _DAY.match(text)
    try:
        return date(*map(int, found.groups())).toordinal() if found else None
    except ValueError:
        return None
