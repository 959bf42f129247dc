"""Question kits: what an interviewer needs to run one hour, who may get which, and their states."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mockint.domain.errors import N_, Conflict
from mockint.domain.rubric import LANGUAGES, LEVELS, TRACKS

RUNGS: Mapping[str, str] = {
    "nudge": N_("Nudge"),
    "direction": N_("Direction"),
    "part": N_("Part of the answer"),
}
"""The ladder of hints, from the smallest."""
MOVES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"pilot", "retired"}),
    "pilot": frozenset({"active", "draft", "retired"}),
    "active": frozenset({"resting", "retired"}),
    "resting": frozenset({"active", "retired"}),
    "retired": frozenset(),
}
"""From a state to the states it may become."""
STATES: Mapping[str, str] = {
    "draft": N_("Draft"),
    "pilot": N_("Pilot"),
    "active": N_("Active"),
    "resting": N_("Resting"),
    "retired": N_("Retired"),
}
OFFERED = frozenset({"pilot", "active"})
"""States in which an interview can get it."""
LEAST_USED = 5
"""Chance decides among so many of those that were used least."""
SIBLING_WAITS = timedelta(days=180)
"""How long a variant of what somebody saw stays away from them."""
SHARE_MOST, SHARE_WINDOW, SHARE_FROM = 0.20, timedelta(days=90), 25
"""A kit rests in more than this share of a track's interviews, once there are enough of them."""
TICKS_TO_REST = 2
"""So many candidates who had seen it before take a kit out of use."""
MOST_BYTES = 200_000


class InvalidKit(ValueError):
    """A kit breaks a rule; the text says where."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One rung of the ladder."""

    rung: str
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class Signal:
    """What is seen at a point of a dimension."""

    dimension: str
    score: int
    seen: str


@dataclass(frozen=True, slots=True)
class Kit:
    """One question with all that belongs to it."""

    key: str
    version: int
    track: str
    title: str
    topics: tuple[str, ...]
    levels: tuple[str, ...]
    difficulty: int
    """1 warm-up to 4 stretch, at its levels."""
    minutes: int
    family: str
    """Variants of one question share it."""
    languages: tuple[str, ...]
    prompt: str
    asked: tuple[tuple[str, str], ...]
    """What is told only when the candidate asks: question and answer."""
    hints: tuple[Hint, ...]
    follow_ups: tuple[tuple[str, str], ...]
    """Dimension and question."""
    signals: tuple[Signal, ...]
    not_observable: tuple[str, ...]
    pitfalls: tuple[str, ...]
    outline: str
    accessibility: str

    def signals_of(self, dimension: str) -> tuple[Signal, ...]:
        """From the lowest point."""
        mine = (one for one in self.signals if one.dimension == dimension)
        return tuple(sorted(mine, key=lambda one: one.score))

    def follow_ups_of(self, dimension: str) -> tuple[str, ...]:
        return tuple(text for of, text in self.follow_ups if of == dimension)


