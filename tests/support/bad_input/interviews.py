"""Forms of candidates and interviewers: finding a time, booking, hours, feedback, progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Booking, Feedback, Person
from mockint.services import feedback
from tests import factories
from tests.support.bad_input.fields import (
    DIGITS,
    Aside,
    Body,
    Choice,
    Choices,
    Day,
    Field,
    Flag,
    Instant,
    Line,
    Number,
    Revision,
    Row,
    Text,
)
from tests.support.bad_input.forms import Case, Form
from tests.support.world import NOW, World

STARTED = {"owed": (409,), "held": (404,)}
"""What can neither be moved nor cancelled."""
WISH: dict[str, Field] = {
    "track": Choice("coding", required=True),
    "level": Choice("mid", required=True),
    "length": Number("60", required=True, outside=("0", "15", "59", "999")),
}
TIME: dict[str, Field] = WISH | {
    "start": Instant("2026-11-26T10:00Z", required=True),
    "who": Row("", answers=(404, 409, 422)),
    "again": Flag(None),
    "key": Choice("0a1b"),
}


def held(fields: dict[str, Field]) -> dict[str, Field]:
    """The fields of a hold's own form: another time than the held one is a conflict."""
    return {name: replace(one, answers=(409, 422)) for name, one in fields.items()}


BOOKING = (
    Form("slots.ask", "candidate", fields=WISH),
    Form("slots.withdraw", "candidate", args={"request_id": "first"}, stranger="other_candidate"),
    Form(
        "bookings.hold",
        "candidate",
        fields=TIME | {"start": Instant("2026-11-26T14:00Z", required=True)},
        more=(Case("who: somebody who is no interviewer", {"who": "1"}, (409, 422)),),
    ),
    Form(
        "bookings.confirmation",
        "candidate",
        args={"booking_id": "held"},
        fields=held(TIME | {"start": Instant("2026-11-27T15:00Z", required=True)}),
        stranger="other_candidate",
        elsewhere={"cancelled": (409,)},
        gone=None,  # where a hold is gone, its time is asked for anew
    ),
    Form(
        "bookings.extension",
        "candidate",
        args={"booking_id": "held"},
        stranger="other_candidate",
        prepare=lambda world: later(world, minutes=5),
    ),
    Form(
        "bookings.release",
        "candidate",
        args={"booking_id": "held"},
        fields={"track": Aside("coding"), "length": Aside("60"), "day": Aside("2026-11-26")},
        stranger="other_candidate",
        gone=303,  # a hold that is gone needs no giving up
        elsewhere={"coming": (409,)},
    ),
    Form(
        "bookings.reschedule",
        "candidate",
        args={"booking_id": "coming"},
        fields={"start": Instant("2026-11-27T10:00Z", required=True), "sure": Flag("y")},
        stranger="other_candidate",
        elsewhere=STARTED | {"cancelled": (409,)},
    ),
    Form(
        "bookings.reschedule",
        "interviewer",
        name="asked first",
        args={"booking_id": "coming"},
        fields={"start": Instant("2026-11-27T10:00Z", required=True)},
        stranger="other_interviewer",
        elsewhere=STARTED | {"cancelled": (409,)},
        changes=False,
    ),
    Form(
        "bookings.cancellation",
        "candidate",
        args={"booking_id": "coming"},
        fields={"reason": Text("I am ill,\nand sorry.", required=True, limit=500)},
        stranger="other_candidate",
        elsewhere=STARTED,
    ),
)


def later(world: World, *, minutes: int) -> Body:
    """The hold was made a while ago."""
    from mockint.models import Booking

    held = db.session.get_one(Booking, world.bookings["held"])
    held.held_until = NOW + timedelta(minutes=minutes)
    db.session.commit()
    return {}


def _blocks(label: str, starts: list[str], ends: list[str], *, day: str = "mon_") -> Case:
    return Case(label, {f"{day}start": starts, f"{day}end": ends}, (422,))


