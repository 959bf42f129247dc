"""IANA zones: their names as people meet them, and wall clocks against UTC.

All zone data comes from `zoneinfo`. Arithmetic is done in seconds since 1970 UTC, because aware
datetimes of one zone add and subtract by the wall clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from mockint.domain.timespan import Span, at_second, join, require_utc, seconds_of

DAY_S = 86_400
_SEARCH_STEP_S = DAY_S
"""No zone ever changed its offset twice within three days, so a look a day finds every change."""
_MAX_OFFSET_S = 26 * 3600
_NOT_FOR_PEOPLE = ("posix/", "right/", "Etc/", "SystemV/")

SUCCESSORS = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Virgin": "America/St_Thomas",
    "Atlantic/Jan_Mayen": "Arctic/Longyearbyen",
    "CST6CDT": "America/Chicago",
    "EST5EDT": "America/New_York",
    "Etc/GMT": "UTC",
    "Etc/UTC": "UTC",
    "Iceland": "Atlantic/Reykjavik",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
}
"""Old names whose links lead to a neighbour with the same clock, to the places they stand for."""


def _file(name: str) -> list[str]:
    """The lines of a file that comes with the zone rules."""
    text = files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


@lru_cache(maxsize=1)
def rules_version() -> str:
    """Which edition of the rules is in force, as IANA calls it: "2026f"."""
    tables = files("tzdata").joinpath("zoneinfo", "tzdata.zi")
    return tables.read_text(encoding="utf-8").partition("\n")[0].rpartition(" ")[2]


@lru_cache(maxsize=1)
def places() -> frozenset[str]:
    """The names of today: one for each place, of which every country has at least one."""
    return frozenset({line.split("\t")[2] for line in _file("zone.tab") if line} | {"UTC"})


@lru_cache(maxsize=1)
def aliases() -> Mapping[str, str]:
    """Names that systems still report, to the names of today: the rules' own links.

    A link whose name is a place is no old name: Stockholm has the clock of Berlin.
    """
    links = [line.split() for line in _file("tzdata.zi") if line.startswith("L ")]
    found = {name: target for _, target, name in links if name not in places()}
    found |= SUCCESSORS
    return {name: SUCCESSORS.get(target, target) for name, target in found.items()}


@lru_cache(maxsize=1)
def people_zones() -> tuple[str, ...]:
    """Every name a person may have, sorted; machines' names are left out."""
    return tuple(
        sorted(
            name
            for name in available_timezones()
            if not name.startswith(_NOT_FOR_PEOPLE) and canonical(name)
        )
    )


@lru_cache(maxsize=1)
def choices() -> tuple[str, ...]:
    """The names to choose from: one per place, without old names and country prefixes."""
    return (*sorted(places() - {"UTC"}), "UTC")


@lru_cache(maxsize=1024)
def canonical(name: str) -> str | None:
    """Today's name for `name`, or None when no person can be in such a zone."""
    name = aliases().get(name, name)
    return name if name in places() else None


def place(zone: str) -> str:
    """The town in a zone's name: "Kathmandu"."""
    return aliases().get(zone, zone).rsplit("/", 1)[-1].replace("_", " ")


