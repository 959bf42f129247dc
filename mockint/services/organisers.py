"""Who runs the community."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.errors import N_, Conflict, NotYours
from mockint.models import Person, Role
from mockint.services import account, audit

ROLE = "organiser"


def appoint(person_id: int, *, by: int, now: datetime) -> None:
    """Make somebody an organiser; making them one twice changes nothing."""
    with transaction():
        person = _present(person_id)
        if ROLE in person.role_names:
            return
        if person.confirmed_at is None or not person.active:
            raise Conflict(N_("An organiser needs an open account and a confirmed address."))
        person.roles.append(account.role(ROLE))
        audit.record("role.add", f"person:{person_id}", by=by, now=now, after=ROLE)


def dismiss(person_id: int, *, by: int, now: datetime) -> None:
    """Take the role away; the last organiser keeps it."""
    with transaction():
        person = _present(person_id)
        if ROLE not in person.role_names:
            return
        require_another(person)
        person.roles = [role for role in person.roles if role.name != ROLE]
        audit.record("role.remove", f"person:{person_id}", by=by, now=now, before=ROLE)


def require_another(person: Person) -> None:
    """Somebody must be left to run the community."""
    if ROLE not in person.role_names:
        return
    others = select(Person.id).where(
        Person.id != person.id, Person.active, Person.roles.any(Role.name == ROLE)
    )
    if db.session.scalar(others.limit(1)) is None:
        raise Conflict(N_("This is the only organiser. Make somebody else one first."))


def _present(person_id: int) -> Person:
    """The person, behind the lock of the role: two organisers cannot dismiss each other at once."""
    db.session.execute(select(Role.id).where(Role.name == ROLE).with_for_update())
    person = db.session.get(
        Person, person_id, with_for_update={"of": Person}, populate_existing=True
    )
    if person is None or person.deleted_at is not None:
        raise NotYours()
    return person