def _bad_blocks(day: str = "mon_") -> tuple[Case, ...]:
    """Blocks that nobody can mean."""
    return tuple(
        _blocks(label, starts, ends, day=day)
        for label, starts, ends in (
            ("end before start", ["12:00"], ["09:00"]),
            ("end at the start", ["12:00"], ["12:00"]),
            ("one of two ends before it starts", ["09:00", "15:00"], ["10:00", "14:00"]),
            ("off the grid", ["09:07"], ["12:00"]),
            ("one of two off the grid", ["09:00", "13:07"], ["12:00", "14:00"]),
            ("no time of day", ["09:00"], ["25:00"]),
            ("a word", ["nine"], ["twelve"]),
            ("NUL", ["09:00\0"], ["12:00"]),
            ("huge", ["9" * 100_000], ["12:00"]),
            ("a start without an end", ["09:00", "13:00"], ["12:00"]),
            ("an end without a start", ["09:00"], ["12:00", "13:00"]),
            ("nine blocks", [f"{hour:02}:00" for hour in range(9)],
             [f"{hour:02}:30" for hour in range(9)]),
        )
    )  # fmt: skip


DATES: dict[str, Field] = {
    "first_on": Day("2026-12-28", required=True, outside=("0001-01-01",)),
    "last_on": Day(
        "2026-12-30",
        required=True,
        outside=("2026-12-27", "2026-11-20", "2028-12-30", "9999-12-31"),
    ),
    "kind": Choice("hours", required=True),
    "start": Field(["09:00", "13:00"]),
    "end": Field(["12:00", "15:00"]),
}
OVER = Case("dates that are over", {"first_on": "2026-11-20", "last_on": "2026-11-22"}, (422,))
NO_HOURS = Case("hours, but none", {"start": None, "end": None}, (422,))
OPS = ("remove:²", f"remove:{DIGITS}", "remove:-1", "add:nowhere", "x" * 100_000)
"""Buttons that are not on the page redraw it at most."""
LIMIT = Number("", required=True, outside=("7", "99", "1000000"))

HOURS = (
    Form(
        "hours.hours",
        "interviewer",
        fields={
            "mon_on": Flag("y"),
            "mon_start": Field(["09:00", "13:00"]),
            "mon_end": Field(["12:00", "15:00"]),
            "buffer_min": replace(LIMIT, value="15"),
            "notice_min": replace(LIMIT, value="1440"),
            "per_day": replace(LIMIT, value="3"),
            "per_week": replace(LIMIT, value="5"),
        },
        more=(
            *_bad_blocks(),
            *(Case(f"op: {op[:20]}", {"op": op}, (200, 422)) for op in OPS),
            Case("op: remove a huge row", {"op": f"remove:mon:{DIGITS}"}, (200, 422)),
        ),
    ),
    Form(
        "hours.add_date",
        "interviewer",
        fields=DATES,
        more=(
            OVER,
            NO_HOURS,
            *_bad_blocks(""),
            *(Case(f"op: {op[:20]}", {"op": op, "last_on": ""}, (200, 422)) for op in OPS),
        ),
    ),
    Form(
        "hours.date_",
        "interviewer",
        args={"exception_id": "first"},
        fields=DATES,
        stranger="other_interviewer",
        more=(OVER, NO_HOURS, *_bad_blocks("")),
    ),
    Form(
        "hours.date_",
        "interviewer",
        name="forget",
        args={"exception_id": "first"},
        fields={"op": Field("forget")},
        stranger="other_interviewer",
    ),
    Form(
        "hours.pause",
        "interviewer",
        fields={
            "until": Day(
                "2026-12-14", required=True, outside=("2026-11-23", "2026-11-01", "2028-01-01")
            ),
            "booking_1": Choice("cancel", required=True),
            "reason": Text("I am away\nuntil mid December.", required=True, limit=500),
        },
    ),
)


def revision(name: str) -> Callable[[World], Body]:
    """The present revision of the feedback on this booking."""

    def prepare(world: World) -> Body:
        found = db.session.scalar(
            select(Feedback).where(Feedback.booking_id == world.bookings[name])
        )
        assert found is not None
        return {"revision": str(found.revision)}

    return prepare


