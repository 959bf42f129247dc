"""Who may meet whom, and why one interviewer comes before another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mockint.domain.matching import (
    WEIGHTS,
    Candidate,
    Ineligible,
    Interviewer,
    Request,
    common_language,
    eligible,
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
    assert ranked[0].parts.keys() == WEIGHTS.keys()
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
            [JONAS, replace(JONAS, person_id=3), replace(JONAS, person_id=4, paused=True)],
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
