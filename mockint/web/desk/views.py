"""The organiser's pages: importing this module registers them all."""

from __future__ import annotations

from mockint.web.desk import (
    apart,
    book,
    bookings,
    calibration,
    front,
    mails,
    overdue,
    people,
    settings,
    weights,
)
from mockint.web.desk.blueprint import blueprint

__all__ = [
    "apart",
    "blueprint",
    "book",
    "bookings",
    "calibration",
    "front",
    "mails",
    "overdue",
    "people",
    "settings",
    "weights",
]
