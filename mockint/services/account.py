"""People's accounts: signing up, one-time links, addresses, passwords, what they say of themselves.

Whatever somebody outside may ask for an address is answered alike whether or not it has an
account: the answer is in the mail.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime

import email_validator
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mockint.db import db, transaction
from mockint.domain import account as rules
from mockint.domain.account import LinkUseless
from mockint.domain.errors import N_, Invalid, NotYours
from mockint.models import CandidateProfile, Person, Role
from mockint.services import audit, links, logins, outbox


def address(text: str) -> str:
    """The e-mail address in the one form it is stored and looked up in."""
    text = text.strip()
    try:
        if len(text) > rules.EMAIL_MAX:
            raise ValueError
        found = email_validator.validate_email(
            text, check_deliverability=False, allow_smtputf8=False
        )
    except ValueError:
        raise Invalid("email", N_("Write your e-mail address like name@example.org.")) from None
    return (found.ascii_email or found.normalized).lower()


def with_address(email: str) -> Person | None:
    """Whoever has this address now."""
    return db.session.scalar(select(Person).where(Person.email == email).with_for_update(of=Person))


def role(name: str) -> Role:
    """The row of a role."""
    return db.session.execute(select(Role).where(Role.name == name)).scalar_one()


# Coming in


def sign_up(
    *, email: str, name: str, zone: str, password_hash: str | None, practises: bool, now: datetime
) -> None:
    """A new account, or a mail to whoever has one at this address; the caller learns neither.

    `practises` gives the candidate's role at once; a volunteer gets theirs by approval.
    """
    email = address(email)
    name = rules.clean_line("name", name, rules.NAME_MAX, required=True)
    zone = rules.clean_zone("zone", zone)
    try:
        _sign_up(email, name, zone, password_hash, practises, now)
    except IntegrityError:  # the same address came in at the same moment
        _sign_up(email, name, zone, password_hash, practises, now)


def _sign_up(
    email: str, name: str, zone: str, password_hash: str | None, practises: bool, now: datetime
) -> None:
    with transaction():
        person = with_address(email)
        if person is None:
            person = new_person(email=email, name=name, zone=zone, now=now)
            person.password = password_hash
            person.roles = [role("candidate")] if practises else []
            db.session.flush()
        elif person.confirmed_at is None:
            # Two claim one unproven address, so nobody's password counts: only the mailbox does.
            person.password = None
        elif not person.active:
            return links.pretend("confirm", email=email, now=now)
        else:
            links.send("login", email=email, person_id=person.id, now=now, known=True)
            return None
        links.send("confirm", email=email, person_id=person.id, now=now)
    return None


def new_person(*, email: str, name: str, zone: str, now: datetime) -> Person:
    """A row for somebody new, without roles, password or proof of the address."""
    person = Person(
        email=email,
        name=name,
        zone=zone,
        fs_uniquifier=uuid.uuid4().hex,
        created_at=now,
        active=True,
        candidate=None,
        interviewer=None,
        roles=[],
    )
    db.session.add(person)
    return person


def confirm(token: str, *, now: datetime) -> Person:
    """The mailbox is theirs."""
    with transaction():
        link = links.use("confirm", token, now=now)
        person = db.session.get_one(Person, link.person_id)
        person.confirmed_at = person.confirmed_at or now
        links.use_up(person.id, "confirm", now=now)
    return person


def confirm_again(person_id: int, *, now: datetime) -> None:
    """Another link to confirm with, for somebody who knows the password."""
    with transaction():
        person = db.session.get_one(Person, person_id)
        if person.confirmed_at is None and person.active:
            links.send("confirm", email=person.email, person_id=person.id, now=now)


def ask_for_login(email: str, *, after: str = "", now: datetime) -> None:
    """Owe a sign-in link, if somebody has this address; `after` is a query for its page."""
    _ask("login", email, after=after, now=now)


def ask_for_reset(email: str, *, now: datetime) -> None:
    """Owe a link to choose a new password with, if somebody has this address."""
    _ask("reset", email, now=now)


def _ask(kind: str, email: str, *, after: str = "", now: datetime) -> None:
    email = address(email)
    with transaction():
        person = with_address(email)
        if person is None or not person.active:
            links.pretend(kind, email=email, now=now)
        else:
            links.send(kind, email=email, person_id=person.id, after=after, now=now)


def log_in_by_link(token: str, *, now: datetime) -> Person:
    """Use a sign-in link; it proves the mailbox as well."""
    with transaction():
        link = links.use("login", token, now=now)
        person = db.session.get_one(Person, link.person_id)
        if person.confirmed_at is None:
            # Whoever chose that password never showed that the mailbox is theirs.
            person.password = None
            person.confirmed_at = now
    return person


# Password and address


def reset_password(token: str, *, password_hash: str, now: datetime) -> Person:
    """A new password by link; every device and every other link ends."""
    with transaction():
        link = links.use("reset", token, now=now)
        person = db.session.get_one(Person, link.person_id)
        person.confirmed_at = person.confirmed_at or now
        _set_password(person, password_hash, but=None, now=now)
    return person


def change_password(person_id: int, *, password_hash: str, but: int, now: datetime) -> None:
    """A new password; every device but the login `but` ends."""
    with transaction():
        person = db.session.get_one(Person, person_id)
        _set_password(person, password_hash, but=but, now=now)


def _set_password(person: Person, password_hash: str, *, but: int | None, now: datetime) -> None:
    person.password = password_hash
    logins.end_all(person.id, but=but, now=now)
    links.use_up(person.id, "reset", "login", now=now)
    outbox.record(
        key=f"account:{person.id}:password-changed:{uuid.uuid4().hex}",
        kind="password-changed",
        person_id=person.id,
        due_at=now,
        now=now,
    )


def ask_for_address(person_id: int, email: str, *, now: datetime) -> None:
    """Owe a link to the new address; nothing changes until it is used."""
    email = address(email)
    with transaction():
        person = db.session.get_one(Person, person_id)
        if email == person.email:
            raise Invalid("email", N_("This is your address already."))
        links.use_up(person.id, "email", now=now)
        if with_address(email) is None:
            links.send("email", email=email, person_id=person.id, now=now)
        else:
            links.pretend("email", email=email, now=now)


def change_address(token: str, *, now: datetime) -> Person:
    """The new mailbox is theirs: change the address and tell the old one."""
    with transaction():
        link = links.use("email", token, now=now)
        person = db.session.get_one(Person, link.person_id)
        if with_address(link.email) is not None:
            raise LinkUseless(N_("This link was used already, or it is too old."))
        old, person.email = person.email, link.email
        person.confirmed_at, person.undeliverable_at = now, None
        outbox.record(
            key=f"account:{person.id}:address-changed:{link.id}",
            kind="address-changed",
            person_id=person.id,
            address=old,
            due_at=now,
            now=now,
        )
        audit.record("address.change", f"person:{person.id}", by=person.id, now=now)
    return person


# What people say of themselves


def set_name(person_id: int, *, name: str, locale: str) -> None:
    """How everybody else sees them, and the language they read."""
    name = rules.clean_line("name", name, rules.NAME_MAX, required=True)
    with transaction():
        person = db.session.get_one(Person, person_id)
        person.name, person.locale = name, locale


def set_zone(person_id: int, zone: str) -> str:
    """The zone they read times in, and in which weekly hours count; returns its name of today."""
    zone = rules.clean_zone("zone", zone)
    with transaction():
        person = db.session.get_one(Person, person_id)
        if person.zone != zone:
            person.zone = zone
            if person.interviewer is not None:
                person.interviewer.availability_version += 1
    return zone


def set_reminders(person_id: int, wanted: bool) -> None:
    """Whether reminders before an interview are sent."""
    with transaction():
        person = db.session.get(Person, person_id)
        if person is None or person.deleted_at is not None:
            raise NotYours()
        person.wants_reminders = wanted


def save_wish(person_id: int, wish: rules.Wish) -> None:
    """What they prepare for; whoever says it practises, and so is a candidate."""
    with transaction():
        person = db.session.get_one(Person, person_id)
        profile = person.candidate or CandidateProfile(person_id=person_id)
        for name, value in asdict(wish).items():
            setattr(profile, name, value)
        person.candidate = profile
        if "candidate" not in person.role_names:
            person.roles.append(role("candidate"))


def create_organiser(*, email: str, name: str, now: datetime) -> Person:
    """Make somebody an organiser; they sign in by a link, so no password is made up."""
    email = address(email)
    name = rules.clean_line("name", name, rules.NAME_MAX, required=True)
    with transaction():
        person = with_address(email)
        if person is None:
            person = new_person(email=email, name=name, zone="UTC", now=now)
        elif person.confirmed_at is None:
            person.password = None
        person.confirmed_at = person.confirmed_at or now
        if "organiser" not in person.role_names:
            person.roles.append(role("organiser"))
            db.session.flush()
            audit.record("role.add", f"person:{person.id}", by=None, now=now, after="organiser")
    return person
