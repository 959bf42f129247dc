"""The rubric set: what the loader takes, what it refuses, and what a score remembers."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from mockint.domain import rubric

CONTENT = json.loads(
    (Path(rubric.__file__).parents[1] / "data" / "rubrics.json").read_text(encoding="utf-8")
)


@pytest.fixture
def content() -> dict[str, Any]:
    return copy.deepcopy(CONTENT)


def test_the_default_set_has_every_track_and_every_level_has_a_bar(content):
    parsed = rubric.parse(content)
    assert tuple(parsed.tracks) == tuple(rubric.TRACKS)
    assert {key: track.name for key, track in parsed.tracks.items()} == rubric.TRACKS
    assert set(parsed.bars) == set(rubric.LEVELS)
    assert parsed.bars["mid"] == "works alone on a defined task"
    assert [point.label for point in parsed.scale] == ["Not yet", "Close", "Meets", "Exceeds"]


def test_the_aim_is_the_anchor_one_point_higher(content):
    dimension = rubric.parse(content).tracks["coding"].dimensions[0]
    assert dimension.aim(2) == dimension.anchor(3)
    assert dimension.aim(4) == dimension.anchor(4)
    assert dimension.aim(None) == dimension.anchor(3)


def test_the_order_of_keys_does_not_change_the_hash_and_a_word_does(content):
    turned = json.loads(json.dumps(content, sort_keys=True))
    assert rubric.content_hash(turned) == rubric.content_hash(content)
    turned["tracks"][0]["dimensions"][0]["looks_for"] += "."
    assert rubric.content_hash(turned) != rubric.content_hash(content)


def first_track(content: dict[str, Any]) -> dict[str, Any]:
    track: dict[str, Any] = content["tracks"][0]
    return track


def three_dimensions(content: dict[str, Any]) -> None:
    del first_track(content)["dimensions"][3:]


def seven_dimensions(content: dict[str, Any]) -> None:
    for number in range(2):
        extra = copy.deepcopy(first_track(content)["dimensions"][0])
        first_track(content)["dimensions"].append(extra | {"key": f"more{number}"})


def one_key_twice(content: dict[str, Any]) -> None:
    first_track(content)["dimensions"][1]["key"] = first_track(content)["dimensions"][0]["key"]


def a_key_of_the_form(content: dict[str, Any]) -> None:
    first_track(content)["dimensions"][1]["key"] = "review"


def an_anchor_missing(content: dict[str, Any]) -> None:
    del first_track(content)["dimensions"][0]["anchors"]["4"]


def two_anchors_alike(content: dict[str, Any]) -> None:
    anchors = first_track(content)["dimensions"][0]["anchors"]
    anchors["2"] = f" {anchors['1'].upper()} "


def a_gap_in_the_plan(content: dict[str, Any]) -> None:
    first_track(content)["timeline"][1]["from_min"] += 1


def a_short_plan(content: dict[str, Any]) -> None:
    first_track(content)["timeline"].pop()


def another_schema(content: dict[str, Any]) -> None:
    content["schema_version"] = 2


def no_version(content: dict[str, Any]) -> None:
    content["set"]["version"] = "first"


def no_rules(content: dict[str, Any]) -> None:
    del content["rules"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (three_dimensions, "3 dimensions"),
        (seven_dimensions, "7 dimensions"),
        (one_key_twice, "twice"),
        (a_key_of_the_form, "review"),
        (an_anchor_missing, "anchor"),
        (two_anchors_alike, "say the same"),
        (a_gap_in_the_plan, "gap"),
        (a_short_plan, "gap"),
        (another_schema, "schema version"),
        (no_version, "1.0.0"),
        (no_rules, "rules"),
    ],
)
def test_the_loader_names_the_rule_that_is_broken(content, fault, words):
    fault(content)
    with pytest.raises(rubric.InvalidRubric, match=words):
        rubric.parse(content)


def test_versions_sort_by_number():
    assert rubric.version_key("1.10.0") > rubric.version_key("1.9.9")
    assert rubric.major("2.0.1") == 2
