"""Somebody leaves: the account is closed by an organiser, or deleted by the person."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from mockint.db import db, transaction
from mockint.domain.errors import N_, Conflict, NotYours
from mockint.models import (
    AvailabilityException,
    AvailabilityRule,
    Booking,
    BusyCalendar,
    CalendarFeed,
    Invitation,
    KeptMail,
    OneTimeLink,
    OutboxMessage,
    Person,
    PracticeSharing,
    ProgressShare,
    Reply,
    SelfAssessment,
    SlotPrice,
    SlotRequest,
)
from mockint.services import absence, audit, blocked, booking, logins, occupancy, organisers
from mockint.services.round import asking

NAME = "Deleted person"


def disable(
    person_id: int, *, answers: absence.Answers, reason: str, by: int, now: datetime
) -> None:
    """Keep somebody out; each of their upcoming interviews is kept or cancelled as answered."""
    with transaction():
        person = _present(person_id)
        if person_id == by:
            raise Conflict(N_("You cannot close your own account here. Delete it on its page."))
        organisers.require_another(person)
        absence.settle(person_id, answers, by=by, side="organiser", reason=reason, now=now)
        _drop_holds(person_id)
        person.active = False
        logins.end_all(person_id, now=now)
        audit.record("person.disable", f"person:{person_id}", by=by, now=now)


def enable(person_id: int, *, by: int, now: datetime) -> None:
    """Let somebody in again."""
    with transaction():
        _present(person_id).active = True
        audit.record("person.enable", f"person:{person_id}", by=by, now=now)


def delete_account(person_id: int, *, reason: str, now: datetime) -> None:
    """Forget who somebody is; what happened stays, without a name.

    Every upcoming interview is cancelled, as far as the cut-offs allow it.
    """
    with transaction():
        futures = booking.futures_of(person_id, now=now, lock=True)
        person = _present(person_id)
        organisers.require_another(person)
        answers = {future.id: "cancel" for future in futures}
        absence.settle(person_id, answers, by=person_id, side=None, reason=reason, now=now)
        _drop_holds(person_id)
        logins.end_all(person_id, now=now)
        _forget(person, now=now)
        audit.record("person.delete", f"person:{person_id}", by=None, now=now)


def _present(person_id: int) -> Person:
    person = db.session.get(
        Person, person_id, with_for_update={"of": Person}, populate_existing=True
    )
    if person is None or person.deleted_at is not None:
        raise NotYours()
    return person


def _drop_holds(person_id: int) -> None:
    mine = or_(Booking.candidate_id == person_id, Booking.interviewer_id == person_id)
    occupancy.drop_holds(mine)


def _forget(person: Person, *, now: datetime) -> None:
    """Replace what identifies the person, and remove what only served them."""
    person.email = f"deleted-{person.id}@invalid"
    person.name, person.locale, person.password = NAME, "en", None
    person.fs_uniquifier = uuid.uuid4().hex
    person.active, person.wants_reminders = False, False
    person.confirmed_at = person.undeliverable_at = None
    person.deleted_at = now
    person.roles = []
    if person.candidate is not None:
        profile = person.candidate
        profile.target_role = profile.current_employer = profile.goals = ""
        profile.target_companies, profile.interview_on = (), None
    if person.interviewer is not None:
        volunteer = person.interviewer
        volunteer.company = volunteer.title = volunteer.bio = volunteer.note = ""
        volunteer.meeting_link, volunteer.state = "", "withdrawn"
    for table in (
        AvailabilityRule,
        AvailabilityException,
        BusyCalendar,
        CalendarFeed,
        Reply,
        OneTimeLink,
        KeptMail,
        SlotPrice,
        ProgressShare,
        PracticeSharing,
    ):
        db.session.execute(delete(table).where(table.person_id == person.id))
    db.session.execute(delete(SlotRequest).where(SlotRequest.candidate_id == person.id))
    mine = select(Booking.id).where(Booking.candidate_id == person.id)
    db.session.execute(delete(SelfAssessment).where(SelfAssessment.booking_id.in_(mine)))
    blocked.forget(person.id)
    asking.leave(person.id)
    told = update(Invitation).where(Invitation.person_id == person.id)
    db.session.execute(told.values(attendee=person.email, comment=""))
    mails = update(OutboxMessage).where(OutboxMessage.person_id == person.id)
    db.session.execute(mails.values(address="", payload={}, subject=""))
    db.session.execute(
        mails.where(OutboxMessage.state.in_(("pending", "sending"))).values(
            state="suppressed", reason="the account was deleted"
        )
    )
