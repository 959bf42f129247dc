"""A repair keeps promises, moves the fewest people, and is found whenever there is one."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mockint.domain.errors import Invalid
from mockint.domain.round.instance import Capacity, Instance, Request, build
from mockint.domain.round.repair import Move, remaining, repair
from mockint.domain.round.solution import Match
from tests.unit import tiny_rounds as tiny

CHECKS = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def any_of(instance: Instance, data: st.DataObject, *, least: int = 1) -> dict[int, int]:
    """A matching of so many people or more."""
    found = [one for one in tiny.matchings(instance) if len(one) >= least]
    assume(found)
    return Random(data.draw(st.integers(0, 2**32 - 1))).choice(found)


def cheapest(
    instance: Instance, before: dict[int, int], lost: int, fixed: set[int]
) -> tuple[int, int] | None:
    """How few others must move, and the best quality then: by trying every matching."""
    ways = tiny.options(instance)
    found = []
    for after in tiny.matchings(instance):
        if set(after) != set(before) or before[lost] == after[lost]:
            continue
        if before[lost] in after.values():
            continue  # the one who declined does not come at that time
        moved = {one for one in before if one != lost and before[one] != after[one]}
        if moved & fixed:
            continue
        found.append((len(moved), -sum(ways[one][slot] for one, slot in after.items())))
    return min(found, default=None)


def require_cheapest(
    instance: Instance, before: dict[int, int], lost: int, fixed: set[int]
) -> int | None:
    """Mend it and hold that against every other way; returns how many others moved."""
    matching = tiny.as_matches(instance, before)
    declined = next(one for one in matching if one.candidate == lost)

    made = repair(instance, matching, declined=[declined], confirmed=fixed)

    after = tiny.as_slots(instance, made.matching)
    (loss,) = made.losses
    ways = tiny.options(instance)
    assert tiny.within_limits(instance, list(after.values()))
    assert all(slot in ways[one] for one, slot in after.items())
    assert all(after[one] == before[one] for one in fixed)
    assert set(before) - set(after) <= {lost}
    best = cheapest(instance, before, lost, fixed)
    if best is None:
        assert loss.moves == ()
        assert lost not in after
        return None
    moved = [one for one in before if one != lost and before[one] != after[one]]
    assert len(moved) == loss.others_moved == best[0]
    same = [one for one in loss.stand_ins if one.start == declined.start]
    assert list(loss.stand_ins) == same
    if same:
        assert loss.moves == (Move(declined, same[0]),)
    else:
        assert sum(ways[one][slot] for one, slot in after.items()) == -best[1]
    return len(moved)


@CHECKS
@given(instance=tiny.rounds(), data=st.data())
def test_a_lost_interviewer_costs_the_fewest_moves(instance: Instance, data: st.DataObject) -> None:
    before = any_of(instance, data)
    lost = data.draw(st.sampled_from(sorted(before)))
    fixed = {one for one in before if one != lost and not data.draw(st.integers(0, 3))}
    require_cheapest(instance, before, lost, fixed)


def test_chains_of_several_people_are_the_shortest_too() -> None:
    lengths: Counter[int | None] = Counter()
    for seed in range(1000):
        instance = tiny.drawn(seed)
        before = tiny.best(instance)
        for lost in before:
            lengths[require_cheapest(instance, before, lost, set())] += 1
    assert lengths[1] >= 30
    assert lengths[2] >= 1


@CHECKS
@given(instance=tiny.rounds(), data=st.data())
def test_of_several_losses_as_many_are_mended_as_can_be(
    instance: Instance, data: st.DataObject
) -> None:
    before = any_of(instance, data, least=2)
    lost = data.draw(st.sets(st.sampled_from(sorted(before)), min_size=2))
    matching = tiny.as_matches(instance, before)
    declined = [one for one in matching if one.candidate in lost]

    made = repair(instance, matching, declined=declined)

    shut = {before[one] for one in lost}
    most = max(
        len(after)
        for after in tiny.matchings(instance)
        if set(before) - lost <= set(after) <= set(before) and not shut & set(after.values())
    )
    assert len(made.matching) == most
    assert sum(bool(one.moves) for one in made.losses) == most - len(before) + len(lost)


@CHECKS
@given(instance=tiny.rounds(), data=st.data())
def test_a_place_given_back_goes_to_the_highest_priority(
    instance: Instance, data: st.DataObject
) -> None:
    before = tiny.best(instance)
    assume(before)
    gone = data.draw(st.sampled_from(sorted(before)))

    made = repair(instance, tiny.as_matches(instance, before), withdrawn=[gone])

    after = tiny.as_slots(instance, made.matching)
    stay = set(before) - {gone}
    can = [
        one
        for other in tiny.matchings(instance)
        if stay < set(other) and gone not in other
        for one in set(other) - stay
    ]
    assert gone not in after
    assert stay <= set(after)
    if can:
        (served,) = set(after) - stay
        assert instance.priority[served] == max(instance.priority[one] for one in can)
        assert made.gained[0][0] == Move(
            None, next(m for m in made.matching if m.candidate == served)
        )
    else:
        assert set(after) == stay
        assert made.gained == ()


def market(wants: int = 1) -> Instance:
    """Ada and Bo are free at 9; only Bo at 10. Candidate 0 can only come at 9, 1 also at 10."""
    ada = Capacity(starts=[540], gap=0, max_total=1, days=[])
    bo = Capacity(starts=[540, 600], gap=0, max_total=2, days=[])
    nine, both = Request([(540, 600)], wants=wants), Request([(540, 660)])
    return build(
        duration=60,
        days=1,
        capacities=[ada, bo],
        requests=[nine, both],
        pair_ptr=[0, 2, 4],
        pair_interviewer=[0, 1, 0, 1],
        pair_quality=[50, 60, 50, 60],
    )


def test_somebody_else_steps_in_at_the_same_time() -> None:
    ada = Match(0, 0, 540)
    made = repair(market(), [ada], declined=[ada])
    (loss,) = made.losses
    assert loss.stand_ins == (Match(0, 1, 540),)
    assert loss.others_moved == 0
    assert made.matching == (Match(0, 1, 540),)


def test_one_person_moves_so_that_another_keeps_an_interview() -> None:
    ada, bo = Match(0, 0, 540), Match(1, 1, 540)
    made = repair(market(), [ada, bo], declined=[ada])
    assert made.losses[0].moves == (
        Move(ada, Match(0, 1, 540)),
        Move(bo, Match(1, 1, 600)),
    )


def test_nobody_confirmed_is_moved() -> None:
    ada, bo = Match(0, 0, 540), Match(1, 1, 540)
    made = repair(market(), [ada, bo], declined=[ada], confirmed={1})
    assert made.losses[0].moves == ()
    assert made.matching == (bo,)


def test_rounds_of_several_interviews_each_are_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        repair(market(wants=2), [])
    assert refusal.value.field == "candidates[0].wants"


def test_a_match_that_nobody_offers_is_named() -> None:
    with pytest.raises(Invalid) as refusal:
        repair(market(), [Match(0, 0, 540), Match(1, 1, 615)])
    assert refusal.value.field == "matching[1]"


@CHECKS
@given(instance=tiny.rounds(), data=st.data())
def test_after_many_withdrew_who_confirmed_keeps_their_place(
    instance: Instance, data: st.DataObject
) -> None:
    before = any_of(instance, data)
    fixed = {one for one in before if data.draw(st.booleans())}
    gone = {one for one in before if one not in fixed and data.draw(st.booleans())}
    kept = {one: slot for one, slot in before.items() if one not in gone}
    barred = [one for one in range(instance.n_slots) if data.draw(st.booleans())]
    barred = [one for one in barred if one not in kept.values()]

    left = remaining(
        instance, tiny.as_matches(instance, kept), gone=gone, confirmed=fixed, barred=barred
    )

    allowed = [
        other
        for other in tiny.matchings(instance)
        if {one: other.get(one) for one in fixed} == {one: before[one] for one in fixed}
        and not gone & set(other)
        and not set(barred) & set(other.values())
    ]
    stay = tiny.as_matches(instance, {one: before[one] for one in fixed})
    whole = {(*tiny.as_matches(left, other), *stay) for other in tiny.matchings(left)}
    assert {tuple(sorted(one)) for one in whole} == {tiny.as_matches(instance, o) for o in allowed}
    others = {one: slot for one, slot in kept.items() if one not in fixed}
    assert left.previous.tolist() == [
        [one.candidate, one.interviewer, one.start] for one in tiny.as_matches(instance, others)
    ]
