"""Who may meet whom, and why one interviewer comes before another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mockint.domain.matching import (
    DEFAULT_WEIGHTS,
    PARTS,
    Candidate,
    Ineligible,
    Interviewer,
    Request,
    RoundEnd,
    common_language,
    eligible,
    parts,
    priority,
    quality,
    rank,
    same_company,
    sentence,
    why_nothing,
)

START = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
"""21:00 in Berlin: neither comfortable nor not."""
REQUEST = Request("coding", "mid", 60)
SANJANA = Candidate(
    1,
    languages=("ne", "en"),
    zone="Asia/Kathmandu",
    employer="Leapfrog",
    target_companies=("Zalando",),
    blocked=frozenset({9}),
)
JONAS = Interviewer(
    2,
    tracks=frozenset({"coding", "testing"}),
    levels=frozenset({"entry", "mid"}),
    languages=frozenset({"en", "de"}),
    zone="Europe/Berlin",
    company="Siemens",
    years=8,
    recent=4,
    cap=8,
)
NEUTRAL = replace(JONAS, years=10)


def best(*interviewers: Interviewer, start: datetime = START) -> Interviewer:
    return rank(SANJANA, interviewers, start, request=REQUEST)[0].interviewer


def words_for(interviewer: Interviewer, start: datetime = START) -> str:
    return sentence(rank(SANJANA, [interviewer], start, request=REQUEST)[0]).text()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"approved": False}, Ineligible.NOT_APPROVED),
        ({"person_id": 1}, Ineligible.SELF),
        ({"paused": True}, Ineligible.PAUSED),
        ({"tracks": frozenset({"testing"})}, Ineligible.TRACK),
        ({"levels": frozenset({"senior"})}, Ineligible.LEVEL),
        ({"languages": frozenset({"de"})}, Ineligible.LANGUAGE),
        ({"company": " LEAPFROG "}, Ineligible.EMPLOYER),
        ({"person_id": 9}, Ineligible.BLOCKED),
        ({}, None),
    ],
)
def test_each_rule_keeps_two_people_apart(
    change: dict[str, object], reason: Ineligible | None
) -> None:
    other = replace(JONAS, **change)  # type: ignore[arg-type]  # one field a case
    assert eligible(SANJANA, other, REQUEST) is reason


def test_people_meet_again_only_if_asked_for() -> None:
    met = replace(SANJANA, met=frozenset({JONAS.person_id}))
    assert eligible(met, JONAS, REQUEST) is Ineligible.MET
    assert eligible(met, JONAS, replace(REQUEST, again=True)) is None


def test_companies_are_compared_as_people_read_them() -> None:
    assert same_company("Deutsche  Bahn", " deutsche bahn")
    assert same_company("STRASSE AG", "Straße AG")
    assert not same_company("Bahn", "Bahn AG")
    assert not same_company("", "")
    assert not same_company("  ", " ")


def test_the_interview_is_held_in_the_language_the_candidate_likes_best() -> None:
    assert common_language(SANJANA, JONAS) == "en"
    assert common_language(SANJANA, replace(JONAS, languages=frozenset({"en", "ne"}))) == "ne"
    assert common_language(SANJANA, replace(JONAS, languages=frozenset({"de"}))) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"company": "zalando "}, "Works at a company you named: zalando."),
        ({"recent": 0}, "Has had few interviews lately, and has room for yours."),
        (
            {"practice": {("coding", "mid"): 5}},
            "Has given 5 interviews in Coding & data structures at mid level within a year.",
        ),
        ({"years": 4}, "Has the experience for mid level: 4 years in the work."),
        (
            {"zone": "America/New_York"},
            "It is a good time of day for them too: 15:00 in New York.",
        ),
    ],
)
def test_one_part_changes_order_and_sentence(change: dict[str, object], words: str) -> None:
    """The rival is ahead by a little; the changed part alone puts the other first."""
    rival = replace(NEUTRAL, person_id=3, recent=3)
    better = replace(NEUTRAL, **change)  # type: ignore[arg-type]  # one field a case
    assert best(NEUTRAL, rival) == rival
    assert best(better, rival) == better
    assert words_for(better) == words
    assert words_for(NEUTRAL) != words


def test_another_company_than_so_far_comes_first_and_a_known_face_last() -> None:
    experienced = replace(SANJANA, met=frozenset({5}), met_companies=frozenset({"siemens"}))
    same, other, met = (
        replace(NEUTRAL, person_id=number, company=company)
        for number, company in ((3, " SIEMENS"), (4, "Bosch"), (5, "Bosch"))
    )
    again = replace(REQUEST, again=True)
    ranked = rank(experienced, [met, same, other], START, request=again)
    assert [one.interviewer for one in ranked] == [other, same, met]
    assert sentence(ranked[0]).text() == "Works at another company than your interviewers so far."
    everybody_new = rank(SANJANA, [same, other], START, request=REQUEST)
    assert {one.parts["variety"] for one in everybody_new} == {50}, "it says nothing yet"


def test_practice_counts_for_this_track_and_level_alone() -> None:
    elsewhere = replace(NEUTRAL, practice={("coding", "senior"): 9, ("testing", "mid"): 9})
    assert parts(SANJANA, elsewhere, START, REQUEST)["expertise"] == 0
    points = [
        parts(SANJANA, replace(NEUTRAL, practice={("coding", "mid"): n}), START, REQUEST)
        for n in (1, 3, 5, 50)
    ]
    assert [one["expertise"] for one in points] == [20, 60, 100, 100]


def test_quality_is_the_weighted_mean() -> None:
    full = dict.fromkeys(PARTS, 100)
    assert quality(full, DEFAULT_WEIGHTS) == 100
    assert quality(dict.fromkeys(PARTS, 0), DEFAULT_WEIGHTS) == 0
    assert quality(full | {"load": 0}, {"load": 1, "expertise": 3}) == 75
    assert quality(full | {"load": 1}, {"load": 1, "expertise": 1}) == 51, "half is rounded up"


def test_weights_decide_order_and_sentence() -> None:
    wanted, idle = replace(NEUTRAL, company="Zalando"), replace(NEUTRAL, person_id=3, recent=0)
    companies = dict.fromkeys(PARTS, 0) | {"target_company": 10}
    loads = dict.fromkeys(PARTS, 0) | {"load": 10}
    for weights, first, words in (
        (companies, wanted, "Works at a company you named: Zalando."),
        (loads, idle, "Has had few interviews lately, and has room for yours."),
    ):
        ranked = rank(SANJANA, [wanted, idle], START, request=REQUEST, weights=weights)
        assert ranked[0].interviewer == first
        assert sentence(ranked[0]).text() == words
        plain = "Covers your track and level, and is free at this time."
        assert sentence(ranked[1]).text() == plain, "what does not count is no reason"


def test_a_dear_hour_is_kept_for_who_needs_it() -> None:
    rare, other = replace(NEUTRAL, company="Zalando"), replace(NEUTRAL, person_id=3)
    quality_of = {
        one.interviewer: one.quality for one in rank(SANJANA, [rare, other], START, request=REQUEST)
    }
    gap = quality_of[rare] - quality_of[other]
    assert gap > 1
    for price, first in ((0, rare), (gap - 1, rare), (gap + 1, other)):
        ranked = rank(SANJANA, [rare, other], START, request=REQUEST, prices={2: price})
        assert ranked[0].interviewer == first
        assert {one.interviewer: one.quality for one in ranked} == quality_of


def test_nothing_above_neutral_is_said_honestly() -> None:
    assert words_for(NEUTRAL) == "Covers your track and level, and is free at this time."


def test_a_wanted_company_comes_first_until_its_volunteer_is_at_the_cap() -> None:
    idle = replace(NEUTRAL, person_id=3, recent=0)
    wanted = replace(NEUTRAL, company="Zalando", recent=6)
    assert best(wanted, idle) == wanted
    assert best(replace(wanted, recent=8), idle) == idle


def test_night_is_the_least_comfortable() -> None:
    noon, evening, night = (
        rank(SANJANA, [JONAS], START.replace(hour=hour), request=REQUEST)[0].parts["zone_comfort"]
        for hour in (11, 19, 2)
    )
    assert noon > evening > night == 0


def test_the_order_does_not_depend_on_the_order_given() -> None:
    crowd = [replace(JONAS, person_id=number) for number in range(2, 30)]
    one, other = (
        [item.interviewer.person_id for item in rank(SANJANA, people, START, request=REQUEST)]
        for people in (crowd, crowd[::-1])
    )
    assert one == other
    assert one != sorted(one)


def test_between_equals_no_one_is_first_at_every_start() -> None:
    twins = [replace(JONAS, person_id=number) for number in (2, 3)]
    days = (START + timedelta(days=n) for n in range(20))
    assert {best(*twins, start=start).person_id for start in days} == {2, 3}


def test_only_the_eligible_are_ranked_and_parts_are_those_declared() -> None:
    ranked = rank(
        SANJANA, [JONAS, replace(JONAS, person_id=3, paused=True)], START, request=REQUEST
    )
    assert [one.interviewer for one in ranked] == [JONAS]
    assert tuple(ranked[0].parts) == PARTS == tuple(DEFAULT_WEIGHTS)
    assert all(0 <= part <= 100 for part in ranked[0].parts.values())


@pytest.mark.parametrize(
    ("people", "emptied", "words"),
    [
        ([], Ineligible.TRACK, "No volunteer covers Coding & data structures yet."),
        (
            [replace(JONAS, levels=frozenset({"staff"}))],
            Ineligible.LEVEL,
            "One volunteer covers Coding & data structures, but not at mid level.",
        ),
        (
            [replace(JONAS, languages=frozenset({"de"})), replace(JONAS, languages=frozenset())],
            Ineligible.LANGUAGE,
            "2 volunteers cover it at mid level, but in none of your languages.",
        ),
        (
            [replace(JONAS, company="Leapfrog")],
            Ineligible.EMPLOYER,
            "The one volunteer who covers it at mid level works where you work.",
        ),
        (
            [replace(JONAS, person_id=7)],
            Ineligible.MET,
            "You have already met the one volunteer who covers it at mid level.",
        ),
        (
            [JONAS, replace(JONAS, person_id=9), replace(JONAS, person_id=4, paused=True)],
            None,
            "2 volunteers cover it at mid level, and none has free time left.",
        ),
    ],
)
def test_nothing_free_says_which_filter_left_nobody(
    people: list[Interviewer], emptied: Ineligible | None, words: str
) -> None:
    candidate = replace(SANJANA, met=frozenset({7}))
    found = why_nothing(candidate, people, REQUEST)
    assert found.emptied is emptied
    assert found.words.text() == words
    assert found.helps
    counts = [left for _, left in found.counts]
    assert counts == sorted(counts, reverse=True)
    assert found.left == counts[-1]


MISSED, SERVED, OWN_FAULT, ABSENT = RoundEnd


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], 0),
        ([MISSED], 1),
        ([MISSED, MISSED, MISSED], 3),
        ([MISSED, SERVED], 0),
        ([MISSED, SERVED, MISSED], 1),
        ([MISSED, OWN_FAULT, MISSED], 2),
        ([OWN_FAULT, OWN_FAULT], 0),
        ([MISSED, MISSED, ABSENT], 0),
        ([MISSED, ABSENT, MISSED], 1),
        ([MISSED] * 30, 9),
    ],
)
def test_priority_is_what_was_missed_without_own_fault(
    history: list[RoundEnd], expected: int
) -> None:
    assert priority(history) == expected
