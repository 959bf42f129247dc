"""The form of a candidate whose interviewer cannot come."""

from __future__ import annotations

from mockint.services import answer
from tests.support.bad_input.fields import Body, Instant, Row
from tests.support.bad_input.forms import Form
from tests.support.world import NOW, World


def declined(world: World) -> Body:
    """The interviewer of the interview ahead cannot come."""
    jonas = world.people["interviewer"]
    answer.give(world.bookings["coming"], by=jonas, partstat="DECLINED", now=NOW)
    return {}


FORMS = (
    Form(
        "interviews.instead",
        "candidate",
        args={"booking_id": "coming"},
        fields={
            "start": Instant("2026-11-26T10:00Z", required=True),
            "who": Row("", answers=(409, 422)),
        },
        prepare=declined,
        stranger="other_candidate",
        elsewhere={"owed": (409,), "cancelled": (409,), "held": (404,)},
    ),
)
