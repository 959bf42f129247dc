"""The vocabulary of an interview: tracks, target levels and the versioned rubric set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mockint.domain.errors import N_

TRACKS: dict[str, str] = {
    "coding": N_("Coding & data structures"),
    "system_design": N_("System design"),
    "testing": N_("Testing & debugging"),
    "ml_concepts": N_("ML concepts"),
    "ml_system_design": N_("ML system design"),
    "behavioural": N_("Behavioural & communication"),
}
"""Key to name, in the order people choose from."""

LEVELS: dict[str, str] = {
    "entry": N_("Entry"),
    "mid": N_("Mid"),
    "senior": N_("Senior"),
    "staff": N_("Staff"),
}
"""Target levels from low to high."""

LANGUAGES: dict[str, str] = {
    "en": "English",
    "ar": "العربية",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "ne": "नेपाली",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "sw": "Kiswahili",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}
"""Languages an interview can be held in, by ISO 639-1 code."""

POINTS = (1, 2, 3, 4)
RESERVED = frozenset({"overall", "summary", "practice", "review"})
"""Steps of the feedback form; no dimension may have such a key."""
BAR = 3
"""The first point at or above the bar of the target level."""


class InvalidRubric(ValueError):
    """A rubric set breaks a loader rule; the text says where."""


@dataclass(frozen=True, slots=True)
class Point:
    """A word of a scale: what a number means."""

    value: int | None
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something judged on four anchors."""

    key: str
    name: str
    anchors: tuple[str, str, str, str]

    def anchor(self, score: int) -> str:
        """The observable behaviour at that point."""
        return self.anchors[score - 1]

    def anchor_hash(self, score: int) -> str:
        """What a score remembers of the text it was given on."""
        return anchor_hash(self.anchor(score))


@dataclass(frozen=True, slots=True)
class Dimension(Question):
    """What is judged, named and defined."""

    looks_for: str
    evidence_prompt: str
    practice: tuple[str, ...]

    def aim(self, score: int | None) -> str:
        """The anchor one point higher; without a score the bar, at 4 the top itself."""
        return self.anchor(BAR if score is None else min(score + 1, 4))


