"""A request for a preview of slots, as JSON: what `mockint slots preview -` reads and prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from mockint.domain.errors import N_, Invalid
from mockint.domain.hours import Blocks, DateException, Hours, clean_blocks, starts
from mockint.domain.timespan import CELL_MIN, Span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_WINDOW = timedelta(days=1830)
LONGEST_MIN = 7 * 1440
YEARS = range(1970, 2200)
_REQUIRED = ("tz", "weekly_hours", "duration_min", "step_min", "window_start_utc", "window_end_utc")
_KNOWN = frozenset({*_REQUIRED, "overrides"})
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z")
_MACHINE_ZONES = frozenset({"localtime", "Factory"})


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """Hours, where to look, how long an interview is and how far apart two starts are."""

    hours: Hours
    window: Span | None
    """None when the window is empty."""
    duration_min: int
    step_min: int

    def starts(self) -> list[datetime]:
        """The starts the hours allow, strictly increasing."""
        if self.window is None:
            return []
        return starts(
            self.hours, self.window, duration_min=self.duration_min, step_min=self.step_min
        )


def format_start(instant: datetime) -> str:
    """YYYY-MM-DDTHH:MMZ."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="minutes") + "Z"


def read_preview(text: str | bytes) -> PreviewRequest:
    """A request from JSON text; anything but one sound request raises `Invalid`."""
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise Invalid("input", N_("This is not JSON in UTF-8: %(why)s"), why=error) from error
    return parse_preview_request(data)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid(_plain(twice), N_("This is given twice."))
    return found


def _integer(digits: str) -> int | float:
    """A number too long for any field becomes a float, which its field then refuses by name."""
    return int(digits) if len(digits) < 20 else float(digits)


def parse_preview_request(data: object) -> PreviewRequest:
    """Check every field of a decoded request; `Invalid.field` names the one at fault."""
    given = _object("input", data)
    for name in given:
        if name not in _KNOWN:
            raise Invalid(_plain(name), N_("This field is not known."))
    for name in _REQUIRED:
        if name not in given:
            raise Invalid(name, N_("This field is missing."))
    return PreviewRequest(
        hours=Hours(
            zone=_zone(given["tz"]),
            weekly=_weekly(given["weekly_hours"]),
            exceptions=tuple(_exceptions(given.get("overrides", {}))),
        ),
        duration_min=_minutes("duration_min", given["duration_min"]),
        step_min=_minutes("step_min", given["step_min"]),
        window=_window(given["window_start_utc"], given["window_end_utc"]),
    )


def _plain(name: str) -> str:
    """A name that came from outside, short and in printable ASCII, so a terminal can show it."""
    return json.dumps(name)[1:-1][:60]


def _object(field: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(field, N_("This is a JSON object."))
    return value


def _zone(value: object) -> str:
    if (
        not isinstance(value, str)
        or value in _MACHINE_ZONES
        or value.startswith(("posix/", "right/"))
        or value not in available_timezones()
    ):
        raise Invalid("tz", N_("This is no IANA time zone, such as Europe/Berlin."))
    return value


def _weekly(value: object) -> tuple[Blocks, ...]:
    days = _object("weekly_hours", value)
    for name in days:
        if name not in WEEKDAYS:
            raise Invalid(
                f"weekly_hours.{name}", N_("The days are mon, tue, wed, thu, fri, sat, sun.")
            )
    return tuple(_blocks(f"weekly_hours.{name}", days.get(name, [])) for name in WEEKDAYS)


def _exceptions(value: object) -> Iterable[DateException]:
    for name, blocks in _object("overrides", value).items():
        field = f"overrides.{_plain(name)}"
        day = _date(field, name)
        yield DateException(day, day, _blocks(field, blocks))


def _date(field: str, text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Invalid(field, N_("Write dates as YYYY-MM-DD."))


def _blocks(field: str, value: object) -> Blocks:
    if not isinstance(value, list):
        raise Invalid(field, N_('This is a list of blocks, such as [["09:00", "12:00"]].'))
    return clean_blocks(field, [_block(field, block) for block in value])


def _block(field: str, value: object) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise Invalid(field, N_("A block has a start and an end."))
    return _minute_of_day(field, value[0]), _minute_of_day(field, value[1])


def _minute_of_day(field: str, value: object) -> int:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Invalid(field, N_("Write times of a day as HH:MM, from 00:00 to 24:00."))
    return int(value[:2]) * 60 + int(value[3:])


def _minutes(field: str, value: object) -> int:
    if type(value) is not int or value <= 0 or value % CELL_MIN:
        raise Invalid(field, N_("This is a whole number of minutes: 15, 30, 45 and so on."))
    if value > LONGEST_MIN:
        raise Invalid(field, N_("This is at most %(most)s minutes."), most=LONGEST_MIN)
    return value


def _instant(field: str, value: object) -> datetime:
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            instant = datetime.fromisoformat(value)
            if instant.year in YEARS:
                return instant.astimezone(UTC)
    except ValueError:
        pass
    raise Invalid(field, N_("Write instants as 2026-11-24T09:00Z, from 1970 to 2199."))


def _window(start_value: object, end_value: object) -> Span | None:
    start, end = _instant("window_start_utc", start_value), _instant("window_end_utc", end_value)
    if end < start:
        raise Invalid("window_end_utc", N_("The window ends before it starts."))
    if end - start > LONGEST_WINDOW:
        raise Invalid(
            "window_end_utc", N_("A window is at most %(days)s days."), days=LONGEST_WINDOW.days
        )
    return Span(start, end) if start < end else None
