"""Rounds made up by `bench.matching`, against one plain solve by OR-tools and what others do.

Each task has a process of its own (`tests.prove.rounds`). With `--seconds` below 60 the large
rounds are as small as the small ones; with 1800 and more, 50,000 x 10,000 is solved too, which
needs several GB. Reading the round from a database is no part of the times.
"""

from __future__ import annotations

from bench.matching.market import Shape
from tests.prove import measure
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.prove.rounds import Found, measured

CLAIM = "Rounds are solved to a proven best, fast and in little memory, and beat what others do."
DATABASES = ("sqlite",)
SMALL, LARGE, HUGE = (1000, 300), (10_000, 2000), (50_000, 10_000)
SHORT_S, LONG_S = 60, 1800


def grid(size: tuple[int, int], caps: float = 1.0) -> Shape:
    """Starts that exclude nobody; `caps` of 1.8 is an ample supply."""
    return Shape(*size, supply=9, caps=caps)


def overlapping(size: tuple[int, int]) -> Shape:
    """A start each half hour."""
    return Shape(*size, supply=4, step=30)


def run(options: Options) -> Outcome:
    short = options.seconds is not None and options.seconds < SHORT_S
    size = SMALL if short else LARGE
    note = "a run of {:,} x {:,}".format(*size) if short else ""
    seed = options.seed
    tasks: dict[str, tuple[str, Shape]] = {
        "small": ("disjoint", grid(SMALL)),
        "ample": ("disjoint", grid(SMALL, 1.8)),
        "large": ("disjoint", grid(size)),
        "large ample": ("disjoint", grid(size, 1.8)),
        "fallback": ("fallback", grid(SMALL)),
        "checked": ("checked", grid(size)),
        "small overlap": ("overlap", overlapping(SMALL)),
        "large overlap": ("overlap", overlapping(size)),
    }
    if options.seconds is not None and options.seconds >= LONG_S:
        tasks["huge"] = ("disjoint", grid(HUGE))
    done = {each: measured(*each, seed) for each in dict.fromkeys(tasks.values())}
    found = {name: done[each] for name, each in tasks.items()}
    figures = _small(found["small"], found["fallback"])
    figures += _large(found["large"], found["checked"], note)
    figures += _overlap(found["small overlap"], found["large overlap"], note)
    for name in ("small", "ample", "large", "large ample"):
        figures += _won(name, found[name])
    if "huge" in found:
        figures += _huge(found["huge"])
    sizes: dict[str, object] = {
        name: f"{shape.candidates:,} x {shape.interviewers:,}, {found[name]['slots']:,} starts,"
        f" {found[name]['edge count']:,} edges"
        for name, (_, shape) in tasks.items()
        if "slots" in found[name]
    }
    return Outcome(figures, sizes, ["Times are CPU seconds; the wall saw whatever else ran."])


def _small(one: Found, fallback: Found) -> list[Figure]:
    apart = fallback["value"] - fallback["value of OR-tools"]
    return [
        Figure("1,000 x 300: solve under B", one["solve"], "s", at_most(1)),
        Figure("1,000 x 300: proven", one["status"] == "optimal", "", exactly(1)),
        Figure("1,000 x 300: HiGHS alone", fallback["solve"], "s", at_most(10)),
        Figure("1,000 x 300: value of HiGHS less ours", apart, "", exactly(0)),
    ]


def _large(one: Found, checked: Found, note: str) -> list[Figure]:
    ratio, whole = one["solve"] / one["raw"], one["solve"] + one["reasons"]
    listed = one["solve"] / (one["raw"] + one["edges"])
    repairs = [1e3 * each for each in one["repairs"]]
    return [
        Figure("large: proven", one["status"] == "optimal", "", exactly(1)),
        Figure(
            "large: worth less than the raw solve", one["raw worth"] - one["worth"], "", at_most(0)
        ),
        Figure("large: solve under B", one["solve"], "s"),
        Figure("large: the same, wall", one["solve wall"], "s"),
        Figure("large: raw OR-tools on all edges", one["raw"], "s"),
        Figure("large: against raw", ratio, "x", at_most(1.5), at_most(0.7), short=note),
        Figure("large: against raw with its listing of edges", listed, "x"),
        Figure("large: with reasons", whole, "s", at_most(20), short=note),
        Figure("large: peak memory", one["peak MB"], "MB", at_most(800)),
        Figure("large: unmatched without a reason", one["without a reason"], "", exactly(0)),
        Figure(
            "large: repair after a decline, p95",
            measure.percentile(repairs, 95),
            "ms",
            at_most(200),
        ),
        Figure("large: declines mended", one["mended"], f"of {len(repairs)}"),
        Figure("large: certificate checked", checked["verify"], "s"),
        Figure("large: problems the check found", len(checked["problems"]), "", exactly(0)),
        Figure("large: a changed result is refused", checked["a lie is found"], "", exactly(1)),
    ]


def _overlap(small: Found, large: Found, note: str) -> list[Figure]:
    return [
        Figure("1,000 x 300 overlapping", small["solve"], "s", at_most(5)),
        Figure("1,000 x 300 overlapping: gap", small["gap"], "", exactly(0)),
        Figure("large overlapping", large["solve"], "s", at_most(90), short=note),
        Figure("large overlapping: the same, wall", large["solve wall"], "s"),
        Figure("large overlapping: gap", large["gap"], "", at_most(1e-5)),
        Figure("large overlapping: gap, 1,000 a class", large["short"], "", at_most(1e-5)),
        Figure("large overlapping: peak memory", large["peak MB"], "MB", at_most(2048)),
    ]


def _won(name: str, one: Found) -> list[Figure]:
    """More matches than others; where every hour is taken anyway there is only quality to win."""
    least = 1 if name.endswith("ample") else 0
    better = one["quality"] / one["quality by class"] - 1
    return [
        Figure(f"{name}: matched", one["matched"]),
        Figure(f"{name}: quality over greedy by class", 100 * better, "%", at_least(0)),
        *(
            Figure(f"{name}: won against {other}", one["matched"] - one[key], "", at_least(least))
            for other, key in (
                ("greedy by waiting", "by waiting"),
                ("greedy by class", "by class"),
                ("Gale-Shapley", "Gale-Shapley"),
            )
        ),
    ]


def _huge(one: Found) -> list[Figure]:
    return [
        Figure("50,000 x 10,000: proven", one["status"] == "optimal", "", None, exactly(1)),
        Figure("50,000 x 10,000: solve under B", one["solve"], "s", None, at_most(900)),
        Figure("50,000 x 10,000: peak memory", one["peak MB"], "MB", None, at_most(6144)),
    ]
