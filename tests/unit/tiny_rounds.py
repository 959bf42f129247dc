"""Rounds small enough to try every matching, for the rules of rounds to be held against."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hypothesis import strategies as st

from mockint.domain.round.edges import edges_of
from mockint.domain.round.instance import DAY, Capacity, Instance, Request, build
from mockint.domain.round.solution import Match

HOUR = 60
STARTS = (0, HOUR, 2 * HOUR, DAY)
DAYS = ((0, DAY), (DAY, 2 * DAY))


WINDOWS = tuple((begin, begin + hours * HOUR) for hours in (1, 2) for begin in STARTS)


def rounds() -> st.SearchStrategy[Instance]:
    """Drawn by lot rather than by Hypothesis, whose rounds are mostly empty."""
    return st.integers(0, 2**32 - 1).map(drawn)


def drawn(seed: int) -> Instance:
    """A round of up to four candidates and three interviewers who are short of places."""
    lot = Random(seed)
    givers = [_capacity(lot) for _ in range(lot.randint(1, 3))]
    asking = [
        Request(
            windows=lot.sample(WINDOWS, lot.choice((0, 1, 2, 2, 3))), priority=lot.randint(0, 2)
        )
        for _ in range(lot.randint(2, 4))
    ]
    eligible = [[one for one in range(len(givers)) if lot.random() < 0.7] for _ in asking]
    ptr = [0]
    for one in eligible:
        ptr.append(ptr[-1] + len(one))
    return build(
        duration=HOUR,
        days=2,
        capacities=givers,
        requests=asking,
        pair_ptr=ptr,
        pair_interviewer=[one for row in eligible for one in row],
        pair_quality=[lot.randint(0, 4) for row in eligible for _ in row],
    )


def _capacity(lot: Random) -> Capacity:
    return Capacity(
        starts=lot.sample(STARTS, lot.randint(1, 4)),
        gap=0,
        max_total=lot.choice((0, 1, 2, 3, 3)),
        days=[(*day, lot.choice((0, 1, 2, 2))) for day in DAYS],
        weeks=[(0, 2 * DAY, lot.choice((1, 2, 3, 3)))],
    )


def options(instance: Instance) -> list[dict[int, int]]:
    """Per candidate the slots they can take, and what each is worth."""
    edges = edges_of(instance)
    return [
        dict(
            zip(
                edges.slot[edges.ptr[one] : edges.ptr[one + 1]].tolist(),
                edges.quality[edges.ptr[one] : edges.ptr[one + 1]].tolist(),
                strict=True,
            )
        )
        for one in range(instance.n_candidates)
    ]


def limits(instance: Instance) -> tuple[list[tuple[int, int, int]], list[list[int]]]:
    """Per slot its day, week and interviewer; and the caps of all days, weeks and interviewers."""
    weeks = instance.day_week[instance.slot_day]
    people = instance.week_interviewer[weeks]
    above = zip(instance.slot_day.tolist(), weeks.tolist(), people.tolist(), strict=True)
    caps = (instance.day_cap, instance.week_cap, instance.max_total)
    return list(above), [one.tolist() for one in caps]


def within_limits(instance: Instance, slots: list[int]) -> bool:
    """Whether these slots may all be taken."""
    above, caps = limits(instance)
    levels = [[above[slot][level] for slot in slots] for level in range(3)]
    return len(set(slots)) == len(slots) and all(
        taken.count(one) <= cap[one]
        for taken, cap in zip(levels, caps, strict=True)
        for one in taken
    )


def matchings(instance: Instance) -> Iterator[dict[int, int]]:
    """Every feasible matching: candidate to slot."""
    ways = options(instance)
    above, room = limits(instance)
    taken: dict[int, int] = {}

    def further(candidate: int) -> Iterator[dict[int, int]]:
        if candidate == len(ways):
            yield dict(taken)
            return
        yield from further(candidate + 1)
        for slot in ways[candidate]:
            if slot in taken.values() or any(
                not left[one] for left, one in zip(room, above[slot], strict=True)
            ):
                continue
            taken[candidate] = slot
            for left, one in zip(room, above[slot], strict=True):
                left[one] -= 1
            yield from further(candidate + 1)
            del taken[candidate]
            for left, one in zip(room, above[slot], strict=True):
                left[one] += 1

    return further(0)


def worth(instance: Instance, taken: dict[int, int]) -> tuple[int, list[int], int]:
    """What counts under objective B: how many, how many of each class, and quality."""
    return _worth(instance.priority.tolist(), options(instance), taken)


def _worth(
    priority: list[int], ways: list[dict[int, int]], taken: dict[int, int]
) -> tuple[int, list[int], int]:
    profile = [sum(priority[one] == level for one in taken) for level in (2, 1, 0)]
    return len(taken), profile, sum(ways[one][slot] for one, slot in taken.items())


def best(instance: Instance) -> dict[int, int]:
    """An optimal matching under objective B."""
    priority, ways = instance.priority.tolist(), options(instance)
    return max(matchings(instance), key=lambda one: _worth(priority, ways, one))


def as_matches(instance: Instance, taken: dict[int, int]) -> tuple[Match, ...]:
    whose = instance.slot_interviewer
    return tuple(
        Match(one, int(whose[slot]), int(instance.start[slot]))
        for one, slot in sorted(taken.items())
    )


def as_slots(instance: Instance, matching: tuple[Match, ...]) -> dict[int, int]:
    keys = {
        (int(who), int(start)): slot
        for slot, (who, start) in enumerate(
            zip(instance.slot_interviewer, instance.start, strict=True)
        )
    }
    return {one.candidate: keys[one.interviewer, one.start] for one in matching}


def one_giver(starts: tuple[int, ...], windows: list[tuple[int, int]], total: int) -> Instance:
    """One interviewer who suits one candidate."""
    return build(
        duration=HOUR,
        days=2,
        capacities=[Capacity(starts=starts, gap=0, max_total=total, days=[])],
        requests=[Request(windows)],
        pair_ptr=[0, 1],
        pair_interviewer=[0],
        pair_quality=[50],
    )
