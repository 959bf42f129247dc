"""Figures of this machine and of processes; times are seconds unless a name says otherwise."""

from __future__ import annotations

import math
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psutil

LOOP = 1_000_000
SYNCS = 40


@dataclass(frozen=True, slots=True)
class Calibration:
    """How fast this machine is at the moment: two runs compare only where these are alike."""

    loop_ms: float
    """CPU time of a fixed loop."""
    loop_wall_ms: float
    """Wall time of the same loop: above the CPU time, others took the processor."""
    fdatasync_ms: float
    """Median of small writes made durable in the folder for temporary files."""
    load: float
    """Processes that wanted to run, over the last minute."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"loop {self.loop_ms:.0f} ms CPU, {self.loop_wall_ms:.0f} ms wall; "
            f"fdatasync {self.fdatasync_ms:.2f} ms; load {self.load:.1f}"
        )


def calibrate() -> Calibration:
    cpu, wall = time.process_time(), time.perf_counter()
    total = 0
    for number in range(LOOP):
        total += number & 7
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Calibration(cpu * 1e3, wall * 1e3, _sync_s() * 1e3, os.getloadavg()[0])


def _sync_s() -> float:
    took = []
    with tempfile.TemporaryFile() as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(b"x" * 512)
            file.flush()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and all its children, also of those that ended."""
    try:
        tree = [psutil.Process(pid)]
        tree += tree[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return 0.0
    return sum(map(_own_cpu_s, tree))


def _own_cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def rss_mb(pid: int) -> float:
    """Resident memory of one process."""
    return float(psutil.Process(pid).memory_info().rss) / 2**20


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that is at least as large as `percent` of all; 0.0 of none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
