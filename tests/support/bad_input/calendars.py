"""Forms of interviewers' own calendars, and of clocks that have new rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from mockint.db import db, transaction
from mockint.models import Booking
from tests.support import shelf
from tests.support.bad_input.fields import Bad, Body, Choice, Field, Line
from tests.support.bad_input.forms import Case, Form
from tests.support.world import HOUR, NOW, World

WHOLE = shelf.calendar(shelf.entry(NOW, NOW + HOUR))
BOMB = shelf.calendar(shelf.entry(NOW, NOW + HOUR, more="RRULE:FREQ=MINUTELY\r\n"))


@dataclass(frozen=True)
class Address(Line):
    """The address of a calendar."""

    limit: int = 2000

    def bad(self) -> Iterator[Bad]:
        yield from super().bad()
        for text in (
            "javascript:alert(1)",
            "ftp://calendar.example/a.ics",
            "https://",
            "https://calendar.example:port/a.ics",
            "https://a b.example/a.ics",
            "calendar.example/a.ics",
        ):
            yield text, text


@dataclass(frozen=True)
class Upload(Field):
    """A calendar file."""

    kept: ClassVar[bool] = False

    def bad(self) -> Iterator[Bad]:
        yield "words", "BEGIN:VCALENDAR"
        yield "nothing in it", (b"", "own.ics")
        yield "another kind of file", (b"<html>Sign in</html>", "own.ics")
        yield "broken off", (WHOLE[:-20], "own.ics")
        yield "a bomb", (BOMB, "own.ics")
        yield "U+202E in its name", (WHOLE, "own\u202esci.ics")
        yield "a name of 256 characters", (WHOLE, "x" * 256)


def new_rules(world: World) -> Body:
    """The rules of Berlin were others when the interview was promised."""
    with transaction():
        db.session.get_one(Booking, world.bookings["coming"]).wall_start = "2026-11-25T17:00"
    return {}


FORMS = (
    Form(
        "bookings.promise",
        "interviewer",
        args={"booking_id": "coming"},
        fields={"answer": Choice("keep", required=True)},
        prepare=new_rules,
        stranger="other_interviewer",
        elsewhere={"cancelled": (409,), "owed": (409,), "held": (404,)},
    ),
    Form(
        "owncalendars.add",
        "interviewer",
        fields={
            "url": Address("https://calendar.example/more/secret.ics", required=True),
            "name": Line("Choir", limit=60),
        },
        more=(
            Case(
                "one on the list",
                {"url": "webcal://calendar.example/private/secret.ics"},
                (422,),
            ),
        ),
    ),
    Form(
        "owncalendars.upload",
        "interviewer",
        fields={"file": Upload((WHOLE, "own.ics"), required=True)},
    ),
    Form(
        "owncalendars.look",
        "interviewer",
        args={"calendar_id": "own"},
        stranger="other_interviewer",
    ),
    Form(
        "owncalendars.removal",
        "interviewer",
        args={"calendar_id": "own"},
        stranger="other_interviewer",
    ),
    Form(
        "owncalendars.keep",
        "interviewer",
        args={"booking_id": "coming"},
        stranger="other_interviewer",
    ),
)
