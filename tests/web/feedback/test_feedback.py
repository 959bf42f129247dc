"""The feedback form step by step, and what is owed."""

from __future__ import annotations

import re

import pytest

from mockint.db import db
from mockint.models import Feedback
from mockint.queries import feedback as query
from mockint.services import feedback
from tests import factories
from tests.support import feedback as given
from tests.support.drafts import BEFORE, END, HOUR, MINUTE, START

TOKEN = "/account/zone"
"""A page with a form whose token serves for any other."""


EVIDENCE = "Minute 12: proposed a hash map after sorting, named O(n) unasked."


@pytest.fixture
def author(client, cast):
    """The client of the interviewer, at the form."""
    factories.login(client, cast[1])
    return client


def address(step: str, name: str = "feedback") -> str:
    return f"/interviews/1/{name}?step={step}"


def post(client, step: str, name: str = "feedback", headers: dict | None = None, **data: object):
    data = {"revision": revision(), **{key.replace("__", "-"): v for key, v in data.items()}}
    return client.submit(address(step, name), data, page=TOKEN, headers=headers or {})


def row() -> Feedback | None:
    db.session.expire_all()
    return db.session.scalar(db.select(Feedback))


def revision() -> int:
    found = row()
    return found.revision if found else 0


def seen(key: str):
    return query.content(row()).scores.get(key)


# The way through the form


def test_the_form_is_written_step_by_step_and_submitted(author, cast):
    page = author.get("/interviews/1/feedback").text
    order = re.findall(r"step=(\w+)", page)
    assert {"framing", "approach", "overall", "summary", "practice", "review"} <= set(order)
    for number, key in enumerate(("framing", "approach", "implementation", "verification",
                                  "collaboration")):  # fmt: skip
        saved = post(author, key, evidence=f"{EVIDENCE} {number}", score="3", go="next")
        assert saved.status_code == 303
    assert post(author, "overall", recommendation="3", go="next").status_code == 303
    assert post(
        author, "summary", summary=given.SUMMARY, strengths__0="Said the cost first.",
        organiser_note="Arrived late.", go="next",
    ).status_code == 303  # fmt: skip
    item = {
        "items-0-focus": "framing", "items-0-gap": "Asked late.", "items-0-aim": "Ask first.",
        "items-0-exercise": "Ten prompts.", "items-0-amount": "Daily", "items-0-check": "No cue.",
    }  # fmt: skip
    assert post(author, "practice", go="next", **item).status_code == 303
    review = author.get(address("review")).text
    assert "Still missing" not in review
    assert "Yes. This would pass at mid level today." in review
    assert "Arrived late." in review
    done = post(author, "review", go="submit")
    assert done.status_code == 303
    assert done.location == "/interviews/1/feedback/released"
    assert row().state == "submitted"
    held = author.get(done.location).text
    assert "Held until" in held
    assert author.get("/interviews/1/feedback").location == done.location


def test_evidence_comes_before_the_score_and_the_bar_between_2_and_3(author):
    page = author.get(address("framing")).text
    assert page.index('name="evidence"') < page.index('name="score"')
    assert page.index('value="2"') < page.index("The bar for mid level") < page.index('value="3"')
    assert "Write 40 characters first, you have 0." in page
    assert page.count('type="radio" name="score"') == 5
    assert "Restates the task, asks about size" in page


def test_one_step_at_a_time_and_no_mean_anywhere(author):
    post(author, "framing", evidence=EVIDENCE, score="2")
    page = author.get(address("approach")).text
    assert page.count('name="evidence"') == 1
    assert EVIDENCE not in page
    assert "average" not in page.lower()


@pytest.mark.parametrize(
    ("evidence", "score", "words"),
    [
        ("Good with algorithms.", "3", "Write 40 characters first, you have 21."),
        (EVIDENCE, "4", f"Write at least 80 characters for a 4. You have {len(EVIDENCE)}."),
        (" ".join("ab" for _ in range(10)) + " " * 60, "3", "Write 40 characters first"),
    ],
)
def test_a_score_its_evidence_does_not_carry_is_said_at_once(author, evidence, score, words):
    refused = post(author, "framing", evidence=evidence, score=score, go="next")
    assert refused.status_code == 422
    assert words in refused.text
    assert "<title>Error: " in refused.text
    assert seen("framing").evidence == evidence.strip()


