"""The checker of histories: it finds each kind of broken server, and blames no honest one."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.prove.history import SECOND, History, Op, Row
from tests.unit.histories import BREAKS, Server

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_honest_server_is_not_blamed(seed: int) -> None:
    history = Server(seed, unknown=0.1).history()
    assert {op.answer for op in history.ops} == {"ok", "taken", "refused", "unknown"}
    assert history.anomalies() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broken_server_is_found(seed: int) -> None:
    broken, kinds = list(BREAKS.items())[seed % len(BREAKS)]
    found = Counter(anomaly.kind for anomaly in Server(seed, broken).history().anomalies())
    assert set(kinds.split()) & found.keys(), f"{broken}: {found}"


def op(kind: str, call: float, ret: float, **changes: object) -> Op:
    """An operation of candidate 1 with interviewer 9, answered with booking 1; times in seconds."""
    values = {
        "kind": kind,
        "candidate": 1,
        "interviewer": 9,
        "start": 0,
        "length": 4,
        "asked": None if kind in ("hold", "book") else 1,
        "booking": 1,
        "call": round(call * SECOND),
        "ret": round(ret * SECOND),
        "answer": "ok",
    }
    return Op(**(values | changes))  # type: ignore[arg-type]  # as the class names them


def kinds(*ops: Op, rows: dict[int, Row] | None = None) -> list[str]:
    return [anomaly.kind for anomaly in History(ops, rows or {}).anomalies()]


HELD = Row("held", 1, 9, 0, 4)
OTHER = {"candidate": 2, "booking": 2}


def test_two_holds_at_once_are_one_too_many_even_if_they_overlap_in_part() -> None:
    rows = {1: HELD, 2: Row("held", 2, 9, 3, 4)}
    first, second = op("hold", 0, 1), op("hold", 0.5, 2, start=3, **OTHER)
    assert kinds(first, second, rows=rows) == ["double"]


def test_one_after_the_other_is_none() -> None:
    ops = op("hold", 0, 1), op("release", 2, 4, booking=None), op("hold", 3, 5, **OTHER)
    assert kinds(*ops, rows={2: Row("held", 2, 9, 0, 4)}) == []


def test_a_refusal_needs_somebody_who_may_have_it() -> None:
    refused = op("hold", 3, 4, answer="taken", booking=None, candidate=2)
    assert kinds(refused) == ["taken"]
    assert kinds(op("hold", 0, 1), refused, rows={1: HELD}) == []
    gone = op("release", 1.5, 2, booking=None)
    assert kinds(op("hold", 0, 1), gone, refused) == ["taken"]
    perhaps = op("hold", 2.5, 2.6, answer="unknown", booking=None, candidate=3)
    assert kinds(op("hold", 0, 1), gone, perhaps, refused) == []


def test_a_confirmation_must_be_in_the_database() -> None:
    ops = op("hold", 0, 1), op("confirm", 2, 3)
    assert kinds(*ops, rows={1: HELD}) == ["lost"]
    assert kinds(*ops, rows={1: Row("confirmed", 1, 9, 0, 4)}) == []
    assert kinds(*ops, op("cancel", 4, 5, answer="unknown"), rows={1: HELD}) == []
    assert kinds(*ops, op("cancel", 4, 5), rows={1: Row("confirmed", 1, 9, 0, 4)}) == ["lost"]


def test_of_moves_at_the_same_time_either_may_be_the_last() -> None:
    ops = [op("hold", 0, 1), op("confirm", 2, 3), op("move", 4, 6, start=8)]
    assert kinds(*ops, rows={1: Row("confirmed", 1, 9, 8, 4)}) == []
    assert kinds(*ops, rows={1: Row("confirmed", 1, 9, 0, 4)}) == ["lost"]
    ops.append(op("move", 5, 7, start=16))
    for start in (8, 16):
        assert kinds(*ops, rows={1: Row("confirmed", 1, 9, start, 4)}) == []
