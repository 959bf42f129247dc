"""A short run of the proof that kills a process at every step, and what the proof must find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.test_prove import _alone, figures, options  # noqa: F401 - fixtures
from tests.prove.flaws import FLAWS
from tests.prove.outcome import Options
from tests.prove.proofs import faults

pytestmark = pytest.mark.timeout(480)  # a proof waits for the one before it


def test_booking(options: Options) -> None:  # noqa: F811 - the fixture
    found = figures(faults.examine(replace(options, seconds=10), ["booking"]))
    assert found["hooks"] >= 100
    assert found["killed there"] >= 2


@pytest.mark.parametrize("flaw", FLAWS)
def test_flaw(flaw: str) -> None:
    outcome = faults.examine(Options(), ["booking"], flaw=flaw)
    found = {figure.name: figure.value for figure in outcome.figures}
    assert found["lost"] + found["doubled in effect"] >= 1, outcome
    assert not outcome.passed
