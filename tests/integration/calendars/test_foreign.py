"""Calendars in the styles of many programs, and by hand when each makes its owner busy.

The files in tests/calendars are ours. Here are the right answers, in UTC; the owner is Vera in
Berlin, whose clocks go forward on 28 March at 01:00, and the window 20 March to 5 April 2027.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mockint.adapters.expansion import Job, Outcome, expand
from mockint.domain.busytime import Owner
from mockint.domain.timespan import Span

FOLDER = Path(__file__).parents[2] / "calendars"
BUSY = {
    "google-single": ["03-22 09:00 / 03-22 10:00"],
    "google-weekly-over-clock-change": [
        "03-22 09:00 / 03-22 10:00",
        "03-29 08:00 / 03-29 09:00",
    ],
    "google-moved-instance": ["03-23 13:00 / 03-23 14:30", "03-29 08:00 / 03-29 09:00"],
    "google-cancelled-instances": ["03-23 09:00 / 03-23 10:00", "03-26 09:00 / 03-26 10:00"],
    "google-declined": ["03-23 09:00 / 03-23 10:00"],
    "google-all-day": ["03-23 23:00 / 03-25 23:00"],
    "google-rule-in-utc": [
        "03-26 09:00 / 03-26 10:00",
        "03-27 09:00 / 03-27 10:00",
        "03-28 08:00 / 03-28 09:00",
        "03-29 08:00 / 03-29 09:00",
    ],
    "google-this-and-following": ["03-22 17:00 / 03-22 18:00", "03-29 18:00 / 03-29 19:00"],
    "exchange-windows-zone": [
        "03-26 08:30 / 03-26 09:00",
        "03-27 08:30 / 03-27 09:00",
        "03-28 07:30 / 03-28 08:00",
        "03-29 07:30 / 03-29 08:00",
    ],
    "exchange-windows-zone-undefined": ["03-22 13:30 / 03-22 14:00"],
    "exchange-busy-status": [
        "03-23 09:00 / 03-23 10:00",
        "03-24 09:00 / 03-24 10:00",
        "03-25 09:00 / 03-25 10:00",
    ],
    "exchange-customized-zone": ["03-22 06:15 / 03-22 07:15"],
    "exchange-quoted-zone": ["03-26 13:00 / 03-26 14:00"],
    "exchange-numbered-zone": ["03-29 08:00 / 03-29 09:00"],
    "exchange-all-day-until-in-utc": ["03-21 23:00 / 03-23 23:00"],
    "exchange-last-weekday": ["03-31 14:00 / 03-31 15:00"],
    "outlook-broken-description": ["03-22 09:00 / 03-22 10:00"],
    "outlook-attachment": ["03-22 09:00 / 03-22 10:00"],
    "apple-declined-by-uuid": ["03-23 09:00 / 03-23 10:00"],
    "apple-floating": ["03-29 08:00 / 03-29 09:00"],
    "apple-exact-duration": [
        "03-25 21:00 / 03-26 05:00",
        "03-26 21:00 / 03-27 05:00",
        "03-27 21:00 / 03-28 05:00",
    ],
    "apple-duration-in-days": [
        "03-27 11:00 / 03-28 10:00",
        "03-30 22:00 / 03-31 22:00",
        "04-02 10:00 / 04-02 11:30",
    ],
    "apple-until-by-the-wall-clock": [
        "03-24 13:00 / 03-24 13:30",
        "03-25 13:00 / 03-25 13:30",
        "03-26 13:00 / 03-26 13:30",
    ],
    "apple-until-a-date": ["03-22 09:00 / 03-22 10:00", "03-23 09:00 / 03-23 10:00"],
    "apple-yearly-all-day": ["03-31 22:00 / 04-01 22:00"],
    "nextcloud-tasks": ["03-24 09:00 / 03-24 10:00"],
    "nextcloud-free-busy": [
        "03-22 09:00 / 03-22 10:30",
        "03-24 09:00 / 03-24 10:00",
        "03-25 09:00 / 03-25 09:30",
    ],
    "nextcloud-more-dates": [
        "03-22 09:00 / 03-22 10:00",
        "03-23 09:00 / 03-23 10:00",
        "03-24 11:00 / 03-24 12:00",
        "03-25 09:00 / 03-25 11:00",
        "03-26 09:00 / 03-26 09:30",
    ],
    "nextcloud-orphan": ["03-22 09:00 / 03-22 10:00"],
    "nextcloud-moved-in-and-out": ["03-22 09:00 / 03-22 10:00", "04-02 08:00 / 04-02 09:00"],
    "zimbra-named-zone": ["03-29 08:00 / 03-29 09:00"],
    "zimbra-exdate-in-utc": [
        "03-22 09:00 / 03-22 10:00",
        "03-24 15:00 / 03-24 16:00",
        "03-25 09:00 / 03-25 10:00",
    ],
    "evolution-prefixed-zone": ["03-22 14:00 / 03-22 15:00"],
    "thunderbird-prefixed-zone": ["03-22 09:00 / 03-22 10:00"],
    "notes-ends-before-it-starts": ["03-23 10:00 / 03-23 11:00"],
    "notes-no-length": ["03-21 23:00 / 03-22 23:00"],
    "notes-repeating-by-dates": ["03-22 09:00 / 03-22 10:00", "03-29 08:00 / 03-29 09:00"],
    "several-calendars": ["03-22 10:00 / 03-22 11:00", "03-23 04:15 / 03-23 05:15"],
    "umlauts": ["03-22 09:00 / 03-22 10:00"],
    "lower-case": ["03-22 09:00 / 03-22 10:00", "03-23 09:00 / 03-23 10:00"],
    "unknown-zone": ["03-22 09:00 / 03-22 10:00"],
    "zone-and-utc": ["03-22 10:00 / 03-22 11:00"],
    "end-of-time": [
        "03-22 09:00 / 03-22 10:00",
        "03-23 10:00 / 03-23 11:00",
        "03-25 10:00 / 03-25 11:00",
        "03-29 08:00 / 03-29 09:00",
        "04-02 22:00 / 04-05 00:00",
    ],
    "this-and-future": [
        "03-22 09:00 / 03-22 10:00",
        "03-23 09:00 / 03-23 10:00",
        "03-24 12:00 / 03-24 13:30",
        "03-25 12:00 / 03-25 13:30",
    ],
    "excluded-by-date": ["03-22 09:00 / 03-22 10:00", "03-24 09:00 / 03-24 10:00"],
    "one-broken-entry": ["03-23 10:00 / 03-23 11:00", "03-24 10:00 / 03-24 11:00"],
    "excluded-in-another-zone": ["03-22 14:00 / 03-22 15:00", "03-23 14:00 / 03-23 15:00"],
    "excluded-hour": [
        "03-22 08:00 / 03-22 08:30",
        "03-22 10:00 / 03-22 10:30",
        "03-23 08:00 / 03-23 08:30",
        "03-23 09:00 / 03-23 09:30",
    ],
    "all-day-excluded-by-time": [
        "03-21 23:00 / 03-22 23:00",
        "03-23 23:00 / 03-24 23:00",
        "03-29 22:00 / 03-30 22:00",
    ],
    "doubled-lines": ["03-22 09:00 / 03-22 10:00"],
    "newer-version": [],
    "without-uid": ["03-22 10:00 / 03-22 11:00", "03-23 10:00 / 03-23 11:00"],
    "time-that-does-not-exist": ["03-28 01:30 / 03-28 02:00"],
    "time-that-comes-twice": ["10-31 00:30 / 10-31 03:00"],
    "odd-zones": [
        "03-22 04:15 / 03-22 05:15",
        "03-22 23:00 / 03-23 00:00",
        "03-24 11:00 / 03-24 12:00",
    ],
    "all-day-on-a-short-day": ["03-14 05:00 / 03-15 04:00"],
    "longer-than-the-window": ["03-20 00:00 / 04-05 00:00"],
    "touching-and-overlapping": ["03-22 09:00 / 03-22 11:30", "03-22 11:30:01 / 03-22 12:00"],
    "old-endless-rules": [
        "03-22 06:00 / 03-22 06:30",
        "03-25 09:00 / 03-25 10:00",
        "04-01 06:00 / 04-01 06:30",
    ],
    "rule-outside-its-own-days": [
        "03-23 09:00 / 03-23 10:00",
        "03-25 09:00 / 03-25 10:00",
        "04-01 08:00 / 04-01 09:00",
    ],
    "cancelled-series": [],
    "counted-rule": ["03-22 09:00 / 03-22 10:00", "03-29 08:00 / 03-29 09:00"],
    "hourly": [
        "03-22 09:00 / 03-22 09:15",
        "03-22 13:00 / 03-22 13:15",
        "03-22 17:00 / 03-22 17:15",
    ],
    "night-shift": ["03-26 21:00 / 03-27 05:00", "03-27 21:00 / 03-28 04:00"],
    "moved-by-day": ["03-24 23:00 / 03-25 23:00", "04-04 22:00 / 04-05 00:00"],
}
LEFT_OUT = "An entry cannot be read and was left out."
WARNINGS = {
    "nextcloud-free-busy": [LEFT_OUT],
    "notes-ends-before-it-starts": ["An entry ends before it starts and was left out."],
    "unknown-zone": ["The time zone Mars/Olympus Mons is not known; your own was taken for it."],
    "one-broken-entry": [
        LEFT_OUT,
        "An entry repeats by a rule that cannot be read; only its first time was taken.",
    ],
}
ZONES = {"all-day-on-a-short-day": "America/New_York"}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-{text}").replace(tzinfo=UTC)


WINDOW = Span(instant("03-20 00:00"), instant("04-05 00:00"))
WINDOWS = {
    "all-day-on-a-short-day": Span(instant("03-13 00:00"), instant("03-17 00:00")),
    "time-that-comes-twice": Span(instant("10-30 00:00"), instant("11-02 00:00")),
}


def spans(texts: list[str]) -> tuple[Span, ...]:
    pairs = (text.split(" / ") for text in texts)
    return tuple(Span(instant(start), instant(end)) for start, end in pairs)


def content(name: str) -> bytes:
    """The file as it travels: lines end in CRLF."""
    return (FOLDER / f"{name}.ics").read_bytes().replace(b"\n", b"\r\n")


def job(key: int, name: str, data: bytes) -> Job:
    owner = Owner.of(ZONES.get(name, "Europe/Berlin"), ["Vera@example.org"])
    return Job(key, data, owner, WINDOWS.get(name, WINDOW))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """All files, read as one batch."""
    jobs = (job(key, name, content(name)) for key, name in enumerate(BUSY))
    return dict(zip(BUSY, expand(jobs), strict=True))


def test_every_file_has_an_answer() -> None:
    assert {path.stem for path in FOLDER.glob("*.ics")} == set(BUSY)
    assert len(BUSY) >= 40


@pytest.mark.parametrize("name", BUSY)
def test_a_foreign_calendar_makes_busy_when_it_should(
    outcomes: dict[str, Outcome], name: str
) -> None:
    busy = outcomes[name].busy
    assert busy is not None, outcomes[name].refusal
    assert busy.spans == spans(BUSY[name])
    assert sorted(map(str, busy.warnings)) == sorted(WARNINGS.get(name, []))


ENCODED = {
    "line feeds": content("umlauts").replace(b"\r\n", b"\n"),
    "carriage returns": content("umlauts").replace(b"\r\n", b"\r"),
    "byte order mark": b"\xef\xbb\xbf" + content("umlauts"),
    "latin-1": content("umlauts").decode().encode("latin-1"),
    "utf-16": content("umlauts").decode().encode("utf-16"),
    "blank lines after the end": content("umlauts") + b"\r\n\r\n ",
    "NULs": content("umlauts").replace(b"LOCATION", b"\0LOCATION"),
}


@pytest.mark.parametrize("kind", ENCODED)
def test_the_octets_may_be_written_in_many_ways(kind: str) -> None:
    (outcome,) = expand([job(0, "umlauts", ENCODED[kind])])
    assert outcome.busy is not None, outcome.refusal
    assert outcome.busy.spans == spans(BUSY["umlauts"])
