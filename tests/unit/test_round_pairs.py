"""Pairs and supply of a round say what the ordinary rules say, one by one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain import matching, zones
from mockint.domain.availability import Limits, Offer, Terms, hours_from, why_not
from mockint.domain.matching import PARTS, Candidate, Interviewer, Request
from mockint.domain.round import export, files, instance, supply
from mockint.domain.round.grid import grid
from mockint.domain.round.instance import Capacity
from mockint.domain.round.pairs import Wish, pairs
from mockint.domain.timespan import Span

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
START = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
WINDOW = Span(datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 14, tzinfo=UTC))
TRACKS, LEVELS, LANGUAGES = ("coding", "testing"), ("entry", "mid"), ("en", "de")
COMPANIES = ("", "Nordlicht", " nordlicht", "Ondas")
IDS = st.integers(1, 6)


def some(words: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(words), min_size=1)


interviewers = st.builds(
    Interviewer,
    person_id=IDS,
    tracks=some(TRACKS),
    levels=some(LEVELS),
    languages=some(LANGUAGES),
    zone=st.sampled_from(("UTC", "Asia/Kathmandu", "America/Sao_Paulo")),
    company=st.sampled_from(COMPANIES),
    years=st.integers(0, 12),
    paused=st.booleans(),
    recent=st.integers(0, 9),
    cap=st.integers(1, 8),
    practice=st.dictionaries(
        st.tuples(st.sampled_from(TRACKS), st.sampled_from(LEVELS)), st.integers(1, 7), max_size=2
    ),
)
candidates = st.builds(
    Candidate,
    person_id=st.integers(1, 12),
    languages=some(LANGUAGES).map(lambda words: tuple(sorted(words))),
    zone=st.just("UTC"),
    employer=st.sampled_from(COMPANIES),
    target_companies=st.lists(st.sampled_from(COMPANIES), max_size=2).map(tuple),
    met=st.frozensets(IDS, max_size=2),
    met_companies=st.frozensets(st.sampled_from(("nordlicht", "ondas")), max_size=1),
    blocked=st.frozensets(IDS, max_size=1),
)
requests = st.builds(
    Request,
    track=st.sampled_from(TRACKS),
    level=st.sampled_from(LEVELS),
    duration_min=st.just(60),
    again=st.booleans(),
)
wishes = st.builds(
    Wish,
    candidate=candidates,
    request=requests,
    pin=st.none() | IDS,
    forbidden=st.frozensets(IDS, max_size=1),
)
weights = st.fixed_dictionaries({name: st.integers(0, 40) for name in PARTS}).filter(
    lambda found: any(found.values())
)


@given(
    asked=st.lists(wishes, max_size=5),
    offered=st.lists(interviewers, max_size=6, unique_by=lambda one: one.person_id),
    weights=weights,
)
def test_arrays_say_what_the_rule_says_of_each_pair(
    asked: list[Wish], offered: list[Interviewer], weights: dict[str, int]
) -> None:
    comfort = [supply.comfort(one.zone, [START]) for one in offered]
    found = pairs(asked, offered, comfort, weights)
    for place, wish in enumerate(asked):
        mine = slice(found.ptr[place], found.ptr[place + 1])
        got = dict(zip(found.interviewer[mine].tolist(), found.quality[mine].tolist(), strict=True))
        assert got == _one_by_one(wish, offered, weights)


def _one_by_one(wish: Wish, offered: list[Interviewer], weights: dict[str, int]) -> dict[int, int]:
    pinned = wish.pin is not None
    request = Request(
        wish.request.track, wish.request.level, 60, again=wish.request.again or pinned
    )
    return {
        number: matching.quality(matching.parts(wish.candidate, who, START, request), weights)
        for number, who in enumerate(offered)
        if matching.eligible(wish.candidate, who, request) is None
        and who.person_id not in wish.forbidden
        and (wish.pin is None or wish.pin == who.person_id)
    }


weekly = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 80), st.integers(4, 16)).map(
        lambda block: (block[0], block[1] * 15, min(1440, (block[1] + block[2]) * 15))
    ),
    min_size=1,
    max_size=6,
)
ZONES = ("UTC", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Auckland")
booked = st.lists(
    st.integers(0, 14 * 96 - 8).map(
        lambda cell: Span.lasting(WINDOW.start + cell * timedelta(minutes=15), 60)
    ),
    max_size=3,
)
limits = st.builds(
    Limits,
    buffer_min=st.sampled_from((0, 15, 20, 30)),
    notice_min=st.just(0),
    per_day=st.integers(1, 3),
    per_week=st.integers(1, 5),
    paused_until=st.none() | st.just(date(2026, 12, 3)),
)


@given(
    zone=st.sampled_from(ZONES),
    weekly=weekly,
    booked=booked,
    limits=limits,
    step=st.sampled_from((15, 30, 60)),
    data=st.data(),
)
def test_any_choice_that_keeps_the_caps_can_be_booked_in_any_order(
    zone: str,
    weekly: list[tuple[int, int, int]],
    booked: list[Span],
    limits: Limits,
    step: int,
    data: st.DataObject,
) -> None:
    terms = Terms(notice_min=0, horizon_days=35, step_min=step)
    offer = Offer(hours_from(zone, weekly), limits, booked=tuple(booked))
    starts = grid(offer, window=WINDOW, duration_min=60, now=NOW, terms=terms)
    offered = supply.capacity(offer, starts, window=WINDOW, max_total=99)
    chosen = _within_caps(data.draw(st.permutations(starts)), offered)
    have = list(booked)
    for start in chosen:
        now_offered = Offer(offer.hours, limits, booked=tuple(have))
        assert why_not(now_offered, start, duration_min=60, now=NOW, terms=terms) is None
        have.append(Span.lasting(start, 60))


def _within_caps(starts: list[datetime], offered: Capacity) -> list[datetime]:
    """As many of them, in this order, as days and weeks have room for."""
    spans = [*offered.days, *offered.weeks]
    left = [most for *_, most in spans]
    chosen = []
    for start in starts:
        minute = (start - WINDOW.start) // timedelta(minutes=1)
        around = [n for n, (first, end, _) in enumerate(spans) if first <= minute < end]
        assert len(around) == 2
        if all(left[n] for n in around):
            chosen.append(start)
            for n in around:
                left[n] -= 1
    return chosen


def test_caps_are_those_of_local_days_less_what_is_booked() -> None:
    zone = "Asia/Kathmandu"
    offer = Offer(
        hours_from(zone, [(day, 8 * 60, 20 * 60) for day in range(7)]),
        Limits(per_day=2, per_week=4),
        booked=(Span.lasting(datetime(2026, 12, 1, 4, 15, tzinfo=UTC), 60),),
    )
    starts = grid(offer, window=WINDOW, duration_min=60, now=NOW, terms=Terms())
    offered = supply.capacity(offer, starts, window=WINDOW, max_total=9)
    tuesday = zones.first_instant(zone, date(2026, 12, 1))
    minute = (tuesday - WINDOW.start) // timedelta(minutes=1)
    assert (minute, minute + 1440, 1) in offered.days
    assert [cap for *_, cap in offered.weeks] == [3, 4]


def test_a_round_of_the_database_is_written_as_a_file_that_reads_the_same() -> None:
    offered = [
        Capacity(starts=[], gap=0, max_total=2, days=[]),
        Capacity(
            starts=[540, 600, 2000, 11000],
            gap=0,
            max_total=3,
            days=[(0, 900, 1), (1500, 3000, 2), (10500, 12000, 1)],
            weeks=[(0, 10080, 2), (10080, 20160, 4)],
        ),
    ]
    made = instance.build(
        duration=60,
        days=14,
        capacities=offered,
        requests=[
            instance.Request(windows=[(540, 700)], priority=3),
            instance.Request(windows=[]),
        ],
        pair_ptr=[0, 1, 1],
        pair_interviewer=[1],
        pair_quality=[70],
        candidate_ids=["7", "8"],
        interviewer_ids=["1", "2"],
        load_price=5,
    )
    again = files.read(json.loads(json.dumps(export.as_json(made))))
    for name in instance.Instance.__dataclass_fields__:
        assert np.array_equal(getattr(made, name), getattr(again, name)), name


def test_what_a_candidate_has_booked_is_cut_out_of_their_windows() -> None:
    asked = Span.lasting(START, 240)
    busy = Span.lasting(START + timedelta(minutes=60), 60)
    assert supply.windows([asked], [busy], window=WINDOW) == [(540, 600), (660, 780)]
