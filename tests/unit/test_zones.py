"""Names of zones, and wall clocks on the days that are not like others."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from mockint.domain import zones


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_people_live_in_places() -> None:
    names = zones.people_zones()
    assert "Asia/Kathmandu" in names
    assert "Asia/Katmandu" in names
    assert not [name for name in names if name.startswith(("Etc/", "posix/", "right/"))]
    assert not {"localtime", "Factory"} & set(names)
    assert list(names) == sorted(names)


def test_choices_offer_each_place_under_its_name_of_today() -> None:
    names = zones.choices()
    assert "Europe/Kyiv" in names
    assert not {"Europe/Kiev", "US/Pacific", "GMT+0", "EST"} & set(names)
    assert len(set(names)) == len(names)


def test_every_alias_leads_to_a_place() -> None:
    assert set(zones.aliases().values()) <= set(zones.choices())
    assert not set(zones.aliases()) & set(zones.choices())


@pytest.mark.parametrize(
    ("reported", "today"),
    [
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("Asia/Rangoon", "Asia/Yangon"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Pacific", "America/Los_Angeles"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("America/Godthab", "America/Nuuk"),
        ("Pacific/Truk", "Pacific/Chuuk"),
        ("Pacific/Samoa", "Pacific/Pago_Pago"),
        ("Iceland", "Atlantic/Reykjavik"),
        ("GB", "Europe/London"),
        ("EST5EDT", "America/New_York"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
        ("Zulu", "UTC"),
        ("Europe/Stockholm", "Europe/Stockholm"),
        ("Asia/Kathmandu", "Asia/Kathmandu"),
    ],
)
def test_what_browsers_report_becomes_the_name_of_today(reported: str, today: str) -> None:
    assert zones.canonical(reported) == today


def test_an_old_name_has_the_clock_of_the_new_one() -> None:
    """Every three months of these years, for every name that zoneinfo knows."""
    instants = [utc(year, month, 15, 12) for year in (2026, 2027) for month in (1, 4, 7, 10)]
    for old, new in zones.aliases().items():
        for instant in instants:
            assert zones.wall(old, instant) == zones.wall(new, instant), old


def test_every_name_for_people_is_a_place_or_stands_for_one() -> None:
    names = set(zones.people_zones())
    assert names <= available_timezones()
    left_out = {n for n in available_timezones() - names if not n.startswith("Etc/")}
    assert left_out == {"Factory"}
    for name in names:
        assert not re.search(r"[A-Z]{3}\d|^[A-Z]{3}$", zones.place(name).replace("UTC", "")), name


def test_the_edition_of_the_rules_is_the_pinned_package() -> None:
    assert re.fullmatch(r"20\d\d[a-z]+", zones.rules_version())
    year, number = version("tzdata").split(".")[:2]
    assert zones.rules_version() == f"{year}{chr(ord('a') + int(number) - 1)}"


@pytest.mark.parametrize("name", ["", "Mars/Base", "Etc/GMT+5", "../etc/passwd", "europe/berlin"])
def test_no_person_is_in_such_a_zone(name: str) -> None:
    assert zones.canonical(name) is None


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Asia/Katmandu", "Kathmandu, UTC+05:45"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires, UTC-03:00"),
        ("America/St_Johns", "St Johns, UTC-03:30"),
        ("Europe/London", "London, UTC+00:00"),
        ("Pacific/Chatham", "Chatham, UTC+13:45"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_told_by_place_then_offset(zone: str, words: str) -> None:
    assert zones.label(zone, utc(2026, 11, 23, 12)) == words


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2027, 3, 28), 23),
        ("Europe/Berlin", date(2027, 10, 31), 25),
        ("Antarctica/Troll", date(2027, 3, 28), 22),
        ("Australia/Lord_Howe", date(2027, 4, 4), 24.5),
        ("America/Nuuk", date(2024, 3, 30), 23),
        ("Africa/Cairo", date(2024, 10, 31), 25),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Asia/Kathmandu", date(2026, 11, 23), 24),
    ],
)
def test_days_are_as_long_as_their_clocks_say(zone: str, day: date, hours: float) -> None:
    spans = zones.day_spans(zone, day)
    assert sum((span.duration for span in spans), timedelta()) == timedelta(hours=hours)


def test_a_day_begins_when_its_first_minute_does() -> None:
    assert zones.first_instant("Africa/Cairo", date(2024, 4, 26)) == utc(2024, 4, 25, 22)
    assert zones.wall("Africa/Cairo", utc(2024, 4, 25, 22)).hour == 1
    skipped = zones.first_instant("Pacific/Apia", date(2011, 12, 30))
    assert zones.local_date("Pacific/Apia", skipped) == date(2011, 12, 31)


def test_the_promised_wall_time_has_no_zone_in_it() -> None:
    assert zones.wall_text("Asia/Kathmandu", utc(2026, 11, 24, 13)) == "2026-11-24T18:45"


def test_an_hour_that_comes_twice() -> None:
    first, second, later = (utc(2027, 10, 31, hour, 30) for hour in (0, 1, 2))
    assert zones.wall("Europe/Berlin", first) == zones.wall("Europe/Berlin", second)
    assert [zones.is_repeated("Europe/Berlin", t) for t in (first, second, later)] == [
        True,
        True,
        False,
    ]


def test_a_clock_change_near_an_interview() -> None:
    change = zones.clock_change_near("Europe/Berlin", utc(2027, 4, 1, 13))
    assert change == zones.ClockChange(utc(2027, 3, 28, 1), 60, date(2027, 3, 28))
    assert zones.clock_change_near("Europe/Berlin", utc(2027, 4, 9, 13)) is None
    assert zones.clock_change_near("Asia/Kathmandu", utc(2027, 3, 28)) is None
    autumn = zones.clock_change_near("Australia/Lord_Howe", utc(2027, 4, 1))
    assert autumn is not None
    assert autumn.shift_min == -30


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "America/St_Johns", "Asia/Gaza"])
def test_stretches_find_every_change_of_the_offset(zone: str) -> None:
    """Against a look at every hour of seventeen years."""
    start, end = utc(2011, 1, 1), utc(2028, 1, 1)
    low, high = (int(instant.timestamp()) for instant in (start, end))
    found = zones.stretches(zone, low, high)
    assert (found[0].start, found[-1].end) == (low, high)
    assert all(a.end == b.start and a.offset != b.offset for a, b in pairwise(found))
    hours = [start + timedelta(hours=n) for n in range((end - start) // timedelta(hours=1))]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    assert len(found) - 1 == sum(a != b for a, b in pairwise(offsets))
    for piece in found:
        inside = datetime.fromtimestamp(piece.start, UTC).astimezone(ZoneInfo(zone))
        assert inside.utcoffset() == timedelta(seconds=piece.offset)
