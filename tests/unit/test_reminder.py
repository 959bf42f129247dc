"""What is owed when, and when it is no longer of use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain import reminder

START = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
HOUR = timedelta(hours=1)


def test_a_day_and_an_hour_before() -> None:
    day, hour = reminder.reminders(START, now=START - timedelta(days=3))
    assert (day.name, day.due_at, day.number) == ("reminder-1440m", START - 24 * HOUR, 1440)
    assert (hour.name, hour.due_at, hour.useful_until) == ("reminder-60m", START - HOUR, START)


@pytest.mark.parametrize(
    ("before", "names"),
    [
        (timedelta(hours=24, seconds=1), ["reminder-1440m", "reminder-60m"]),
        (timedelta(hours=24), ["reminder-60m"]),
        (timedelta(hours=2), ["reminder-60m"]),
        (timedelta(minutes=30), []),
        (timedelta(0), []),
    ],
)
def test_a_reminder_whose_moment_has_passed_is_not_owed(
    before: timedelta, names: list[str]
) -> None:
    assert [due.name for due in reminder.reminders(START, now=START - before)] == names


def test_offsets_are_a_set_and_none_is_at_the_start() -> None:
    owed = reminder.reminders(START, now=START - 9 * HOUR, offsets_min=(60, 0, 120, 60, -5))
    assert [due.number for due in owed] == [120, 60]


@given(st.integers(0, 5000), st.lists(st.integers(1, 5000), max_size=5))
def test_every_reminder_lies_between_now_and_the_start(ahead: int, offsets: list[int]) -> None:
    now = START - timedelta(minutes=ahead)
    for due in reminder.reminders(START, now=now, offsets_min=offsets):
        assert now < due.due_at < START
        assert not reminder.still_useful(due.useful_until, START)


def test_nudges_follow_the_end() -> None:
    owed = reminder.nudges(END)
    hours = [(due.due_at - END) / HOUR for due in owed]
    assert hours == [5 / 60, 1, 12, 20, 24, 48, 72]
    assert [due.name for due in owed][:2] == ["nudge-1", "nudge-2"]
    assert owed[-1].due_at == END + reminder.ESCALATE_AFTER


def test_a_nudge_is_of_use_until_the_next() -> None:
    owed = reminder.nudges(END)
    assert [due.useful_until for due in owed[:-1]] == [due.due_at for due in owed[1:]]
    assert owed[-1].useful_until == END + timedelta(hours=96)


def test_nudges_missed_are_not_made_up_for() -> None:
    assert [due.number for due in reminder.nudges(END, now=END + 21 * HOUR)] == [5, 6, 7]


def test_usefulness_ends_at_its_very_moment() -> None:
    assert reminder.still_useful(START, START - datetime.resolution)
    assert not reminder.still_useful(START, START)


def test_after_an_outage_one_reminder_of_each_interview_is_sent() -> None:
    rows = [("a", 60), ("b", 1440), ("a", 1440), ("c", 5)]
    keep, drop = reminder.newest_only(
        rows, group=lambda row: row[0], due=lambda row: START - timedelta(minutes=row[1])
    )
    assert keep == [("a", 60), ("b", 1440), ("c", 5)]
    assert drop == [("a", 1440)]
