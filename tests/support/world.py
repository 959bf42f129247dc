"""A small community in which every kind of thing exists, so that every route has something to show.

Built through the services wherever one exists; the clock must stand at `NOW`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from mockint.adapters import links as signed
from mockint.db import db, transaction
from mockint.domain import timespan
from mockint.domain.feedback import Practice, Seen, SeenPart
from mockint.models import (
    AvailabilityException,
    Booking,
    BusyCalendar,
    BusyQuestion,
    BusyTime,
    CalibrationJob,
    CalibrationRun,
    CandidateLevel,
    KeptMail,
    OutboxMessage,
    Person,
    PracticeItem,
    ProgressShare,
    QuestionKit,
    RaterTendency,
    SlotRequest,
)
from mockint.queries import community as community_query
from mockint.queries import rubric as rubric_query
from mockint.services import (
    availability,
    blocked,
    calibration,
    feed,
    feedback,
    interview,
    invitation,
    kits,
    links,
    matching,
    owed,
    relay,
    replies,
    rubric,
    self_assessment,
    shares,
    upkeep,
    volunteer,
)
from mockint.settings import Settings
from tests import factories, people
from tests.support import rounds
from tests.support.replies import Said, gmail

NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
"""A Monday; 15:10 in Berlin, 19:55 in Kathmandu."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MARA = people.Character("Mara", "mara@people.example", "America/Sao_Paulo")
OLU = people.Character("Olu", "olu@people.example", "Africa/Lagos")
EVIDENCE = "She said what she would do next, did it, and checked the result against the example."
PAGES = {
    "confirm": "accounts.confirm",
    "login": "accounts.login_with_link",
    "reset": "accounts.reset",
    "email": "accounts.change_email",
    "invite": "accounts.invited",
    "answer": "interviews.confirm_answer",
}
"""Kind of one-time link to the endpoint that takes its token."""


@dataclass
class World:
    """Ids of what exists, and which addresses lead to it."""

    people: dict[str, int]
    """candidate, interviewer, organiser, other_candidate, other_interviewer, volunteer."""
    bookings: dict[str, int]
    """held, coming, cancelled, owed, submitted, released, absent: all of one pair."""
    tokens: dict[str, str]
    """Endpoint to a token that works there."""
    rounds: dict[str, int] = field(default_factory=dict)
    """draft, open, solved, published; see `tests.support.rounds`."""
    ids: dict[str, list[int]] = field(default_factory=dict)
    """Name of a route's argument to the ids that exist."""

    def values(self, endpoint: str, argument: str) -> list[object]:
        """What may stand in the address for this argument of a route."""
        if argument == "token":
            return [self.tokens[endpoint]]
        return list(self.ids[argument])


def build(app: Flask, settings: Settings) -> World:
    """Fill the app's empty database."""
    with app.app_context():
        rubric.publish_default(now=NOW - 30 * DAY)
        cast = _cast()
        bookings = _bookings(cast)
        _feedback(bookings)
        _around(cast)
        _own_calendar(bookings["coming"])
        held = rounds.build(cast, now=NOW)
        tokens = _tokens(cast, bookings, settings)
        relay.sweep(now=NOW, transport=relay.local_transport())
        relay.beat("scheduler", now=NOW)
        upkeep.run(now=NOW)
        _calibration(cast)
        _kits(bookings)
        world = World(
            people={name: person.id for name, person in cast.items()},
            bookings={name: booking.id for name, booking in bookings.items()},
            tokens=tokens,
            rounds=held,
        )
        world.ids = {
            "booking_id": list(world.bookings.values()),
            "person_id": list(world.people.values()),
            "round_id": list(world.rounds.values()),
            "other_id": [world.people["volunteer"]],
        }
        for argument, model in (
            ("calendar_id", BusyCalendar),
            ("exception_id", AvailabilityException),
            ("item_id", PracticeItem),
            ("kit_id", QuestionKit),
            ("mail_id", KeptMail),
            ("message_id", OutboxMessage),
            ("request_id", SlotRequest),
            ("share_id", ProgressShare),
        ):
            found = db.session.scalars(select(model.id).order_by(model.id).limit(3)).all()
            assert found, f"the world has no {model.__name__}"
            world.ids[argument] = list(found)
        db.session.remove()
    return world


def _cast() -> dict[str, Person]:
    before = NOW - 40 * DAY
    cast = {
        "candidate": factories.candidate(companies=("Nordlicht", "Lumen Labs"), now=before),
        "interviewer": factories.interviewer(now=before),
        "organiser": factories.organiser(now=before),
        "other_candidate": factories.stranger(now=before),
        "other_interviewer": factories.interviewer(MARA, company="Ondas", now=before),
        "volunteer": factories.interviewer(OLU, state="applied", now=before),
    }
    return cast


