"""Files that want to hang, fill or mislead whoever reads them, and the calendar after each."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain

import pytest

from mockint.adapters.expansion import Job, Outcome, expand
from mockint.domain.busytime import Owner
from mockint.domain.timespan import Span

WINDOW = Span(datetime(2027, 3, 20, tzinfo=UTC), datetime(2027, 4, 5, tzinfo=UTC))
OWNER = Owner.of("Europe/Berlin", ["vera@example.org"])


def calendar(*components: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", *components, "END:VCALENDAR", ""]).encode()


def entry(*lines: str, start: str = "19700101T000000Z") -> str:
    inside = ("UID:hostile", f"DTSTART:{start}", "DURATION:PT1M", *lines)
    return "\r\n".join(["BEGIN:VEVENT", *inside, "END:VEVENT"])


def rule(text: str, start: str = "19700101T000000Z") -> bytes:
    return calendar(entry(f"RRULE:{text}", start=start))


def zone_with(text: str) -> bytes:
    half = ("BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0000")
    return calendar(
        "BEGIN:VTIMEZONE", "TZID:Trap", *half, text, "END:STANDARD", "END:VTIMEZONE", GOOD_ENTRY
    )


GOOD_ENTRY = "\r\n".join(
    [
        "BEGIN:VEVENT",
        "UID:good",
        "DTSTART:20270322T090000Z",
        "DTEND:20270322T100000Z",
        "END:VEVENT",
    ]
)
GOOD = calendar(GOOD_ENTRY)
GOOD_SPAN = Span(datetime(2027, 3, 22, 9, tzinfo=UTC), datetime(2027, 3, 22, 10, tzinfo=UTC))

NO_CALENDAR = "This is not a calendar file."
BROKEN_OFF = "The calendar breaks off in the middle."
TOO_OFTEN = "The calendar has an entry that repeats too often."
TOO_MANY_DATES = "The calendar has an entry with more than 5,000 dates."
RESTLESS_ZONE = "The calendar has a time zone that changes all the time."
TOO_LARGE = "The calendar is larger than 10 MiB."
DENSE = "BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYMINUTE=0,1,2,3,4,5,6,7,8,9"
DATES = ",".join(
    f"2027{month:02}{day:02}T0000{n:02}Z"
    for n in range(60)
    for month in range(1, 13)
    for day in range(1, 9)
)

REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", NO_CALENDAR),
    "blank lines": (b"\r\n \r\n", NO_CALENDAR),
    "a page": (b"<!doctype html><title>Sign in</title>", NO_CALENDAR),
    "noise": (bytes(range(256)) * 64, NO_CALENDAR),
    "an entry alone": (GOOD_ENTRY.encode(), NO_CALENDAR),
    "cut in an entry": (GOOD[:-40], BROKEN_OFF),
    "cut before the last line": (GOOD.removesuffix(b"END:VCALENDAR\r\n"), BROKEN_OFF),
    "second calendar cut": (GOOD + GOOD[:-40], BROKEN_OFF),
    "line of 20 MB": (calendar(entry("SUMMARY:" + "x" * 20_000_000)), TOO_LARGE),
    "line of 2 MB": (
        calendar(entry("RDATE:" + "x" * 2_000_000)),
        "The calendar has a line that is longer than 1 MiB.",
    ),
    "nested 20,000 deep": (
        calendar(*["BEGIN:VEVENT"] * 20_000),
        "The calendar has entries nested too deeply.",
    ),
    "nested alarms": (
        calendar("BEGIN:VEVENT", *["BEGIN:VALARM"] * 3, *["END:VALARM"] * 3, "END:VEVENT"),
        "The calendar has entries nested too deeply.",
    ),
    "too many entries": (
        calendar(*["BEGIN:VTODO\r\nEND:VTODO"] * 20_001),
        "The calendar has more than 20,000 entries.",
    ),
    "every second since 1970": (rule("FREQ=SECONDLY"), TOO_OFTEN),
    "every second, counted": (rule("FREQ=SECONDLY;COUNT=5", "20270322T000000Z"), TOO_OFTEN),
    "a thousand million minutes": (rule("FREQ=MINUTELY;COUNT=1000000000"), TOO_OFTEN),
    "minutes that never come": (rule("FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30"), TOO_OFTEN),
    "every hour since 1970": (rule("FREQ=HOURLY"), TOO_OFTEN),
    "hours without end": (rule("FREQ=HOURLY;COUNT=20000", "20270322T000000Z"), TOO_OFTEN),
    "hours of all minutes": (rule("FREQ=HOURLY;BYMINUTE=1,2", "20270322T000000Z"), TOO_OFTEN),
    "120 times a day": (rule(f"FREQ=DAILY;{DENSE}"), TOO_OFTEN),
    "no interval": (rule("FREQ=DAILY;INTERVAL=0"), TOO_OFTEN),
    "backwards": (rule("FREQ=DAILY;INTERVAL=-1"), TOO_OFTEN),
    "in lower case": (calendar(entry("rrule:freq=secondly")), TOO_OFTEN),
    "folded": (calendar(entry("RRU\r\n LE:FREQ=SECO\r\n\tNDLY")), TOO_OFTEN),
    "in the second calendar": (GOOD + rule("FREQ=SECONDLY"), TOO_OFTEN),
    "EXRULE": (
        calendar(entry("RRULE:FREQ=DAILY", "EXRULE:FREQ=MINUTELY")),
        "The calendar has a rule of a kind that is out of use (EXRULE).",
    ),
    "5,760 dates": (calendar(entry(f"RDATE:{DATES}")), TOO_MANY_DATES),
    "5,760 exceptions": (calendar(entry("RRULE:FREQ=DAILY", f"EXDATE:{DATES}")), TOO_MANY_DATES),
    "a zone of seconds": (zone_with("RRULE:FREQ=SECONDLY"), TOO_OFTEN),
    "a zone of days": (zone_with("RRULE:FREQ=DAILY"), RESTLESS_ZONE),
    "a zone of dates": (zone_with(f"RDATE:{DATES}"), TOO_MANY_DATES),
}
HARMLESS = {
    "days before the calendar": rule("FREQ=DAILY;COUNT=1", "00010101T000000Z"),
    "a zone that never changes": zone_with("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
    "a zone without a name": calendar("BEGIN:VTIMEZONE", "END:VTIMEZONE", GOOD_ENTRY),
    "a zone that is a folder": calendar(
        GOOD_ENTRY, entry(start="x").replace("DTSTART:x", "DTSTART;TZID=America:20270322T093000")
    ),
    "a zone that climbs": calendar(
        GOOD_ENTRY,
        entry(start="x").replace("DTSTART:x", "DTSTART;TZID=../../etc/passwd:20270322T093000"),
    ),
    "quotes": calendar(GOOD_ENTRY, entry('ATTENDEE;PARTSTAT=DECLINED;CN="' + '"' * 100_000)),
    "zones in a row": calendar(GOOD_ENTRY, entry("EXDATE" + ";TZID=a" * 100_000 + ":20270322T0Z")),
    "an interval of aeons": calendar(GOOD_ENTRY, entry("RRULE:FREQ=DAILY;INTERVAL=" + "9" * 5_000)),
    "a count of aeons": calendar(GOOD_ENTRY, entry("RRULE:FREQ=YEARLY;COUNT=" + "9" * 5_000)),
    "a length of aeons": calendar(
        GOOD_ENTRY, entry("SEQUENCE:x", start="20270501T000000Z").replace("PT1M", "P99999999D")
    ),
    "many alarms": calendar(
        GOOD_ENTRY.replace("END:VEVENT", "BEGIN:VALARM\r\nEND:VALARM\r\n" * 100_000 + "END:VEVENT")
    ),
    "ends without beginnings": calendar("END:VEVENT", "END:VALARM", GOOD_ENTRY, "END:VTODO"),
    "an entry left open": calendar("BEGIN:VEVENT", "UID:open", GOOD_ENTRY),
    "an alarm left open": calendar(GOOD_ENTRY.replace("END:VEVENT", "BEGIN:VALARM\r\nEND:VEVENT")),
}


def read_in_turn(files: list[bytes]) -> list[Outcome]:
    """Each hostile file, and an ordinary calendar after it, as one batch."""
    batch = chain.from_iterable((file, GOOD) for file in files)
    return list(expand(Job(key, data, OWNER, WINDOW) for key, data in enumerate(batch)))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[Outcome, Outcome]]:
    names = [*REFUSED, *HARMLESS]
    files = [data for data, _ in REFUSED.values()] + list(HARMLESS.values())
    found = read_in_turn(files)
    return dict(zip(names, zip(found[::2], found[1::2], strict=True), strict=True))


def is_good(outcome: Outcome) -> bool:
    return outcome.busy is not None and outcome.busy.spans == (GOOD_SPAN,)


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_words_and_the_next_is_read(
    outcomes: dict[str, tuple[Outcome, Outcome]], name: str
) -> None:
    hostile, after = outcomes[name]
    assert hostile.busy is None
    assert str(hostile.refusal) == REFUSED[name][1]
    assert is_good(after)


@pytest.mark.parametrize("name", HARMLESS)
def test_nonsense_beside_a_good_entry_does_not_hide_it(
    outcomes: dict[str, tuple[Outcome, Outcome]], name: str
) -> None:
    odd, after = outcomes[name]
    assert odd.busy is not None, odd.refusal
    if b"UID:good" in HARMLESS[name]:
        assert GOOD_SPAN in odd.busy.spans
    assert is_good(after)
