"""Links with which candidates show chosen feedback to somebody without an account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from mockint.domain.account import clean_line
from mockint.domain.errors import N_, Invalid, LimitReached

NAME_MAX = 60
MOST = 20
"""Links of one person at a time."""
LIVES: dict[str, str] = {
    "7": N_("A week"),
    "30": N_("30 days"),
    "90": N_("90 days"),
    "never": N_("Until you end it"),
}
"""Days to words, as the form offers them."""


def clean_name(name: str) -> str:
    """Whom it is for, as the candidate calls it."""
    return clean_line("name", name, NAME_MAX, required=True)


def expiry(life: str, now: datetime) -> datetime | None:
    """When it ends by itself; None: never."""
    if life not in LIVES:
        raise Invalid("life", N_("Choose one of the answers."))
    return None if life == "never" else now + timedelta(days=int(life))


def require_choice(chosen: Collection[int], readable: Collection[int]) -> None:
    """At least one interview, and only those whose feedback the candidate can read."""
    if not chosen:
        raise Invalid("interviews", N_("Choose at least one interview."))
    if set(chosen) - set(readable):
        raise Invalid("interviews", N_("Choose from the list."))


def require_room(count: int) -> None:
    """Refuse one more than anybody can keep an eye on."""
    if count >= MOST:
        raise LimitReached(N_("You have %(most)s links. End one of them first."), most=MOST)


def works(expires_at: datetime | None, now: datetime) -> bool:
    """Whether the link still opens anything."""
    return expires_at is None or now < expires_at