def content_hash(raw: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON."""
    text = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def parse(track: str, raw: Mapping[str, Any], dimensions: Sequence[str]) -> Kit:
    """A kit of a track whose rubric has these dimensions; raises InvalidKit."""
    if track not in TRACKS:
        raise InvalidKit(f"there is no track {track!r}")
    key = _text(raw, "key", "kit")
    where = f"{track}, {key}"
    kit = Kit(
        key=key,
        version=_number(raw, "version", where, 1, 9999),
        track=track,
        title=_text(raw, "title", where),
        topics=_texts(raw, "topics", where),
        levels=_known(_texts(raw, "target_levels", where), LEVELS, where, "target_levels"),
        difficulty=_number(raw, "difficulty", where, 1, 4),
        minutes=_number(raw, "minutes", where, 5, 60),
        family=_text(raw, "family", where),
        languages=_known(_texts(raw, "languages", where), LANGUAGES, where, "languages"),
        prompt=_text(raw, "prompt", where),
        asked=tuple(
            (_text(one, "question", where), _text(one, "answer", where))
            for one in _list(raw, "given_only_if_asked", where)
        ),
        hints=tuple(
            Hint(_text(one, "rung", where), _text(one, "when", where), _text(one, "text", where))
            for one in _list(raw, "hints", where)
        ),
        follow_ups=tuple(
            (_text(one, "dimension", where), _text(one, "text", where))
            for one in _list(raw, "follow_ups", where)
        ),
        signals=tuple(
            Signal(
                _text(one, "dimension", where),
                _number(one, "score", where, 1, 4),
                _text(one, "seen", where),
            )
            for one in _list(raw, "signals", where)
        ),
        not_observable=_texts(raw, "not_observable", where, least=0),
        pitfalls=_texts(raw, "pitfalls", where),
        outline=_text(raw, "outline", where),
        accessibility=_text(raw, "accessibility_notes", where),
    )
    _whole(kit, dimensions, where)
    return kit


def _whole(kit: Kit, dimensions: Sequence[str], where: str) -> None:
    rungs = [one.rung for one in kit.hints]
    if sorted(rungs, key=list(RUNGS).index if set(rungs) <= set(RUNGS) else None) != rungs or set(
        rungs
    ) != set(RUNGS):
        raise InvalidKit(f"{where}: hints need the rungs nudge, direction and part, in this order")
    for name, used in (
        ("signals", {one.dimension for one in kit.signals}),
        ("follow_ups", {dimension for dimension, _ in kit.follow_ups}),
        ("not_observable", set(kit.not_observable)),
    ):
        if unknown := used - set(dimensions):
            raise InvalidKit(f"{where}: {name} names no dimension of the track: {min(unknown)!r}")
    shown = {one.dimension for one in kit.signals}
    for dimension in dimensions:
        if (dimension in shown) == (dimension in kit.not_observable):
            raise InvalidKit(
                f"{where}: {dimension!r} needs a signal, or stands in not_observable, not both"
            )


def _text(raw: Mapping[str, Any], name: str, where: str) -> str:
    value = raw.get(name) if isinstance(raw, Mapping) else None
    if not isinstance(value, str) or not value.strip():
        raise InvalidKit(f"{where}: {name} is missing")
    return value


def _number(raw: Mapping[str, Any], name: str, where: str, least: int, most: int) -> int:
    value = raw.get(name) if isinstance(raw, Mapping) else None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidKit(f"{where}: {name} is no number from {least} to {most}")
    return value


def _list(raw: Mapping[str, Any], name: str, where: str, least: int = 1) -> list[Any]:
    value = raw.get(name)
    if not isinstance(value, list) or len(value) < least:
        raise InvalidKit(f"{where}: {name} is no list, or an empty one")
    return value


def _texts(raw: Mapping[str, Any], name: str, where: str, least: int = 1) -> tuple[str, ...]:
    found = _list(raw, name, where, least)
    if not all(isinstance(one, str) and one.strip() for one in found):
        raise InvalidKit(f"{where}: {name} holds something that is no text")
    return tuple(found)


def _known(values: tuple[str, ...], known: Iterable[str], where: str, name: str) -> tuple[str, ...]:
    if unknown := set(values) - set(known):
        raise InvalidKit(f"{where}: {name} has {min(unknown)!r}, which mockint does not know")
    return values


# Which one an interview gets


@dataclass(frozen=True, slots=True)
class Stock:
    """One kit of the bank, as the choice sees it."""

    kit_id: int
    key: str
    family: str
    uses: int
    """How often it was shown to a candidate."""
    recent: int
    """The same within `SHARE_WINDOW`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A kit that somebody saw, as candidate or interviewer."""

    key: str
    family: str
    at: datetime


def fitting(
    stock: Sequence[Stock], seen: Sequence[Seen], *, recent: int, now: datetime
) -> list[Stock]:
    """What this candidate can get, the least used first.

    Nothing seen before, no variant of what was seen in the last 180 days, and, while anything else
    is left, nothing that was in more than a fifth of the track's `recent` interviews.
    """
    keys = {one.key for one in seen}
    families = {one.family for one in seen if now - one.at < SIBLING_WAITS}
    found = [one for one in stock if one.key not in keys and one.family not in families]
    if recent >= SHARE_FROM:
        rested = [one for one in found if one.recent <= SHARE_MOST * recent]
        found = rested or found
    return sorted(found, key=lambda one: (one.uses, one.kit_id))


def choose(fit: Sequence[Stock], chance: random.Random) -> Stock | None:
    """By chance among the least used; None when nothing is left."""
    return chance.choice(fit[:LEAST_USED]) if fit else None


def require_move(before: str, after: str) -> None:
    """Refuse a change of state that there is not."""
    if after not in MOVES.get(before, frozenset()):
        raise Conflict(N_("This question is no longer in a state that allows it."))


REVEAL_BEFORE, REVEAL_AFTER = timedelta(minutes=15), timedelta(hours=3)


def may_reveal(start: datetime, end: datetime, now: datetime) -> bool:
    """Around the interview only: earlier it would be no test, later it would be none either."""
    return start - REVEAL_BEFORE <= now <= end + REVEAL_AFTER
