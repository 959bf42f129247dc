"""Somebody steps back (a break, a closed account): each of their future bookings is kept or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from mockint.db import transaction
from mockint.domain import zones
from mockint.domain.errors import N_, Invalid
from mockint.services import availability, booking

LONGEST_BREAK = timedelta(days=366)

Answers = Mapping[int, str]
"""Booking id to "keep" or "cancel"."""


def answers_from(form: Mapping[str, str]) -> Answers:
    """What a form said of each booking, from fields named booking_<id>."""
    return {
        int(name[8:]): value
        for name, value in form.items()
        if name.startswith("booking_") and name[8:].isascii() and name[8:].isdigit()
    }


def settle(
    person_id: int, answers: Answers, *, by: int, side: str | None, reason: str, now: datetime
) -> None:
    """Cancel what was answered with "cancel"; refuse while a booking has no answer.

    `side` is whose cancellation it is; None: the side this person is on. Call it inside the
    transaction of the change that made it necessary.
    """
    for future in booking.futures_of(person_id, now=now, lock=True):
        answer = answers.get(future.id)
        if answer not in ("keep", "cancel"):
            raise Invalid(
                f"booking_{future.id}",
                N_("Say for every booked interview whether it stays or is cancelled."),
            )
        if answer == "cancel":
            booking.cancel(
                booking_id=future.id,
                by=by,
                side=side or future.side_of(person_id) or "organiser",
                reason=reason,
                now=now,
            )


def pause(person_id: int, *, until: date, answers: Answers, reason: str, now: datetime) -> None:
    """No new interviews before the local date `until`; booked ones as answered."""
    with transaction():
        profile = availability.profile(person_id)
        today = zones.local_date(profile.person.zone, now)
        if until <= today:
            raise Invalid("until", N_("Choose a day after today."))
        if until - today > LONGEST_BREAK:
            raise Invalid("until", N_("Choose a day within the next year."))
        settle(person_id, answers, by=person_id, side="interviewer", reason=reason, now=now)
        profile.paused_until = until
        profile.availability_version += 1


def end_pause(person_id: int) -> None:
    """Open the hours again at once."""
    with transaction():
        profile = availability.profile(person_id)
        profile.paused_until = None
        profile.availability_version += 1
