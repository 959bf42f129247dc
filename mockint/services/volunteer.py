"""Volunteering: an application, an organiser's decision, an invitation."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from mockint.db import db, transaction
from mockint.domain import account as rules
from mockint.domain.account import LinkUseless
from mockint.domain.errors import N_, Conflict, Invalid, NotYours
from mockint.models import InterviewerProfile, OneTimeLink, Person
from mockint.queries import people
from mockint.services import account, audit, booking, links, outbox

NOTE_MAX = 1000


def apply(person_id: int, application: rules.Application, *, now: datetime) -> InterviewerProfile:
    """Send an application, send it again, or change what an interviewer says.

    An approved interviewer stays approved, and a changed meeting link reaches everybody booked.
    """
    with transaction():
        person = _locked(person_id)
        profile = person.interviewer
        if profile is None:
            profile = InterviewerProfile(person_id=person_id, state="applied", applied_at=now)
            person.interviewer = profile
        elif profile.state not in ("applied", "approved"):
            rules.require_move(profile.state, "applied")
            profile.state, profile.applied_at = "applied", now
        fresh = profile.applied_at == now
        for name, value in asdict(application).items():
            setattr(profile, name, value)
        profile.availability_version = (profile.availability_version or 0) + 1
        db.session.flush()
        if profile.state == "approved":
            booking.change_link(person_id, link=application.meeting_link, now=now)
        elif fresh:
            _owe("volunteer-received", person_id, now=now)
            audit.record("application.send", f"person:{person_id}", by=person_id, now=now)
    return profile


def withdraw(person_id: int, *, now: datetime) -> None:
    """Take back an application that is not decided yet."""
    with transaction():
        profile = _profile(person_id)
        if profile.state == "approved":
            raise Conflict(N_("This application has changed meanwhile. Look at it again."))
        rules.require_move(profile.state, "withdrawn")
        profile.state = "withdrawn"
        audit.record("application.withdraw", f"person:{person_id}", by=person_id, now=now)


# An organiser decides


def approve(person_id: int, *, by: int, now: datetime) -> None:
    """They may interview from now on."""
    with transaction():
        profile = _decide(person_id, "approved", "", by=by, now=now)
        person = profile.person
        if "interviewer" not in person.role_names:
            person.roles.append(account.role("interviewer"))


def send_back(person_id: int, *, note: str, by: int, now: datetime) -> None:
    """They can change it and send it again; the note says what is missing."""
    with transaction():
        _decide(person_id, "returned", note, by=by, now=now)


def decline(person_id: int, *, note: str, by: int, now: datetime) -> None:
    """Not now; the note says why."""
    with transaction():
        _decide(person_id, "declined", note, by=by, now=now)


def _decide(person_id: int, to: str, note: str, *, by: int, now: datetime) -> InterviewerProfile:
    note = rules.clean_text("note", note, NOTE_MAX)
    if to != "approved" and not note:
        raise Invalid("note", N_("Write a few words for the volunteer: what to change, or why."))
    profile = _profile(person_id)
    if profile.state == to:
        return profile  # the same button twice
    rules.require_move(profile.state, to)
    before, profile.state = profile.state, to
    profile.note, profile.decided_at, profile.decided_by = note, now, by
    _owe(f"volunteer-{to}", person_id, now=now)
    audit.record(
        "application.decide", f"person:{person_id}", by=by, now=now, before=before, after=to
    )
    return profile


# An organiser invites


def invite(*, email: str, by: int, now: datetime) -> None:
    """Owe an invitation to volunteer; it changes nothing for an account that is there already."""
    email = account.address(email)
    with transaction():
        link = links.send("invite", email=email, person_id=None, now=now)
        audit.record("volunteer.invite", f"link:{link.id}", by=by, now=now)


def accept(token: str, person_id: int, *, now: datetime) -> None:
    """The invited person, signed in, takes the invitation to the application page."""
    with transaction():
        link = links.use("invite", token, now=now)
        person = _locked(person_id)
        if link.email != person.email:
            raise NotYours()
        _invited(person, now=now)


def join(token: str, *, name: str, zone: str, now: datetime) -> Person:
    """The invited address has no account: make one; the link in the mail proved the mailbox."""
    name = rules.clean_line("name", name, rules.NAME_MAX, required=True)
    zone = rules.clean_zone("zone", zone)
    with transaction():
        link = links.use("invite", token, now=now)
        if account.with_address(link.email) is not None:
            raise LinkUseless(N_("There is an account at this address already. Sign in first."))
        person = account.new_person(email=link.email, name=name, zone=zone, now=now)
        person.confirmed_at = now
        db.session.flush()
        _invited(person, now=now)
    return person


def invited(token: str, *, now: datetime) -> tuple[OneTimeLink, bool]:
    """The invitation behind a token, and whether its address has an account."""
    link = links.read("invite", token, now=now)
    return link, people.with_address(link.email) is not None


def _invited(person: Person, *, now: datetime) -> None:
    if person.interviewer is None:
        person.interviewer = InterviewerProfile(
            person_id=person.id, state="invited", applied_at=now
        )


def _locked(person_id: int) -> Person:
    return db.session.get_one(
        Person, person_id, with_for_update={"of": Person}, populate_existing=True
    )


def _profile(person_id: int) -> InterviewerProfile:
    person = db.session.get(Person, person_id, with_for_update={"of": Person})
    if person is None or person.interviewer is None or person.deleted_at is not None:
        raise NotYours()
    return person.interviewer


def _owe(kind: str, person_id: int, *, now: datetime) -> None:
    """One mail for each move, told apart by its moment."""
    outbox.record(
        key=f"account:{person_id}:{kind}:{now.isoformat(timespec='microseconds')}",
        kind=kind,
        person_id=person_id,
        due_at=now,
        now=now,
    )
