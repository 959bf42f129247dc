"""Groups are held against what was possible for them alone, and people read true sentences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockint.domain.round import parity, reasons, words
from mockint.domain.round.instance import Instance
from mockint.domain.round.reasons import Kind, Reason
from mockint.domain.round.residual import residual
from tests.unit import tiny_rounds as tiny

CHECKS = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@CHECKS
@given(instance=tiny.rounds(), data=st.data())
def test_no_group_does_better_than_its_best(instance: Instance, data: st.DataObject) -> None:
    groups = [data.draw(st.sampled_from("ab")) for _ in range(instance.n_candidates)]
    taken = tiny.best(instance)
    matching = tiny.as_matches(instance, taken)
    table = parity.lines(instance, matching, groups, lambda part: len(tiny.best(part)))
    assert [one.group for one in table] == sorted(set(groups))
    assert sum(one.asked for one in table) == instance.n_candidates
    assert sum(one.matched for one in table) == len(taken)
    for one in table:
        best = max(
            sum(groups[person] == one.group for person in other)
            for other in tiny.matchings(instance)
        )
        assert one.best == best
        assert one.matched <= best


@CHECKS
@given(instance=tiny.rounds())
def test_no_more_is_offered_than_could_be_given(instance: Instance) -> None:
    graph = residual(instance, ())
    everybody = np.arange(instance.n_candidates)
    slots = sorted({slot for one in tiny.options(instance) for slot in one})
    most = max(
        bin(chosen).count("1")
        for chosen in range(1 << len(slots))
        if tiny.within_limits(instance, [s for n, s in enumerate(slots) if chosen >> n & 1])
    )
    assert reasons.offered(graph, everybody) == most


def test_a_group_that_nobody_could_serve_did_not_fare_worse() -> None:
    assert parity.Line("de", asked=3, matched=0, best=0).rate == 1.0
    assert parity.Line("en", asked=9, matched=3, best=4).rate == 0.75


@pytest.mark.parametrize(
    ("reason", "priority", "text"),
    [
        (
            Reason(0, Kind.NO_COMMON_TIME, suited=3),
            0,
            "3 interviewers suit you, but none offered a time inside the times you marked.",
        ),
        (
            Reason(0, Kind.BLOCK, suited=3, rivals=4, lowest=2),
            2,
            "You and 4 others could take only 4 interviews, and none of them has a lower priority.",
        ),
        (
            Reason(0, Kind.BLOCK, suited=30, rivals=269, lowest=2),
            2,
            "ML system design: 310 asked, 41 interviews offered.",
        ),
        (
            Reason(0, Kind.BLOCK, suited=30, rivals=269, lowest=3),
            2,
            "ML system design: 310 asked, 41 interviews offered. Everyone who could have made"
            " room for you has a higher priority.",
        ),
    ],
)
def test_a_reason_in_words(reason: Reason, priority: int, text: str) -> None:
    said = words.unmatched(
        reason, priority=priority, about="ML system design", asked=310, offered=41
    )
    assert said is not None
    assert said.text() == text


def test_a_filter_says_more_when_nobody_suits() -> None:
    nobody = Reason(0, Kind.NOBODY_SUITS, suited=0)
    assert words.unmatched(nobody, priority=0, about="Coding", asked=1, offered=0) is None
