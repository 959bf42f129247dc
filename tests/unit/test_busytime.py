"""Busy time within a window against sets of minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mockint.domain.busytime import Busy, Caveat, Owner
from mockint.domain.timespan import Span

ZERO = datetime(2027, 3, 28, tzinfo=UTC)


def span(start: int, minutes: int) -> Span:
    return Span.lasting(ZERO + timedelta(minutes=start), minutes)


def minutes(given: Span) -> set[datetime]:
    return {
        given.start + timedelta(minutes=number)
        for number in range(given.duration // timedelta(minutes=1))
    }


some = st.builds(span, st.integers(-50, 80), st.integers(1, 60))


@given(some, st.lists(some, max_size=8))
def test_busy_is_the_part_of_the_union_that_lies_in_the_window(
    window: Span, spans: list[Span]
) -> None:
    busy = Busy.within(window, spans)
    expected = set[datetime]().union(*map(minutes, spans)) & minutes(window)
    assert set[datetime]().union(*map(minutes, busy.spans)) == expected
    assert all(one.end < next_.start for one, next_ in pairwise(busy.spans))
    assert Busy.within(window, busy.spans) == busy


def test_a_caveat_is_told_once_and_in_order() -> None:
    first, second = Caveat("An entry is odd."), Caveat("The zone %(about)s is odd.", "Mars")
    busy = Busy.within(span(0, 10), [], [second, first, second])
    assert busy.warnings == (first, second)
    assert [str(caveat) for caveat in busy.warnings] == [
        "An entry is odd.",
        "The zone Mars is odd.",
    ]


def test_percent_signs_of_a_file_are_only_shown() -> None:
    assert str(Caveat("The zone %(about)s is odd.", "100%(s)d")) == "The zone 100%(s)d is odd."


def test_addresses_of_an_owner_are_compared_in_lower_case() -> None:
    owner = Owner.of("Europe/Berlin", [" Vera@Example.org ", "vera@example.org"])
    assert owner.addresses == {"vera@example.org"}