def reopened(world: World) -> Body:
    """Complete feedback, open again."""
    feedback.reopen(world.bookings["submitted"], author_id=world.people["interviewer"], now=NOW)
    return revision("submitted")(world)


def unwritten(world: World) -> Body:
    """An interview that is just over, without a word about it."""
    pair = (db.session.get_one(Person, world.people[who]) for who in ("candidate", "interviewer"))
    start = NOW.replace(minute=0) - timedelta(hours=2)
    world.bookings["unwritten"] = factories.booking(*pair, start=start, now=start).id
    return {}


def readable(world: World) -> Body:
    """The interview whose feedback its candidate can read."""
    return {"interviews": [str(world.bookings["released"])]}


EVIDENCE = Text("She asked for the size of the input first.", limit=4000)
POINT = Choice("3")
STALE = Revision("", required=True)
ITEM: dict[str, Field] = {
    "items-0-focus": Choice("approach"),
    "items-0-gap": Text("The examples came late.", limit=1000),
    "items-0-aim": Text("Say two examples first.", limit=1000),
    "items-0-exercise": Text("Two examples before each of ten problems.", limit=1000),
    "items-0-amount": Line("Daily until Sunday", limit=200),
    "items-0-check": Text("A friend can say the task back.", limit=1000),
    "items-0-resource": Line("The book on the desk", limit=500),
}


def _step(step: str, fields: dict[str, Field], **more: object) -> Form:
    shape = {"args": {"booking_id": "owed"}, "prepare": revision("owed")} | more
    return Form(
        "feedback.form",
        "interviewer",
        name=step,
        query=f"?step={step}",
        fields={"revision": STALE, "go": Field("save")} | fields,
        stranger="other_interviewer",
        elsewhere={"coming": (409,), "cancelled": (409,), "absent": (409,), "held": (404,)},
        empty=(303,),  # what is not sent stays as it is
        **shape,  # type: ignore[arg-type]  # fields of Form
    )


