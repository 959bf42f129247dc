"""The blueprint the modules of this folder hang their views on, and what they all ask."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint
from flask_login import current_user

from mockint.domain import zones
from mockint.queries import community as community_query
from mockint.web import presenters
from mockint.web.typed import whole

blueprint = Blueprint("desk", __name__, url_prefix="/desk")


def today() -> tuple[datetime, datetime]:
    """The organiser's local day as two instants."""
    zone = current_user.zone
    day = zones.local_date(zone, presenters.now())
    return zones.first_instant(zone, day), zones.first_instant(zone, day + timedelta(days=1))


def deadline() -> timedelta:
    """How long after the end feedback is owed without being late."""
    return timedelta(hours=community_query.current().feedback_deadline_hours)


def ticked(values: list[str], most: int) -> list[int]:
    """The numbers of ticked rows, each once."""
    found = (whole(value) for value in dict.fromkeys(values))
    return [one for one in found if one is not None][:most]
