"""Neutral files of rounds: what is refused and where, and the one order all are brought into."""

from __future__ import annotations

import gzip
import json
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from mockint.domain.errors import Invalid
from mockint.domain.round import files
from mockint.domain.round.edges import edges_of
from mockint.domain.round.instance import Instance, refuse_close_starts

ROUND: dict[str, Any] = {
    "duration": 60,
    "days": 2,
    "interviewers": [
        {"starts": [1500, 0, 90], "gap": 15, "max_total": 2, "max_per_day": 1},
        {"starts": [60], "gap": 0, "max_total": 1, "max_per_day": 1},
    ],
    "candidates": [
        {"windows": [[60, 180], [0, 60]], "priority": 3, "wants": 1},
        {"windows": [[0, 1560]], "priority": 0, "wants": 1},
    ],
    "eligible": [[[1, 0], [7, 5]], [[0], [9]]],
    "previous": [[1, 0, 90], [0, 1, 60]],
    "ids": {"candidates": ["ann", "bo"], "interviewers": [17, 4]},
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The round with one value changed, or taken out when `to` is None."""
    data = deepcopy(ROUND)
    within: Any = data
    for step in path[:-1]:
        within = within[step]
    if to is None:
        del within[path[-1]]
    else:
        within[path[-1]] = to
    return data


def edges(instance: Instance) -> list[tuple[int, int, int, int]]:
    found = edges_of(instance)
    who = instance.slot_interviewer
    return [
        (int(c), int(who[s]), int(instance.start[s]), int(q))
        for c, s, q in zip(found.candidate, found.slot, found.quality, strict=True)
    ]


def test_an_interview_lies_inside_one_window() -> None:
    assert edges(files.read(ROUND)) == [
        (0, 0, 0, 5),
        (0, 0, 90, 5),
        (0, 1, 60, 7),
        (1, 0, 0, 9),
        (1, 0, 90, 9),
        (1, 0, 1500, 9),
    ]


def test_two_windows_that_touch_are_not_one() -> None:
    touching = changed("candidates", 0, "windows", to=[[0, 90], [90, 149]])
    assert [start for who, _, start, _ in edges(files.read(touching)) if who == 0] == [0]


def test_days_are_those_of_utc_unless_spans_are_given() -> None:
    instance = files.read(ROUND)
    assert instance.slot_day.tolist() == [0, 0, 1, 2]
    assert instance.day_cap.tolist() == [1, 1, 1]
    spans = changed("interviewers", 0, "days", to=[[60, 2000, 3]])
    spans["interviewers"][0]["weeks"] = [[-1440, 3000, 2]]
    given = files.read(spans)
    assert given.slot_day.tolist() == [0, 1, 1, 2]
    assert given.day_cap.tolist() == [2, 3, 1], "a start outside all spans has only max_total"
    assert given.week_cap.tolist() == [2, 1]


def test_packed_and_plain_files_are_the_same_round() -> None:
    text = json.dumps(ROUND).encode()
    assert edges(files.load(gzip.compress(text))) == edges(files.load(text))


def test_the_order_of_a_file_is_forgotten() -> None:
    other = deepcopy(ROUND)
    other["interviewers"][0]["starts"].reverse()
    other["candidates"][0]["windows"].reverse()
    other["eligible"][0] = [[0, 1], [5, 7]]
    other["previous"].reverse()
    one, same = files.read(ROUND), files.read(other)
    for name in ("start", "slot_day", "window", "pair_interviewer", "pair_quality", "previous"):
        assert np.array_equal(getattr(one, name), getattr(same, name)), name


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("input", []),
        ("duration", changed("duration", to=None)),
        ("duration", changed("duration", to=0)),
        ("duration", changed("duration", to=True)),
        ("days", changed("days", to="2")),
        ("interviewers", changed("interviewers", to={})),
        ("interviewers[1]", changed("interviewers", 1, to=[])),
        ("interviewers[1].gap", changed("interviewers", 1, "gap", to=-1)),
        ("interviewers[1].max_per_day", changed("interviewers", 1, "max_per_day", to=None)),
        ("interviewers[0].starts[1]", changed("interviewers", 0, "starts", 1, to=0.5)),
        ("interviewers[0].starts[2]", changed("interviewers", 0, "starts", 2, to=10**6)),
        ("interviewers[0].starts[2]", changed("interviewers", 0, "starts", to=[90, 0, 90])),
        ("candidates[0].windows[1]", changed("candidates", 0, "windows", 1, to=[60, 0])),
        ("candidates[0].windows[1]", changed("candidates", 0, "windows", 1, to=[60])),
        ("candidates[0].windows[0][1]", changed("candidates", 0, "windows", 0, 1, to="x")),
        ("candidates[1].wants", changed("candidates", 1, "wants", to=0)),
        ("candidates[1].priority", changed("candidates", 1, "priority", to=None)),
        ("eligible", changed("eligible", to=[])),
        ("eligible[1]", changed("eligible", 1, to=[[0], []])),
        ("eligible[0][0][1]", changed("eligible", 0, 0, 1, to=2)),
        ("eligible[0][0][1]", changed("eligible", 0, 0, 1, to=1)),
        ("eligible[0][1][0]", changed("eligible", 0, 1, 0, to=-1)),
        ("previous[1][0]", changed("previous", 1, 0, to=2)),
        ("previous[1]", changed("previous", 1, to=[0, 1])),
        ("ids.candidates", changed("ids", "candidates", to=["ann"])),
        ("ids.candidates[1]", changed("ids", "candidates", to=["ann", "ann"])),
        ("interviewers[0].days", changed("interviewers", 0, "days", to=[[0, 9, 1], [8, 20, 1]])),
        ("interviewers[0].days[0]", changed("interviewers", 0, "days", to=[[9, 0, 1]])),
        ("load_price", changed("load_price", to=-1)),
    ],
)
def test_a_refusal_names_field_and_position(field: str, data: Any) -> None:
    with pytest.raises(Invalid) as refused:
        files.read(data)
    assert refused.value.field == field
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"\x1f\x8b1", b"[" * 10**5])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        files.load(raw)
    assert refused.value.field == "input"


def test_starts_that_exclude_each_other_are_named() -> None:
    refuse_close_starts(files.read(changed("interviewers", 0, "starts", to=[0, 75, 150])))
    with pytest.raises(Invalid) as refused:
        refuse_close_starts(files.read(changed("interviewers", 0, "starts", to=[150, 0, 74])))
    assert refused.value.field == "interviewers[0].starts"
    assert "0 and 74" in str(refused.value)
