"""Promised wall times on the days of 2027 on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mockint.domain import zones
from mockint.domain.promise import Promise
from mockint.domain.timespan import at_second


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


TRANSITIONS = {
    "Europe/Berlin": (utc(2027, 3, 28, 1), utc(2027, 10, 31, 1)),
    "America/New_York": (utc(2027, 3, 14, 7), utc(2027, 11, 7, 6)),
    "Australia/Lord_Howe": (utc(2027, 4, 3, 15), utc(2027, 10, 2, 15, 30)),
    "Pacific/Chatham": (utc(2027, 4, 3, 14), utc(2027, 9, 25, 14)),
    "Africa/Cairo": (utc(2027, 4, 29, 22), utc(2027, 10, 28, 21)),
    "Antarctica/Troll": (utc(2027, 3, 28, 1), utc(2027, 10, 31, 1)),
}
"""Zone to its clock changes of 2027."""


@pytest.mark.parametrize("zone", TRANSITIONS)
def test_what_was_promised_is_found_again_around_every_change(zone: str) -> None:
    """Each quarter of an hour of four days around both changes, also one that comes twice."""
    for change in TRANSITIONS[zone]:
        second = int(change.timestamp())
        offsets = {zones.offset_label(zone, at_second(second + side)) for side in (-1, 0)}
        assert len(offsets) == 2, "the clocks do change then"
        for start in map(at_second, range(second - 2 * 86_400, second + 2 * 86_400, 900)):
            promise = Promise(zone, zones.wall_text(zone, start), start)
            assert promise.is_kept
            assert promise.promised_start == start


@pytest.mark.parametrize(
    ("wall", "near", "start"),
    [
        ("2027-03-27T15:00", utc(2027, 3, 27, 13), utc(2027, 3, 27, 14)),
        ("2027-03-28T15:00", utc(2027, 3, 28, 14), utc(2027, 3, 28, 13)),
        ("2027-03-28T02:30", utc(2027, 3, 28, 1), None),
        ("2027-10-31T02:30", utc(2027, 10, 30, 23, 30), utc(2027, 10, 31, 0, 30)),
        ("2027-10-31T02:30", utc(2027, 10, 31, 2, 30), utc(2027, 10, 31, 1, 30)),
    ],
)
def test_the_instant_of_a_promise_that_is_not_kept(
    wall: str, near: datetime, start: datetime | None
) -> None:
    promise = Promise("Europe/Berlin", wall, near)
    assert not promise.is_kept
    assert promise.promised_start == start
