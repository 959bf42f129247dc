"""What an organiser may set for the whole community; the defaults are the product's."""

from __future__ import annotations

from dataclasses import dataclass

LENGTHS = (30, 45, 60, 90)
"""Interview lengths in minutes an organiser can allow."""


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
    """Default for a new interviewer; each may ask for more."""
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
    jitsi_url: str = ""
    """Base URL for "make one for me"; empty switches the offer off."""
