"""One made-up round measured in a process of its own: `python -m tests.prove.rounds JSON`.

Told a task, a shape and a seed, it writes what it measured as JSON; see `TASKS`. Times are CPU
seconds of this process, which has one thread at work, unless a name says wall.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bench.matching import baselines, floor, market
from mockint.adapters import solver
from mockint.domain.round import reasons
from mockint.domain.round.edges import edges_of
from mockint.domain.round.instance import Instance
from mockint.domain.round.repair import repair
from mockint.domain.round.residual import residual
from mockint.domain.round.solution import Objective, Solution
from mockint.domain.round.verify import verify

Found = dict[str, Any]
DECLINES = 60


@contextmanager
def timed(found: Found, name: str) -> Iterator[None]:
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    found[name] = time.process_time() - cpu
    found[f"{name} wall"] = time.perf_counter() - wall


def disjoint(made: market.Market, seed: int) -> Found:
    """Ours under B with peak memory, then what others do with the same edges."""
    found: Found = {}
    instance = market.instance(made)
    _forget_peak()
    with timed(found, "solve"):
        ours = solver.solve(instance, Objective.B, seed=seed)
    with timed(found, "reasons"):
        told = reasons.of_all(residual(instance, ours.matching))
    found["peak MB"] = _peak_mb()
    found |= _counted(instance, ours)
    found["without a reason"] = instance.n_candidates - ours.matched - len(told)
    with timed(found, "edges"):
        edges = edges_of(instance)
    found["edge count"] = len(edges.slot)
    with timed(found, "raw"):
        raw = floor.solve(instance, edges, by_class=True)
    found["raw matched"], found["raw worth"] = raw.matched, raw.value
    found["worth"] = _light(instance, ours)
    waiting = np.argsort(-made.asking.waited, kind="stable")
    found["by waiting"] = baselines.greedy(instance, edges, waiting).matched
    order = baselines.order_by_class(instance)
    by_class = baselines.greedy(instance, edges, order)
    found["by class"], found["quality by class"] = by_class.matched, by_class.quality
    found["Gale-Shapley"] = baselines.gale_shapley(instance, edges).matched
    chance = np.random.default_rng(seed)
    found["repairs"], found["mended"] = [], 0
    for one in chance.choice(len(ours.matching), min(DECLINES, ours.matched), replace=False):
        began = time.process_time()
        done = repair(instance, ours.matching, declined=[ours.matching[one]], edges=edges)
        found["repairs"].append(time.process_time() - began)
        found["mended"] += bool(done.losses[0].moves)
    return found


def checked(made: market.Market, seed: int) -> Found:
    """The certificate of B, checked by the program that shares no code with the solver."""
    found: Found = {}
    result = solver.solve(market.instance(made), Objective.B, seed=seed).as_json()
    file = market.as_json(made)
    with timed(found, "verify"):
        found["problems"] = verify(file, result)
    result["quality"] += 1
    found["a lie is found"] = bool(verify(file, result))
    return found


def fallback(made: market.Market, seed: int) -> Found:
    """HiGHS alone against OR-tools."""
    found: Found = {}
    instance = market.instance(made)
    with timed(found, "solve"):
        ours = solver.solve(instance, Objective.B, seed=seed, engine="highs")
    found["value"] = ours.value
    found["value of OR-tools"] = solver.solve(instance, Objective.B, seed=seed).value
    return found


def overlap(made: market.Market, seed: int) -> Found:
    """Overlapping starts under B."""
    found: Found = {}
    instance = market.instance(made)
    _forget_peak()
    with timed(found, "solve"):
        ours = solver.solve(instance, Objective.B, seed=seed, overlap=True)
    found["peak MB"] = _peak_mb()
    found["edge count"] = len(edges_of(instance).slot)
    found["short"] = (ours.bound - ours.value) / _light(instance, ours)
    return found | _counted(instance, ours)


TASKS: dict[str, Callable[[market.Market, int], Found]] = {
    "disjoint": disjoint,
    "checked": checked,
    "fallback": fallback,
    "overlap": overlap,
}


def measured(task: str, shape: market.Shape, seed: int) -> Found:
    """What the task finds, in a new process that ends with it."""
    told = json.dumps([task, {name: getattr(shape, name) for name in shape.__slots__}, seed])
    command = [sys.executable, "-m", "tests.prove.rounds", told]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: Found = json.loads(done.stdout)
    return answer


def _counted(instance: Instance, ours: Solution) -> Found:
    return {
        "status": ours.status,
        "gap": ours.gap,
        "matched": ours.matched,
        "quality": ours.quality,
        "slots": instance.n_slots,
    }


def _light(instance: Instance, ours: Solution) -> int:
    """The worth in the small weights of the floor, where a point of quality counts most."""
    ranks = floor.ranks(instance, by_class=True)
    people = [one.candidate for one in ours.matching]
    return int(ranks[people].sum()) * floor.RANK_WEIGHT + ours.quality


def _forget_peak() -> None:
    """Let the kernel measure the peak from now on: what made the round up does not count."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_mb() -> float:
    """Of this program alone; `ru_maxrss` would count who started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    task, shape, seed = json.loads(sys.argv[1])
    json.dump(TASKS[task](market.make(market.Shape(**shape), seed), seed), sys.stdout)
