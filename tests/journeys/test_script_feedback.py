"""The feedback form with its script: keys, locks, drafts that save themselves, two windows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from mockint.queries.people import with_address
from mockint.services import logins
from tests import factories
from tests.journeys.story import Town, Visitor
from tests.people import JONAS
from tests.support.browser import Complaints
from tests.support.commands import until

FORM = "/interviews/1/feedback?step=framing"
WORDS = "Asked for the size of the input before the first line of code."


@pytest.fixture
def town_after(town: Town) -> Town:
    """An interview that ended half an hour ago and waits for feedback."""
    with town.made():
        start = (town.start - timedelta(hours=2)).replace(minute=0)
        factories.booking(
            factories.candidate(now=town.start),
            factories.interviewer(now=town.start),
            start=start,
            now=start - timedelta(days=3),
        )
    return town


@pytest.fixture
def jonas(town_after: Town) -> Visitor:
    visitor = town_after.meets(JONAS)
    visitor.comes_in("interviewer")
    visitor.opens(FORM)
    return visitor


def evidence(page: Page) -> Locator:
    return page.get_by_label("1. What did you see or hear?")


def point(page: Page, value: str) -> Locator:
    return page.locator(f'input[name="score"][value="{value}"]')


def status(page: Page) -> Locator:
    return page.locator("[data-save]")


def stored(town: Town) -> tuple[str, int | None]:
    rows = town.state()["feedback_score"]
    return (rows[0][4], rows[0][5]) if rows else ("", None)


def test_a_score_waits_for_evidence(jonas: Visitor) -> None:
    page = jonas.page
    expect(page.locator("#score-lock")).to_contain_text("Write 40 characters first, you have 0")
    point(page, "3").click(force=True)
    expect(point(page, "3")).not_to_be_checked()
    point(page, "none").click()
    expect(point(page, "none")).to_be_checked()
    evidence(page).fill(WORDS)
    expect(page.locator("#score-lock")).to_be_hidden()
    point(page, "3").click()
    expect(point(page, "3")).to_be_checked()
    point(page, "4").click()
    expect(page.locator("#score-lock")).to_contain_text("Write at least 80 characters")


def test_keys_choose_while_an_answer_has_the_focus(jonas: Visitor) -> None:
    page = jonas.page
    evidence(page).fill(WORDS)
    evidence(page).press("3")
    expect(point(page, "3")).not_to_be_checked()
    assert evidence(page).input_value().endswith("3"), "in the text it is only a figure"
    point(page, "1").focus()
    for key, value in (("3", "3"), ("2", "2"), ("0", "none"), ("4", "4"), ("-", "none")):
        page.keyboard.press(key)
        expect(point(page, value)).to_be_checked()
        expect(point(page, value)).to_be_focused()
    page.keyboard.press("9")
    expect(point(page, "none")).to_be_checked()
    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "step=framing" not in url)


def test_the_draft_saves_itself(jonas: Visitor) -> None:
    """0.8 seconds after the last key, 0.9 after the first that waits, and at once when the field
    is left.

    The page's clock stands, so that a busy machine cannot type too slowly.
    """
    page = jonas.page
    page.clock.install(time=jonas.town.start)
    jonas.opens(FORM)
    page.clock.pause_at(jonas.town.start + timedelta(minutes=1))
    saves: list[str] = []
    page.on("request", lambda sent: saves.append(sent.url) if "/draft" in sent.url else None)
    evidence(page).press_sequentially("Asked ")
    page.clock.run_for(400)
    evidence(page).press_sequentially("before")
    page.clock.run_for(499)
    expect(status(page)).to_have_text("Not saved yet")
    assert saves == []
    with page.expect_response(lambda got: "/draft" in got.url) as answer:
        page.clock.run_for(1)
    assert answer.value.status == 200
    assert len(saves) == 1, "once, and no later although the typing went on"
    expect(status(page)).to_contain_text("Draft saved 10:30")
    assert stored(jonas.town) == ("Asked before", None)
    evidence(page).fill(WORDS)
    with page.expect_response(lambda got: "/draft" in got.url):
        evidence(page).blur()
    assert stored(jonas.town)[0] == WORDS


def test_offline_words_are_kept_and_saved_later(jonas: Visitor, complaints: Complaints) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    page = jonas.page
    page.context.set_offline(True)
    evidence(page).fill(WORDS)
    evidence(page).blur()
    expect(status(page)).to_contain_text("Offline. Your words are kept here")
    assert stored(jonas.town)[0] == ""
    with page.expect_response(lambda got: "/draft" in got.url):
        page.context.set_offline(False)
    expect(status(page)).to_contain_text("Draft saved")
    assert stored(jonas.town)[0] == WORDS


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_two_windows_lose_nothing(jonas: Visitor, complaints: Complaints, choice: str) -> None:
    complaints.expect("409")
    first, second = jonas.page, jonas.page.context.new_page()
    second.goto(FORM)
    evidence(first).fill(f"In the first window. {WORDS}")
    with first.expect_response(lambda got: "/draft" in got.url):
        evidence(first).blur()
    expect(status(first)).to_contain_text("Draft saved")
    evidence(second).fill(f"In the second window. {WORDS}")
    evidence(second).blur()
    expect(second.locator("[data-conflict]")).to_contain_text("In the first window.")
    expect(second.locator("[data-conflict]")).to_contain_text("In the second window.")
    expect(status(second)).to_contain_text("Changed in another window")
    second.locator(f'button[name="keep"][value="{choice}"]').click()
    kept = "second" if choice == "mine" else "first"
    expect(second.locator("[data-conflict] button")).to_have_count(0)
    second.goto(FORM)
    expect(evidence(second)).to_have_value(f"In the {kept} window. {WORDS}")
    assert stored(jonas.town)[0] == f"In the {kept} window. {WORDS}"


def test_two_windows_without_script(town_after: Town, complaints: Complaints) -> None:
    complaints.expect("409")
    jonas = town_after.meets(JONAS, script=False)
    jonas.comes_in("interviewer")
    first, second = jonas.page, jonas.page.context.new_page()
    for page in (first, second):
        page.goto(FORM)
    evidence(first).fill(f"In the first window. {WORDS}")
    first.get_by_role("button", name="Save draft").click()
    evidence(second).fill(f"In the second window. {WORDS}")
    second.get_by_role("button", name="Save draft").click()
    expect(second.locator(".drafts")).to_contain_text("In the first window.")
    expect(second.locator(".drafts")).to_contain_text("In the second window.")
    second.locator('button[name="keep"][value="mine"]').click()
    expect(second.locator(".drafts")).to_have_count(0)
    assert stored(town_after)[0] == f"In the second window. {WORDS}"


def test_a_draft_survives_signing_out(jonas: Visitor) -> None:
    evidence(jonas.page).fill(WORDS)
    with jonas.page.expect_response(lambda got: "/draft" in got.url):
        evidence(jonas.page).blur()
    jonas.opens("/account")
    jonas.press("Sign out here")
    jonas.opens(FORM)
    jonas.heading("Sign in")
    jonas.types("E-mail address", JONAS.email)
    jonas.press("Send me a sign-in link")
    jonas.heading("Look into your mail")
    jonas.follows_mail("sign-in link", "/login/")
    jonas.press("Sign in")
    expect(evidence(jonas.page)).to_have_value(WORDS)


def test_words_typed_after_the_login_ended_elsewhere_are_saved_once_back(
    jonas: Visitor, complaints: Complaints
) -> None:
    complaints.expect("400")
    page = jonas.page
    with jonas.town.made():
        person = with_address(JONAS.email)
        assert person is not None
        logins.end_all(person.id, now=jonas.town.now)
    evidence(page).fill(WORDS)
    evidence(page).blur()
    expect(status(page)).to_contain_text("You are signed out. Your words are kept here")
    expect(evidence(page)).to_have_value(WORDS)
    assert stored(jonas.town)[0] == ""
    again = Visitor(jonas.town, JONAS, page.context.new_page())
    again.opens("/login")
    again.types("E-mail address", JONAS.email)
    again.press("Send me a sign-in link")
    again.heading("Look into your mail")
    again.follows_mail("sign-in link", "/login/")
    again.press("Sign in")
    again.sees("Feedback")
    evidence(page).press_sequentially("!")
    expect(status(page)).to_contain_text("Draft saved")
    assert stored(jonas.town)[0] == f"{WORDS}!"


def test_notes_of_the_interview_come_along(town_after: Town) -> None:
    jonas = town_after.meets(JONAS)
    jonas.comes_in("interviewer")
    jonas.opens("/interviews/1")
    notes = jonas.page.locator('textarea[name="note-framing"]')
    if not notes.is_visible():
        jonas.opens_up("Problem framing")
    notes.fill("12:05 asked for empty input")
    with jonas.page.expect_response(lambda got: "/notes" in got.url):
        notes.blur()
    jonas.opens(FORM)
    jonas.press("Pull in your notes")
    expect(evidence(jonas.page)).to_have_value("12:05 asked for empty input")
    expect(evidence(jonas.page)).to_be_focused()


def test_five_scores_take_fourteen_keys_beside_the_words(jonas: Visitor) -> None:
    """Tab to the answers and a figure for each, Ctrl+Enter to the next: nothing else is pressed."""
    page, pressed = jonas.page, 0

    def press(key: str) -> None:
        nonlocal pressed
        page.keyboard.press(key)
        pressed += 1

    jonas.opens(FORM.partition("?")[0])
    for place in range(5):
        expect(evidence(page)).to_be_focused()
        page.keyboard.insert_text(f"Minute {place}: {WORDS}")
        press("Tab")
        with page.expect_response(lambda got: "/draft" in got.url):
            press("3")
        if place < 4:
            here = page.url
            press("Control+Enter")
            page.wait_for_url(lambda url, here=here: url != here)
    expect(status(page)).to_contain_text("5 of 5 scored")
    assert pressed <= 14
    assert [row[5] for row in jonas.town.state()["feedback_score"]] == [3] * 5


def test_typing_on_and_on_is_saved_all_the_same(jonas: Visitor) -> None:
    """Whatever ends the browser costs less than a second of words."""
    page = jonas.page
    page.clock.install(time=jonas.town.start)
    jonas.opens(FORM)
    page.clock.pause_at(jonas.town.start + timedelta(minutes=1))
    for word in range(5):
        evidence(page).press_sequentially(f"word{word} ")
        page.clock.run_for(300)
    # The page's clock stands, so nothing falls due any more: what arrives now is under way.
    until(lambda: "word2" in stored(jonas.town)[0], "what is 0.9 seconds old is saved")
    page.context.close()
    assert "word2" in stored(jonas.town)[0]
