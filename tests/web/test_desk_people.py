"""One person before an organiser: volunteers, roles, closed accounts."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.models import OneTimeLink, OutboxMessage
from tests import factories, people
from tests.support import desk
from tests.support.desk import DAY, NOW, refreshed


@pytest.fixture
def cast(client, db_session, set_clock):
    return desk.cast(client, set_clock)


# One person


def test_a_volunteer_is_approved(client, cast):
    robin = factories.interviewer(people.ROBIN, state="applied", now=NOW)
    address = f"/desk/people/{robin.id}"
    assert "waits for your answer" in client.get(address).text
    answer = client.submit(f"{address}/decision", {"decision": "approved"}, page=address)
    assert answer.status_code == 303
    assert refreshed(robin).role_names == {"interviewer"}
    page = client.get(address).text
    assert "Approved" in page
    assert "Send back with the note" not in page


@pytest.mark.parametrize("decision", ["returned", "declined"])
def test_sending_back_and_declining_need_a_note(client, cast, decision):
    robin = factories.interviewer(people.ROBIN, state="applied", now=NOW)
    address = f"/desk/people/{robin.id}"

    def decide(note: str):
        form = {"decision": decision, "note": note}
        return client.submit(f"{address}/decision", form, page=address)

    for note in ("", "  ", "x" * 1001, "a\x07b"):
        refused = decide(note)
        assert refused.status_code == 422
        assert "There is something to correct" in refused.text
    assert refreshed(robin.interviewer).state == "applied"
    assert decide("Which databases have you run?").status_code == 303
    assert refreshed(robin.interviewer).state == decision
    assert robin.interviewer.note == "Which databases have you run?"


def test_an_unknown_decision_is_refused_with_what_was_typed(client, cast):
    robin = factories.interviewer(people.ROBIN, state="applied", now=NOW)
    address = f"/desk/people/{robin.id}"
    form = {"decision": "promoted", "note": "Kept words"}
    refused = client.submit(f"{address}/decision", form, page=address)
    assert refused.status_code == 422
    assert "Kept words" in refused.text
    assert (
        client.submit(f"/desk/people/{cast[0].id}/decision", form, page=address).status_code == 422
    )
    form["decision"] = "approved"
    answer = client.submit(f"/desk/people/{cast[0].id}/decision", form, page=address)
    assert answer.status_code == 404, "Sanjana never applied"


def test_organisers_make_organisers_and_one_is_left(client, cast):
    sanjana, _, amina = cast
    mine = f"/desk/people/{amina.id}"
    last = client.submit(f"{mine}/organiser", {"wanted": "n"}, page=mine)
    assert last.status_code == 409
    assert "This is the only organiser." in last.text
    address = f"/desk/people/{sanjana.id}"
    client.submit(f"{address}/organiser", {"wanted": "y"}, page=address)
    assert "organiser" in refreshed(sanjana).role_names
    gone = client.submit(f"{mine}/organiser", {"wanted": "n"}, page=mine)
    assert (gone.status_code, gone.location) == (303, "/")
    assert client.get("/desk").status_code == 403


def test_closing_an_account_asks_about_each_booking(client, cast):
    sanjana, jonas, _ = cast
    keep, drop = (factories.booking(sanjana, jonas, start=NOW + n * DAY, now=NOW) for n in (2, 3))
    address = f"/desk/people/{jonas.id}/closing"
    assert "2 interviews are booked" in client.get(address).text
    answers = {f"booking_{keep.id}": "keep", f"booking_{drop.id}": "cancel"}
    unsaid = client.submit(address, {f"booking_{keep.id}": "keep"})
    assert unsaid.status_code == 422
    wordless = client.submit(address, answers)
    assert wordless.status_code == 422
    assert (refreshed(drop).state, refreshed(jonas).active) == ("confirmed", True)
    closed = client.submit(address, answers | {"reason": "Jonas has left us."})
    assert closed.status_code == 303
    assert (refreshed(keep).state, refreshed(drop).state) == ("confirmed", "cancelled")
    assert refreshed(jonas).active is False
    page = f"/desk/people/{jonas.id}"
    assert "Open it again" in client.get(page).text
    client.submit(f"{page}/opening", page=page)
    assert refreshed(jonas).active is True


def test_nobody_closes_the_own_account_here(client, cast):
    address = f"/desk/people/{cast[2].id}/closing"
    assert client.submit(address).status_code == 409
    assert refreshed(cast[2]).active is True


def test_a_volunteer_is_invited(client, cast):
    for email in ("", "somewhere", "a" * 300 + "@people.example", "x@people.example\x00"):
        refused = client.submit("/desk/invite", {"email": email})
        assert refused.status_code == 422, email
        assert "Error: Invite a volunteer" in refused.text
    assert db.session.scalars(select(OneTimeLink)).all() == []
    answer = client.submit("/desk/invite", {"email": "mara@people.example"})
    assert answer.status_code == 303
    assert db.session.scalars(select(OneTimeLink.email)).all() == ["mara@people.example"]
    assert db.session.scalars(select(OutboxMessage.kind)).all() == ["volunteer-invited"]
