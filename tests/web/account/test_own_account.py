"""The account page, what a candidate prepares for, what a volunteer offers."""

from __future__ import annotations

import pytest
from flask_security import verify_password
from sqlalchemy import func, select

from mockint import settings as settings_module
from mockint.adapters import links as signed
from mockint.models import Booking, CandidateProfile, InterviewerProfile, OutboxMessage
from tests import factories
from tests.support.accounts import fresh, mails

WISH = {
    "target_level": "senior",
    "tracks": ["system_design", "coding"],
    "languages": ["en", "ne"],
    "target_role": "Backend engineer",
    "target_companies": "Nordlicht, Fjord\nNORDLICHT\n",
    "interview_on": "2026-12-18",
    "current_employer": "Everest Pay",
    "goals": "Say less.\nDraw more.",
}
OFFER = {
    "company": "Nordlicht",
    "title": "Staff engineer",
    "years": "9",
    "tracks": ["coding"],
    "levels": ["entry", "mid"],
    "languages": ["en"],
    "bio": "Payment systems.",
    "meeting_link": "https://meet.example/room?x=1",
}


@pytest.fixture
def robin(client, db_session):
    """Signed in, no role yet."""
    who = factories.person()
    factories.login(client, who)
    return who


# Name, zone, reminders


def test_name_zone_and_reminders_are_saved(client, db_session, sanjana):
    client.submit("/account/name", {"name": "S. T."}, page="/account")
    client.submit("/account/zone", {"zone": "Asia/Calcutta"})
    client.submit("/account/reminders", {"wanted": "n"}, page="/account")
    now = fresh(db_session, sanjana)
    assert (now.name, now.zone, now.wants_reminders) == ("S. T.", "Asia/Kolkata", False)
    client.submit("/account/reminders", {"wanted": "y"}, page="/account")
    assert fresh(db_session, sanjana).wants_reminders
    assert "Kolkata, UTC+05:30" in client.get("/account").text


def test_bad_names_and_zones_change_nothing(client, db_session, sanjana):
    for name in ("", " ", "x" * 81, "a\x07b", "a\u2066b", "a\u2028b"):
        answer = client.submit("/account/name", {"name": name}, page="/account")
        assert answer.status_code == 422
    for zone in ("", "Nowhere", "localtime", "posixrules", "x" * 10_000):
        assert client.submit("/account/zone", {"zone": zone}).status_code == 422
    now = fresh(db_session, sanjana)
    assert (now.name, now.zone) == ("Sanjana", "Asia/Kathmandu")


def test_the_zone_page_proposes_and_goes_back(client, db_session, sanjana):
    page = client.get("/account/zone?zone=Europe/Berlin&next=/help").text
    assert '<option selected value="Europe/Berlin">' in page
    assert fresh(db_session, sanjana).zone == "Asia/Kathmandu"
    data = {"zone": "Europe/Berlin", "next": "/help"}
    assert client.submit("/account/zone", data).location == "/help"
    data["next"] = "//evil.example"
    assert client.submit("/account/zone", data).location == "/account"


def test_reminders_are_switched_off_from_a_mail_without_signing_in(client, db_session, app):
    sanjana = factories.candidate()
    path = f"/reminders/{signed.sign(settings_module.active(), 'reminders', sanjana.id)}"
    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert fresh(db_session, sanjana).wants_reminders
    one_click = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    assert not fresh(db_session, sanjana).wants_reminders
    for wrong in (path[:-1] + "!", f"/reminders/{sanjana.id}", "/reminders/x", path + "a"):
        assert client.post(wrong).status_code == 404


# Address and password


def test_the_address_changes_when_the_new_mailbox_says_so(client, db_session, sanjana):
    answer = client.submit("/account/email", {"email": "New@people.example"}, page="/account")
    assert answer.status_code == 303
    assert fresh(db_session, sanjana).email == "sanjana@people.example"
    (mail,) = mails(db_session, "change-address")
    assert mail.address == "new@people.example"
    link = mail.payload["link"]
    for _ in range(3):
        assert client.get(link).status_code == 200
    assert fresh(db_session, sanjana).email == "sanjana@people.example"
    assert client.submit(link, {}).status_code == 303
    assert fresh(db_session, sanjana).email == "new@people.example"
    (notice,) = mails(db_session, "address-changed")
    assert notice.address == "sanjana@people.example"
    assert client.get(link).status_code == 410


