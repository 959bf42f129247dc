"""When a feed reads differently, and when it only looks as if."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mockint.domain import feed
from mockint.domain.timespan import at_second, seconds_of

NOW = datetime(2026, 11, 23, 14, 10, 7, 900_000, tzinfo=UTC)
DAY = timedelta(days=1)


@given(st.integers(0, 2**40), st.datetimes(timezones=st.just(UTC)))
def test_every_change_has_a_higher_number(changed: int, now: datetime) -> None:
    """Also the second one in a second, and one by a clock that runs behind."""
    assert feed.later(changed, now) > changed


def test_a_change_is_dated_by_the_clock() -> None:
    assert at_second(feed.later(0, NOW)) == NOW.replace(microsecond=0)
    assert feed.later(seconds_of(NOW), NOW) == seconds_of(NOW) + 1


def test_what_was_cancelled_leaves_thirty_days_later() -> None:
    assert feed.next_leaving([]) is None
    assert feed.next_leaving([None, None]) is None
    first = NOW - 3 * DAY
    assert feed.next_leaving([NOW, None, first]) == first + 30 * DAY
    assert feed.cancelled_since(first + 30 * DAY) == first


def test_it_reads_differently_since_the_last_change_or_the_last_that_left() -> None:
    changed = seconds_of(NOW)
    assert feed.last_modified(changed, None) == NOW.replace(microsecond=0)
    assert feed.last_modified(changed, NOW - 40 * DAY) == NOW.replace(microsecond=0)
    assert feed.last_modified(changed, NOW - 20 * DAY) == NOW + 10 * DAY


def test_the_etag_is_of_what_is_said_alone() -> None:
    assert feed.etag(b"one") == feed.etag(b"one") != feed.etag(b"two")
