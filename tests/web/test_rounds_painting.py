"""Hours painted in a zone become windows, and windows hours again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain import timespan
from mockint.domain.errors import Invalid
from mockint.domain.round.plan import span_of
from mockint.domain.timespan import Span
from mockint.web.rounds import painting

ZONES = (
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Pacific/Chatham",
)
FIRST = date(2026, 12, 7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.dates(date(2026, 1, 1), date(2027, 12, 1)),
    st.data(),
)
def test_what_is_painted_is_what_is_kept(
    own: str, theirs: str, first: date, data: st.DataObject
) -> None:
    inside = span_of(theirs, first, first + timedelta(days=3))
    shown = [
        (day.on, cell.hour)
        for day in painting.grid(own, inside, ())
        for cell in day.cells
        if cell.inside
    ]
    painted = data.draw(st.sets(st.sampled_from(shown)))
    windows = painting.windows(own, inside, painted)
    assert painting.hours(own, inside, windows) == painted
    assert not painting.lost(own, inside, windows)
    assert painting.read(own, inside, map(painting.text_of, painted)) == painted
    assert all(inside.start <= one.start and one.end <= inside.end for one in windows)
    assert windows == timespan.merge(windows)
    whole = painting.windows(own, inside, shown)
    assert timespan.subtract([inside], whole) == []


def test_a_kathmandu_evening_is_an_afternoon_of_utc() -> None:
    inside = span_of("Europe/Berlin", FIRST, FIRST)
    found = painting.windows("Asia/Kathmandu", inside, {(FIRST, 18), (FIRST, 19)})
    assert found == [Span(at("2026-12-07T12:15"), at("2026-12-07T14:15"))]


def test_days_reach_over_those_of_the_other_zone() -> None:
    inside = span_of("Europe/Berlin", FIRST, FIRST)
    days = painting.grid("Asia/Kathmandu", inside, ())
    assert [day.on for day in days] == [FIRST, date(2026, 12, 8)]
    first, last = ([cell.hour for cell in day.cells if cell.inside] for day in days)
    assert (first[0], last[-1]) == (4, 4)  # 00:00 in Berlin is 04:45 in Kathmandu
    assert painting.spans("Asia/Kathmandu", (FIRST, 4), inside) == [
        Span(at("2026-12-06T23:00"), at("2026-12-06T23:15"))
    ]


def test_an_hour_that_comes_twice_is_painted_once_and_one_that_is_skipped_is_no_hour() -> None:
    autumn, spring = date(2026, 10, 25), date(2027, 3, 28)
    there = "Europe/Berlin"
    twice = painting.spans(there, (autumn, 2), span_of(there, autumn, autumn))
    assert sum((one.duration for one in twice), timedelta()) == timedelta(hours=2)
    assert painting.spans(there, (spring, 2), span_of(there, spring, spring)) == []
    row = painting.grid(there, span_of(there, spring, spring), ())[0]
    assert [cell.hour for cell in row.cells if not cell.inside] == [2]


def test_windows_of_another_zone_are_rounded_inwards_and_that_is_noticed() -> None:
    inside = span_of("Europe/Berlin", FIRST, FIRST + timedelta(days=2))
    evening = painting.windows("Asia/Kathmandu", inside, {(FIRST, 18), (FIRST, 19)})
    assert painting.lost("Europe/Berlin", inside, evening)
    assert painting.hours("Europe/Berlin", inside, evening) == {(FIRST, 14)}


def test_a_day_is_copied_as_far_as_the_round_goes() -> None:
    inside = span_of("Europe/Berlin", FIRST, FIRST + timedelta(days=1))
    painted = painting.copied("Asia/Kathmandu", inside, {(FIRST, 18), (FIRST, 4)}, FIRST)
    second, third = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
    assert painted == {(FIRST, 4), (FIRST, 18), (second, 4), (second, 18), (third, 4)}
    assert painting.counted(painted) == (5, 3)


@pytest.mark.parametrize(
    "text", ["2026-12-07T24", "2026-12-06T10", "2026-12-07", "12", "", "2026-12-07T18\0"]
)
def test_an_hour_that_was_not_shown_is_refused(text: str) -> None:
    inside = span_of("Europe/Berlin", FIRST, FIRST)
    with pytest.raises(Invalid) as refusal:
        painting.read("Europe/Berlin", inside, ["2026-12-07T18", text])
    assert refusal.value.field == "windows"
