"""Forms of organisers, and of the demo."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Booking, OutboxMessage, Person, PrivateReport
from mockint.queries import community as community_query
from mockint.services import community, withdrawal
from tests.support.bad_input.fields import (
    NO_NUMBERS,
    Bad,
    Body,
    Choice,
    Choices,
    Email,
    Field,
    Line,
    Number,
    Revision,
    Row,
    Text,
)
from tests.support.bad_input.forms import Case, Form
from tests.support.bad_input.interviews import TIME
from tests.support.kits import made_kits
from tests.support.world import NOW, World

BEHIND = {"coming": (409,), "cancelled": (409,), "held": (404,)}
"""Nothing can be settled there."""


def reported(world: World) -> Body:
    """A private report waits for the organiser who is named for it."""
    community.change(
        {"safety_person_id": world.people["organiser"]}, by=world.people["organiser"], now=NOW
    )
    with transaction():
        booking_id = world.bookings["released"]
        db.session.add(PrivateReport(booking_id=booking_id, text="Unkind.", created_at=NOW))
    return {}


def long_over(world: World) -> Body:
    """The interview whose feedback is owed ended four days ago."""
    with transaction():
        booking = db.session.get_one(Booking, world.bookings["owed"])
        booking.end_at -= timedelta(days=4)
        booking.start_at -= timedelta(days=4)
    return {}


def given_up(world: World) -> Body:
    """Its feedback was closed unwritten."""
    long_over(world)
    withdrawal.give_up(world.bookings["owed"], by=world.people["organiser"], now=NOW)
    return {}


def closed(world: World) -> Body:
    """An account that is closed."""
    with transaction():
        db.session.get_one(Person, world.people["other_interviewer"]).active = False
    return {}


def a_mail(world: World) -> Body:
    """A mail about the interview that comes, and one whose link for one use is gone."""
    about = select(OutboxMessage.id).where(OutboxMessage.booking_id == world.bookings["coming"])
    return {"mail": [str(db.session.scalars(about).first())]}


def presents(world: World) -> Body:
    """Nobody changed a setting so far."""
    assert community_query.current().max_upcoming == 2
    return {}


def rows(name: str, **more: Field) -> tuple[Case, ...]:
    """Ticked rows that are none."""
    bad: tuple[Bad, ...] = (*NO_NUMBERS.items(), ("no such row", "999999"), ("none", None))
    return tuple(Case(f"{name}: {label}", {name: value}, (409, 422)) for label, value in bad)


PEOPLE = (
    Form("desk.recalibration", "organiser"),
    Form(
        "desk.decide",
        "organiser",
        args={"person_id": "volunteer"},
        fields={
            "decision": Choice("returned", required=True),
            "note": Text("Which languages?\nWrite one more line.", required=True, limit=1000),
        },
        more=(Case("declined without a word", {"decision": "declined", "note": ""}, (422,)),),
        nobody=("candidate",),
    ),
    Form(
        "desk.organiser",
        "organiser",
        args={"person_id": "other_interviewer"},
        fields={"wanted": Choice("y", required=True)},
    ),
    Form(
        "desk.close",
        "organiser",
        args={"person_id": "interviewer"},
        fields={
            "booking_1": Choice("cancel", required=True),
            "reason": Text("Jonas moved away,\nand we are sorry.", required=True, limit=500),
        },
    ),
    Form("desk.open_again", "organiser", args={"person_id": "other_interviewer"}, prepare=closed),
    Form(
        "desk.keep_apart",
        "organiser",
        args={"person_id": "candidate"},
        fields={
            "name": Line("mara@people", required=True, limit=120),
            "reason": Text("It went badly.\nBoth said so.", required=True, limit=500),
        },
        more=(
            Case("nobody of this name", {"name": "Nobody at all"}, (422,)),
            Case("several, and none chosen", {"name": "people.example"}, (422,)),
            Case("one who does not match", {"name": "people.example", "other": "999"}, (422,)),
        ),
    ),
    Form(
        "desk.allow_again",
        "organiser",
        args={"person_id": "other_candidate", "other_id": "volunteer"},
    ),
    Form("desk.invite", "organiser", fields={"email": Email("zoe@people.example", required=True)}),
)

BOOKINGS = (
    Form(
        "desk.book_for",
        "organiser",
        fields=TIME | {"candidate": Row("4", required=True, answers=(404,))},
        more=(Case("for somebody who practises nothing", {"candidate": "2"}, (404,)),),
    ),
    Form(
        "desk.settle",
        "organiser",
        args={"booking_id": "owed"},
        fields={"verdict": Choice("attended", required=True)},
        elsewhere=BEHIND,
    ),
    Form(
        "desk.close_report",
        "organiser",
        args={"booking_id": "released"},
        prepare=reported,
        elsewhere={"owed": (404,)},
    ),
    Form(
        "desk.withdraw_feedback",
        "organiser",
        args={"booking_id": "released"},
        fields={"reason": Text("Mixed up with another.\nSorry.", required=True, limit=500)},
        elsewhere={"owed": (404, 409), "coming": (404,), "submitted": (409,)},
    ),
    Form(
        "desk.close_feedback",
        "organiser",
        args={"booking_id": "owed"},
        fields={"reason": Text("Jonas is ill.\nGet well.", limit=500)},
        prepare=long_over,
        elsewhere={"coming": (409,), "cancelled": (409,), "released": (409,)},
    ),
    Form(
        "desk.reopen_feedback",
        "organiser",
        args={"booking_id": "owed"},
        prepare=given_up,
        elsewhere={"coming": (404,)},
    ),
    Form(
        "desk.cancel_many",
        "organiser",
        fields={
            "booking": Field("1"),
            "reason": Text("The room is flooded.\nBook again.", limit=500),
        },
        more=(
            *rows("booking"),
            Case("no words", {"reason": " "}, (422,)),
            Case("what is over", {"booking": "3"}, (422,)),
        ),
    ),
    Form("desk.mail_again", "organiser", fields={"mail": Field("")}, prepare=a_mail,
         more=rows("mail")),
)  # fmt: skip

MINUTES = Number("720", required=True, outside=("999999",))
SETTINGS = (
    Form(
        "desk.settings",
        "organiser",
        fields={
            "newest": Revision("0", required=True),
            "name": Line("Our interviews", required=True, limit=60),
            "contact": Email("organisers@people.example"),
            "lengths_min": Choices(["30", "60"], required=True),
            "default_length_min": Number("60", required=True, outside=("45", "10", "1000")),
            "step_min": Number("30", required=True, outside=("7", "0")),
            "minimum_notice_min": MINUTES,
            "horizon_days": Number("35", required=True, outside=("6", "181")),
            "hold_min": Number("10", required=True, outside=("1", "61")),
            "max_upcoming": Number("3", required=True, outside=("0", "21")),
            "cutoff_reschedule_min": MINUTES,
            "cutoff_cancel_min": MINUTES,
            "reminders_min": Choices(["1440", "60"]),
            "feedback_deadline_hours": Number("24", required=True, outside=("0", "169")),
            "feedback_hold_min": Number("60", required=True, outside=("1441",)),
            "rating_window_hours": Number("48", required=True, outside=("0", "337")),
        },
        prepare=presents,
        more=(
            Case("six reminders", {"reminders_min": list("123456")}, (422,)),
            Case("usual length not allowed", {"lengths_min": ["30"]}, (422,)),
        ),
    ),
)

SAFETY = (
    Form(
        "desk.safety_person",
        "organiser",
        fields={"person": Number("3", required=True, outside=("1", "2", "999"))},
    ),
)
BANK = (
    Form(
        "kits.take_in",
        "organiser",
        fields={"kits": Choice(made_kits("our-own-question"), required=True)},
    ),
    Form(
        "kits.state",
        "organiser",
        args={"kit_id": "first"},
        fields={"state": Choice("resting", required=True, answers=(409,))},
    ),
)
WEIGHT = Number("40", required=True, outside=("101",))
WEIGHTS = (
    Form(
        "desk.weights",
        "organiser",
        fields={
            "newest": Revision("0", required=True),
            "weight_target_company": WEIGHT,
            "weight_load": WEIGHT,
            "weight_expertise": WEIGHT,
            "weight_level_fit": WEIGHT,
            "weight_variety": WEIGHT,
            "weight_zone_comfort": WEIGHT,
        },
        more=(
            Case(
                "none counts",
                {
                    f"weight_{part}": "0"
                    for part in (
                        "target_company",
                        "load",
                        "expertise",
                        "level_fit",
                        "variety",
                        "zone_comfort",
                    )
                },
                (422,),
            ),
        ),
    ),
)

DEMO = (
    Form("mailbox.advance", fields={"hours": Choice("6", required=True)}),
    Form("mailbox.look_around", fields={"role": Choice("candidate", required=True)}),
)

FORMS = (*PEOPLE, *BOOKINGS, *SETTINGS, *SAFETY, *BANK, *WEIGHTS, *DEMO)