def test_an_untouched_step_may_wait(author):
    assert post(author, "framing", evidence="", go="next").status_code == 303


def test_the_overall_recommendation_is_locked_until_every_dimension_is_settled(author):
    assert "Locked until every dimension" in author.get(address("overall")).text
    refused = post(author, "overall", recommendation="4", go="next")
    assert refused.status_code == 422
    assert row() is None


def test_a_difference_asks_for_one_sentence(author, cast):
    given.submitted(cast[2], now=END)
    feedback.reopen(cast[2].id, author_id=cast[1].id, now=END + MINUTE)
    refused = post(author, "overall", recommendation="2", go="next")
    assert refused.status_code == 422
    assert "Say in one sentence why." in refused.text
    assert post(author, "overall", recommendation="2", reason="Each step needed a cue.",
                go="next").status_code == 303  # fmt: skip
    assert row().reason_for_difference == "Each step needed a cue."


def test_the_aim_is_filled_in_one_point_higher(author):
    post(author, "verification", evidence=EVIDENCE, score="2")
    page = author.get(address("practice")).text
    assert "Traces the code on own normal and edge inputs" in page
    filled = post(author, "practice", go="aim:0", items__0__focus="framing")
    assert "Restates the task, asks about size" in filled.text
    filled = post(author, "practice", go="use:0:1", items__0__focus="framing")
    assert "under-specified prompt; list the missing facts" in filled.text
    more = post(author, "practice", go="add", items__0__focus="framing", items__0__gap="Typed")
    assert "Item 2" in more.text
    assert "Typed" in more.text
    assert row().practice == []


def test_submitting_too_early_lists_what_is_missing(author):
    post(author, "framing", evidence=EVIDENCE, score="3")
    refused = post(author, "review", go="submit")
    assert refused.status_code == 422
    assert "Approach &amp; complexity: Score" in refused.text
    assert "step=summary" in refused.text
    assert row().state == "draft"


def test_submitting_a_draft_that_changed_meanwhile_asks_to_read_it_again(author, cast):
    given.submitted(cast[2], now=END)
    feedback.reopen(cast[2].id, author_id=cast[1].id, now=END + MINUTE)
    refused = author.submit(address("review"), {"revision": 1, "go": "submit"}, page=TOKEN)
    assert refused.status_code == 409
    assert row().state == "draft"


# Autosave


def autosave(client, step: str = "framing", **data: object):
    return post(client, step, name="feedback/draft", headers={"X-Autosave": "1"}, **data)


def test_autosave_answers_with_the_new_revision(author):
    saved = autosave(author, evidence=EVIDENCE, score="3")
    assert saved.json == {
        "revision": revision(),
        "text": "Draft saved 16:00, 1 of 5 scored",
        "tone": "",
        "said": "",
    }
    assert seen("framing").score == 3


def test_a_tab_left_open_does_not_overwrite_and_both_texts_are_shown(author):
    post(author, "framing", evidence="The newer words", score="2")
    stale = {"revision": 0, "evidence": "The older words", "score": "3"}
    for name, headers in (("feedback/draft", {"X-Autosave": "1"}), ("feedback", {})):
        refused = author.submit(
            address("framing", name), {**stale, "go": "next"}, page=TOKEN, headers=headers
        )
        assert refused.status_code == 409
        assert "The newer words" in refused.text
        assert "The older words" in refused.text
        assert 'name="keep" value="mine"' in refused.text
    assert seen("framing").evidence == "The newer words"


def test_the_choice_between_two_drafts_is_kept(author):
    post(author, "framing", evidence="The newer words", score="2")
    mine = {"revision": 0, "evidence": "The older words", "score": "3"}
    theirs = author.submit(address("framing"), {**mine, "keep": "theirs"}, page=TOKEN)
    assert theirs.status_code == 303
    assert seen("framing").evidence == "The newer words"
    guess = author.submit(address("framing"), {**mine, "keep": "mine", "seen": 0}, page=TOKEN)
    assert guess.status_code == 409
    chosen = {**mine, "keep": "mine", "seen": revision()}
    assert author.submit(address("framing"), chosen, page=TOKEN).status_code == 303
    assert seen("framing").evidence == "The older words"


