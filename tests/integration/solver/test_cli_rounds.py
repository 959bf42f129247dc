"""`mockint rounds` as a researcher runs it: processes, files in, files out, exit codes."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROUND: dict[str, Any] = {
    "duration": 60,
    "days": 1,
    "interviewers": [{"starts": [0, 60], "gap": 0, "max_total": 2, "max_per_day": 2}],
    "candidates": [
        {"windows": [[0, 60]], "priority": 2, "wants": 1},
        {"windows": [[0, 120]], "priority": 0, "wants": 1},
        {"windows": [[60, 120]], "priority": 1, "wants": 1},
    ],
    "eligible": [[[0], [10]], [[0], [90]], [[0], [20]]],
}


def rounds(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run without any setting of mockint."""
    variables = {key: value for key, value in os.environ.items() if "MOCKINT" not in key}
    return subprocess.run(
        [sys.executable, "-m", "mockint.cli", "rounds", *arguments],
        input=given,
        cwd=ROOT,
        env=variables,
        capture_output=True,
    )


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    path = tmp_path / "round.json.gz"
    path.write_bytes(gzip.compress(json.dumps(ROUND).encode()))
    return path


def solved(instance: Path, objective: str, *more: str) -> dict[str, Any]:
    done = rounds("solve", str(instance), "--objective", objective, "--json", *more)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_solve_prints_the_result(instance: Path) -> None:
    one = solved(instance, "A")
    assert (one["status"], one["matched"], one["quality"], one["gap"]) == ("optimal", 2, 110, 0)
    assert one["matching"] == [[1, 0, 0], [2, 0, 60]]
    other = solved(instance, "B", "--engine", "highs", "--seed", "3")
    assert (other["classes"], other["priority_profile"]) == ([2, 1, 0], [1, 1, 0])
    assert other["matching"] == [[0, 0, 0], [2, 0, 60]]


def test_without_json_people_read_it() -> None:
    done = rounds("solve", "-", "--objective", "B", given=json.dumps(ROUND).encode())
    assert b"2 interviews: 1 of priority 2, 1 of priority 1." in done.stdout
    assert b"Proven: no matching is better." in done.stdout


def test_verify_holds_until_something_is_changed(instance: Path, tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    said = solved(instance, "B")
    result.write_text(json.dumps(said))
    assert rounds("verify", str(result)).returncode == 0
    assert rounds("verify", str(result), str(instance)).returncode == 0
    result.write_text(json.dumps(said | {"matching": [[0, 0, 0], [1, 0, 60]], "quality": 100}))
    done = rounds("verify", str(result))
    assert done.returncode == 1
    assert b"priority_profile" in done.stdout
    result.write_text(json.dumps(said))
    instance.write_bytes(gzip.compress(json.dumps(ROUND | {"days": 2}).encode()))
    assert rounds("verify", str(result)).returncode == 2


def test_overlapping_starts_are_refused_unless_allowed() -> None:
    close = json.loads(json.dumps(ROUND))
    close["interviewers"][0]["starts"] = [0, 30, 60]
    raw = json.dumps(close).encode()
    done = rounds("solve", "-", "--objective", "A", given=raw)
    assert done.returncode == 2
    assert done.stderr.startswith(b"interviewers[0].starts: The starts 0 and 30 are closer")
    done = rounds("solve", "-", "--objective", "A", "--overlap", "--json", given=raw)
    found = json.loads(done.stdout)
    assert (found["matched"], found["status"]) == (2, "optimal")


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", b"input: "),
        (json.dumps(ROUND | {"duration": -5}).encode(), b"duration: "),
        (json.dumps(ROUND | {"eligible": [[[0], [1]]] * 2}).encode(), b"eligible: "),
        (b"\x1f\x8b broken", b"input: "),
    ],
)
def test_a_bad_file_ends_with_2_and_one_sentence(raw: bytes, field: bytes) -> None:
    done = rounds("solve", "-", "--objective", "A", "--json", given=raw)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(field)
    assert done.stderr.count(b"\n") == 1


def test_a_missing_file_ends_with_2(tmp_path: Path) -> None:
    assert rounds("solve", str(tmp_path / "none"), "--objective", "A").returncode == 2
    assert rounds("verify", str(tmp_path / "none")).returncode == 2


def test_other_commands_do_not_load_a_solver() -> None:
    code = (
        "import sys, mockint.adapters.solver\n"
        "assert not {'scipy', 'ortools', 'flask', 'sqlalchemy'} & sys.modules.keys()\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
