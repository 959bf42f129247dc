"""Signing up, one-time links and passwords."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_security import verify_password
from sqlalchemy import select

from mockint.models import Login, Person
from mockint.web.extensions import limiter
from tests import factories
from tests.support.accounts import (
    NOW,
    WORDS,
    link_in,
    mails,
    person,
    rows,
    signed_in,
    with_password,
)

NEWCOMER = {
    "wish": "practise",
    "name": "Tomás",
    "email": "tomas@people.example",
    "zone": "Europe/Lisbon",
    "password": WORDS,
}


# Signing up


def test_sign_up_confirm_and_say_what_you_prepare_for(client, db_session):
    answer = client.submit("/signup", NEWCOMER, follow_redirects=True)
    assert answer.status_code == 200
    assert "tomas@people.example" in answer.text
    made = person(db_session, "tomas@people.example")
    assert (made.confirmed_at, made.zone, made.role_names) == (None, "Europe/Lisbon", {"candidate"})
    assert made.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert WORDS not in str([mail.payload for mail in mails(db_session)])
    assert not signed_in(client)

    link = link_in(db_session, "confirm-address")
    before = rows(db_session)
    for _ in range(3):
        assert "Tomás" in client.get(link).text
        assert client.head(link).status_code == 200
    assert rows(db_session) == before

    answer = client.submit(link, {})
    assert answer.status_code == 303
    assert answer.location == "/account/candidate"
    assert person(db_session, "tomas@people.example").confirmed_at == NOW
    assert signed_in(client)

    answer = client.submit(
        "/account/candidate",
        {"target_level": "mid", "tracks": ["coding"], "languages": ["en"]},
    )
    assert (answer.status_code, answer.location) == (303, "/book")


def test_a_volunteer_gets_no_role_until_approved(client, db_session):
    client.submit("/signup", NEWCOMER | {"wish": "interview", "password": ""})
    answer = client.submit(link_in(db_session, "confirm-address"), {})
    assert answer.location == "/volunteer"
    made = person(db_session, "tomas@people.example")
    assert (made.role_names, made.password) == (frozenset(), None)


def test_a_taken_address_answers_alike_and_the_mail_says_so(client, db_session):
    factories.candidate()
    fresh = client.submit("/signup", NEWCOMER, follow_redirects=True)
    taken = client.submit(
        "/signup", NEWCOMER | {"email": " SANJANA@people.example "}, follow_redirects=True
    )
    assert fresh.status_code == taken.status_code == 200
    assert fresh.text == taken.text.replace("sanjana@", "tomas@")
    sanjana = person(db_session, "sanjana@people.example")
    assert (sanjana.name, sanjana.password) == ("Sanjana", None)
    assert [mail.kind for mail in mails(db_session)] == ["confirm-address", "login-link"]
    assert mails(db_session, "login-link")[0].payload["known"] is True


def test_two_who_claim_one_unproven_address_leave_no_password(client, db_session):
    client.submit("/signup", NEWCOMER)
    client.submit("/signup", NEWCOMER | {"password": "another long secret", "name": "Mallory"})
    made = person(db_session, "tomas@people.example")
    assert (made.name, made.password) == ("Tomás", None)


def test_a_sign_in_link_drops_the_password_of_an_unproven_address(client, db_session):
    client.submit("/signup", NEWCOMER)
    client.submit("/login/link", {"email": NEWCOMER["email"]}, page="/login")
    client.submit(link_in(db_session, "login-link"), {})
    made = person(db_session, "tomas@people.example")
    assert (made.confirmed_at, made.password) == (NOW, None)


BAD_SIGN_UPS: list[tuple[dict[str, str], str]] = [
    ({"name": ""}, "Fill this in"),
    ({"name": "x" * 81}, "Shorten this to 80 characters. It has 81."),
    ({"name": "Tom\x00ás"}, "cannot be shown"),
    ({"name": "Tom\u202eás"}, "cannot be shown"),
    ({"name": "Tom\nás"}, "on one line"),
    ({"email": ""}, "like name@example.org"),
    ({"email": "tomas"}, "like name@example.org"),
    ({"email": "tomas@people.example\r\nBcc: x@people.example"}, "like name@example.org"),
    ({"email": "t@" + "x" * 260 + ".example"}, "like name@example.org"),
    ({"zone": ""}, "Choose your time zone"),
    ({"zone": "Mars/Olympus"}, "Choose your time zone"),
    ({"zone": "../../etc/passwd"}, "Choose your time zone"),
    ({"password": "short"}, "at least 8 characters. You have 5."),
    ({"password": "x1" * 65}, "at most 128 characters"),
    ({"password": "password123"}, "easily guessed"),
    ({"password": "Mockint2026!"}, "easily guessed"),
    ({"password": "tomas@people.example"}, "easily guessed"),
    ({"wish": "rule"}, "Choose from the list"),
]


def test_bad_sign_ups_are_refused_in_words(client, db_session):
    for changes, words in BAD_SIGN_UPS:
        limiter.reset()
        answer = client.submit("/signup", NEWCOMER | changes)
        assert answer.status_code == 422, changes
        assert words in answer.text, changes
        assert "Error: " in answer.text
        assert "email" in changes or "tomas@people.example" in answer.text
    assert rows(db_session) == dict.fromkeys(rows(db_session), 0)


def test_missing_fields_are_a_sentence(client, db_session):
    for page in ("/signup", "/forgot"):
        assert client.submit(page, {}).status_code == 422
    for address in ("/login/link", "/login/password"):
        assert client.submit(address, {}, page="/login").status_code == 422
    assert rows(db_session)["people"] == 0


# One-time links


def ask_for_login(client, db_session, who: Person) -> str:
    client.submit("/login/link", {"email": who.email}, page="/login")
    return link_in(db_session, "login-link")


def test_a_sign_in_link_works_once(client, db_session, app):
    sanjana = factories.candidate()
    link = ask_for_login(client, db_session, sanjana)
    assert client.submit(link, {}).location == "/"
    assert signed_in(client)
    other = app.test_client()
    token = other.token("/login")
    again = other.post(link, data={"csrf_token": token})
    assert again.status_code == 410
    assert "used already" in again.text
    assert "/login" in again.text
    assert other.get(link).status_code == 410
    assert not signed_in(other)


@pytest.mark.parametrize(
    ("kind", "life"),
    [
        ("login", timedelta(minutes=10)),
        ("reset", timedelta(minutes=30)),
        ("confirm", timedelta(days=1)),
    ],
)
def test_links_end_to_the_second(client, db_session, set_clock, kind, life):
    who = factories.candidate(confirmed=kind != "confirm")
    if kind == "confirm":
        client.submit("/signup", NEWCOMER | {"email": who.email})
        link = link_in(db_session, "confirm-address")
    else:
        page = {"login": ("/login/link", "/login"), "reset": ("/forgot", "/forgot")}[kind]
        client.submit(page[0], {"email": who.email}, page=page[1])
        link = link_in(db_session, {"login": "login-link", "reset": "reset-password"}[kind])
    set_clock(NOW + life - timedelta(seconds=1))
    assert client.get(link).status_code == 200
    set_clock(NOW + life)
    assert client.get(link).status_code == 410
    token = client.token("/login")
    answer = client.post(link, data={"csrf_token": token, "password": WORDS})
    assert answer.status_code == 410
    assert not signed_in(client)


def test_tampered_tokens_open_nothing(client, db_session):
    sanjana = factories.candidate()
    link = ask_for_login(client, db_session, sanjana)
    page, token = link.rsplit("/", 1)
    csrf = client.token("/login")
    limiter.enabled = False
    try:
        for place in range(len(token)):
            other = "A" if token[place] != "A" else "B"
            wrong = f"{page}/{token[:place]}{other}{token[place + 1 :]}"
            assert client.post(wrong, data={"csrf_token": csrf}).status_code == 410
    finally:
        limiter.enabled = True
    for kind in ("confirm", "reset", "account/email", "invited"):
        assert client.get(f"/{kind}/{token}").status_code == 410
    assert client.post(link, data={"csrf_token": csrf}).status_code == 303


def test_a_link_is_worthless_after_the_address_changed_or_the_account_closed(client, db_session):
    sanjana = factories.candidate()
    link = ask_for_login(client, db_session, sanjana)
    factories.person_with(sanjana, email="new@people.example")
    assert client.get(link).status_code == 410
    factories.person_with(sanjana, email="sanjana@people.example", active=False)
    assert client.get(link).status_code == 410


def test_the_next_page_survives_the_mail_but_never_leaves_the_site(client, db_session):
    sanjana = factories.candidate()
    answer = client.get("/account/candidate")
    assert answer.location == "/login?next=/account/candidate"
    client.submit(
        "/login/link", {"email": sanjana.email, "next": "/account/candidate"}, page="/login"
    )
    link = link_in(db_session, "login-link")
    assert client.submit(link, {"next": "/account/candidate"}).location == "/account/candidate"


ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/a\nb",
    "javascript:alert(1)",
    "/" + "x" * 600,
    "///evil.example",
    "/\t/evil.example",
]


def test_other_sites_are_no_next_page(client, db_session):
    jonas = with_password(db_session, factories.interviewer())
    for target in ELSEWHERE:
        limiter.reset()
        data = {"email": jonas.email, "password": WORDS, "next": target}
        answer = client.submit("/login/password", data, page="/login")
        assert answer.location == "/", target
        client.submit("/logout", {}, page="/account")


# Passwords


def test_sign_in_by_password_starts_a_new_session(client, db_session):
    jonas = with_password(db_session, factories.interviewer())
    client.get("/login")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    data = {"email": "Jonas@People.example", "password": WORDS}
    answer = client.submit("/login/password", data, page="/login")
    assert answer.status_code == 303
    with client.session_transaction() as session:
        assert "planted" not in session
    assert signed_in(client)
    assert [login.person_id for login in db_session.scalars(select(Login))] == [jonas.id]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("jonas@people.example", "wrong words here"),
        ("jonas@people.example", WORDS + " "),
        ("nobody@people.example", WORDS),
        ("robin@people.example", WORDS),
        ("jonas@people.example", "x" * 5000),
        ("jonas@people.example", ""),
    ],
)
def test_wrong_passwords_say_the_same(client, db_session, email, password):
    with_password(db_session, factories.interviewer())
    factories.stranger()
    answer = client.submit("/login/password", {"email": email, "password": password}, page="/login")
    assert answer.status_code == 422
    assert "do not belong together" in answer.text
    assert rows(db_session)["logins"] == 0


def test_an_unproven_address_cannot_come_in_by_password(client, db_session):
    client.submit("/signup", NEWCOMER)
    data = {"email": NEWCOMER["email"], "password": WORDS}
    answer = client.submit("/login/password", data, page="/login", follow_redirects=True)
    assert "Look into your mail" in answer.text
    assert len(mails(db_session, "confirm-address")) == 2
    assert not signed_in(client)


def test_reset_sets_a_password_and_signs_everybody_else_out(client, db_session, app):
    jonas = factories.interviewer()
    old = app.test_client()
    factories.login(old, jonas)
    client.submit("/forgot", {"email": jonas.email})
    link = link_in(db_session, "reset-password")
    refused = client.submit(link, {"password": "short"})
    assert refused.status_code == 422
    assert rows(db_session)["used"] == 0
    assert client.submit(link, {"password": WORDS}).status_code == 303
    assert verify_password(WORDS, person(db_session, jonas.email).password)
    assert signed_in(client)
    assert not signed_in(old)
    assert len(mails(db_session, "password-changed")) == 1
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("address", ["/forgot", "/login/link"])
def test_known_and_unknown_addresses_answer_alike(client, db_session, address):
    factories.candidate()
    page = {"/forgot": "/forgot", "/login/link": "/login"}[address]
    known = client.submit(address, {"email": "sanjana@people.example"}, page=page)
    seen = client.get(known.location).text
    unknown = client.submit(address, {"email": "nobody@people.example"}, page=page)
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert client.get("/sent").text.replace("nobody@", "sanjana@") == seen
    assert len(mails(db_session)) == 1
    assert rows(db_session)["links"] == 2
