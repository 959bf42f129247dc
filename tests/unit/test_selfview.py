"""One's own scores beside those given."""

from __future__ import annotations

from mockint.domain.progress import selfview


def test_gaps_have_a_sign_and_need_both_scores():
    found = selfview.pairs({"a": 4, "b": 2, "c": 3}, {"a": 2, "b": 3, "c": None, "d": 1}, "abcd")
    assert [pair.gap for pair in found] == [2, -1, None, None]
    lean = selfview.lean(found)
    assert (lean.above, lean.same, lean.below, lean.count) == (1, 0, 1, 2)
    assert selfview.mean_gap(found) == 0.5
    assert selfview.mean_gap(found[2:]) is None