@dataclass(frozen=True, slots=True)
class Track:
    """One kind of interview: its dimensions and the time plan of its guide."""

    key: str
    name: str
    summary: str
    dimensions: tuple[Dimension, ...]
    timeline: tuple[Mapping[str, Any], ...]

    def dimension(self, key: str) -> Dimension | None:
        """The dimension of that key, if the track has it."""
        return next((found for found in self.dimensions if found.key == key), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """The dimension keys in the rubric's order."""
        return tuple(found.key for found in self.dimensions)


@dataclass(frozen=True, slots=True)
class Rules:
    """How much has to be written before feedback can be submitted."""

    evidence_min: int = 40
    evidence_min_extreme: int = 80
    """For a 1 or a 4."""
    summary_min: int = 200
    strengths: tuple[int, int] = (1, 3)
    next_steps: tuple[int, int] = (1, 3)
    min_scored: int = 3


@dataclass(frozen=True, slots=True)
class RubricSet:
    """One version of the rubrics of all tracks."""

    key: str
    version: str
    language: str
    scale: tuple[Point, ...]
    not_observed: Point
    prompt: str
    recommendations: tuple[Point, ...]
    bars: Mapping[str, str]
    """Target level to what 3 means there, without the number."""
    rules: Rules
    tracks: Mapping[str, Track]
    ratings: tuple[Question, ...]
    """What the candidate is asked about the interviewer before the release."""
    usefulness: Question
    comment_max: int

    @property
    def major(self) -> int:
        """Scores of different majors are not comparable."""
        return major(self.version)

    def label(self, score: int) -> str:
        """Not yet, Close, Meets or Exceeds."""
        return self.scale[score - 1].label

    def recommendation(self, value: int) -> Point:
        """Strong no, No, Yes or Strong yes."""
        return self.recommendations[value - 1]


def anchor_hash(text: str) -> str:
    """SHA-256 of an anchor's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON: the same content in any order of keys is the same."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def version_key(version: str) -> tuple[int, int, int]:
    """Sorts semantic versions."""
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise InvalidRubric(f"version {version!r} is not like 1.0.0")
    return int(parts[0]), int(parts[1]), int(parts[2])


def major(version: str) -> int:
    """The first number of a semantic version."""
    return version_key(version)[0]


def parse(content: Mapping[str, Any]) -> RubricSet:
    """Read the JSON of a rubric set; InvalidRubric names the first rule it breaks."""
    try:
        return _parse(content)
    except InvalidRubric:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidRubric(f"missing or misplaced: {error}") from error


def _parse(content: Mapping[str, Any]) -> RubricSet:
    if content["schema_version"] != 1:
        raise InvalidRubric(f"schema version {content['schema_version']!r} is not known")
    rules, asked = content["rules"], content["candidate_to_interviewer"]
    version_key(content["set"]["version"])
    tracks = [_track(row) for row in content["tracks"]]
    _unique("track", [track.key for track in tracks])
    return RubricSet(
        key=_words(content["set"], "key"),
        version=content["set"]["version"],
        language=content["set"].get("language", "en"),
        scale=_scale(content["scale"]),
        not_observed=_point(content["not_observed"]),
        prompt=_words(content["recommendation"], "prompt"),
        recommendations=_scale(content["recommendation"]["options"]),
        bars={row["key"]: row["bar"].removeprefix("3 = ") for row in content["target_levels"]},
        rules=Rules(
            evidence_min=int(rules["evidence_min_chars"]),
            evidence_min_extreme=int(rules["evidence_min_chars_extreme"]),
            summary_min=int(rules["summary_min_chars"]),
            strengths=_range(rules["strengths"]),
            next_steps=_range(rules["next_steps"]),
            min_scored=int(rules["min_scored_dimensions"]),
        ),
        tracks={track.key: track for track in tracks},
        ratings=tuple(_question(row) for row in asked["before_release"]),
        usefulness=_question(asked["after_release"]),
        comment_max=int(asked["comment_max_chars"]),
    )


def _track(row: Mapping[str, Any]) -> Track:
    key = _words(row, "key")
    dimensions = tuple(_dimension(found) for found in row["dimensions"])
    if not 4 <= len(dimensions) <= 6:
        raise InvalidRubric(f"track {key} has {len(dimensions)} dimensions, not 4 to 6")
    _unique(f"dimension of {key}", [dimension.key for dimension in dimensions])
    taken = sorted(RESERVED & {dimension.key for dimension in dimensions})
    if taken:
        raise InvalidRubric(f"{taken[0]} cannot be the key of a dimension")
    timeline = tuple(row["timeline"])
    edges = [0, *(part["to_min"] for part in timeline)]
    gapless = all(part["from_min"] == edge for part, edge in zip(timeline, edges, strict=False))
    growing = all(one < other for one, other in pairwise(edges))
    if not gapless or not growing or edges[-1] != 60:
        raise InvalidRubric(f"the time plan of {key} does not run from 0 to 60 without a gap")
    return Track(key, _words(row, "name"), row.get("summary", ""), dimensions, timeline)


def _dimension(row: Mapping[str, Any]) -> Dimension:
    question = _question(row)
    return Dimension(
        question.key,
        question.name,
        question.anchors,
        _words(row, "looks_for"),
        _words(row, "evidence_prompt"),
        tuple(row["practice"]),
    )


def _question(row: Mapping[str, Any]) -> Question:
    key = _words(row, "key")
    if set(row["anchors"]) != {str(point) for point in POINTS}:
        raise InvalidRubric(f"{key} needs an anchor for each of 1 to 4")
    one, two, three, four = (_words(row["anchors"], str(point)) for point in POINTS)
    if len({" ".join(text.lower().split()) for text in (one, two, three, four)}) != 4:
        raise InvalidRubric(f"two anchors of {key} say the same")
    return Question(key, _words(row, "name"), (one, two, three, four))


def _scale(rows: Sequence[Mapping[str, Any]]) -> tuple[Point, ...]:
    points = tuple(_point(row) for row in rows)
    if tuple(point.value for point in points) != POINTS:
        raise InvalidRubric("a scale has the points 1 to 4 in this order")
    return points


def _point(row: Mapping[str, Any]) -> Point:
    return Point(row["value"], _words(row, "label"), _words(row, "meaning"))


def _range(pair: Sequence[int]) -> tuple[int, int]:
    low, high = pair
    if not 1 <= low <= high <= 3:
        raise InvalidRubric(f"a range of {low} to {high} does not lie within 1 to 3")
    return low, high


def _words(row: Mapping[str, Any], name: str) -> str:
    text = row[name]
    if not isinstance(text, str) or not text.strip():
        raise InvalidRubric(f"{name} is empty")
    return text


def _unique(what: str, keys: Sequence[str]) -> None:
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise InvalidRubric(f"{what} {sorted(twice)[0]} is there twice")
