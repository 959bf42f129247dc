"""Short runs of the proofs that must hold in every change; `bin/prove` runs them in full."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.prove import registry
from tests.prove.outcome import Options, Outcome

SPEED = {"slowest answer"}
"""Judged on a machine that does nothing else; here other tests run beside."""
pytestmark = pytest.mark.timeout(480)  # a proof waits for the one before it


@pytest.fixture(autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One proof at a time, whichever workers of pytest-xdist have them."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if folder.name.startswith("popen") else folder
    with Path(shared, "proof.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def options(request: pytest.FixtureRequest) -> Options:
    if request.param == "postgresql":
        request.getfixturevalue("_postgres_template")  # fails in words without a server
    return Options(database=request.param, seconds=6)


def figures(outcome: Outcome) -> dict[str, float]:
    """The figures by name, once all that was required was found to hold."""
    missed = {figure.name for figure in outcome.figures if figure.met is False}
    assert missed <= SPEED, f"{missed}: {outcome}"
    return {figure.name: figure.value for figure in outcome.figures}


def test_race(options: Options) -> None:
    found = figures(registry.find("race").run(options))
    assert found["attempts"] >= 150
    assert found["of these answered"] >= 5
    assert found["web processes killed"] >= 10


def test_canary(options: Options) -> None:
    found = figures(registry.find("canary").run(replace(options, seconds=None)))
    assert found["said by mockint verify"] >= 1


def test_hot(options: Options) -> None:
    found = figures(registry.find("hot").run(options))
    assert found["rounds"] >= 2


def test_matching() -> None:
    found = figures(registry.find("matching").run(Options(seconds=6)))
    assert found["ample: won against Gale-Shapley"] >= 1


def test_cohort(options: Options) -> None:
    found = figures(registry.find("cohort").run(replace(options, seconds=6)))
    assert (found["proven"], found["unmatched without a reason"]) == (1, 0)


def test_calibration() -> None:
    found = figures(registry.find("calibration").run(Options(seconds=6)))
    assert found["islands: parts"] == 3
