"""The hand-written content of the demo community is complete, distinct and keeps our own rules."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

PACKAGE = Path(__file__).parents[2] / "mockint"
CONTENT = PACKAGE / "demo" / "content"


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


RUBRICS = load(PACKAGE / "data" / "rubrics.json")
RULES = RUBRICS["rules"]
TRACKS = {track["key"]: track for track in RUBRICS["tracks"]}
LEVELS = {level["key"] for level in RUBRICS["target_levels"]}
NOTES = {key: load(CONTENT / f"notes_{key}.json") for key in TRACKS}
PEOPLE = load(CONTENT / "people.json")
WORDS = load(CONTENT / "words.json")
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
UNKIND = re.compile(
    r"\b(lazy|stupid|dumb|slow|junior|not smart|always|never|obviously|accent|voice)\b|!", re.I
)


def dimensions(track: str) -> dict[str, Any]:
    return {dimension["key"]: dimension for dimension in TRACKS[track]["dimensions"]}


def collapsed(text: str) -> str:
    return " ".join(text.split())


def notes() -> Iterator[tuple[str, str, str, str]]:
    """Every note as (track, dimension, point, text)."""
    for track, content in NOTES.items():
        for dimension, points in content["notes"].items():
            for point, by_problem in points.items():
                for text in by_problem.values():
                    yield track, dimension, point, text


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def everybody() -> list[dict[str, Any]]:
    kinds = ("organisers", "interviewers", "candidates", "applications")
    return [person for kind in kinds for person in PEOPLE[kind]]


@pytest.mark.parametrize("track", TRACKS)
def test_every_dimension_and_point_has_a_note_for_every_problem(track: str) -> None:
    content = NOTES[track]
    problems = set(content["problems"])
    assert content["track"] == track
    assert len(problems) >= 3
    assert set(content["notes"]) == set(dimensions(track))
    for dimension, points in content["notes"].items():
        assert set(points) == {"1", "2", "3", "4"}, dimension
        for by_problem in points.values():
            assert set(by_problem) == problems, dimension


def test_notes_are_long_enough_to_be_submitted() -> None:
    for track, dimension, point, text in notes():
        extreme = point in "14"
        least = RULES["evidence_min_chars_extreme" if extreme else "evidence_min_chars"]
        assert least <= len(collapsed(text)) <= 300, (track, dimension, point, text)


def test_no_note_is_repeated_or_begins_like_another() -> None:
    openings = Counter(collapsed(text).casefold()[:24] for *_, text in notes())
    assert [opening for opening, count in openings.items() if count > 1] == []


def test_no_note_contains_its_anchor() -> None:
    for track, dimension, point, text in notes():
        anchor = dimensions(track)[dimension]["anchors"][point].rstrip(".").casefold()
        assert anchor not in collapsed(text).casefold(), text


@pytest.mark.parametrize("track", TRACKS)
def test_summaries_fit_the_recommendations(track: str) -> None:
    summaries = NOTES[track]["summaries"]
    assert set(summaries) == {option["key"] for option in RUBRICS["recommendation"]["options"]}
    for recommendation, options in summaries.items():
        assert len(options) >= 5, recommendation
        for option in options:
            named = option["strong"] + option["weak"]
            assert set(named) <= set(dimensions(track))
            assert len(named) == len(set(named)) > 0
            assert RULES["summary_min_chars"] <= len(collapsed(option["text"])) <= 500


@pytest.mark.parametrize("track", TRACKS)
def test_strengths_next_steps_and_practice_cover_every_dimension(track: str) -> None:
    for kind in ("strengths", "next_steps", "practice"):
        by_dimension = NOTES[track][kind]
        assert set(by_dimension) == set(dimensions(track)), kind
        assert all(len(entries) >= 2 for entries in by_dimension.values()), kind
    for items in NOTES[track]["practice"].values():
        for item in items:
            assert set(item) == {"gap", "exercise", "amount", "check"}
            assert all(collapsed(text) for text in item.values())


def test_no_other_text_of_feedback_is_said_twice() -> None:
    said = Counter(
        text
        for content in NOTES.values()
        for kind in ("summaries", "strengths", "next_steps", "practice")
        for text in strings(content[kind])
        if len(text) > 60
    )
    assert [text for text, count in said.items() if count > 1] == []


def test_feedback_keeps_our_own_tone_rules() -> None:
    kinds = ("notes", "summaries", "strengths", "next_steps", "practice")
    for content in NOTES.values():
        for text in strings([content[kind] for kind in kinds]):
            assert UNKIND.search(text) is None, text


def test_enough_people_each_with_an_own_name_and_address() -> None:
    assert len(PEOPLE["interviewers"]) == 30
    assert len(PEOPLE["candidates"]) == 60
    assert len(PEOPLE["applications"]) == 3
    emails = Counter(person["email"] for person in everybody())
    twice = {email for email, count in emails.items() if count > 1}
    both = {p["email"] for p in PEOPLE["organisers"] if "interviewer" in p["roles"]}
    assert twice == both
    assert both
    assert len({person["display_name"] for person in everybody()}) == len(emails)
    for person in everybody():
        assert re.fullmatch(r"[a-z-]+\.[a-z-]+@harbour\.example", person["email"])
        assert "en" in person["languages"]


def test_zones_exist_and_cover_the_awkward_ones() -> None:
    zones = {person["zone"] for person in PEOPLE["interviewers"]}
    january, july = datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)

    def offset(zone: str, moment: datetime) -> float:
        shift = moment.astimezone(ZoneInfo(zone)).utcoffset()
        assert shift is not None
        return shift.total_seconds() / 3600

    for person in everybody():
        offset(person["zone"], january)
    assert len(zones) >= 8
    assert {"Asia/Kathmandu", "Pacific/Chatham"} <= zones
    assert any(offset(zone, january) == offset(zone, july) for zone in zones)
    assert any(offset(zone, january) > offset(zone, july) for zone in zones)
    assert any(offset(zone, january) < offset(zone, july) for zone in zones)


def test_every_track_is_covered_by_interviewers_and_wanted_by_candidates() -> None:
    offered = Counter(track for p in PEOPLE["interviewers"] for track in p["tracks"])
    wanted = Counter(track for p in PEOPLE["candidates"] for track in p["tracks"])
    assert set(offered) == set(wanted) == set(TRACKS)
    assert min(offered.values()) >= 6
    assert 6 <= offered["ml_system_design"] <= 8
    for candidate in PEOPLE["candidates"]:
        for track in candidate["tracks"]:
            able = [
                interviewer
                for interviewer in PEOPLE["interviewers"]
                if track in interviewer["tracks"] and candidate["level"] in interviewer["levels"]
            ]
            assert len(able) >= 3, (candidate["name"], track)


def test_weekly_hours_are_whole_quarters_in_order() -> None:
    for interviewer in PEOPLE["interviewers"]:
        hours = interviewer["weekly_hours"]
        assert set(hours) <= set(DAYS)
        assert hours
        for blocks in hours.values():
            ends = [time.fromisoformat(end) for block in blocks for end in block]
            assert ends == sorted(set(ends)), interviewer["name"]
            assert all(moment.minute % 15 == 0 for moment in ends)


def test_interviewers_and_candidates_are_described_by_hand() -> None:
    bios = [person["bio"] for person in PEOPLE["interviewers"] + PEOPLE["applications"]]
    goals = [person["goals"] for person in PEOPLE["candidates"]]
    assert len(set(bios)) == len(bios)
    assert len(set(goals)) == len(goals)
    assert all(len(re.findall(r"[.?](?:\s|$)", bio)) in (2, 3) for bio in bios)
    assert all(set(person["levels"]) <= LEVELS for person in PEOPLE["interviewers"])


def test_candidates_have_a_goal_they_can_reach() -> None:
    known = {person["company"] for person in PEOPLE["interviewers"]}
    for candidate in PEOPLE["candidates"]:
        assert candidate["level"] in LEVELS
        assert 1 <= len(candidate["tracks"]) <= 3
        assert known & set(candidate["target_companies"]), candidate["name"]
        assert candidate["current_employer"] not in candidate["target_companies"]
        assert 1 <= candidate["ability"] <= 4
        assert 0 <= candidate["trend_per_interview"] <= 0.5
        assert candidate["weeks_until_interview"] > 0
        for hint in (candidate["strong"], candidate["weak"]):
            track, dimension = hint.split(".")
            assert track == candidate["tracks"][0]
            assert dimension in dimensions(track)


def test_somebody_works_where_an_interviewer_works() -> None:
    known = {person["company"] for person in PEOPLE["interviewers"]}
    assert any(person["current_employer"] in known for person in PEOPLE["candidates"])


def test_the_tour_leads_to_one_person_of_each_role() -> None:
    for role, kind in (
        ("candidate", "candidates"),
        ("interviewer", "interviewers"),
        ("organiser", "organisers"),
    ):
        assert PEOPLE["tour"][role] in {person["email"] for person in PEOPLE[kind]}


def test_small_words_are_enough_and_distinct() -> None:
    assert {side: len(set(texts)) for side, texts in WORDS["cancel_reasons"].items()} == {
        "candidate": 8,
        "interviewer": 8,
    }
    assert len({rating["text"] for rating in WORDS["ratings"]}) == 20
    assert {rating["level"] for rating in WORDS["ratings"]} == {2, 3, 4}
    assert len(set(WORDS["organiser_notes"])) == 8
    assert len(set(WORDS["absence_reasons"])) == 6
