"""The local mailbox of demo and development: kept mails, taken apart as a mail program would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from mockint.adapters import ical
from mockint.db import db
from mockint.models import InterviewerProfile, KeptMail, Person, PersonRole, Role

ROLES = ("candidate", "interviewer", "organiser")


@dataclass(frozen=True, slots=True)
class Opened:
    """One kept mail as its reader sees it."""

    id: int
    subject: str
    recipient: str
    kept_at: datetime
    headers: tuple[tuple[str, str], ...]
    """All of them, in order."""
    text: str
    html: str
    calendar: ical.Seen | None
    calendar_text: str


def mails(*, person_id: int | None = None, address: str = "") -> Select[*tuple[KeptMail, Person]]:
    """(KeptMail, Person or None), the newest first; a person's, an address's, or everybody's."""
    query = select(KeptMail, Person).outerjoin(Person, Person.id == KeptMail.person_id)
    if person_id is not None:
        query = query.where(KeptMail.person_id == person_id)
    if address:
        query = query.where(func.lower(KeptMail.recipient) == address.lower())
    return query.order_by(KeptMail.kept_at.desc(), KeptMail.id.desc())


def readers() -> list[tuple[int, str]]:
    """(id, name) of everybody who got mail."""
    rows = db.session.execute(
        select(Person.id, Person.name)
        .where(Person.id.in_(select(KeptMail.person_id).distinct()))
        .order_by(func.lower(Person.name), Person.id)
    )
    return [(person_id, name) for person_id, name in rows]


def opened(mail_id: int) -> Opened | None:
    """The mail with this number, taken apart."""
    row = db.session.get(KeptMail, mail_id)
    if row is None:
        return None
    message = message_from_bytes(row.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    parts = {part.get_content_type(): part for part in message.walk()}

    def content(kind: str) -> str:
        return str(parts[kind].get_content()) if kind in parts else ""

    calendar_text = content("text/calendar")
    return Opened(
        id=row.id,
        subject=row.subject,
        recipient=row.recipient,
        kept_at=row.kept_at,
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=content("text/plain"),
        html=content("text/html"),
        calendar=ical.read(calendar_text.encode()) if calendar_text else None,
        calendar_text=calendar_text.replace("\r\n", "\n"),
    )


def guides() -> list[tuple[str, Person]]:
    """(role, person) to look around as: of each role the first who holds no other, if any."""
    held = aliased(PersonRole)
    count = select(func.count()).where(held.person_id == Person.id).scalar_subquery()
    found: list[tuple[str, Person]] = []
    for role in ROLES:
        person: Person | None = db.session.scalars(
            select(Person)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .join(Role, Role.id == PersonRole.role_id)
            .outerjoin(InterviewerProfile, InterviewerProfile.person_id == Person.id)
            .where(
                Role.name == role,
                Person.active.is_(True),
                Person.confirmed_at.is_not(None),
                Person.deleted_at.is_(None),
                or_(Role.name != "interviewer", InterviewerProfile.state == "approved"),
            )
            .order_by(count, Person.id)
            .limit(1)
        ).first()
        if person is not None:
            found.append((role, person))
    return found
