"""Five weeks of days and one day of times, as the macros of time.html take them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _

from mockint.domain import zones
from mockint.domain.timespan import seconds_of
from mockint.web import presenters

WEEKS = 5
DAY = timedelta(days=1)
NOON, EVENING = 12, 18
MONDAY = date(2024, 1, 1)
"""Any Monday: weekdays are named by it."""


class Cell(NamedTuple):
    """One day of the weeks; templates take it apart at once, in this order."""

    day: int
    month: str | None
    """On the first of a month."""
    label: str
    """The date in words, where something is free."""
    free: int
    """How many times."""
    url: str | None
    today: bool
    chosen: bool


class Time(NamedTuple):
    """One start as a button; templates take it apart at once, in this order."""

    value: str
    label: str
    second: str | None = None
    """A second line."""
    held: bool = False
    """It is the one the reader holds."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is shown: the weeks, the day in them that is open, and its times."""

    title: str
    weekdays: list[str]
    weeks: list[list[Cell]]
    earlier: str | None
    later: str | None
    day: date | None
    day_title: str
    day_zone: str
    groups: list[tuple[str, list[Time]]]


def calendar(
    starts: Sequence[datetime],
    *,
    zone: str,
    now: datetime,
    day: date | None,
    week: date | None,
    url: Callable[..., str],
    held: datetime | None = None,
) -> Calendar:
    """Rolling weeks in `zone`; the first free day is open unless another one is asked for.

    `url(day=..., week=...)` is the address of a change; `held` is the start held for the reader.
    """
    by_date = zones.by_date(zone, starts)
    counts = Counter({one: len(times) for one, times in by_date.items()})
    today = zones.local_date(zone, now)
    first = _first_day(today, week or day, counts)
    last = first + (7 * WEEKS - 1) * DAY
    inside = sorted(one for one in counts if first <= one <= last)
    if day is None or not first <= day <= last:
        day = inside[0] if inside else None
    of_day = by_date.get(day, []) if day else []
    words = presenters.dates(inside, "EEEE d MMMM")
    free = {one: (counts[one], label) for one, label in zip(inside, words, strict=True)}
    days = [first + number * DAY for number in range(7 * WEEKS)]
    cells = [_cell(one, free.get(one), today=today, chosen=day, url=url) for one in days]
    return Calendar(
        title=_("%(first)s to %(last)s", first=_short(first), last=_short(last)),
        weekdays=_weekdays(),
        weeks=[cells[row : row + 7] for row in range(0, 7 * WEEKS, 7)],
        earlier=_page(url, first - 7 * WEEKS * DAY, today)
        if any(one < first for one in counts)
        else None,
        later=_page(url, last + DAY, today) if any(one > last for one in counts) else None,
        day=day,
        day_title=presenters.date_words(day, "EEE d MMMM") if day else "",
        day_zone=zones.label(zone, of_day[0] if of_day else now),
        groups=groups(of_day, zone=zone, held=held),
    )


def _first_day(today: date, wish: date | None, counts: Counter[date]) -> date:
    """The Monday shown first: this week's, or that of a page of weeks asked for.

    When these weeks have nothing free but later ones do, the page opens where something is.
    """
    this = _monday(today)
    if wish is None and counts:
        wish = min(counts)
    last = max(counts, default=today)
    pages = max(0, (min(wish or today, last) - this).days // (7 * WEEKS))
    return this + pages * 7 * WEEKS * DAY


def _monday(day: date) -> date:
    return day - day.weekday() * DAY


def _page(url: Callable[..., str], monday: date, today: date) -> str:
    """The neighbouring page of weeks; the present one needs no word in the address."""
    return url(day=None, week=None if monday <= _monday(today) else monday)


def _cell(
    day: date,
    free: tuple[int, str] | None,
    *,
    today: date,
    chosen: date | None,
    url: Callable[..., str],
) -> Cell:
    """`free`: how many times, and the date in words."""
    return Cell(
        day=day.day,
        month=presenters.date_words(day, "MMM") if day.day == 1 else None,
        label=free[1] if free else "",
        free=free[0] if free else 0,
        url=url(day=day, week=None) if free else None,
        today=day == today,
        chosen=day == chosen and free is not None,
    )


def groups(
    starts: Sequence[datetime], *, zone: str, held: datetime | None = None
) -> list[tuple[str, list[Time]]]:
    """Morning, afternoon and evening by the reader's clock."""
    names = (_("Morning"), _("Afternoon"), _("Evening"))
    found: list[list[Time]] = [[], [], []]
    changes = _clock_changes(starts, zone)
    walls = [zones.wall(zone, start) for start in starts]
    labels = presenters.hours(60 * wall.hour + wall.minute for wall in walls)
    for start, wall, label in zip(starts, walls, labels, strict=True):
        part = 0 if wall.hour < NOON else 1 if wall.hour < EVENING else 2
        twice = changes and zones.is_repeated(zone, start)
        second = zones.offset_label(zone, start) if twice else None
        found[part].append(Time(presenters.machine(start), label, second, start == held))
    return list(zip(names, found, strict=True))


def _clock_changes(starts: Sequence[datetime], zone: str) -> bool:
    """Whether the reader's clock changes close to one of these; on most days none does."""
    if not starts:
        return False
    first, last = starts[0] - DAY, starts[-1] + DAY
    return len(zones.stretches(zone, seconds_of(first), seconds_of(last))) > 1


def nearby(starts: Iterable[datetime], wanted: datetime, *, zone: str) -> list[Time]:
    """Alternatives to a time: each with its day and how far away it is."""
    return [
        Time(
            presenters.machine(start),
            presenters.hour(start, zone),
            f"{presenters.day(start, zone)}, {_distance(start, wanted, zone)}",
        )
        for start in starts
    ]


def _distance(start: datetime, wanted: datetime, zone: str) -> str:
    """45 min earlier, 2 h later, a day later; from half a day on by the reader's dates."""
    later = start > wanted
    minutes = abs(start - wanted) // timedelta(minutes=1)
    days = abs(zones.local_date(zone, start) - zones.local_date(zone, wanted)).days
    if minutes < 60:
        return _("%(n)s min later", n=minutes) if later else _("%(n)s min earlier", n=minutes)
    if minutes < 720 or not days:
        time = f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
        return _("%(time)s later", time=time) if later else _("%(time)s earlier", time=time)
    if days == 1:
        return _("a day later") if later else _("a day earlier")
    return _("%(n)s days later", n=days) if later else _("%(n)s days earlier", n=days)


def _weekdays() -> list[str]:
    return presenters.dates((MONDAY + number * DAY for number in range(7)), "EEE")


def _short(day: date) -> str:
    return presenters.date_words(day, "d MMM")
