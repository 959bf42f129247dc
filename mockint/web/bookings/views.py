"""Hold, confirm, move and cancel; the booked page and its calendar object."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("bookings", __name__)
