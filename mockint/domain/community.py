"""What an organiser may set for the whole community; the defaults are the product's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockint.domain.errors import N_, Invalid

LENGTHS = (30, 45, 60, 90)
"""Interview lengths in minutes an organiser can allow."""
WEIGHTS: Mapping[str, int] = {
    "target_company": 30,
    "load": 35,
    "expertise": 20,
    "level_fit": 25,
    "variety": 10,
    "zone_comfort": 10,
}
"""How much each part of a match's quality counts, as delivered; `domain.matching` explains them."""


@dataclass(frozen=True, slots=True)
class Community:
    """Settings of the one community of an installation; all durations say their unit."""

    name: str = "mockint"
    contact: str = ""
    """E-mail address people can write to; empty until an organiser sets it."""
    lengths_min: tuple[int, ...] = LENGTHS
    default_length_min: int = 60
    step_min: int = 30
    """Distance between two starts offered inside an open block."""
    minimum_notice_min: int = 720
    """At least this long before the start; each interviewer may ask for more."""
    horizon_days: int = 35
    hold_min: int = 10
    max_upcoming: int = 2
    cutoff_cancel_min: int = 720
    cutoff_reschedule_min: int = 720
    reminders_min: tuple[int, ...] = (1440, 60)
    """Minutes before the start."""
    feedback_deadline_hours: int = 24
    feedback_hold_min: int = 60
    rating_window_hours: int = 48
    safety_person_id: int = 0
    """The organiser who alone reads private reports; 0 until one is named."""
    weight_target_company: int = WEIGHTS["target_company"]
    weight_load: int = WEIGHTS["load"]
    weight_expertise: int = WEIGHTS["expertise"]
    weight_level_fit: int = WEIGHTS["level_fit"]
    weight_variety: int = WEIGHTS["variety"]
    weight_zone_comfort: int = WEIGHTS["zone_comfort"]

    @property
    def weights(self) -> dict[str, int]:
        """How much each part of a match's quality counts."""
        return {name: getattr(self, weight_of(name)) for name in WEIGHTS}


def weight_of(part: str) -> str:
    """The setting that holds the weight of a part."""
    return f"weight_{part}"


RANGES: Mapping[str, tuple[int, int]] = {
    "minimum_notice_min": (0, 14 * 1440),
    "horizon_days": (7, 180),
    "hold_min": (2, 60),
    "max_upcoming": (1, 20),
    "cutoff_cancel_min": (0, 7 * 1440),
    "cutoff_reschedule_min": (0, 7 * 1440),
    "feedback_deadline_hours": (1, 7 * 24),
    "feedback_hold_min": (0, 24 * 60),
    "rating_window_hours": (1, 14 * 24),
    **{weight_of(part): (0, 100) for part in WEIGHTS},
}
STEPS = (15, 30, 45, 60)
MOST_REMINDERS = 5
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def checked(present: Community, values: Mapping[str, Any]) -> Community:
    """`present` with `values` set; raises `Invalid` naming the first field that cannot be used."""
    after = replace(present, **values)
    if not 1 <= len(after.name.strip()) <= 60:
        raise Invalid("name", N_("Give the community a name of at most 60 characters."))
    if after.contact and not (len(after.contact) <= 254 and ADDRESS.fullmatch(after.contact)):
        raise Invalid("contact", N_("Write an e-mail address, like organisers@example.org."))
    if not after.lengths_min or not set(after.lengths_min) <= set(LENGTHS):
        raise Invalid("lengths_min", N_("Allow at least one length: 30, 45, 60 or 90 minutes."))
    if after.default_length_min not in after.lengths_min:
        raise Invalid("default_length_min", N_("The usual length must be one that is allowed."))
    if after.step_min not in STEPS:
        raise Invalid("step_min", N_("Starts lie 15, 30, 45 or 60 minutes apart."))
    for name, (least, most) in RANGES.items():
        if not least <= getattr(after, name) <= most:
            raise Invalid(
                name, N_("Choose a number from %(least)s to %(most)s."), least=least, most=most
            )
    if not any(after.weights.values()):
        raise Invalid(weight_of("load"), N_("Let at least one of them count: choose 1 or more."))
    return replace(
        after,
        name=after.name.strip(),
        lengths_min=tuple(sorted(set(after.lengths_min))),
        reminders_min=_reminders(after.reminders_min),
    )


def _reminders(minutes: Iterable[int]) -> tuple[int, ...]:
    """Longest before the start first, each once."""
    cleaned = tuple(sorted(set(minutes), reverse=True))
    if len(cleaned) > MOST_REMINDERS or any(not 5 <= each <= 7 * 1440 for each in cleaned):
        raise Invalid(
            "reminders_min",
            N_("At most five reminders, from 5 minutes to 7 days before the start."),
        )
    return cleaned
