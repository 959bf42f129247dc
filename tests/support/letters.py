"""A moment for every mail: what must have happened for it to be owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from mockint.db import db, transaction
from mockint.domain import timespan
from mockint.models import (
    Booking,
    BusyCalendar,
    BusyQuestion,
    BusyTime,
    Feedback,
    Invitation,
    OutboxMessage,
    Person,
    PracticeItem,
    Reply,
    RubricSet,
    SlotRequest,
)
from mockint.services import community, invitation, outbox
from tests import factories, people

NOW = datetime(2026, 11, 23, 9, 36, tzinfo=UTC)
START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TOKENS = {"candidate": "aqx5tq7jz2k4w6bn", "interviewer": "mf3vd6h2yr7pcl5s"}


def booked(**changes: Any) -> Booking:
    """Sanjana and Jonas, with the identifiers of the golden files."""
    candidate = factories.candidate(now=NOW)
    interviewer = factories.interviewer(now=NOW)
    made = factories.booking(candidate, interviewer, start=START, now=NOW)
    with transaction():
        made.uid = "0b7e4f6a-9c1d-4a53-8f2e-6d1c5b3a9e70@mock.harbour.example"
        made.reason = "Interviews for mid level, and has room this month."
        for name, value in changes.items():
            setattr(made, name, value)
    return made


def told(booking: Booking) -> None:
    """Both sides have their invitation."""
    with transaction():
        for side, token in TOKENS.items():
            person = invitation.recipient_of(booking, side)
            mark = "c" if side == "candidate" else "i"
            db.session.add(
                Invitation(
                    booking_id=booking.id,
                    side=side,
                    person_id=person.id,
                    attendee=person.email,
                    organizer=f"mockint+{token}@mock.harbour.example",
                    token=token,
                    first_message_id=f"<first-{mark}@mock.harbour.example>",
                    sent_sequence=0,
                )
            )


def owe(kind: str, person: Person | None = None, **values: Any) -> None:
    now = values.pop("now", NOW)
    with transaction():
        outbox.record(
            key=values.pop("key", f"test:{kind}:{values.get('side')}"),
            kind=kind,
            person_id=person.id if person else None,
            due_at=now,
            now=now,
            **values,
        )
        row = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert row is not None
        row.message_id = f"<{kind}-{row.side or 'account'}@mock.harbour.example>"


def owe_both(kind: str, booking: Booking, *sides: str, **values: Any) -> None:
    for side in sides or ("candidate", "interviewer"):
        person = invitation.recipient_of(booking, side)
        owe(kind, person, booking_id=booking.id, side=side, sequence=booking.sequence, **values)


def scene_invitation() -> datetime:
    booking = booked()
    told(booking)
    with transaction():
        for row in db.session.scalars(select(Invitation)):
            row.first_message_id, row.sent_sequence = "", None
    owe_both("invitation", booking)
    return NOW


def scene_update() -> datetime:
    booking = booked(sequence=1, updated_at=NOW + HOUR)
    told(booking)
    old = {
        "old_start": (START - 24 * HOUR).isoformat(),
        "old_end": (START - 23 * HOUR).isoformat(),
    }
    owe_both("update", booking, payload=old)
    return NOW + HOUR


def scene_update_link() -> datetime:
    booking = booked(sequence=1, meeting_link="https://meet.example/elsewhere")
    told(booking)
    owe_both("update", booking, payload={"link": True})
    return NOW + HOUR


def scene_cancellation() -> datetime:
    booking = booked(
        state="cancelled",
        sequence=1,
        cancelled_side="candidate",
        cancel_reason="I have to travel that day. Sorry for the short notice.",
        updated_at=NOW + HOUR,
    )
    told(booking)
    owe_both("cancellation", booking)
    return NOW + HOUR


def scene_reminder() -> datetime:
    booking = booked()
    told(booking)
    owe_both("reminder", booking, payload={"offset_min": 60}, now=START - HOUR)
    return START - HOUR


def scene_confirm_answer() -> datetime:
    booking = booked()
    told(booking)
    with transaction():
        held = Reply(
            key="0" * 64,
            received_at=NOW,
            outcome="held",
            reason="The sender is not proven, so the address on file is asked.",
            booking_id=booking.id,
            side="candidate",
            person_id=booking.candidate_id,
            method="REPLY",
            partstat="DECLINED",
            sequence=0,
            stamp=NOW,
        )
        db.session.add(held)
        db.session.flush()
    payload = {"link": "/interviews/answers/k3Vq9sT0mZ", "reply_id": held.id}
    owe("confirm-answer", booking.candidate, payload=payload)
    return NOW


def scene_rate() -> datetime:
    booking = booked()
    told(booking)
    owe_both("rate-interviewer", booking, "candidate", now=START + 65 * MINUTE)
    return START + 65 * MINUTE


def scene_nudge() -> datetime:
    booking = booked()
    told(booking)
    owe_both("feedback-nudge", booking, "interviewer", payload={"nth": 1}, now=START + 65 * MINUTE)
    return START + 65 * MINUTE


def scene_nudge_late() -> datetime:
    booking = booked()
    told(booking)
    other = factories.candidate(people.ROBIN, now=NOW)
    factories.booking(other, booking.interviewer, start=START - 3 * HOUR, now=NOW)
    owe_both("feedback-nudge", booking, "interviewer", payload={"nth": 5}, now=START + 25 * HOUR)
    return START + 25 * HOUR


def scene_late() -> datetime:
    booking = booked()
    told(booking)
    owe_both("feedback-late", booking, "candidate", now=START + 25 * HOUR)
    return START + 25 * HOUR


def scene_ready() -> datetime:
    booking = booked()
    told(booking)
    at = START + 5 * HOUR
    with transaction():
        rubric = RubricSet(
            key="test", version="1.0.0", content={}, content_hash="", published_at=NOW
        )
        db.session.add(rubric)
        db.session.flush()
        db.session.add(
            Feedback(
                booking_id=booking.id,
                author_id=booking.interviewer_id,
                rubric_set_id=rubric.id,
                state="released",
                created_at=at,
                updated_at=at,
                released_at=at,
            )
        )
    owe_both("feedback-ready", booking, "candidate", now=at)
    return at


def scene_practise_next() -> datetime:
    scene_ready()
    at = START + 5 * HOUR + timedelta(days=3)
    found = db.session.scalars(select(Feedback)).one()
    with transaction():
        outbox.suppress(booking_id=found.booking_id, kinds=("feedback-ready",), reason="read")
        found.recommendation = 2
        for place, words in enumerate(
            ("Two examples aloud before each of ten problems.", "Trace the last line by hand.")
        ):
            db.session.add(PracticeItem(feedback_id=found.id, position=place, exercise=words))
    owe_both("practise-next", found.booking, "candidate", now=at)
    return at


def scene_after(kind: str, state: str, *sides: str) -> Callable[[], datetime]:
    """The feedback was released, and then something became of it."""

    def scene() -> datetime:
        at = scene_ready()
        with transaction():
            db.session.execute(delete(OutboxMessage))
            written = db.session.scalars(select(Feedback)).one()
            written.state = state
        for side in sides:
            owe_both(kind, written.booking, side, now=at)
        return at

    return scene


def scene_time_opened() -> datetime:
    candidate = factories.candidate(now=NOW)
    with transaction():
        request = SlotRequest(
            candidate_id=candidate.id,
            track="ml_system_design",
            level="mid",
            duration_min=60,
            created_at=NOW,
        )
        db.session.add(request)
        db.session.flush()
    path = "/book?track=ml_system_design&level=mid&length=60"
    owe("time-opened", candidate, payload={"request_id": request.id, "path": path})
    return NOW


def own_calendar(person: Person, **changes: Any) -> BusyCalendar:
    with transaction():
        made = BusyCalendar(
            person_id=person.id,
            kind="url",
            name="Work",
            url="https://calendar.example/secret.ics",
            added_at=NOW - 90 * HOUR,
            read_at=NOW - 2 * HOUR,
            next_look_at=NOW,
        )
        for name, value in changes.items():
            setattr(made, name, value)
        db.session.add(made)
    return made


def scene_calendar_failing(*, hours: int, closed: bool) -> Callable[[], datetime]:
    def scene() -> datetime:
        person, since = factories.interviewer(now=NOW), NOW - hours * HOUR
        made = own_calendar(
            person,
            failing_since=since,
            closed=closed,
            trouble="The calendar's server answered with an error (%(status)s).",
            trouble_about={"status": 503},
            read_at=None if closed else since - HOUR / 4,
        )
        payload = {"calendar_id": made.id, "since": since.isoformat()}
        owe("calendar-failing", person, payload=payload)
        return NOW

    return scene


def scene_calendar_busy() -> datetime:
    booking = booked()
    cells = timespan.cells(booking.start_at, booking.end_at)
    made = own_calendar(booking.interviewer)
    with transaction():
        db.session.add(BusyTime(calendar_id=made.id, first_cell=cells.start, end_cell=cells.stop))
        db.session.add(BusyQuestion(booking_id=booking.id, start_at=booking.start_at, asked_at=NOW))
    owe_both("calendar-busy", booking, "interviewer")
    return NOW


def scene_clock_rules() -> datetime:
    owe_both("clock-rules", booked(wall_start="2026-11-26T15:00"), "interviewer")
    return NOW


LINKS = {
    "confirm-address": "/confirm/",
    "login-link": "/login/",
    "reset-password": "/reset/",
    "change-address": "/account/email/",
}


def scene_account(kind: str) -> Callable[[], datetime]:
    def scene() -> datetime:
        person = factories.candidate(now=NOW)
        address = {"change-address": "new@people.example", "address-changed": "old@people.example"}
        payload = {"link": f"{LINKS[kind]}k3Vq9sT0mZ"} if kind in LINKS else {}
        owe(kind, person, payload=payload, address=address.get(kind, ""))
        return NOW

    return scene


def scene_login_known() -> datetime:
    person = factories.candidate(now=NOW)
    owe("login-link", person, payload={"link": "/login/k3Vq9sT0mZ", "known": True})
    return NOW


def scene_report_opened() -> datetime:
    person = factories.organiser(now=NOW)
    community.change({"safety_person_id": person.id}, by=person.id, now=NOW)
    owe("report-opened", person, payload={"booking": 7})
    return NOW


def scene_volunteer(state: str) -> Callable[[], datetime]:
    def scene() -> datetime:
        person = factories.interviewer(state=state, now=NOW)
        assert person.interviewer is not None
        with transaction():
            if state in ("returned", "declined"):
                person.interviewer.note = "Which tracks have you interviewed for before?"
        owe("volunteer-received" if state == "applied" else f"volunteer-{state}", person)
        return NOW

    return scene


def scene_volunteer_invited() -> datetime:
    owe("volunteer-invited", address="wren@people.example", payload={"link": "/invited/k3Vq9sT0mZ"})
    return NOW


SCENES: dict[str, Callable[[], datetime]] = {
    "invitation": scene_invitation,
    "update": scene_update,
    "update-link": scene_update_link,
    "cancellation": scene_cancellation,
    "confirm-answer": scene_confirm_answer,
    "reminder": scene_reminder,
    "rate-interviewer": scene_rate,
    "feedback-nudge": scene_nudge,
    "feedback-nudge-late": scene_nudge_late,
    "feedback-late": scene_late,
    "feedback-ready": scene_ready,
    "practise-next": scene_practise_next,
    "feedback-addendum": scene_after("feedback-addendum", "released", "candidate"),
    "feedback-withdrawn": scene_after(
        "feedback-withdrawn", "withdrawn", "candidate", "interviewer"
    ),
    "feedback-closed": scene_after("feedback-closed", "withdrawn", "candidate", "interviewer"),
    "time-opened": scene_time_opened,
    "calendar-failing": scene_calendar_failing(hours=1, closed=False),
    "calendar-failing-closed": scene_calendar_failing(hours=72, closed=True),
    "calendar-busy": scene_calendar_busy,
    "clock-rules": scene_clock_rules,
    **{kind: scene_account(kind) for kind in (*LINKS, "address-changed", "password-changed")},
    "login-link-known": scene_login_known,
    "report-opened": scene_report_opened,
    "volunteer-received": scene_volunteer("applied"),
    "volunteer-approved": scene_volunteer("approved"),
    "volunteer-returned": scene_volunteer("returned"),
    "volunteer-declined": scene_volunteer("declined"),
    "volunteer-invited": scene_volunteer_invited,
}