def offset_label(zone: str, instant: datetime) -> str:
    """The offset in force at `instant`: "UTC+05:45"."""
    minutes = round(_offset(zone, seconds_of(instant)) / 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def label(zone: str, instant: datetime) -> str:
    """Place first, then offset: "Kathmandu, UTC+05:45"."""
    town = place(zone)
    return town if town == "UTC" else f"{town}, {offset_label(zone, instant)}"


def wall(zone: str, instant: datetime) -> datetime:
    """What the clock on the wall reads at `instant`, as a naive datetime."""
    return require_utc(instant).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def wall_text(zone: str, instant: datetime) -> str:
    """The promised wall time as it is stored: YYYY-MM-DDTHH:MM."""
    return wall(zone, instant).isoformat(timespec="minutes")


def local_date(zone: str, instant: datetime) -> date:
    return wall(zone, instant).date()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds since 1970 UTC, [start, end), during which the offset does not change."""

    start: int
    end: int
    offset: int


def stretches(zone: str, start: int, end: int) -> list[Stretch]:
    """The stretches of one offset that make up [start, end), in order."""
    found: list[Stretch] = []
    for year in range(_year(start), _year(end - 1) + 1):
        for piece in _year_stretches(zone, year):
            first, last = max(piece.start, start), min(piece.end, end)
            if first >= last:
                continue
            if found and found[-1].offset == piece.offset:
                first = found.pop().start
            found.append(Stretch(first, last, piece.offset))
    return found


@lru_cache(maxsize=4096)
def _year_stretches(zone: str, year: int) -> tuple[Stretch, ...]:
    start, end = _year_start(year), _year_start(year + 1)
    probes = [
        (second, _offset(zone, second)) for second in (*range(start, end, _SEARCH_STEP_S), end)
    ]
    edges = [start]
    for (low, before), (high, after) in pairwise(probes):
        if before != after:
            edges.append(_change_between(zone, low, high))
    edges = [edge for edge in edges if edge < end]
    return tuple(Stretch(a, b, _offset(zone, a)) for a, b in pairwise([*edges, end]))


def _change_between(zone: str, low: int, high: int) -> int:
    """The first second of the offset in force at `high`, found by halving."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: str, second: int) -> int:
    offset = at_second(second).astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _year(second: int) -> int:
    return at_second(second).year


def _year_start(year: int) -> int:
    return seconds_of(datetime(year, 1, 1, tzinfo=UTC))


def midnight(day: date) -> int:
    """Seconds since 1970 at which a clock that shows UTC reads 00:00 of `day`."""
    return seconds_of(datetime.combine(day, time(), tzinfo=UTC))


def wall_intervals(zone: str, day: date, from_min: int, to_min: int) -> list[tuple[int, int]]:
    """When the wall clock reads `day` and [from_min, to_min) minutes past midnight.

    Seconds since 1970 UTC, in order. Nothing for a time that a clock change skips, two intervals
    for one it repeats.
    """
    zero = midnight(day)
    low, high = zero + from_min * 60, zero + to_min * 60
    found = (
        (max(low - piece.offset, piece.start), min(high - piece.offset, piece.end))
        for piece in stretches(zone, low - _MAX_OFFSET_S, high + _MAX_OFFSET_S)
    )
    return [(start, end) for start, end in found if start < end]


def day_spans(zone: str, day: date) -> list[Span]:
    """The instants at which it is `day` in `zone`: one span of 23 to 25 hours, as a rule."""
    return list(_day_spans(zone, day))


@lru_cache(maxsize=4096)
def _day_spans(zone: str, day: date) -> tuple[Span, ...]:
    return tuple(
        Span(at_second(start), at_second(end))
        for start, end in join(wall_intervals(zone, day, 0, 1440))
    )


def by_date(zone: str, instants: Sequence[datetime]) -> dict[date, list[datetime]]:
    """Instants, in order, under the local dates they fall on; a date without any is left out."""
    found: dict[date, list[datetime]] = {}
    if not instants:
        return found
    day, last = local_date(zone, instants[0]), local_date(zone, instants[-1])
    while day <= last:
        for span in day_spans(zone, day):
            first, end = bisect_left(instants, span.start), bisect_left(instants, span.end)
            if first < end:
                found.setdefault(day, []).extend(instants[first:end])
        day += timedelta(days=1)
    return found


def first_instant(zone: str, day: date) -> datetime:
    """When `day` begins in `zone`; a day the zone skipped begins with the next one."""
    spans = day_spans(zone, day)
    return spans[0].start if spans else first_instant(zone, day + timedelta(days=1))


def is_repeated(zone: str, instant: datetime) -> bool:
    """True when the wall clock reads this time twice on that day."""
    local = require_utc(instant).astimezone(ZoneInfo(zone))
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A clock change: when, by how many minutes (above zero: forward), on which local day."""

    at: datetime
    shift_min: int
    local_day: date


def clock_change_near(zone: str, start: datetime, days: int = 7) -> ClockChange | None:
    """The clock change within `days` of `start`, on either side, that is nearest to it."""
    centre = seconds_of(start)
    pieces = stretches(zone, centre - days * DAY_S, centre + days * DAY_S)
    changes = [(after.start, after.offset - before.offset) for before, after in pairwise(pieces)]
    if not changes:
        return None
    second, shift = min(changes, key=lambda change: abs(change[0] - centre))
    at = at_second(second)
    return ClockChange(at, round(shift / 60), local_date(zone, at))