def test_a_taken_address_is_neither_told_nor_given(client, db_session, sanjana):
    factories.interviewer()
    answer = client.submit("/account/email", {"email": "jonas@people.example"}, page="/account")
    assert answer.status_code == 303
    assert mails(db_session, "change-address") == []
    client.submit("/account/email", {"email": "free@people.example"}, page="/account")
    link = mails(db_session, "change-address")[0].payload["link"]
    factories.stranger(email="free@people.example")
    token = client.token("/account")
    assert client.post(link, data={"csrf_token": token}).status_code == 410
    assert fresh(db_session, sanjana).email == "sanjana@people.example"


def test_only_the_newest_address_link_counts(client, db_session, sanjana):
    for name in ("one", "two"):
        client.submit("/account/email", {"email": f"{name}@people.example"}, page="/account")
    first, second = (mail.payload["link"] for mail in mails(db_session, "change-address"))
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


def test_password_and_address_ask_for_the_present_password(client, db_session, app, sanjana):
    client.submit("/account/password", {"password": "seven quiet rivers"}, page="/account")
    other = app.test_client()
    factories.login(other, sanjana)
    for current in ("", "wrong words here"):
        data = {"password": "eight loud rivers", "current": current}
        answer = client.submit("/account/password", data, page="/account")
        assert answer.status_code == 422
        data = {"email": "new@people.example", "current": current}
        assert client.submit("/account/email", data, page="/account").status_code == 422
    assert other.get("/account").status_code == 200
    assert mails(db_session, "change-address") == []
    with client.session_transaction() as session:
        key = session["login"]
    data = {"password": "eight loud rivers", "current": "seven quiet rivers"}
    assert client.submit("/account/password", data, page="/account").status_code == 303
    assert verify_password("eight loud rivers", fresh(db_session, sanjana).password)
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200
    with client.session_transaction() as session:
        assert session["login"] != key
    assert len(mails(db_session, "password-changed")) == 2


def test_bad_addresses_and_passwords_change_nothing(client, db_session, sanjana):
    for email in ("", "x", "a b@people.example", "sanjana@people.example", "ü@people.example"):
        answer = client.submit("/account/email", {"email": email}, page="/account")
        assert answer.status_code == 422, email
    for password in ("", "1234567", "x" * 129, "12345678", "sanjana2026", "\0" * 9, "aaaaaaaaaaa"):
        answer = client.submit("/account/password", {"password": password}, page="/account")
        assert answer.status_code == 422, password
    assert fresh(db_session, sanjana).password is None
    assert db_session.scalar(select(func.count(OutboxMessage.id))) == 0


# What a candidate prepares for


def test_a_wish_is_saved_and_makes_a_candidate(client, db_session, robin):
    answer = client.submit("/account/candidate", WISH)
    assert (answer.status_code, answer.location) == (303, "/book")
    saved = db_session.get_one(CandidateProfile, robin.id)
    assert saved.tracks == ("coding", "system_design")
    assert saved.languages == ("en", "ne")
    assert saved.target_companies == ("NORDLICHT", "Fjord")
    assert (saved.target_level, str(saved.interview_on)) == ("senior", "2026-12-18")
    assert saved.goals == "Say less.\nDraw more."
    assert fresh(db_session, robin).role_names == {"candidate"}
    page = client.get("/account/candidate").text
    assert "2026-12-18" in page
    assert client.submit("/account/candidate", WISH | {"goals": ""}).location == "/"


BAD_WISHES: list[tuple[dict[str, object], str]] = [
    ({"target_level": ""}, "Choose the level"),
    ({"target_level": "king"}, "Choose the level"),
    ({"tracks": []}, "at least one"),
    ({"tracks": ["coding", "juggling"]}, "from the list"),
    ({"languages": []}, "at least one"),
    ({"languages": ["xx"]}, "from the list"),
    ({"target_role": "x" * 121}, "It has 121"),
    ({"current_employer": "a\nb"}, "on one line"),
    ({"goals": "x" * 2001}, "It has 2001"),
    ({"goals": "a\x1bb"}, "cannot be shown"),
    ({"target_companies": ",".join(f"c{n}" for n in range(21))}, "at most 20"),
    ({"interview_on": "18.12.2026"}, "year-month-day"),
    ({"interview_on": "2026-11-22"}, "next three years"),
    ({"interview_on": "2036-01-01"}, "next three years"),
]


def test_bad_wishes_are_refused_and_keep_what_was_typed(client, db_session, robin):
    for changes, words in BAD_WISHES:
        answer = client.submit("/account/candidate", WISH | changes)
        assert answer.status_code == 422, changes
        assert words in answer.text, changes
        assert "target_role" in changes or "Backend engineer" in answer.text
    assert db_session.scalar(select(func.count(CandidateProfile.person_id))) == 0
    assert fresh(db_session, robin).role_names == frozenset()