def _bookings(cast: dict[str, Person]) -> dict[str, Booking]:
    at = NOW.replace(minute=0) + HOUR
    pair = (cast["candidate"], cast["interviewer"])
    made = {
        name: factories.booking(*pair, start=at + when, state=state, now=NOW - 10 * DAY)
        for name, when, state in (
            ("coming", 2 * DAY, "confirmed"),
            ("cancelled", 3 * DAY, "cancelled"),
            ("owed", -DAY, "confirmed"),
            ("submitted", -DAY - 3 * HOUR, "confirmed"),
            ("absent", -2 * DAY, "confirmed"),
            ("released", -5 * DAY, "confirmed"),
        )
    }
    made["held"] = factories.booking(*pair, start=at + 4 * DAY, state="held", now=NOW)
    community = community_query.current()
    with transaction():
        for name, booking in made.items():
            if name != "held":
                owed.invitation(booking, community=community, now=NOW - 10 * DAY)
        cancelled = db.session.get_one(Booking, made["cancelled"].id)
        cancelled.sequence += 1
        owed.cancellation(cancelled, by_side="candidate", now=NOW - DAY)
    return made


def _feedback(bookings: dict[str, Booking]) -> None:
    author = bookings["owed"].interviewer_id
    track = rubric_query.current().tracks["coding"]
    scores = {
        one.key: Seen(f"{one.name}: {EVIDENCE}", score=2 + number % 2)
        for number, one in enumerate(track.dimensions)
    }
    first = track.dimensions[0].key
    practice = Practice(
        focus=first,
        gap="You began to write before the examples were clear.",
        aim="Say two examples aloud first.",
        exercise="Restate the task and two examples before each problem.",
        amount="Five problems",
        check="A friend can say the task back to you.",
    )
    for name, when in (("released", -5 * DAY + 3 * HOUR), ("submitted", -HOUR / 2)):
        feedback.write(
            bookings[name].id,
            author_id=author,
            scores=scores,
            recommendation=3,
            summary="A clear conversation with a working solution in time. Edge cases came late, "
            "when the examples were gone; ask for them before you write the first line. "
            "With that habit you would have finished with ten minutes left for the follow-up.",
            strengths=(
                "You explained every choice before you made it.",
                "You tested your code on the example.",
            ),
            practice=[practice],
            now=NOW + when,
        )
    feedback.save(
        bookings["owed"].id,
        author_id=author,
        part=SeenPart(first, Seen(EVIDENCE, score=3)),
        revision=0,
        now=NOW - HOUR,
    )
    interview.report(bookings["absent"].id, by=author, report="absent", now=NOW - DAY)
    for name, score in (("released", 3), ("submitted", 2)):
        own = {first: score}
        by = bookings[name].candidate_id
        self_assessment.say(bookings[name].id, by=by, scores=own, now=bookings[name].end_at)
    feedback.release_due(now=NOW - DAY)


def _calibration(cast: dict[str, Person]) -> None:
    """What was said of Jonas and Sanjana, and that the last try failed."""
    with transaction():
        run = CalibrationRun(
            track="coding",
            model_version="1",
            data_hash="0" * 64,
            made_at=NOW - DAY,
            seconds=0.5,
            feedbacks=40,
            candidates=12,
            raters=4,
            fitted=True,
            components=2,
            mixed_gap=0.4,
            spread={"ability": 1.1},
            agreement={
                "framing@1": {
                    "interviews": 6, "alpha": 0.5, "low": 0.2, "high": 0.8,
                    "kappa": 0.4, "exact": 0.5, "within_one": 1.0,
                }
            },
        )  # fmt: skip
        db.session.add(run)
        db.session.flush()
        db.session.add(
            RaterTendency(
                run_id=run.id,
                person_id=cast["interviewer"].id,
                feedbacks=9,
                severity=0.8,
                points=0.3,
                points_low=0.1,
                points_high=0.5,
                drift=0.9,
                drift_z=2.5,
                halo=3.5,
                middle=0.1,
                infit=1.7,
            )
        )
        said = [2.9, 2.5, 3.3]
        db.session.add(
            CandidateLevel(
                run_id=run.id,
                person_id=cast["candidate"].id,
                level="mid",
                estimate={
                    "overall": said,
                    "dimensions": {"framing@1": said},
                    "visits": [["1", said, {"framing@1": said}]],
                    "interviews": 1,
                    "raters": 1,
                    "fitted": True,
                    "component": 0,
                },
            )
        )
        job = db.session.get_one(CalibrationJob, 1)
        job.asked_at, job.trouble = None, calibration.FAILED


