"""What a calendar entry may and may not say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain.invitation import (
    Attendee,
    CalendarEntry,
    Method,
    Organizer,
    method_of,
    organizer_address,
    plain,
    plain_line,
    plain_name,
)
from mockint.domain.timespan import Span

AT = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
US = Organizer("mockint+abc@mock.example", "Harbour Circle")
THEM = Attendee("sanjana@people.example", "Sanjana")


def entry(**changes: Any) -> CalendarEntry:
    values: dict[str, Any] = {
        "method": Method.REQUEST,
        "uid": "u@mock.example",
        "sequence": 0,
        "span": Span.lasting(AT, 60),
        "stamp": AT,
        "created": AT,
        "changed": AT,
        "summary": "Mock interview",
        "description": "",
        "url": "https://mock.example/interviews/1",
        "organizer": US,
        "attendee": THEM,
    }
    return CalendarEntry(**values | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"sequence": -1},
        {"sequence": 2**31},
        {"organizer": None},
        {"attendee": None},
        {"method": Method.CANCEL},
        {"cancelled": True},
        {"method": Method.PUBLISH},
        {"attendee": Attendee("MOCKINT+abc@mock.example", "us")},
    ],
)
def test_what_no_calendar_may_be_told(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        entry(**changes)


def test_a_copy_to_keep_names_nobody() -> None:
    kept = entry(method=Method.PUBLISH, organizer=None, attendee=None, cancelled=True)
    assert kept.attendee is None


def test_a_dead_booking_is_called_off() -> None:
    assert method_of(True) is Method.CANCEL
    assert method_of(False) is Method.REQUEST


def test_the_token_stands_behind_a_plus_in_lower_case() -> None:
    assert organizer_address("Mock@Example.org", "ab2c") == "mock+ab2c@example.org"


@given(st.text())
def test_plain_text_has_no_controls_but_newlines(text: str) -> None:
    found = plain(text)
    assert all(c == "\n" or not (ord(c) < 32 or 127 <= ord(c) < 160) for c in found)
    assert plain(found) == found


@given(st.text())
def test_a_line_is_one_line_and_a_name_has_no_quotes(text: str) -> None:
    assert "\n" not in plain_line(text)
    assert '"' not in plain_name(text)