REOPENED = {"args": {"booking_id": "submitted"}, "prepare": reopened}
FEEDBACK = (
    _step("approach", {"evidence": EVIDENCE, "score": POINT}),
    _step(
        "summary",
        {
            "summary": Text("A clear conversation.\nEdge cases came late.", limit=4000),
            "strengths-0": Line("You explained every choice.", limit=300),
            "organiser_note": Text("Nothing to add here.", limit=4000),
        },
    ),
    _step("practice", ITEM),
    _step(
        "overall",
        {"recommendation": Choice("4"), "reason": Text("The last part was strong.", limit=1000)},
        **REOPENED,
    ),
    _step("review", {"go": Field("submit")}, **REOPENED),
    Form(
        "feedback.autosave",
        "interviewer",
        args={"booking_id": "unwritten"},
        query="?step=approach",
        fields={
            "evidence": EVIDENCE,
            "score": POINT,
            "revision": Revision("0"),
            "rubric": Row("1", answers=(409,)),
        },
        prepare=unwritten,
        stranger="other_interviewer",
        elsewhere={"coming": (409,), "held": (404,)},
        success=200,
        keeps=False,
    ),
    Form(
        "interviews.notes",
        "interviewer",
        args={"booking_id": "owed"},
        fields={
            "note-framing": Text("Asked three questions.\nThen wrote.", limit=4000),
            "note-approach": Text("Named the cost.", limit=4000),
            "revision": STALE,
        },
        prepare=revision("owed"),
        empty=(303,),
        stranger="other_interviewer",
        elsewhere={"coming": (409,), "submitted": (409,), "held": (404,)},
    ),
    Form(
        "interviews.attendance",
        "candidate",
        args={"booking_id": "owed"},
        fields={"report": Choice("attended", required=True)},
        stranger="other_candidate",
        elsewhere={"coming": (409,), "cancelled": (409,), "released": (409,), "held": (404,)},
    ),
    Form(
        "interviews.give",
        "candidate",
        args={"booking_id": "coming"},
        fields={"answer": Choice("ACCEPTED", required=True)},
        stranger="other_candidate",
        elsewhere={"owed": (409,), "cancelled": (409,), "held": (404,)},
    ),
    Form("interviews.confirm_answer", args={"token": "answer"}),
    Form(
        "feedback.acknowledgement",
        "candidate",
        args={"booking_id": "released"},
        fields={"usefulness": Number("4", outside=("0", "5"))},
        stranger="other_candidate",
        elsewhere={"submitted": (404,), "owed": (404,), "coming": (404,)},
    ),
    Form(
        "feedback.reopening",
        "interviewer",
        args={"booking_id": "submitted"},
        stranger="other_interviewer",
        elsewhere={"released": (409,), "coming": (404,)},
    ),
    Form(
        "feedback.addendum",
        "interviewer",
        args={"booking_id": "released"},
        fields={
            "text": Text("Minute 30: the cache.\nOne more book.", required=True, limit=2000),
            "sure": Aside(None),
        },
        stranger="other_interviewer",
        elsewhere={"owed": (404, 409), "submitted": (409,), "coming": (404,)},
    ),
    Form(
        "feedback.rating",
        "candidate",
        args={"booking_id": "owed"},
        fields={
            **dict.fromkeys(("clarity", "realism", "help"), Choice("3", required=True)),
            "respect": Choice("1", required=True),
            "comment": Text("Thank you\nfor the hint.", limit=1000),
            "report": Text("He laughed at me.\nTwice.", limit=2000),
        },
        stranger="other_candidate",
        elsewhere={"coming": (409,), "cancelled": (409,), "absent": (409,), "held": (404,)},
    ),
    Form(
        "progress.practice",
        "candidate",
        args={"item_id": "first"},
        fields={
            "done": Choice("yes", required=True),
            "back": Aside(None),
            "booking": Aside(None),
            "of": Aside(None),
        },
        stranger="other_candidate",
    ),
    Form(
        "progress.self_assessment",
        "candidate",
        args={"booking_id": "owed"},
        fields={"framing": Choice("3"), "approach": Choice("skip"), "verification": Choice("1")},
        stranger="other_candidate",
        elsewhere={
            "coming": (409,),
            "cancelled": (409,),
            "absent": (409,),
            "released": (409,),
            "held": (404,),
        },
        empty=(422,),
    ),
    Form(
        "progress.shares",
        "candidate",
        fields={
            "name": Line("Asha, my mentor", required=True, limit=60),
            "life": Choice("30", required=True),
            "interviews": Choices([], required=True),
        },
        prepare=readable,
    ),
    Form("progress.practice_sharing", "candidate", fields={"shown": Choice("no", required=True)}),
    Form("progress.end_share", "candidate", args={"share_id": "first"}, stranger="other_candidate"),
    Form("progress.shared", args={"token": "shared"}),
)


def running(world: World) -> Body:
    """The coming interview has begun."""
    with transaction():
        booking = db.session.get_one(Booking, world.bookings["coming"])
        booking.start_at, booking.end_at = NOW - timedelta(minutes=5), NOW + timedelta(minutes=55)
    return {}


QUESTIONS = (
    Form(
        "kits.choice",
        "interviewer",
        args={"booking_id": "coming"},
        fields={"kit": Row("", answers=(404, 409))},
        stranger="other_interviewer",
        elsewhere={"cancelled": (409,), "released": (409,), "owed": (409,), "held": (404,)},
    ),
    Form(
        "kits.reveal",
        "interviewer",
        args={"booking_id": "coming"},
        prepare=running,
        stranger="other_interviewer",
        elsewhere={"cancelled": (409,), "owed": (409,), "held": (404,)},
    ),
    Form(
        "kits.flag",
        "interviewer",
        args={"booking_id": "released"},
        fields={"note": Line("It is on a page of puzzles.", limit=500)},
        stranger="other_interviewer",
        elsewhere={"coming": (409,), "cancelled": (409,), "owed": (409,), "held": (404,)},
        keeps=False,
        empty=(303,),
    ),
)
FORMS = (*BOOKING, *HOURS, *FEEDBACK, *QUESTIONS)
