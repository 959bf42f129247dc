"""Links sent by mail: the token is in the mail alone, one POST uses it up."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from mockint.db import db, transaction
from mockint.domain.account import LINK_LIFE, LinkUseless
from mockint.domain.errors import N_
from mockint.models import OneTimeLink, Person
from mockint.services import outbox

KEPT_LINKS = timedelta(days=7)
MAILS = {
    "confirm": ("confirm-address", "/confirm/"),
    "login": ("login-link", "/login/"),
    "reset": ("reset-password", "/reset/"),
    "email": ("change-address", "/account/email/"),
    "invite": ("volunteer-invited", "/invited/"),
    "answer": ("confirm-answer", "/interviews/answers/"),
}
"""Kind of link to the kind of mail that carries it and the page it opens."""


def token_hash(token: str) -> str:
    """What is kept of a token; its 256 bits need no salt (OWASP ASVS 5.0, 6.5.2)."""
    return hashlib.sha256(token.encode()).hexdigest()


def send(
    kind: str,
    *,
    email: str,
    person_id: int | None,
    now: datetime,
    after: str = "",
    **payload: object,
) -> OneTimeLink:
    """Make a link and owe the mail that carries it; `after` is the page it leads to in the end."""
    link, token = _make(kind, email=email, person_id=person_id, now=now)
    mail, page = MAILS[kind]
    outbox.record(
        key=f"account:{person_id or 0}:{mail}:{link.id}",
        kind=mail,
        person_id=person_id,
        address=email if kind in ("email", "invite") else "",
        payload={"link": f"{page}{token}{after}", **payload},
        due_at=now,
        now=now,
    )
    return link


def _make(
    kind: str, *, email: str, person_id: int | None, now: datetime
) -> tuple[OneTimeLink, str]:
    token = secrets.token_urlsafe(32)
    link = OneTimeLink(
        kind=kind,
        person_id=person_id,
        email=email,
        token_hash=token_hash(token),
        created_at=now,
        expires_at=now + LINK_LIFE[kind],
    )
    db.session.add(link)
    db.session.flush()
    return link, token


def pretend(kind: str, *, email: str, now: datetime) -> None:
    """The same write for an address without an account, so that time tells nothing either."""
    _make(kind, email=email, person_id=None, now=now)


def read(kind: str, token: str, *, now: datetime) -> OneTimeLink:
    """The link with this token while it works; reading uses nothing up."""
    link = db.session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == token_hash(token), OneTimeLink.kind == kind
        )
    )
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise LinkUseless(N_("This link was used already, or it is too old."))
    if kind == "invite":
        return link
    person = db.session.get(Person, link.person_id) if link.person_id else None
    if person is None or not person.active or (kind != "email" and link.email != person.email):
        raise LinkUseless(N_("This link was used already, or it is too old."))
    return link


def use(kind: str, token: str, *, now: datetime) -> OneTimeLink:
    """Use the link up, inside the caller's transaction; of two at once only one gets it."""
    link = read(kind, token, now=now)
    used = db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
    if not used.rowcount:  # type: ignore[attr-defined]  # a cursor result
        raise LinkUseless(N_("This link was used already, or it is too old."))
    reached = update(Person).where(Person.id == link.person_id, Person.email == link.email)
    db.session.execute(reached.values(undeliverable_at=None))
    return link


def use_up(person_id: int, *kinds: str, now: datetime) -> None:
    """End this person's other links of these kinds."""
    db.session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.person_id == person_id,
            OneTimeLink.kind.in_(kinds),
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=now)
    )


def drop_old(*, now: datetime) -> int:
    """Remove links that ended a while ago."""
    with transaction():
        gone = delete(OneTimeLink).where(OneTimeLink.expires_at < now - KEPT_LINKS)
        return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a cursor result
