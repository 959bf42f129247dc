"""Roles, the states of a volunteer's application, and how long a one-time link lives."""

from __future__ import annotations

from datetime import timedelta

ROLES = ("candidate", "interviewer", "organiser")

APPLICATION_STATES = ("invited", "applied", "returned", "approved", "declined", "withdrawn")
APPLICATION_MOVES: dict[str, frozenset[str]] = {
    "invited": frozenset({"applied"}),
    "applied": frozenset({"approved", "returned", "declined", "withdrawn"}),
    "returned": frozenset({"applied", "declined", "withdrawn"}),
    "approved": frozenset({"withdrawn"}),
    "declined": frozenset({"applied"}),
    "withdrawn": frozenset({"applied"}),
}
"""From a state to the states it may legally become."""

LINK_LIFE = {
    "confirm": timedelta(hours=24),
    "login": timedelta(minutes=10),
    "reset": timedelta(minutes=30),
    "email": timedelta(hours=24),
    "invite": timedelta(days=7),
}
"""Kinds of one-time links and how long each works (OWASP ASVS 5.0, 6.5.5)."""
