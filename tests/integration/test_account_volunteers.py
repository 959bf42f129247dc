"""Organisers decide about volunteers, invite them, close accounts; the first organiser is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mockint.domain import account as rules
from mockint.domain.account import LinkUseless
from mockint.domain.errors import Conflict, Invalid, NotYours
from mockint.models import AuditEntry, Booking, Login, OutboxMessage, Person
from mockint.services import account, departure, links, volunteer
from tests import factories

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


@pytest.fixture
def amina(db_session):
    return factories.organiser()


@pytest.fixture
def jonas(db_session):
    return factories.interviewer(state="applied")


def offer(**changes: object) -> rules.Application:
    plain: dict[str, object] = {
        "company": "Nordlicht", "title": "Staff engineer", "years": 9, "tracks": ["coding"],
        "levels": ["mid"], "languages": ["en"], "bio": "Payment systems.",
        "meeting_link": "https://meet.example/x", "makes_link": False, "rooms": False,
    }  # fmt: skip
    return rules.application(**plain | changes)  # type: ignore[arg-type]  # a mixed bag of values


def kinds(db_session) -> list[str]:
    return list(db_session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def test_approval_gives_the_role_once(db_session, amina, jonas):
    volunteer.approve(jonas.id, by=amina.id, now=NOW)
    volunteer.approve(jonas.id, by=amina.id, now=NOW + timedelta(seconds=1))
    assert jonas.role_names == {"interviewer"}
    assert (jonas.interviewer.state, jonas.interviewer.decided_by) == ("approved", amina.id)
    assert kinds(db_session) == ["volunteer-approved"]
    audited = db_session.scalars(select(AuditEntry)).all()
    assert [(entry.action, entry.after) for entry in audited] == [
        ("application.decide", "approved")
    ]


def test_sent_back_changed_sent_again_and_approved(db_session, amina, jonas):
    with pytest.raises(Invalid) as refused:
        volunteer.send_back(jonas.id, note="  ", by=amina.id, now=NOW)
    assert refused.value.field == "note"
    volunteer.send_back(jonas.id, note="Which tracks?", by=amina.id, now=NOW)
    assert (jonas.interviewer.state, jonas.interviewer.note) == ("returned", "Which tracks?")
    with pytest.raises(Conflict):
        volunteer.approve(jonas.id, by=amina.id, now=NOW)
    volunteer.apply(jonas.id, offer(), now=NOW + timedelta(hours=1))
    assert jonas.interviewer.state == "applied"
    volunteer.approve(jonas.id, by=amina.id, now=NOW + timedelta(hours=2))
    assert kinds(db_session) == ["volunteer-returned", "volunteer-received", "volunteer-approved"]


def test_declined_with_a_reason_and_only_while_it_waits(db_session, amina, jonas):
    volunteer.decline(jonas.id, note="No hours left this year.", by=amina.id, now=NOW)
    assert jonas.interviewer.state == "declined"
    assert jonas.role_names == frozenset()
    with pytest.raises(Conflict):
        volunteer.send_back(jonas.id, note="Wait", by=amina.id, now=NOW)
    with pytest.raises(NotYours):
        volunteer.approve(amina.id, by=amina.id, now=NOW)
    with pytest.raises(NotYours):
        volunteer.approve(999, by=amina.id, now=NOW)


def invitation(db_session, amina: Person, email: str) -> str:
    volunteer.invite(email=email, by=amina.id, now=NOW)
    mail = db_session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "volunteer-invited")
    ).one()
    assert mail.address == email.lower()
    return str(mail.payload["link"]).rsplit("/", 1)[1]


def test_an_invited_newcomer_joins_with_the_link_once(db_session, amina):
    token = invitation(db_session, amina, "New@people.example")
    joined = volunteer.join(token, name="Nour", zone="Africa/Cairo", now=NOW)
    assert (joined.email, joined.confirmed_at) == ("new@people.example", NOW)
    assert (joined.interviewer.state, joined.role_names) == ("invited", frozenset())
    with pytest.raises(LinkUseless):
        volunteer.join(token, name="Nour", zone="Africa/Cairo", now=NOW)


def test_an_invitation_never_touches_an_account_that_is_there(db_session, amina):
    sanjana = factories.candidate()
    robin = factories.stranger()
    token = invitation(db_session, amina, sanjana.email)
    assert volunteer.invited(token, now=NOW)[1]
    with pytest.raises(LinkUseless):
        volunteer.join(token, name="Mallory", zone="UTC", now=NOW)
    with pytest.raises(NotYours):
        volunteer.accept(token, robin.id, now=NOW)
    db_session.refresh(sanjana)
    assert (sanjana.name, sanjana.interviewer) == ("Sanjana", None)
    volunteer.accept(token, sanjana.id, now=NOW)
    db_session.refresh(sanjana)
    assert sanjana.interviewer.state == "invited"
    assert sanjana.role_names == {"candidate"}


def test_an_invitation_ends_after_a_week(db_session, amina):
    token = invitation(db_session, amina, "new@people.example")
    last = NOW + timedelta(days=7)
    assert volunteer.invited(token, now=last - timedelta(seconds=1))
    with pytest.raises(LinkUseless):
        volunteer.invited(token, now=last)


def test_closing_an_account_asks_about_each_booking(db_session, amina, jonas, client):
    volunteer.approve(jonas.id, by=amina.id, now=NOW)
    sanjana = factories.candidate()
    kept = factories.booking(sanjana, jonas)
    ended = factories.booking(sanjana, jonas, start=kept.start_at + timedelta(days=1))
    factories.login(client, jonas)
    with pytest.raises(Invalid):
        departure.disable(jonas.id, answers={kept.id: "keep"}, reason="x", by=amina.id, now=NOW)
    assert db_session.get_one(Person, jonas.id).active
    answers = {kept.id: "keep", ended.id: "cancel"}
    departure.disable(jonas.id, answers=answers, reason="Away", by=amina.id, now=NOW)
    assert not db_session.get_one(Person, jonas.id).active
    states = db_session.execute(select(Booking.id, Booking.state)).all()
    assert dict(states) == {kept.id: "confirmed", ended.id: "cancelled"}
    assert db_session.scalars(select(Login.ended_at)).all() == [NOW]
    departure.enable(jonas.id, by=amina.id, now=NOW)
    assert db_session.get_one(Person, jonas.id).active
    with pytest.raises(Conflict):
        departure.disable(amina.id, answers={}, reason="", by=amina.id, now=NOW)


def test_the_first_organiser(db_session):
    made = account.create_organiser(email="Amina@people.example ", name="Amina", now=NOW)
    again = account.create_organiser(email="amina@people.example", name="Other", now=NOW)
    assert (made.id, made.email, made.name) == (again.id, "amina@people.example", "Amina")
    assert made.role_names == {"organiser"}
    assert made.password is None
    account.ask_for_login(made.email, now=NOW)
    assert kinds(db_session) == ["login-link"]
    for email in ("", "amina", "amina@localhost", "a@b@c.example"):
        with pytest.raises(Invalid):
            account.create_organiser(email=email, name="Amina", now=NOW)


def test_old_links_and_logins_are_dropped(db_session):
    sanjana = factories.candidate()
    account.ask_for_login(sanjana.email, now=NOW)
    assert links.drop_old(now=NOW + timedelta(days=7)) == 0
    assert links.drop_old(now=NOW + timedelta(days=8)) == 1
