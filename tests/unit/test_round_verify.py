"""The verifier: what it lets pass, and that it notices each thing that can be wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import mockint.domain.round.verify as verifier
from mockint.domain.round.verify import verify

ROUND: dict[str, Any] = {
    "duration": 60,
    "days": 2,
    "interviewers": [
        {"starts": [0, 90, 1500], "gap": 15, "max_total": 2, "max_per_day": 1},
        {"starts": [0, 180], "gap": 0, "max_total": 1, "max_per_day": 2},
    ],
    "candidates": [
        {"windows": [[0, 180]], "priority": 3, "wants": 1},
        {"windows": [[0, 150], [1440, 1560]], "priority": 0, "wants": 1},
        {"windows": [[0, 240]], "priority": 0, "wants": 1},
    ],
    "eligible": [[[0, 1], [5, 7]], [[0], [9]], [[0, 1], [2, 4]]],
}
# Under A: 0 meets 1, 1 meets 0 on one day and 2 meets 0 on the other, or 2 takes 1 and 0 takes 0.
RESULT: dict[str, Any] = {
    "objective": "A",
    "status": "optimal",
    "matched": 3,
    "classes": [3, 0],
    "priority_profile": [1, 2],
    "quality": 18,
    "load_cost": 0,
    "kept": 0,
    "value": 102,
    "bound": 102,
    "gap": 0.0,
    "matching": [[0, 1, 0], [1, 0, 1500], [2, 0, 0]],
    # most = 3, best = 9: a match is worth 28.
    "certificate": {
        "rank_weight": 28,
        "kept_weight": 0,
        "u": [33, 37, 30],
        "v": [0, 0, 0, 0, 0],
        "y": [0, 0, 0],
        "w": [],
        "z": [0, 2],
    },
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    data = deepcopy(RESULT)
    within: Any = data
    for step in path[:-1]:
        within = within[step]
    within[path[-1]] = to
    return data


def test_a_true_result_holds() -> None:
    assert verify(ROUND, RESULT) == []


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("may not meet", changed("matching", 1, to=[1, 1, 0])),
        ("not offered", changed("matching", 1, to=[1, 0, 60])),
        ("in no window", changed("matching", 0, to=[0, 1, 180])),
        ("no candidate", changed("matching", 1, to=[7, 0, 0])),
        ("more interviews than wanted", changed("matching", 0, to=[1, 0, 90])),
        ("closer than the gap", changed("matching", 0, to=[0, 0, 0])),
        ("more than 1 in the day", changed("matching", 0, to=[0, 0, 90])),
        ("more than max_total", changed("matching", 2, to=[2, 1, 180])),
        ("matched is 4", changed("matched", to=4)),
        ("priority_profile", changed("priority_profile", to=[2, 1])),
        ("quality is 19", changed("quality", to=19)),
        ("no certificate", changed("certificate", to=None)),
        ("does not call itself optimal", changed("status", to="gap")),
        ("other weights", changed("certificate", "rank_weight", to=27)),
        ("worth more than its prices", changed("certificate", "u", 0, to=32)),
        ("add up to 103", changed("certificate", "v", 0, to=1)),
        ("from 0 up", changed("certificate", "y", 0, to=-1)),
        ("from 0 up", changed("certificate", "v", 0, to=0.0)),
        ("too many or too few", changed("certificate", "v", to=[0, 0])),
        ("too many or too few", changed("certificate", "y", to=[0, 0, 0, 0])),
        ("the result says 103", changed("value", to=103)),
        ("cannot be read", changed("matching", to=[[0]])),
        ("cannot be read", {}),
    ],
)
def test_what_is_wrong_is_said(words: str, result: dict[str, Any]) -> None:
    problems = verify(ROUND, result)
    assert problems
    assert words in " ".join(problems)


def test_a_worse_matching_finds_no_proof() -> None:
    """Any matching but the best costs less than prices that cover every edge."""
    worse = deepcopy(RESULT) | {
        "matching": [[1, 0, 1500], [2, 1, 0]],
        "matched": 2,
        "priority_profile": [0, 2],
        "quality": 13,
        "value": 69,
        "bound": 69,
    }
    assert "add up to 102" in " ".join(verify(ROUND, worse))


def test_it_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    """Run as a file, without packages: site-packages and this project are out of reach."""
    script = tmp_path / "verify.py"
    script.write_bytes(Path(verifier.__file__).read_bytes())
    instance, result = tmp_path / "round.json", tmp_path / "result.json"
    instance.write_text(json.dumps(ROUND))
    for said, code in ((RESULT, 0), (changed("quality", to=19), 1)):
        result.write_text(json.dumps(said))
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(script), str(instance), str(result)],
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (code, "")
        assert ("quality is 19" in done.stdout) is bool(code)
