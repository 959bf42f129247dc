"""What hours of interviewers are worth to others, as the nightly count left it.

A price that is missing or old is 0: without prices people are ranked by quality alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from mockint.db import UtcDateTime, db
from mockint.domain.timespan import Span, cells_around
from mockint.models import SlotPrice

FRESH_FOR = timedelta(hours=48)
"""One missed night is no reason to forget them."""
_PRICE = SlotPrice.__table__.c
_SINCE: Any = bindparam("since", type_=UtcDateTime)
_FRESH = select(_PRICE.person_id, func.max(_PRICE.points)).where(_PRICE.made_at > _SINCE)
_BY_PERSON = _FRESH.group_by(_PRICE.person_id)
_AT = _BY_PERSON.where(
    _PRICE.first_cell < bindparam("end"),
    _PRICE.end_cell > bindparam("first"),
    _PRICE.first_cell > bindparam("earliest"),
)
LONGEST_CELLS = 24
"""No slot is longer, so an index on the first cell finds all that reach into a time."""


def at(span: Span, *, now: datetime) -> dict[int, int]:
    """Of each interviewer whose hours at this time have a price, the price in points.

    Of two slots that an interview would touch the dearer one counts, not their sum: most of what
    they cost is the same day or week of the same person.
    """
    cells = cells_around(span)
    asked = {
        "since": now - FRESH_FOR,
        "first": cells.start,
        "end": cells.stop,
        "earliest": cells.start - LONGEST_CELLS,
    }
    rows = db.session.execute(_AT, asked)
    return dict(rows.all())


def of_people(*, now: datetime) -> dict[int, int]:
    """Of each interviewer with a price the highest one, whatever the hour.

    For suggesting a person, who is booked at an hour nobody knows yet: what makes people rare is
    mostly what they cover and how few interviews they take, and that holds at all their hours.
    """
    rows = db.session.execute(_BY_PERSON, {"since": now - FRESH_FOR})
    return dict(rows.all())
