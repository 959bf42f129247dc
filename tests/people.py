"""The cast, named once; they never change character."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Character:
    """Who somebody is before the story starts."""

    name: str
    email: str
    zone: str


SANJANA = Character("Sanjana", "sanjana@people.example", "Asia/Kathmandu")
"""The candidate: mid level, coding and system design, works at Everest Pay."""

JONAS = Character("Jonas", "jonas@people.example", "Europe/Berlin")
"""The interviewer: coding, system design and behavioural up to senior, at Nordlicht."""

ROBIN = Character("Robin", "robin@people.example", "America/St_Johns")
"""The stranger: a candidate with no part in anybody else's interviews."""

AMINA = Character("Amina", "amina@people.example", "Africa/Lagos")
"""The organiser."""
