"""Small rounds drawn by Hypothesis, and the best matching of one by trying everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

DURATION = 60
STARTS = [0, 60, 120, 600, 1440, 1500, 2100]
WINDOWS = [[0, 60], [0, 180], [60, 700], [600, 2200], [1400, 1560], [1441, 1499]]

Matching = tuple[tuple[int, int, int], ...]


@st.composite
def small_rounds(draw: st.DrawFn, most_wanted: int = 1) -> dict[str, Any]:
    """The neutral file of a round whose starts are disjoint."""
    n_interviewers = draw(st.integers(1, 3))
    interviewers = [
        {
            "starts": draw(st.lists(st.sampled_from(STARTS), max_size=3, unique=True)),
            "gap": 0,
            "max_total": draw(st.integers(0, 3)),
            "max_per_day": draw(st.integers(0, 2)),
        }
        for _ in range(n_interviewers)
    ]
    candidates, eligible = [], []
    for _ in range(draw(st.integers(1, 4))):
        candidates.append(
            {
                "windows": draw(st.lists(st.sampled_from(WINDOWS), max_size=3)),
                "priority": draw(st.integers(0, 2)),
                "wants": draw(st.integers(1, most_wanted)),
            }
        )
        who = draw(st.lists(st.integers(0, n_interviewers - 1), unique=True))
        eligible.append([who, [draw(st.integers(0, 5)) for _ in who]])
    round_: dict[str, Any] = {
        "duration": DURATION,
        "days": 2,
        "interviewers": interviewers,
        "candidates": candidates,
        "eligible": eligible,
        "load_price": draw(st.sampled_from([0, 0, 2])),
    }
    edges = list(edges_of(round_))
    if edges:
        round_["previous"] = draw(st.lists(st.sampled_from(edges), max_size=2, unique=True))
        round_["previous"] = [list(one) for one in round_["previous"]]
    return round_


def edges_of(round_: dict[str, Any]) -> Iterator[tuple[int, int, int]]:
    """Everything a candidate could be given."""
    for who, (request, pairs) in enumerate(
        zip(round_["candidates"], round_["eligible"], strict=True)
    ):
        for whom in pairs[0]:
            for start in round_["interviewers"][whom]["starts"]:
                if any(a <= start and start + DURATION <= b for a, b in request["windows"]):
                    yield who, whom, start


def allowed(round_: dict[str, Any], matching: Matching) -> bool:
    """Whether nobody's limits are passed; only edges of the round are asked about."""
    given = Counter(who for who, _, _ in matching)
    taken = Counter(whom for _, whom, _ in matching)
    a_day = Counter((whom, start // 1440) for _, whom, start in matching)
    people, requests = round_["interviewers"], round_["candidates"]
    return (
        len({(whom, start) for _, whom, start in matching}) == len(matching)
        and len({(who, whom) for who, whom, _ in matching}) == len(matching)
        and len({(who, start) for who, _, start in matching}) == len(matching)
        and all(count <= requests[who]["wants"] for who, count in given.items())
        and all(count <= people[whom]["max_total"] for whom, count in taken.items())
        and all(count <= people[whom]["max_per_day"] for (whom, _), count in a_day.items())
    )


def every_matching(round_: dict[str, Any]) -> Iterator[Matching]:
    """All of them, the empty one too."""
    edges = list(edges_of(round_))

    def grow(at: int, so_far: Matching) -> Iterator[Matching]:
        if at == len(edges):
            yield so_far
            return
        yield from grow(at + 1, so_far)
        more = (*so_far, edges[at])
        if allowed(round_, more):
            yield from grow(at + 1, more)

    return grow(0, ())


def levels(round_: dict[str, Any], objective: str, matching: Matching) -> tuple[int, ...]:
    """What the objective compares, most important first."""
    quality = 0
    for who, whom, _ in matching:
        interviewers, worth = round_["eligible"][who]
        quality += worth[interviewers.index(whom)]
    taken = Counter(whom for _, whom, _ in matching)
    quality -= round_["load_price"] * sum(n * (n - 1) // 2 for n in taken.values())
    if objective == "A":
        return len(matching), quality
    if objective == "B":
        classes = sorted({one["priority"] for one in round_["candidates"]}, reverse=True)
        served = Counter(round_["candidates"][who]["priority"] for who, _, _ in matching)
        return len(matching), *(served[one] for one in classes), quality
    before = {tuple(one) for one in round_.get("previous", [])}
    return len(matching), len(before.intersection(matching)), quality


def best_levels(round_: dict[str, Any], objective: str) -> tuple[int, ...]:
    """The best there is, by trying everything."""
    return max(levels(round_, objective, one) for one in every_matching(round_))
