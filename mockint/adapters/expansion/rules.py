"""Refuses repetition that would keep a processor busy, before it is expanded."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from mockint.adapters.expansion.scan import Block, value_of
from mockint.domain.busytime import CalendarRefused
from mockint.domain.errors import N_

MOST_DATES = 5_000
MOST_HOURS = 10_000
OLDEST_HOURLY = timedelta(days=366)
MOST_TIMES_A_DAY = 96
_DAY = re.compile(r"[0-9]{8}")
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
_OF_ZONES = frozenset({"YEARLY", "MONTHLY", "WEEKLY"})


def refuse_bombs(calendar: Block, now: datetime) -> None:
    """Raise CalendarRefused for the first rule or list in `calendar` that is out of bounds.

    `now` is what "long ago" is measured from: the start of the window that is asked for.
    """
    for event in calendar.walk("VEVENT"):
        _check(event, now)
    for zone in calendar.walk("VTIMEZONE"):
        for part in zone.parts:
            _check(part, now)
            if any(_parts(line).get("FREQ") not in _OF_ZONES for line in _rules(part)):
                raise CalendarRefused(N_("The calendar has a time zone that changes all the time."))


def _check(block: Block, now: datetime) -> None:
    if "EXRULE" in block.lines:
        raise CalendarRefused(N_("The calendar has a rule of a kind that is out of use (EXRULE)."))
    dates = block.lines.get("RDATE", []) + block.lines.get("EXDATE", [])
    if len(dates) + sum(line.count(",") for line in dates) > MOST_DATES:
        raise CalendarRefused(N_("The calendar has an entry with more than 5,000 dates."))
    for line in _rules(block):
        if _is_bomb(_parts(line), block.first("DTSTART"), now):
            raise CalendarRefused(N_("The calendar has an entry that repeats too often."))


def _rules(block: Block) -> list[str]:
    return block.lines.get("RRULE", [])


def _parts(line: str) -> dict[str, str]:
    """A rule as its parts: {"FREQ": "DAILY", ...}."""
    pairs = (part.partition("=") for part in value_of(line).upper().split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _is_bomb(rule: dict[str, str], start: str, now: datetime) -> bool:
    frequency = rule.get("FREQ", "")
    if frequency in _TOO_OFTEN or _number(rule.get("INTERVAL", "1")) < 1:
        return True
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= len(rule.get(name, "0").split(","))
    if times > MOST_TIMES_A_DAY or (frequency == "HOURLY" and times > 1):
        return True
    if frequency != "HOURLY":
        return False
    oldest = (now - OLDEST_HOURLY).strftime("%Y%m%d")
    began = _DAY.match(start)
    return _number(rule.get("COUNT", "1")) > MOST_HOURS or began is None or began[0] < oldest


def _number(text: str) -> int:
    """A whole number; 0 for anything else, and the same for all that are absurdly long."""
    return int(text[:9]) if text.isascii() and text.isdigit() else 0
