"""When own calendars are read, and what may be their address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain import owncalendars as rules
from mockint.domain.busytime import Owner
from mockint.domain.errors import Invalid
from mockint.domain.owncalendars import Health
from mockint.domain.timespan import Span, instant_of

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OURS = "https://mock.example.org"
OWNER = Owner.of("Europe/Berlin", ["Jonas@People.example"], "mock.example.org")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://calendar.example/a.ics?key=1#top", "https://calendar.example/a.ics?key=1#top"),
        (" webcal://calendar.example/a.ics\n", "https://calendar.example/a.ics"),
        ("webcals://calendar.example/a.ics", "https://calendar.example/a.ics"),
        ("http://calendar.example:80/a", "http://calendar.example:80/a"),
        ("https://user:word@calendar.example/a", "https://user:word@calendar.example/a"),
    ],
)
def test_an_address_is_kept_as_it_will_be_read(typed: str, kept: str) -> None:
    assert rules.clean_url("url", typed, ours=OURS) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "calendar.example/a.ics", "ftp://c.example/a", "https://", "https://c.example:x/",
     "https://c.example/a b", "https://c.example/\u202e", "https://[::1", "file:///etc/passwd",
     f"https://c.example/{'x' * 2000}"],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="Write the whole address"):
        rules.clean_url("url", typed, ours=OURS)


@pytest.mark.parametrize("scheme", ["https", "webcal"])
def test_our_own_feed_is_no_calendar_to_read(scheme: str) -> None:
    with pytest.raises(Invalid, match="feed of your interviews here"):
        rules.clean_url("url", f"{scheme}://mock.example.org/feeds/abc.ics", ours=OURS)


def test_only_the_host_of_an_address_is_shown() -> None:
    assert rules.host_of("https://user:word@calendar.example:443/secret.ics") == "calendar.example"


def test_looks_come_a_quarter_of_an_hour_apart_more_or_less() -> None:
    assert rules.next_look(NOW, 0.5) == NOW + 15 * MINUTE
    assert rules.next_look(NOW, 0.0) == NOW + 13.5 * MINUTE
    assert rules.next_look(NOW, 1.0) == NOW + 16.5 * MINUTE


def test_the_window_is_the_same_all_day_and_holds_all_that_can_be_booked() -> None:
    window = rules.window(NOW, 35)
    assert window == rules.window(NOW.replace(hour=23, minute=59), 35)
    assert window.start <= NOW
    assert window.end >= NOW.replace(hour=23, minute=59) + 35 * DAY + timedelta(minutes=90)
    assert rules.window(NOW + DAY, 35) == Span(window.start + DAY, window.end + DAY)


def test_anything_that_changes_how_octets_are_read_is_noticed() -> None:
    window = rules.window(NOW, 35)
    marks = {
        rules.read_as(owner, span)
        for owner in (
            OWNER,
            replace(OWNER, zone="Asia/Tokyo"),
            replace(OWNER, addresses=frozenset({"jo@people.example"})),
            replace(OWNER, host="other.example"),
        )
        for span in (window, rules.window(NOW + DAY, 35), rules.window(NOW, 36))
    }
    assert len(marks) == 12
    assert rules.read_as(OWNER, window) == rules.read_as(replace(OWNER), window)


def test_three_days_of_failure_close() -> None:
    assert not rules.must_close(NOW, NOW + timedelta(hours=72) - MINUTE)
    assert rules.must_close(NOW, NOW + timedelta(hours=72))
    assert rules.TELL_OWNER_AFTER < rules.TELL_ORGANISER_AFTER < rules.CLOSE_AFTER


def test_what_is_worse_is_said() -> None:
    assert rules.health(read=False, failing=False, closed=False) is Health.WAITING
    assert rules.health(read=True, failing=False, closed=False) is Health.READ
    assert rules.health(read=True, failing=True, closed=False) is Health.FAILING
    assert rules.health(read=True, failing=True, closed=True) is Health.CLOSED


SPANS = st.builds(
    lambda start, length: Span(NOW + start * MINUTE, NOW + (start + length) * MINUTE),
    st.integers(0, 2000),
    st.integers(1, 300),
)


@given(st.lists(SPANS, max_size=8), st.integers(0, 2300))
def test_a_quarter_is_blocked_when_any_part_of_it_is_busy(spans: list[Span], quarter: int) -> None:
    blocked = rules.blocked(spans)
    assert all(a[1] < b[0] for a, b in pairwise(blocked))
    start = NOW - 5 * MINUTE + quarter * MINUTE * 15
    cell = Span(start, start + 15 * MINUTE)
    inside = any(instant_of(first) <= cell.start < instant_of(end) for first, end in blocked)
    assert inside == any(span.overlaps(cell) for span in spans)
