"""Logins: how they end, on how many devices, and how guessing is slowed down."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from mockint.models import Login
from tests import factories
from tests.support.accounts import NOW, WORDS, mails, signed_in, with_password

# Logins


def test_a_key_that_was_logged_out_stays_out(client, db_session, app):
    sanjana = factories.candidate()
    key = factories.login(client, sanjana)
    client.submit("/logout", {}, page="/account")
    assert not signed_in(client)
    replay = app.test_client()
    with replay.session_transaction() as session:
        session["login"] = key
    assert not signed_in(replay)


def test_devices_are_listed_and_ended_one_by_one(client, db_session, app):
    sanjana, robin = factories.candidate(), factories.stranger()
    factories.login(client, sanjana)
    other, foreign = app.test_client(), app.test_client()
    factories.login(other, sanjana)
    factories.login(foreign, robin)
    page = client.get("/account").text
    assert page.count("Firefox on Linux") >= 2
    theirs = db_session.scalar(select(Login.id).where(Login.person_id == robin.id))
    for wrong in (theirs, 999, "x", "-1", "9" * 40):
        answer = client.submit("/account/logins/end", {"login": wrong}, page="/account")
        assert answer.status_code == 404
    assert signed_in(foreign)
    second = db_session.scalar(select(func.max(Login.id)).where(Login.person_id == sanjana.id))
    client.submit("/account/logins/end", {"login": second}, page="/account")
    assert not signed_in(other)
    assert signed_in(client)


def test_everywhere_means_everywhere(client, db_session, app):
    sanjana = factories.candidate()
    other = app.test_client()
    factories.login(client, sanjana)
    factories.login(other, sanjana)
    client.submit("/logout", {"everywhere": "y"}, page="/account")
    assert not signed_in(client)
    assert not signed_in(other)


def test_a_closed_account_is_out_at_once(client, db_session):
    sanjana = factories.candidate()
    factories.login(client, sanjana)
    factories.person_with(sanjana, active=False)
    assert not signed_in(client)


def test_a_login_ends_by_itself_and_being_seen_is_noted_every_ten_minutes(
    client, db_session, set_clock
):
    sanjana = factories.candidate()
    factories.login(client, sanjana)
    set_clock(NOW + timedelta(minutes=9))
    assert signed_in(client)
    assert db_session.scalar(select(Login.seen_at)) == NOW
    set_clock(NOW + timedelta(minutes=11))
    assert signed_in(client)
    db_session.rollback()
    assert db_session.scalar(select(Login.seen_at)) == NOW + timedelta(minutes=11)
    set_clock(NOW + timedelta(days=15))
    assert not signed_in(client)


def test_roles_are_switched_per_device_with_a_new_key(client, db_session):
    both = factories.candidate(also=["organiser"])
    key = factories.login(client, both, role="candidate")
    assert client.get("/").status_code == 200
    answer = client.submit("/account/role", {"role": "organiser"}, page="/account")
    assert answer.status_code == 303
    with client.session_transaction() as session:
        assert session["login"] != key
    assert client.get("/").location == "/desk"
    refused = client.submit("/account/role", {"role": "interviewer"}, page="/account")
    assert refused.status_code == 422


# Limits


def test_guessing_is_slowed_down_without_locking_the_owner_out(client, db_session, app):
    jonas = with_password(db_session, factories.interviewer())
    data = {"email": jonas.email, "password": WORDS}
    client.submit("/login/password", data, page="/login")
    client.submit("/logout", {}, page="/account")
    guesser = app.test_client()
    guess = {"email": jonas.email, "password": "guess number one"}
    codes = [guesser.submit("/login/password", guess, page="/login").status_code for _ in range(11)]
    assert codes == [422] * 9 + [429] * 2, "the owner's first time counted as well"
    assert guesser.submit("/login/password", data, page="/login").status_code == 429
    assert client.submit("/login/password", data, page="/login").status_code == 303


def test_a_mailbox_gets_at_most_five_links_an_hour(client, db_session):
    sanjana = factories.candidate()
    for _ in range(5):
        client.submit("/login/link", {"email": sanjana.email}, page="/login")
    answer = client.submit("/forgot", {"email": sanjana.email.upper()})
    assert answer.status_code == 429
    assert "Too many tries" in answer.text
    assert len(mails(db_session)) == 5


def test_one_network_gets_thirty_tries_an_hour(client, db_session):
    spoofed = [
        client.submit(
            "/login/password",
            {"email": f"{n}@people.example", "password": "x"},
            page="/login",
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        ).status_code
        for n in range(31)
    ]
    assert spoofed == [422] * 30 + [429]
