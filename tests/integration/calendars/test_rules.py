"""What repeats, expanded by us and by ical.js, which nobody here wrote."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mockint.adapters.expansion import Job, expand
from mockint.domain.busytime import Owner
from mockint.domain.timespan import Span
from tests.support.ics import expanded_by_ical_js

WINDOW = Span(datetime(2027, 2, 20, tzinfo=UTC), datetime(2027, 5, 10, tzinfo=UTC))
ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:DAYLIGHT
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
DTSTART:{spring}
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
DTSTART:{autumn}
END:STANDARD
END:VTIMEZONE
"""
ZONES = [
    ZONE.format(
        name="Europe/Berlin",
        winter="+0100",
        summer="+0200",
        spring="19810329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        autumn="19961027T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    ),
    ZONE.format(
        name="America/New_York",
        winter="-0500",
        summer="-0400",
        spring="20070311T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
        autumn="20071104T020000\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
    ),
]
MONDAY, FRIDAY, LAST_DAY = "20260105T093000", "20260102T233000", "20260131T003000"
RULES = {
    MONDAY: [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;COUNT=430",
        "FREQ=DAILY;UNTIL=20270401T073000Z",
        "FREQ=DAILY;BYDAY=MO,WE,FR",
        "FREQ=DAILY;BYMONTH=1,3",
        "FREQ=DAILY;BYHOUR=9,13;BYMINUTE=30",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TH,SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO",
        "FREQ=WEEKLY;COUNT=70;BYDAY=MO,WE",
        "FREQ=WEEKLY;UNTIL=20270329T073000Z;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=1MO,3MO,-1FR",
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=5,6,7,8,9,10,11",
        "FREQ=MONTHLY;INTERVAL=5",
        "FREQ=MONTHLY;BYMONTHDAY=5,15,-1",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=3,-1",
        "FREQ=YEARLY;BYMONTH=1,3,4;BYMONTHDAY=5",
        "FREQ=YEARLY;BYYEARDAY=5,60,100",
        "FREQ=YEARLY;BYDAY=1MO;BYMONTH=1,4",
    ],
    FRIDAY: [
        "FREQ=DAILY;INTERVAL=2",
        "FREQ=WEEKLY;BYDAY=FR,SA",
        "FREQ=WEEKLY;INTERVAL=4",
        "FREQ=MONTHLY;BYDAY=1FR",
        "FREQ=MONTHLY;BYMONTHDAY=2",
        "FREQ=YEARLY;BYMONTH=1,3;BYDAY=1FR",
    ],
    LAST_DAY: [
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=WEEKLY;BYDAY=SA;COUNT=64",
    ],
}
PLACES = ["Europe/Berlin", "America/New_York"]
CASES = [
    (f"{place} {start} {rule}", place, start, rule)
    for place in PLACES
    for start, rules in RULES.items()
    for rule in rules
]


def calendar(*cases: tuple[str, str, str, str]) -> str:
    entries = [
        f"BEGIN:VEVENT\nUID:{name}\nDTSTART;TZID={place}:{start}\n"
        f"DTEND;TZID={place}:{start[:-4]}4500\nRRULE:{rule}\nEND:VEVENT\n"
        for name, place, start, rule in cases
    ]
    head = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Test//EN\n"
    text = "".join([head, *ZONES, *entries, "END:VCALENDAR\n"])
    return text.replace("\n", "\r\n")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Span, ...]]:
    file = tmp_path_factory.mktemp("rules") / "all.ics"
    file.write_text(calendar(*CASES))
    window = (WINDOW.start.isoformat(), WINDOW.end.isoformat())
    return {
        name: tuple(Span(*map(datetime.fromisoformat, pair)) for pair in pairs)
        for name, pairs in expanded_by_ical_js(file, *window).items()
    }


@pytest.fixture(scope="module")
def ours() -> dict[str, tuple[Span, ...]]:
    owner = Owner("Asia/Kathmandu")
    jobs = (Job(key, calendar(case).encode(), owner, WINDOW) for key, case in enumerate(CASES))
    outcomes = zip(CASES, expand(jobs), strict=True)
    return {case[0]: found.busy.spans for case, found in outcomes if found.busy}


@pytest.mark.parametrize("name", [case[0] for case in CASES])
def test_a_rule_gives_the_times_that_ical_js_finds(
    ours: dict[str, tuple[Span, ...]], theirs: dict[str, tuple[Span, ...]], name: str
) -> None:
    assert theirs[name] or "COUNT" in name
    assert ours[name] == theirs[name]
