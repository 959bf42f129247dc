"""The one person who reads private reports (rubrics, section 9)."""

from __future__ import annotations

from sqlalchemy import func, select

from mockint.db import db
from mockint.models import Person, PrivateReport, Role
from mockint.queries import community


def eligible() -> dict[int, str]:
    """Organisers by id, in the order of their names."""
    rows = db.session.execute(
        select(Person.id, Person.name)
        .join(Person.roles)
        .where(Role.name == "organiser", Person.active, Person.deleted_at.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    return {row.id: row.name for row in rows}


def named() -> tuple[int, str] | None:
    """Id and name of the safety person; None while none is named, or the one named has left."""
    chosen = community.current().safety_person_id
    if not chosen:
        return None
    name = eligible().get(chosen)
    return None if name is None else (chosen, name)


def reads(person_id: int) -> bool:
    """Whether this organiser may read private reports."""
    chosen = named()
    return chosen is not None and chosen[0] == person_id


def waiting() -> int:
    """How many reports nobody has closed; all that other organisers are told."""
    count = select(func.count()).select_from(PrivateReport)
    return db.session.scalar(count.where(PrivateReport.closed_at.is_(None))) or 0
