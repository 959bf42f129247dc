"""An organiser decides what makes a good match, and whom to keep apart."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from mockint.db import db
from mockint.domain.community import WEIGHTS
from mockint.models import AuditEntry, BlockedPair, CommunitySetting
from mockint.queries import community as community_query
from tests import factories
from tests.support import desk
from tests.support.declines import LEA, MARA
from tests.support.desk import DAY, NOW

PAGE = "/desk/settings/weights"
DELIVERED = {f"weight_{part}": str(points) for part, points in WEIGHTS.items()} | {"newest": "0"}


@pytest.fixture
def cast(client, db_session, set_clock):
    return desk.cast(client, set_clock)


# Weights


def places(text: str, *names: str) -> list[str]:
    """The names in the order in which the example has them."""
    example = text.partition('id="example"')[2]
    return sorted(names, key=example.index)


def ranked(cast):
    """Sanjana booked Jonas, who is no stranger to work; Mara works where she wants to."""
    sanjana, jonas, _ = cast
    sanjana.candidate.target_companies = ("Ondas",)
    db.session.commit()
    factories.interviewer(MARA, company="Ondas", max_per_week=1, now=NOW)
    factories.booking(sanjana, jonas, start=NOW + DAY, now=NOW)


def test_a_weight_is_changed_tried_and_put_back(client, cast):
    ranked(cast)
    page = client.get(PAGE).text
    assert "Everything is as it was delivered." in page
    assert places(page, "Jonas", "Mara") == ["Mara", "Jonas"]
    assert "Works at a company you named: Ondas." in page
    changed = DELIVERED | {"weight_target_company": "0", "weight_expertise": "0"}
    tried = client.submit(PAGE, changed | {"op": "try", "weight_zone_comfort": "0"})
    assert tried.status_code == 200
    assert "With what you typed, not saved" in tried.text
    assert "Works at a company you named" not in tried.text
    assert db.session.scalars(select(CommunitySetting)).all() == []
    assert client.submit(PAGE, changed).status_code == 303
    assert community_query.current().weights == WEIGHTS | {"target_company": 0, "expertise": 0}
    page = client.get(PAGE).text
    assert "30 became 0, by Amina" in page
    assert "Works at a company you named" not in page
    newest = str(db.session.scalar(select(func.max(AuditEntry.id))))
    again = {"op": "reset", "newest": newest}
    assert client.submit(PAGE, again).status_code == 303
    assert community_query.current().weights == WEIGHTS
    assert "0 became 30, by Amina" in client.get(PAGE).text


def test_changes_of_weights_stay_out_of_the_other_settings(client, cast):
    client.submit(PAGE, DELIVERED | {"weight_load": "40"})
    assert " became " not in client.get("/desk/settings").text


def test_weights_that_cannot_be_used_are_refused_and_kept(client, cast):
    nothing = dict.fromkeys(DELIVERED, "0")
    for typed, words in (
        (nothing, "Let at least one of them count"),
        (DELIVERED | {"weight_load": "101"}, "Choose a number from 0 to 100."),
        (DELIVERED | {"weight_load": "many"}, "Write a whole number."),
    ):
        for op in ("save", "try"):
            refused = client.submit(
                PAGE, typed | {"op": op, "weight_variety": typed["weight_load"]}
            )
            assert refused.status_code == 422
            assert words in refused.text
    assert db.session.scalars(select(CommunitySetting)).all() == []


def test_weights_seen_before_somebody_changed_them_are_not_saved(client, cast):
    client.submit(PAGE, DELIVERED | {"weight_load": "40"})
    stale = client.submit(PAGE, DELIVERED | {"weight_variety": "11"})
    assert stale.status_code == 409
    assert 'value="11"' in stale.text
    assert community_query.current().weight_variety == WEIGHTS["variety"]


def test_without_a_booking_there_is_nothing_to_rank(client, cast):
    assert "As soon as an interview is booked" in client.get(PAGE).text


# Two people kept apart


def test_somebody_is_kept_apart_by_name_and_let_in_again(client, cast):
    sanjana, jonas, _ = cast
    factories.booking(sanjana, jonas, start=NOW + DAY, now=NOW)
    address = f"/desk/people/{sanjana.id}"
    form = {"name": " JONAS", "reason": "He shouted at her."}
    assert client.submit(f"{address}/apart", form, page=address).status_code == 303
    for page in (address, f"/desk/people/{jonas.id}"):
        text = client.get(page).text
        assert "He shouted at her." in text
        assert "It stays until you cancel it" in text
        assert "kept two people apart" in text
    assert client.submit(f"{address}/apart/{jonas.id}/removal", page=address).status_code == 303
    assert db.session.scalars(select(BlockedPair)).all() == []
    assert "He shouted at her." not in client.get(address).text


def test_of_several_with_the_name_one_is_chosen(client, cast):
    sanjana = cast[0]
    lea, other = (
        factories.interviewer(LEA, name=name, email=f"{name[-1]}@people.example", now=NOW)
        for name in ("Lea A", "Lea B")
    )
    address = f"/desk/people/{sanjana.id}"
    form = {"name": "lea", "reason": "They were a couple."}
    asked = client.submit(f"{address}/apart", form, page=address)
    assert asked.status_code == 422
    assert f'value="{lea.id}"' in asked.text
    assert "They were a couple." in asked.text
    chosen = form | {"other": str(other.id)}
    assert client.submit(f"{address}/apart", chosen, page=address).status_code == 303
    (pair,) = db.session.scalars(select(BlockedPair)).all()
    assert {pair.one_id, pair.other_id} == {sanjana.id, other.id}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "Nobody", "reason": "x"}, "Nobody here has this in their name or address."),
        ({"name": "", "reason": "x"}, "Nobody here has this in their name or address."),
        ({"name": "Jonas", "reason": " "}, "Fill this in."),
        ({"name": "Jonas", "reason": "x" * 501}, "Shorten this to 500 characters."),
    ],
)
def test_what_cannot_be_kept_apart_is_said(client, cast, form, words):
    address = f"/desk/people/{cast[0].id}"
    refused = client.submit(f"{address}/apart", form, page=address)
    assert refused.status_code == 422
    assert words in refused.text
    assert db.session.scalars(select(BlockedPair)).all() == []


# Who suits whom


def test_the_best_few_are_shown_with_the_reason(client, cast):
    sanjana, jonas, _ = cast
    for number in range(4):
        factories.interviewer(
            LEA, name=f"Lea {number}", email=f"l{number}@people.example", company="", now=NOW
        )
    sanjana.candidate.target_companies = ("Nordlicht",)
    db.session.commit()
    text = client.get(f"/desk/people/{sanjana.id}").text.partition('id="recommended"')[2]
    assert text.count("/desk/book?candidate=") == 3
    assert "Works at a company you named: Nordlicht." in text
    factories.login(client, sanjana, role="candidate")
    own = client.get(f"/interviewers/{jonas.id}").text.partition('id="recommended"')[2]
    assert own.count("/interviewers/") == 3
    assert f"/interviewers/{jonas.id}" not in own, "who is looked at is not recommended again"
