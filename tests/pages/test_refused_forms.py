"""Forms sent empty: the page says first what is wrong, and is as good a page as before."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.pages import visits
from tests.pages.visits import Town
from tests.support.browser import Complaints

EMPTY_AND_SEND = """() => {
  const forms = [...document.querySelectorAll('main form[method=post]')];
  const form = forms.find(one => one.querySelector(
    'input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea, select'
  ));
  for (const field of form.elements) {
    if (['hidden', 'submit', 'button'].includes(field.type)) continue;
    if ('checked' in field) field.checked = false;
    if (field.tagName === 'SELECT') field.selectedIndex = -1;
    else if (!['checkbox', 'radio'].includes(field.type)) field.value = '';
  }
  const button = form.querySelector('button:not([type=button]):not([name=op]), button[value=save]');
  form.requestSubmit(button);
}"""
FORMS = [
    (None, "/signup"),
    (None, "/login"),
    (None, "/forgot"),
    ("candidate", "/account"),
    ("candidate", "/account/candidate"),
    ("volunteer", "/volunteer"),
    ("candidate", "/bookings/{coming}/cancellation"),
    ("interviewer", "/bookings/{coming}/cancellation"),
    ("candidate", "/interviews/{owed}/rating"),
    ("interviewer", "/hours/dates/new"),
    ("interviewer", "/hours/pause"),
    ("interviewer", "/hours/calendars"),
    ("organiser", "/desk/invite"),
    ("organiser", "/desk/settings"),
    ("candidate", "/rounds/{open}/request"),
    ("interviewer", "/rounds/{open}/capacity"),
    ("organiser", "/desk/rounds/new"),
]


@pytest.mark.parametrize(("who", "form"), FORMS)
def test_a_form_sent_empty(
    browser: Browser, town: Town, complaints: Complaints, who: str | None, form: str
) -> None:
    address = form.format(**town.world.bookings, **town.world.rounds)
    complaints.expect(r"the server responded with a status of 422")
    with visits.looking(browser, town.url, town.cookie(who), complaints) as page:
        page.goto(address)
        with page.expect_navigation() as sent:
            page.evaluate(EMPTY_AND_SEND)
        assert sent.value is not None
        assert sent.value.status == 422
        assert page.title().startswith("Error: ")
        summary = page.locator("main [data-focus]").first
        assert summary.locator("a[href^='#']").count() >= 1, "each fault leads to its field"
        assert summary.evaluate("one => one === document.activeElement"), "read out first"
        visits.bring_axe(page)
        found = visits.faults_everywhere(page)
        assert found + visits.sideways(page, 320) + visits.sideways(page, 390, text=200) == []