# Volunteering


def test_a_volunteer_applies_and_changes_the_application(client, db_session, robin):
    assert client.submit("/volunteer", OFFER).status_code == 303
    assert client.submit("/volunteer", OFFER | {"years": "10"}).status_code == 303
    profile = db_session.get_one(InterviewerProfile, robin.id)
    assert (profile.state, profile.years, profile.levels) == ("applied", 10, ("entry", "mid"))
    assert fresh(db_session, robin).role_names == frozenset()
    assert len(mails(db_session, "volunteer-received")) == 1
    assert "with the organisers" in client.get("/").text


BAD_OFFERS: list[tuple[dict[str, object], str]] = [
    ({"company": ""}, "Fill this in"),
    ({"title": "x" * 121}, "It has 121"),
    ({"years": "many"}, "as a number"),
    ({"years": "-1"}, "as a number"),
    ({"years": "61"}, "as a number"),
    ({"years": "٣"}, "as a number"),
    ({"tracks": []}, "at least one"),
    ({"levels": ["king"]}, "from the list"),
    ({"bio": ""}, "Fill this in"),
    ({"bio": "x" * 2001}, "It has 2001"),
    ({"meeting_link": ""}, "starting with https://"),
    ({"meeting_link": "http://meet.example/x"}, "starting with https://"),
    ({"meeting_link": "javascript:alert(1)"}, "starting with https://"),
    ({"meeting_link": "https://user:pass@meet.example/x"}, "starting with https://"),
    ({"meeting_link": "https://meet.example/a b"}, "starting with https://"),
    ({"meeting_link": "https://localhost"}, "starting with https://"),
    ({"meeting_link": "https://meet.example:0/"}, "starting with https://"),
    ({"meeting_link": "https://meet.example:99999/"}, "starting with https://"),
    ({"meeting_link": "https://[::1"}, "starting with https://"),
    ({"meeting_link": "https://meet.example/\r\nX: y"}, "on one line"),
    ({"meeting_link": "https://meet.example/" + "x" * 500}, "Shorten this to 500"),
    ({"meeting_link": "", "makes_link": "y"}, "starting with https://"),
]
"""The last one: no rooms are made where the operator named no server for them."""


def test_bad_offers_are_refused(client, db_session, robin):
    for changes, words in BAD_OFFERS:
        answer = client.submit("/volunteer", OFFER | changes)
        assert answer.status_code == 422, changes
        assert words in answer.text, changes
    assert db_session.scalar(select(func.count(InterviewerProfile.person_id))) == 0


def test_a_new_meeting_link_reaches_the_booked(client, db_session):
    jonas = factories.interviewer()
    booked = factories.booking(factories.candidate(), jonas)
    factories.login(client, jonas)
    client.submit("/volunteer", OFFER | {"meeting_link": "https://meet.example/new"})
    db_session.expire_all()
    after = db_session.get_one(Booking, booked.id)
    assert (after.meeting_link, after.sequence) == ("https://meet.example/new", 1)
    assert {mail.side for mail in mails(db_session, "update")} == {"candidate", "interviewer"}
    assert fresh(db_session, jonas).interviewer.state == "approved"


def test_an_application_is_taken_back_once(client, db_session, robin):
    client.submit("/volunteer", OFFER)
    assert client.submit("/volunteer/withdrawal", {}, page="/volunteer").status_code == 303
    assert db_session.get_one(InterviewerProfile, robin.id).state == "withdrawn"
    assert client.submit("/volunteer/withdrawal", {}, page="/volunteer").status_code == 409
    assert client.submit("/volunteer", OFFER).status_code == 303
    assert fresh(db_session, robin).interviewer.state == "applied"


def test_every_page_of_an_account_is_for_its_owner_only(client, db_session):
    for path in ("/account", "/account/zone", "/account/candidate", "/volunteer",
                 "/account/deletion"):  # fmt: skip
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (302, f"/login?next={path}")
    token = client.token("/login")
    for path in ("name", "role", "reminders", "email", "password", "logins/end", "export"):
        answer = client.post(f"/account/{path}", data={"csrf_token": token})
        assert answer.location == "/login"


def test_nothing_is_posted_without_a_token(client, db_session, sanjana):
    for path in ("/account/name", "/account/role", "/account/email", "/account/password",
                 "/account/logins/end", "/account/export", "/account/deletion", "/logout",
                 "/account/zone", "/account/candidate", "/volunteer"):  # fmt: skip
        assert client.post(path, data={"name": "X", "sure": "y"}).status_code == 400
    assert fresh(db_session, sanjana).name == "Sanjana"
