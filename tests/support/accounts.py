"""Accounts as the tests of their pages look at them: mails, links, rows, who is signed in."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mockint.models import Login, OneTimeLink, OutboxMessage, Person
from tests import factories

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)
WORDS = "seven quiet rivers"


def mails(db_session: scoped_session[Session], kind: str | None = None) -> list[OutboxMessage]:
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    return list(db_session.scalars(query.where(OutboxMessage.kind == kind) if kind else query))


def link_in(db_session: scoped_session[Session], kind: str) -> str:
    """The path in the newest mail of this kind."""
    return str(mails(db_session, kind)[-1].payload["link"])


def person(db_session: scoped_session[Session], email: str) -> Person:
    return db_session.scalars(select(Person).where(Person.email == email)).one()


def fresh(db_session: scoped_session[Session], who: Person) -> Person:
    """The person as the row has them now."""
    db_session.expire_all()
    return db_session.get_one(Person, who.id)


def rows(db_session: scoped_session[Session]) -> dict[str, int]:
    """How many rows each table of accounts has, and which links and logins are over."""
    counted = {
        "people": Person.id,
        "links": OneTimeLink.id,
        "used": OneTimeLink.used_at,
        "logins": Login.id,
        "ended": Login.ended_at,
        "mails": OutboxMessage.id,
    }
    return {
        name: db_session.scalar(select(func.count(column))) or 0 for name, column in counted.items()
    }


def signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def with_password(
    db_session: scoped_session[Session], who: Person, password: str = WORDS
) -> Person:
    factories.person_with(who, password=hash_password(password))
    return who
