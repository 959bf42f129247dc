"""The question on the pages: who reads which part of it, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockint.db import db
from mockint.models import QuestionKit
from mockint.services import feedback as feedback_service
from mockint.services import kits, rubric
from mockint.web.kits.words import Paragraph, paragraphs
from tests import factories, people
from tests.support import feedback as given
from tests.support.kits import made, made_kits

START = datetime(2026, 11, 24, 14, tzinfo=UTC)
PARTS = {
    "prompt": "Count the boats of canary.",
    "answer": "Up to 10.",
    "hint": "Look at the nudge.",
    "signal": "Does it, framing.",
    "follow-up": "And with a million?",
    "pitfall": "Counts twice.",
    "solution": "Solve canary by counting.",
}


@pytest.fixture
def booking(client, db_session, set_clock):
    set_clock(START - timedelta(minutes=10))
    now = START - timedelta(days=30)
    rubric.publish_default(now=now)
    organiser = factories.organiser(now=now)
    for row in kits.take_in(made_kits("canary", "other"), by=organiser.id, now=now):
        row.state = "active"
    db.session.commit()
    cast = factories.candidate(now=now), factories.interviewer(now=now)
    return factories.booking(*cast, start=START, now=now)


def looks(client, booking, who: str) -> str:
    person = {"candidate": booking.candidate, "interviewer": booking.interviewer}[who]
    factories.login(client, person, role=who)
    return client.get(f"/interviews/{booking.id}").text


def seen(page: str) -> set[str]:
    return {name for name, words in PARTS.items() if words in page}


def test_the_candidate_reads_the_prompt_once_shown_and_the_solution_with_the_feedback(
    client, booking, set_clock
):
    address = f"/interviews/{booking.id}"
    assert "Take a question" in looks(client, booking, "interviewer")
    canary = db.session.query(QuestionKit.id).filter_by(key="canary").scalar()
    done = client.submit(f"{address}/question", {"kit": str(canary)}, page=address)
    assert done.status_code == 303
    page = client.get(address).text
    assert seen(page) == set(PARTS)
    assert "Only you see it" in page
    assert seen(looks(client, booking, "candidate")) == set()
    looks(client, booking, "interviewer")
    assert client.submit(f"{address}/question/reveal", page=address).status_code == 303
    page = client.get(address).text
    assert "The candidate sees the prompt since" in page
    assert "Take another one" not in page
    page = looks(client, booking, "candidate")
    assert seen(page) == {"prompt"}
    assert "<pre" in page, "a table stands as it was written"
    at = booking.end_at + timedelta(hours=1)
    set_clock(at)
    given.submitted(booking, now=at)
    feedback_service.release_due(now=at + timedelta(days=3))
    set_clock(at + timedelta(days=3))
    assert seen(looks(client, booking, "candidate")) == {"prompt", "solution"}


def test_nobody_else_reads_any_of_it(client, booking):
    by = booking.interviewer_id
    kits.choose(booking.id, by=by, now=booking.start_at)
    kits.reveal(booking.id, by=by, now=booking.start_at)
    mara = people.Character("Mara", "mara@people.example", "UTC")
    for person, role in (
        (factories.stranger(), "candidate"),
        (factories.interviewer(mara), "interviewer"),
    ):
        factories.login(client, person, role=role)
        assert client.get(f"/interviews/{booking.id}").status_code == 404
        assert client.get("/desk/questions").status_code == 403
        kit_id = db.session.query(QuestionKit.id).first()[0]
        for address in (f"/desk/questions/{kit_id}", f"/desk/questions/{kit_id}.json"):
            assert client.get(address).status_code == 403


def test_before_it_is_shown_the_candidate_is_told_where_it_will_stand(client, booking, set_clock):
    set_clock(START + timedelta(minutes=1))
    page = looks(client, booking, "candidate")
    assert "It appears here when your interviewer shows it." in page
    assert "Look again" in page


def test_an_organiser_takes_in_reads_exports_and_rests_a_question(client, booking):
    lea = factories.organiser(people.Character("Lea", "lea@people.example", "UTC"))
    factories.login(client, lea, role="organiser")
    answer = client.submit("/desk/questions", {"kits": made_kits("ours")}, page="/desk/questions")
    assert answer.status_code == 303
    row = db.session.query(QuestionKit).filter_by(key="ours").one()
    page = client.get(f"/desk/questions/{row.id}").text
    assert "Somebody who did not write it reads it and lets it in." in page
    told = client.get(f"/desk/questions/{row.id}.json").json
    assert told == {"schema_version": 1, "track": "coding", "kits": [made("ours")]}
    refused = client.submit("/desk/questions", {"kits": "{nonsense"}, page="/desk/questions")
    assert refused.status_code == 422
    assert "These are no question kits: JSON." in refused.text
    assert "{nonsense" in refused.text, "what was typed stays"
    known = db.session.query(QuestionKit).filter_by(key="other").one()
    page = f"/desk/questions/{known.id}"
    assert client.submit(f"{page}/state", {"state": "resting"}, page=page).status_code == 303
    assert "No interview gets it until somebody has looked." in client.get(page).text


def test_plain_text_keeps_its_code_and_tables():
    text = "One.\nTwo.\n\n    a = 1\n\n    b = 2\n\nThree:\n    c"
    assert paragraphs(text) == [
        Paragraph("One.\nTwo.", False),
        Paragraph("a = 1\n\nb = 2", True),
        Paragraph("Three:", False),
        Paragraph("c", True),
    ]
