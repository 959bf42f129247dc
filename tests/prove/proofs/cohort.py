"""The round of `matching` in a database, solved by a real worker: rows in, result and reasons out.

Wall seconds are from the wish to what the page shows, the worker's waking included. With
`--seconds` below 60 the round is 1,000 x 300.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.matching import market
from bench.matching.market import Shape
from mockint import clock
from mockint.domain.round import files
from mockint.domain.round.edges import edges_of
from mockint.domain.round.instance import Instance
from mockint.domain.round.states import Job, State
from mockint.queries import round as query
from mockint.services import rubric
from mockint.services.round import solving
from tests.prove import cohort
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_most, exactly
from tests.support.servers import Unavailable

CLAIM = "A round of 10,000 x 2,000 is read, solved, proven and explained in 20 s and 0.8 GB."
SMALL, LARGE = Shape(1000, 300, supply=9), Shape(10_000, 2000, supply=9)
SHORT_S, PATIENCE_S = 60, 1200


def run(options: Options) -> Outcome:
    short = options.seconds is not None and options.seconds < SHORT_S
    shape = SMALL if short else LARGE
    made = market.make(shape, options.seed)
    with Installation(options, web=0, workers=1) as site:
        with site.context():
            rubric.publish_default(now=clock.now())
            number, by = cohort.fill(made, now=clock.now())
        resting, before = _peak_mb(site), site.cpu_s()["worker0"]
        with site.context():
            solving.start(number, by=by, now=clock.now())
        shown_s = _until(site, lambda: _state(number) == State.SOLVED)
        cpu_s, peak = site.cpu_s()["worker0"] - before, _peak_mb(site)
        compared_s = _until(site, lambda: _job(number) is None)
        with site.context():
            found = query.review(number)
            unexplained = sum(
                not line.why.sentence for line in query.unmatched(number, limit=shape.candidates)[0]
            )
            instance, proof = query.instance_file(number), query.result_file(number)
        if found is None or instance is None or proof is None:
            raise Unavailable(f"There is no result: {site.workers[0].words()}")
        solved = _instance(instance)
        figures = [
            Figure("proven", found.status == "optimal", "", exactly(1)),
            Figure("from the wish to the result shown", shown_s, "s", at_most(20)),
            Figure("the same, CPU of the worker", cpu_s, "s"),
            Figure("peak memory of the worker until then", peak, "MB", at_most(800)),
            Figure("the same before", resting, "MB"),
            Figure("compared after", compared_s, "s"),
            Figure("peak memory at the end", _peak_mb(site), "MB"),
            Figure("matched", found.matched, f"of {found.asked:,}"),
            Figure("unmatched without a reason", unexplained, "", exactly(0)),
            Figure("numbers in the certificate", _certified(proof), ""),
        ]
    sizes: dict[str, object] = {
        "people": f"{shape.candidates:,} x {shape.interviewers:,}",
        "starts": solved.n_slots,
        "edges": len(edges_of(solved).slot),
        "priorities": np.unique(solved.priority).tolist(),
    }
    return Outcome(figures, sizes)


def _until(site: Installation, done: Callable[[], bool]) -> float:
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE_S:
        with site.context():
            if done():
                return time.monotonic() - began
        time.sleep(0.05)
    raise Unavailable(f"The worker is still at it: {site.workers[0].words()}")


def _state(number: int) -> State | None:
    found = query.find(number)
    return None if found is None else found.state


def _job(number: int) -> Job | None:
    found = query.progress(number)
    return None if found is None else found.job


def _peak_mb(site: Installation) -> float:
    """Of the worker's largest process."""
    worker = site.workers[0]
    return max(_high_mb(pid) for pid in (worker.pid, *worker.children()))


def _high_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _instance(kept: bytes) -> Instance:
    return files.read(json.loads(gzip.decompress(kept)))


def _certified(kept: bytes) -> int:
    said = json.loads(gzip.decompress(kept))["certificate"]
    return sum(len(one) for one in said.values() if isinstance(one, list))