def _kits(bookings: dict[str, Booking]) -> None:
    """A question that waits for its interview, one that was shown, and one of an organiser."""
    kits.publish_builtin(now=NOW - 30 * DAY)
    chance = random.Random(1)
    for name in ("coming", "released"):
        booking = bookings[name]
        by, start = booking.interviewer_id, booking.start_at
        kits.choose(booking.id, by=by, now=start - HOUR, chance=chance)
    kits.reveal(bookings["released"].id, by=by, now=bookings["released"].start_at)
    kits.flag(bookings["released"].id, "seen", by=by, now=NOW)


def _around(cast: dict[str, Person]) -> None:
    """Dates that differ, somebody who waits for a time, two who are kept apart."""
    availability.save_exception(
        cast["interviewer"].id,
        first_on=date(2026, 12, 24),
        last_on=date(2026, 12, 27),
        blocks=(),
        today=date(2026, 11, 23),
    )
    matching.ask(cast["candidate"].id, track="testing", level="mid", duration_min=60, now=NOW - DAY)
    blocked.keep_apart(
        cast["other_candidate"].id,
        cast["volunteer"].id,
        reason="They were colleagues, and parted badly.",
        by=cast["organiser"].id,
        now=NOW - DAY,
    )


def _unproven_answer(booking: Booking) -> None:
    """Sanjana's calendar answered, and no mail server vouched for it."""
    with transaction():
        told = invitation.ensure(booking, "candidate")
    said = Said(
        uid=booking.uid,
        organizer=told.organizer,
        attendee=told.attendee,
        start=booking.start_at,
        end=booking.end_at,
        stamp=NOW - HOUR,
        trace="",
    )
    assert replies.ingest(gmail(said), now=NOW).outcome == "held"


def _own_calendar(clashing: Booking) -> None:
    """Jonas's own calendar is busy during one of his interviews, and cannot be read any more."""
    cells = timespan.cells(clashing.start_at, clashing.end_at)
    with transaction():
        calendar = BusyCalendar(
            person_id=clashing.interviewer_id,
            kind="url",
            name="Work",
            url="https://calendar.example/private/secret.ics",
            added_at=NOW - 30 * DAY,
            tried_at=NOW - HOUR / 6,
            read_at=NOW - 50 * HOUR,
            failing_since=NOW - 49 * HOUR,
            trouble="There is no calendar at this address.",
            next_look_at=NOW,
        )
        db.session.add(calendar)
        db.session.flush()
        stretch = BusyTime(calendar_id=calendar.id, first_cell=cells.start, end_cell=cells.stop)
        question = BusyQuestion(
            booking_id=clashing.id, start_at=clashing.start_at, asked_at=NOW - 60 * HOUR
        )
        db.session.add_all([stretch, question])


def _tokens(
    cast: dict[str, Person], bookings: dict[str, Booking], settings: Settings
) -> dict[str, str]:
    candidate = cast["candidate"]
    with transaction():
        for kind in ("confirm", "login", "reset"):
            links.send(kind, email=candidate.email, person_id=candidate.id, now=NOW)
        links.send("email", email="new@people.example", person_id=candidate.id, now=NOW)
    _unproven_answer(bookings["coming"])
    volunteer.invite(email="guest@people.example", by=cast["organiser"].id, now=NOW)
    found = {}
    for kind, (mail, page) in links.MAILS.items():
        payload = db.session.scalar(select(OutboxMessage.payload).where(OutboxMessage.kind == mail))
        assert payload is not None
        found[PAGES[kind]] = str(payload["link"]).removeprefix(page).partition("?")[0]
    share = shares.make(
        candidate.id,
        name="Asha, my mentor",
        interviews=[bookings["released"].id],
        life="30",
        now=NOW - HOUR,
    )
    shown_at = shares.address(share)
    assert shown_at is not None
    found["progress.shared"] = shown_at.rpartition("/")[2]
    shares.show_practice(candidate.id, shown=True, now=NOW - HOUR)
    address = feed.address(feed.make(candidate.id, now=NOW - DAY))
    assert address is not None
    found["feeds.ics"] = address.rpartition("/")[2].removesuffix(".ics")
    found["accounts.reminders_by_mail"] = signed.sign(settings, "reminders", candidate.id)
    return found
