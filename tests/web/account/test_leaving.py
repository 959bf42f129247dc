"""What somebody takes along, and leaving."""

from __future__ import annotations

import json

from flask_security import hash_password
from sqlalchemy import func, select

from mockint.models import Booking, KeptMail, Login, OutboxMessage
from tests import factories
from tests.support.accounts import NOW, fresh, mails


def test_the_download_has_what_is_mine_and_no_secret(client, db_session, sanjana):
    jonas = factories.interviewer()
    factories.person_with(sanjana, password=hash_password("seven quiet rivers"))
    factories.booking(sanjana, jonas)
    answer = client.submit("/account/export", {}, page="/account")
    assert answer.mimetype == "application/json"
    data = json.loads(answer.data)
    assert data["person"]["email"] == "sanjana@people.example"
    assert data["candidate"]["current_employer"] == "Everest Pay"
    assert len(data["interviews"]) == 1
    for secret in ("$argon2", jonas.email, fresh(db_session, sanjana).fs_uniquifier):
        assert secret not in answer.text
    for key in db_session.scalars(select(Login.key_hash)):
        assert key not in answer.text


def test_deleting_cancels_forgets_and_signs_out(client, db_session, sanjana):
    jonas = factories.interviewer()
    booked = factories.booking(sanjana, jonas)
    page = client.get("/account/deletion").text
    assert "1 interview is cancelled with it" in page
    data = {"reason": "I found a job.", "sure": "y"}
    refused = client.submit("/account/deletion", data | {"sure": ""})
    assert refused.status_code == 422
    refused = client.submit("/account/deletion", data | {"reason": "x" * 501})
    assert refused.status_code == 422
    assert fresh(db_session, sanjana).deleted_at is None
    assert db_session.get_one(Booking, booked.id).state == "confirmed"

    assert client.submit("/account/deletion", data).status_code == 303
    gone = fresh(db_session, sanjana)
    assert (gone.name, gone.email) == ("Deleted person", f"deleted-{sanjana.id}@invalid")
    assert (gone.active, gone.password, gone.role_names) == (False, None, frozenset())
    assert (gone.candidate.current_employer, gone.candidate.goals) == ("", "")
    assert db_session.get_one(Booking, booked.id).state == "cancelled"
    assert client.get("/account").status_code == 302
    theirs = [mail for mail in mails(db_session, "cancellation") if mail.person_id == jonas.id]
    assert [mail.state for mail in theirs] == ["pending"]
    mine = db_session.scalars(
        select(OutboxMessage).where(OutboxMessage.person_id == sanjana.id)
    ).all()
    assert {mail.state for mail in mine} <= {"suppressed"}
    assert db_session.scalar(select(func.count(KeptMail.id))) == 0
    client.submit("/login/link", {"email": "sanjana@people.example"}, page="/login")
    assert mails(db_session, "login-link") == []


def test_after_the_cut_off_leaving_waits_for_the_interview(client, db_session, sanjana):
    jonas = factories.interviewer()
    soon = factories.tomorrow_at(14, "Europe/Berlin", days=0, now=NOW)
    booked = factories.booking(sanjana, jonas, start=soon)
    answer = client.submit("/account/deletion", {"reason": "Bye.", "sure": "y"})
    assert answer.status_code in (409, 422)
    assert fresh(db_session, sanjana).deleted_at is None
    assert db_session.get_one(Booking, booked.id).state == "confirmed"


def test_the_only_organiser_stays(client, db_session):
    amina = factories.organiser()
    factories.login(client, amina)
    answer = client.submit("/account/deletion", {"sure": "y"})
    assert "only organiser" in answer.text
    assert fresh(db_session, amina).deleted_at is None
