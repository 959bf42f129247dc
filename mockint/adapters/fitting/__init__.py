"""Fits tracks in a process of its own: one that can be killed, and holds up no web request.

    with Fitting({"coding": Asked(rows, known="...")}) as fitting:
        while (found := fitting.found(within=5.0)) is None:
            ...  # still at it

The process has one thread for linear algebra and gets no variable of ours: they hold secrets.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

CHILD = "mockint.adapters.fitting.child"
ROOT = Path(__file__).resolve().parents[3]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Asked:
    """One track."""

    rows: Sequence[Sequence[Any]]
    """The fields of `domain.calibration.ratings.Rating`, in that order."""
    known: str
    """Version of the model and hash of the ratings of the last fit; empty without one."""


class Broken(Exception):
    """The process died or could not do it."""


class Fitting:
    """One process under way."""

    def __init__(self, tracks: Mapping[str, Asked]) -> None:
        self._input = json.dumps({name: asdict(one) for name, one in tracks.items()}).encode()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            env={"PYTHONPATH": str(ROOT)} | dict.fromkeys(THREADS, "1"),
        )
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    def found(self, *, within: float) -> dict[str, Any] | None:
        """Track to what `child.fitted` says; None when it takes longer than so many seconds.

        Raises Broken.
        """
        try:
            said, _ = self._process.communicate(self._input, timeout=within)
        except subprocess.TimeoutExpired:
            return None
        if self._process.returncode != 0:
            raise Broken(f"the process that calibrates ended with {self._process.returncode}")
        found: dict[str, Any] = json.loads(said)
        return found

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()
