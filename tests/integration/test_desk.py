"""What the desk counts, and what only organisers do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.errors import Conflict, Invalid, LimitReached, NotYours, SlotTaken, TooEarly
from mockint.models import AuditEntry, Booking, OutboxMessage, SlotRequest
from mockint.queries import community, desk, lists
from mockint.services import behalf, feedback, interview, organisers, outbox, owed, rubric
from mockint.services import community as community_service
from mockint.services.matching import Wanted
from tests import factories, people
from tests.support import feedback as given

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = (datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def cast(db_session, set_clock):
    set_clock(NOW)
    rubric.publish_default(now=NOW)
    return factories.candidate(now=NOW), factories.interviewer(now=NOW), factories.organiser()


def over(cast, *, hours: float = 3, **reports: str) -> Booking:
    """A booking that ended `hours` ago, with these reports."""
    booking = factories.booking(cast[0], cast[1], start=NOW - (hours + 1) * HOUR, now=NOW - 9 * DAY)
    with transaction():
        for name, value in reports.items():
            setattr(booking, name, value)
    return booking


def answers() -> desk.Answers:
    return desk.answers(now=NOW, today=TODAY, deadline=DAY)


def done() -> list[AuditEntry]:
    """What was done since the rubric was published."""
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [row for row in rows if row.action != "rubric.publish"]


def kinds() -> list[str]:
    """As the desk lists them."""
    booked = [need.kind for need in desk.needs(now=NOW, deadline=DAY)]
    return booked + [one.kind for one in desk.people(now=NOW)]


def test_an_empty_community_needs_nothing(cast):
    found = answers()
    assert (found.today, found.absences, found.disputes) == (0, 0, 0)
    assert (found.overdue, found.mail_dead, found.mail_retrying) == (0, 0, 0)
    assert found.overdue_oldest is None
    assert desk.demand() == desk.Demand(wanted={}, oldest=None)
    assert kinds() == []


def test_interviews_of_the_day_by_where_they_stand(cast):
    candidate, interviewer, _ = cast
    for hours in (-3, -0.5, 2, 14):
        factories.booking(candidate, interviewer, start=NOW + timedelta(hours=hours), now=NOW)
    factories.booking(candidate, interviewer, start=NOW + 4 * HOUR, state="cancelled", now=NOW)
    found = answers()
    assert (found.done, found.running, found.to_come) == (1, 1, 1), "02:00 belongs to tomorrow"


@pytest.mark.parametrize(
    ("candidate_says", "interviewer_says", "counted"),
    [
        ("absent", "unknown", (1, 0)),
        ("unknown", "absent", (1, 0)),
        ("absent", "attended", (0, 1)),
        ("absent", "absent", (0, 1)),
        ("attended", "absent", (0, 1)),
        ("attended", "attended", (0, 0)),
        ("unknown", "unknown", (0, 0)),
    ],
)
def test_absences_and_disputes(cast, candidate_says, interviewer_says, counted):
    over(cast, interviewer_attendance=candidate_says, candidate_attendance=interviewer_says)
    found = answers()
    assert (found.absences, found.disputes) == counted
    assert kinds() == ["disputed"] * counted[1]


def test_feedback_is_overdue_after_the_deadline_unless_it_is_written_or_not_owed(cast):
    late = over(cast, hours=30)
    over(cast, hours=20)
    over(cast, hours=40, candidate_attendance="absent")
    over(cast, hours=50, interviewer_attendance="absent")
    written = over(cast, hours=60)
    given.submitted(written, now=NOW)
    found = answers()
    assert (found.overdue, found.overdue_oldest) == (1, late.end_at)
    assert kinds() == ["overdue"]


def test_an_interviewer_who_was_there_owes_feedback_although_the_candidate_says_otherwise(cast):
    over(cast, hours=30, interviewer_attendance="absent", candidate_attendance="attended")
    assert answers().overdue == 1


def test_who_waits_counts_until_they_are_told(cast):
    with transaction():
        for level, told in (("mid", None), ("mid", NOW), ("senior", None)):
            db.session.add(
                SlotRequest(
                    candidate_id=cast[0].id, track="coding", level=level, duration_min=60,
                    created_at=NOW - DAY, told_at=told,
                )
            )  # fmt: skip
    found = desk.demand()
    assert (found.total, found.oldest) == (2, NOW - DAY)
    assert found.wanted == {("coding", "mid"): 1, ("coding", "senior"): 1}


def test_who_covers_a_track_and_who_has_paused(cast):
    jonas = cast[1]
    assert desk.covering("coding", "mid", today=NOW.date()) == (1, 0)
    assert desk.covering("coding", "staff", today=NOW.date()) == (0, 0)
    with transaction():
        jonas.interviewer.paused_until = NOW.date() + DAY
    assert desk.covering("coding", "mid", today=NOW.date()) == (1, 1)


def test_mail_that_failed(cast):
    for number, (state, attempts) in enumerate([("dead", 3), ("pending", 2), ("pending", 0)]):
        with transaction():
            outbox.record(
                key=f"k{number}", kind="login-link", due_at=NOW, now=NOW, person_id=cast[0].id
            )
            row = db.session.scalar(select(OutboxMessage).where(OutboxMessage.key == f"k{number}"))
            row.state, row.attempts = state, attempts
    assert (answers().mail_dead, answers().mail_retrying) == (1, 1)
    failed = db.session.scalars(select(OutboxMessage.key).where(lists.failed()))
    assert sorted(failed) == ["k0", "k1"]


def test_needs_are_listed_by_urgency(cast):
    factories.interviewer(people.ROBIN, state="applied", now=NOW - DAY)
    with transaction():
        factories.booking(cast[0], cast[1], start=NOW + DAY, now=NOW).meeting_link = ""
    over(cast, hours=30)
    over(cast, hours=6, interviewer_attendance="absent", candidate_attendance="absent")
    rated = over(cast, hours=9)
    given.rated(rated, now=NOW, points=1, report="He laughed at me.")
    assert kinds() == ["report", "disputed", "overdue", "no_link", "volunteer"]


# Settling


def mails(booking: Booking, *named: str) -> set[str]:
    rows = db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.booking_id == booking.id, OutboxMessage.kind.in_(named))
        .execution_options(populate_existing=True)
    )
    return {row.state for row in rows if row.due_at > NOW}


def test_an_organiser_says_what_counts(cast):
    booking = over(cast, candidate_attendance="absent", interviewer_attendance="absent")
    interview.settle(booking.id, verdict="candidate_absent", by=cast[2].id, now=NOW)
    db.session.refresh(booking)
    assert (booking.candidate_attendance, booking.interviewer_attendance) == ("absent", "unknown")
    entry = done()[0]
    assert entry.before == {"interviewer": "absent", "candidate": "absent"}
    assert (entry.action, entry.actor_id) == ("attendance.settle", cast[2].id)
    with pytest.raises(Conflict, match="settled"):
        interview.report(booking.id, by=cast[0].id, report="absent", now=NOW)


def test_settling_stops_the_mails_about_feedback_and_starts_them_again(cast):
    booking = over(cast)
    with transaction():
        owed.invitation(booking, community=community.current(), now=NOW)
    assert mails(booking, "feedback-nudge") == {"pending"}
    interview.settle(booking.id, verdict="interviewer_absent", by=cast[2].id, now=NOW)
    assert mails(booking, "feedback-nudge") == {"suppressed"}
    interview.settle(booking.id, verdict="attended", by=cast[2].id, now=NOW)
    assert mails(booking, "feedback-nudge") == {"pending"}


def test_what_cannot_be_settled(cast):
    ahead = factories.booking(cast[0], cast[1], start=NOW + DAY, now=NOW)
    with pytest.raises(TooEarly):
        interview.settle(ahead.id, verdict="attended", by=cast[2].id, now=NOW)
    with pytest.raises(Invalid):
        interview.settle(ahead.id, verdict="disputed", by=cast[2].id, now=NOW)
    with pytest.raises(NotYours):
        interview.settle(10**6, verdict="attended", by=cast[2].id, now=NOW)
    booking = over(cast, hours=30)
    given.submitted(booking, now=NOW - 20 * HOUR)
    given.rated(booking, now=NOW)
    with pytest.raises(Conflict, match="released"):
        interview.settle(booking.id, verdict="candidate_absent", by=cast[2].id, now=NOW)


def test_a_report_is_closed_once(cast):
    booking = over(cast)
    with pytest.raises(NotYours):
        feedback.close_report(booking.id, by=cast[2].id, now=NOW)
    community_service.change({"safety_person_id": cast[2].id}, by=cast[2].id, now=NOW)
    given.rated(booking, now=NOW, points=1, report="He laughed at me.")
    for later in (0, 1):
        feedback.close_report(booking.id, by=cast[2].id, now=NOW + later * HOUR)
    assert [entry.action for entry in done()].count("report.close") == 1
    assert kinds() == []
    told = select(OutboxMessage.person_id).where(OutboxMessage.kind == "report-opened")
    assert db.session.scalars(told).all() == [cast[2].id]
    with pytest.raises(NotYours):
        feedback.close_report(10**6, by=cast[2].id, now=NOW)


# Organisers


def test_organisers_are_made_and_unmade_but_one_is_left(cast):
    sanjana, _, amina = cast
    with pytest.raises(Conflict, match="only organiser"):
        organisers.dismiss(amina.id, by=amina.id, now=NOW)
    organisers.appoint(sanjana.id, by=amina.id, now=NOW)
    organisers.appoint(sanjana.id, by=amina.id, now=NOW)
    db.session.refresh(sanjana)
    assert sanjana.role_names == {"candidate", "organiser"}
    organisers.dismiss(amina.id, by=sanjana.id, now=NOW)
    db.session.refresh(amina)
    assert amina.role_names == set()
    assert [entry.action for entry in done()] == ["role.add", "role.remove"]


def test_who_never_confirmed_the_address_cannot_be_an_organiser(cast):
    guest = factories.person(people.ROBIN, confirmed=False)
    with pytest.raises(Conflict):
        organisers.appoint(guest.id, by=cast[2].id, now=NOW)


# Booking for somebody


def wish(start: datetime, **changes: object) -> Wanted:
    return Wanted(
        **{"track": "coding", "level": "mid", "duration_min": 60, "start": start} | changes
    )


def test_an_organiser_books_for_a_candidate(cast):
    sanjana, jonas, amina = cast
    start = NOW + 2 * DAY
    for _twice in (1, 2):
        booked = behalf.book(sanjana.id, wish(start), request_key="a1", by=amina.id, now=NOW)
    assert (booked.state, booked.interviewer_id) == ("confirmed", jonas.id)
    assert len(db.session.scalars(select(Booking)).all()) == 1
    invited = db.session.scalars(
        select(OutboxMessage.side).where(OutboxMessage.kind == "invitation")
    )
    assert sorted(invited) == ["candidate", "interviewer"]
    assert [entry.action for entry in done()] == ["booking.behalf"]


def test_a_refused_booking_leaves_nothing_behind(cast):
    sanjana, jonas, amina = cast
    with pytest.raises(SlotTaken):
        behalf.book(
            sanjana.id, wish(NOW + 2 * DAY + 10 * HOUR), request_key="b1", by=amina.id, now=NOW
        )
    for days in (2, 3):
        factories.booking(sanjana, jonas, start=NOW + days * DAY, now=NOW)
    wanted = wish(NOW + 4 * DAY, interviewer_id=jonas.id)
    with pytest.raises(LimitReached):
        behalf.book(sanjana.id, wanted, request_key="b2", by=amina.id, now=NOW)
    assert {one.state for one in db.session.scalars(select(Booking))} == {"confirmed"}
