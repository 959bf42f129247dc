"""What an answer counts for, on values: the rules one by one, and in their order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain import reply
from mockint.domain.reply import Answer, Inbound, Known, Outcome, Verdict

NOW = datetime(2026, 11, 23, 9, 36, tzinfo=UTC)
HOUR = timedelta(hours=1)
HONEST = Answer(
    method="REPLY",
    declared="REPLY",
    uid="u@mock.example",
    sequence=2,
    stamp=NOW - HOUR,
    organizer="mockint+token@mock.example",
    attendees=("sanjana@people.example",),
    partstat="ACCEPTED",
)
PROVEN = Inbound(key="k", senders=("Sanjana@people.example",), verdict=Verdict.PASS, answer=HONEST)
AHEAD = Known(
    uid="u@mock.example",
    sequence=2,
    state="confirmed",
    end=NOW + 48 * HOUR,
    on_side=True,
    attendee="sanjana@people.example",
    organizer="mockint+token@mock.example",
    partstat="NEEDS-ACTION",
    stamp=None,
)


def outcome(
    answer: dict[str, Any] | None = None,
    message: dict[str, Any] | None = None,
    known: dict[str, Any] | None = None,
) -> str:
    given = replace(HONEST, **(answer or {}))
    decision = reply.decide(
        replace(PROVEN, **(message or {})), given, replace(AHEAD, **(known or {})), now=NOW
    )
    assert decision.reason.endswith(".")
    return decision.outcome.value


def test_an_honest_answer_counts() -> None:
    assert outcome() == "applied"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"declared": ""}, "applied"),
        ({"declared": "REQUEST"}, "refused"),
        ({"method": "", "declared": ""}, "refused"),
        ({"method": "REFRESH", "declared": ""}, "refused"),
        ({"method": "DECLINECOUNTER", "declared": ""}, "refused"),
        ({"uid": "U@MOCK.EXAMPLE"}, "refused"),
        ({"organizer": ""}, "applied"),
        ({"organizer": "MOCKINT+TOKEN@mock.example"}, "applied"),
        ({"organizer": "mockint@mock.example"}, "refused"),
        ({"attendees": ()}, "refused"),
        ({"attendees": ("sanjana@people.example", "sanjana@people.example")}, "refused"),
        ({"attendees": ("SANJANA@PEOPLE.EXAMPLE",)}, "applied"),
        ({"attendees": ("jonas@people.example",)}, "refused"),
        ({"partstat": ""}, "refused"),
        ({"partstat": "COMPLETED"}, "refused"),
        ({"partstat": "DELEGATED"}, "applied"),
        ({"one_of_many": True}, "refused"),
        ({"sequence": 1}, "ignored"),
        ({"sequence": 3}, "refused"),
        ({"stamp": None}, "refused"),
        ({"method": "COUNTER", "declared": ""}, "refused"),
        ({"method": "COUNTER", "declared": "", "start": NOW}, "applied"),
        ({"method": "COUNTER", "declared": "", "start": NOW, "end": NOW}, "refused"),
    ],
)
def test_what_the_answer_says(answer: dict[str, Any], expected: str) -> None:
    assert outcome(answer) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"verdict": Verdict.FAIL}, "refused"),
        ({"verdict": Verdict.NONE}, "held"),
        ({"senders": ()}, "refused"),
        ({"senders": ("sanjana@people.example", "x@people.example")}, "refused"),
        ({"senders": ("x@people.example",)}, "held"),
        ({"senders": ("x@people.example",), "verdict": Verdict.FAIL}, "refused"),
        ({"automatic": True}, "applied"),
    ],
)
def test_who_sent_it(message: dict[str, Any], expected: str) -> None:
    assert outcome(message=message) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"stamp": NOW - 2 * HOUR}, "applied"),
        ({"stamp": NOW - HOUR}, "ignored"),
        ({"stamp": NOW}, "ignored"),
        ({"state": "cancelled"}, "ignored"),
        ({"end": NOW}, "ignored"),
        ({"on_side": False}, "ignored"),
        ({"partstat": "ACCEPTED"}, "applied"),
    ],
)
def test_what_is_known(known: dict[str, Any], expected: str) -> None:
    assert outcome(known=known) == expected


def test_nobody_is_asked_about_what_is_of_no_use() -> None:
    unproven = {"verdict": Verdict.NONE}
    assert outcome({"sequence": 1}, unproven) == "ignored"
    assert outcome({}, unproven, {"state": "cancelled"}) == "ignored"
    assert outcome({}, unproven, {"partstat": "ACCEPTED"}) == "ignored"
    assert outcome({"attendees": ("x@people.example",)}, unproven) == "refused"


@given(st.lists(st.tuples(st.sampled_from(reply.ANSWERS), st.integers(0, 50)), max_size=8))
def test_whatever_the_order_the_latest_answer_stands(said: list[tuple[str, int]]) -> None:
    """Messages overtake each other; equal stamps are the one case where the first one stays."""
    known = AHEAD
    for partstat, minute in said:
        answer = replace(HONEST, partstat=partstat, stamp=NOW - HOUR + minute * HOUR / 60)
        decided = reply.decide(replace(PROVEN, answer=answer), answer, known, now=NOW)
        if decided.outcome is Outcome.APPLIED:
            known = replace(known, partstat=partstat, stamp=answer.stamp)
    latest = max((minute for _, minute in said), default=None)
    expected = next((one for one, minute in said if minute == latest), "NEEDS-ACTION")
    assert known.partstat == expected


@given(st.text(max_size=800))
def test_a_comment_can_always_be_shown(text: str) -> None:
    shown = reply.clean_comment(text)
    assert len(shown) <= reply.LONGEST_COMMENT
    assert all(letter.isprintable() or letter == "\n" for letter in shown)
    assert reply.clean_comment(shown) == shown