def test_a_tab_left_open_over_the_submission_is_told_so_in_a_few_words(author, cast):
    given.submitted(cast[2], now=END)
    refused = autosave(author, evidence="Too late")
    assert refused.status_code == 409
    assert "This feedback is submitted. Reopen it to change it." in refused.text
    assert "<html" not in refused.text
    assert row().state == "submitted"


def test_a_draft_survives_logging_out(author, cast):
    autosave(author, evidence=EVIDENCE)
    factories.login(author, cast[1])
    assert EVIDENCE in author.get(address("framing")).text


# What is refused


@pytest.mark.parametrize(
    ("step", "data"),
    [
        ("framing", {"evidence": "x" * 4001}),
        ("framing", {"evidence": "bell \x07"}),
        ("framing", {"evidence": EVIDENCE, "score": "5"}),
        ("framing", {"evidence": EVIDENCE, "score": "two"}),
        ("overall", {"recommendation": "0"}),
        ("summary", {"summary": "x" * 4001}),
        ("summary", {"strengths__0": "x" * 301}),
        ("summary", {"strengths__0": "two\nlines"}),
        ("summary", {"organiser_note": "\x00"}),
        ("practice", {"items__0__gap": "x" * 1001, "items__0__focus": "framing"}),
        ("practice", {"items__0__gap": "x", "items__0__focus": "elsewhere"}),
        ("practice", {"items__0__amount": "x" * 201, "items__0__focus": "framing"}),
    ],
)
def test_what_cannot_be_used_is_refused_with_words_and_nothing_changes(author, step, data):
    refused = post(author, step, **data)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert row() is None
    assert autosave(author, step, **data).status_code == 422


@pytest.mark.parametrize("step", ["nowhere", "data_api", "../x"])
def test_a_step_that_is_not_there_is_not_found(author, step):
    assert author.get(address(step)).status_code == 404
    assert post(author, step).status_code == 404


def test_the_form_is_its_authors(client, cast):
    candidate, _interviewer, _booking = cast
    other = factories.interviewer(name="Ines", email="ines@people.example", now=BEFORE)
    for person, status in ((candidate, 403), (other, 404)):
        factories.login(client, person)
        assert client.get(address("framing")).status_code == status
        assert post(client, "framing", evidence=EVIDENCE).status_code == status
        assert autosave(client, evidence=EVIDENCE).status_code == status
        reopened = client.submit("/interviews/1/feedback/reopening", page=TOKEN)
        assert reopened.status_code == status
    assert row() is None


def test_the_form_opens_with_the_interview(author, set_clock):
    set_clock(START - MINUTE)
    early = author.get("/interviews/1/feedback")
    assert early.status_code == 409
    assert "The form opens when the interview starts." in early.text
    set_clock(START)
    assert author.get("/interviews/1/feedback").status_code == 200


def test_looking_at_the_form_writes_nothing(author):
    for step in ("framing", "overall", "summary", "practice", "review"):
        assert author.get(address(step)).status_code == 200
    author.get("/feedback")
    assert row() is None


# What is owed


def test_the_list_names_what_is_owed_with_deadline_and_lateness(author, set_clock):
    page = author.get("/feedback").text
    assert "One interview waits for your words" in page
    assert "Due Fri 27 Nov, 15:00, Berlin" in page
    assert "<b>23 h</b>" in page
    assert '<span class="count">1</span>' in page
    autosave(author, evidence=EVIDENCE, score="3")
    assert "Draft, 1 of 5 scored" in author.get("/feedback").text
    set_clock(END + 27 * HOUR)
    page = author.get("/feedback").text
    assert "<b>3 h</b> <small>late</small>" in page


def test_held_feedback_is_taken_back_from_the_list(author, cast, set_clock):
    given.submitted(cast[2], now=END + HOUR)
    page = author.get("/feedback").text
    assert "You owe no feedback" in page
    assert "Take it back" in page
    back = author.submit("/interviews/1/feedback/reopening", page=TOKEN)
    assert back.status_code == 303
    assert row().state == "draft"
    given.submitted(cast[2], now=END + HOUR)
    set_clock(END + 3 * HOUR)
    late = author.submit("/interviews/1/feedback/reopening", page=TOKEN)
    assert late.status_code == 409
    assert "The hold is over" in late.text
    assert row().state == "submitted"
