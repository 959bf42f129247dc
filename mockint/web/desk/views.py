"""The organiser's pages: importing this module registers them all."""

from __future__ import annotations

from mockint.web.desk import book, bookings, front, mails, people, settings
from mockint.web.desk.blueprint import blueprint

__all__ = ["blueprint", "book", "bookings", "front", "mails", "people", "settings"]
