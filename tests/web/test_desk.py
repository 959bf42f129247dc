"""The organiser's pages."""

from __future__ import annotations

import csv
import io

import pytest

from mockint.db import db, transaction
from mockint.models import (
    SlotRequest,
)
from tests import factories, people
from tests.support import counting, desk
from tests.support.desk import DAY, HOUR, NOW, mail

LISTS = ("/desk/bookings", "/desk/people", "/desk/mail", "/desk/demand")
PAGES = ("/desk", *LISTS, "/desk/settings", "/desk/invite", "/desk/book")


@pytest.fixture
def cast(client, db_session, set_clock):
    return desk.cast(client, set_clock)


def rows(answer) -> list[list[str]]:
    """The lines of a CSV answer."""
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


# Who may come in


@pytest.mark.parametrize("page", PAGES)
def test_the_desk_is_for_organisers(client, cast, page):
    assert client.get(page).status_code == 200
    factories.login(client, cast[0], role="candidate")
    assert client.get(page).status_code == 403
    stranger = client.application.test_client()
    answer = stranger.get(page)
    assert (answer.status_code, "/login?next=" in answer.location) == (302, True)


@pytest.mark.parametrize(
    "page",
    [
        "/desk/bookings/99",
        "/desk/bookings/99999999999999999999",
        "/desk/people/99",
        "/desk/people/99/closing",
        "/desk/book?candidate=99",
    ],
)
def test_what_is_not_there_is_not_found(client, cast, page):
    assert client.get(page).status_code == 404


# The desk


def test_a_quiet_desk_says_so(client, cast):
    page = client.get("/desk").text
    assert "Nothing needs you today" in page
    assert "Mail fails" not in page
    assert "Lagos, UTC+01:00" in page


def test_the_desk_says_what_needs_an_organiser(client, cast):
    sanjana, jonas, _ = cast
    factories.booking(sanjana, jonas, start=NOW - 30 * HOUR, now=NOW - 9 * DAY)
    factories.interviewer(people.ROBIN, state="applied", now=NOW - 2 * DAY)
    with transaction():
        db.session.add(
            SlotRequest(
                candidate_id=sanjana.id, track="coding", level="staff", duration_min=60,
                created_at=NOW - DAY,
            )
        )  # fmt: skip
    mail("m1", sanjana, state="dead")
    page = client.get("/desk").text
    assert "Two things need you today" in page
    assert "Feedback by Jonas" in page
    assert "Volunteer waiting: Robin" in page
    assert page.count("Mail fails") == 1
    assert "Coding &amp; data structures at staff level is the hole." in page
    assert "No approved volunteer covers it." in page


# Lists


def test_bookings_are_filtered_by_the_address(client, cast):
    sanjana, jonas, _ = cast
    ahead = factories.booking(sanjana, jonas, start=NOW + DAY, now=NOW)
    factories.booking(sanjana, jonas, start=NOW - 5 * HOUR, track="behavioural", now=NOW)
    factories.booking(sanjana, jonas, start=NOW + 2 * DAY, state="cancelled", now=NOW)
    everything = client.get("/desk/bookings").text
    assert "3 match" in everything
    for filtered, count in (
        ("state=ahead", 1), ("state=cancelled", 1), ("state=done", 1), ("state=held", 0),
        ("track=behavioural", 1), ("when=today", 1), ("when=week", 2), ("q=jonas", 3),
        (f"q={ahead.id}", 1), ("q=nobody", 0), ("q=%25", 0), ("state=ahead&track=testing", 0),
        ("state=disputed", 0), ("state=overdue", 0),
    ):  # fmt: skip
        found = rows(client.get(f"/desk/bookings?{filtered}&format=csv"))
        assert len(found) - 1 == count, filtered
    kept = client.get("/desk/bookings?state=done&sort=candidate").text
    assert "format=csv" in kept
    assert "/desk/bookings?state=done&amp;sort=" in kept, "sorting keeps the filter"


def test_lists_are_sorted_as_asked(client, cast):
    _, jonas, _ = cast
    for hours, name in ((24, "Zoe"), (48, "Abe"), (72, "Mia")):
        who = factories.candidate(name=name, email=f"{name}@people.example")
        factories.booking(who, jonas, start=NOW + hours * HOUR, now=NOW)

    def names(sort: str) -> list[str]:
        return [row[6] for row in rows(client.get(f"/desk/bookings?sort={sort}&format=csv"))[1:]]

    assert names("") == ["Mia", "Abe", "Zoe"]
    assert names("start") == ["Zoe", "Abe", "Mia"]
    assert names("candidate") == ["Abe", "Mia", "Zoe"]


def test_people_are_filtered_by_role_state_and_what_they_interview(client, cast):
    applicant = factories.interviewer(
        people.ROBIN, state="applied", tracks=("ml_system_design",), levels=("staff",)
    )
    with transaction():
        applicant.confirmed_at = None
        cast[0].active = False
    for filtered, names in (
        ("", {"Amina", "Jonas", "Robin", "Sanjana"}),
        ("role=candidate", {"Sanjana"}),
        ("role=organiser", {"Amina"}),
        ("state=applied", {"Robin"}),
        ("state=approved", {"Jonas"}),
        ("state=disabled", {"Sanjana"}),
        ("state=unconfirmed", {"Robin"}),
        ("track=system_design", {"Jonas"}),
        ("track=ml_system_design", {"Robin"}),
        ("track=coding&level=mid", {"Jonas"}),
        ("track=coding&level=staff", set()),
        ("q=nordlicht", {"Jonas", "Robin"}),
        ("q=sanjana@people", {"Sanjana"}),
    ):
        found = {row[1] for row in rows(client.get(f"/desk/people?{filtered}&format=csv"))[1:]}
        assert found == names, filtered


def test_where_a_candidate_works_is_never_shown(client, cast):
    for page in (f"/desk/people/{cast[0].id}", "/desk/people", "/desk/people?format=csv"):
        assert "Everest Pay" not in client.get(page).text
    assert "Sanjana" not in client.get("/desk/people?q=everest").text


def test_mails_until_now_and_planned_ones(client, cast):
    mail("sent", cast[0], state="sent", sent_at=NOW)
    mail("failed", cast[1], attempts=2, reason="451 try later", kind="reminder")
    mail("later", cast[0], due_at=NOW + DAY)
    keys = {
        filtered: sorted(
            row[1] for row in rows(client.get(f"/desk/mail?{filtered}&format=csv"))[1:]
        )
        for filtered in ("", "state=failed", "state=planned", "kind=reminder", "q=sanjana")
    }
    assert keys == {
        "": ["login-link", "reminder"],
        "state=failed": ["reminder"],
        "state=planned": ["login-link"],
        "kind=reminder": ["reminder"],
        "q=sanjana": ["login-link"],
    }
    page = client.get("/desk/mail").text
    assert "451 try later" in page
    assert "Sign-in link" in page


def test_who_waits_for_a_time(client, cast):
    with transaction():
        for level in ("mid", "staff"):
            db.session.add(
                SlotRequest(
                    candidate_id=cast[0].id, track="coding", level=level, duration_min=45,
                    created_at=NOW - 3 * DAY,
                )
            )  # fmt: skip
    page = client.get("/desk/demand").text
    assert "2 candidates wait for a free time" in page
    assert "3 days" in page
    assert len(rows(client.get("/desk/demand?level=staff&format=csv"))) == 2


UNUSABLE = (
    "state=nonsense&track=nonsense&when=nonsense&role=nonsense&kind=nonsense&sort=nonsense",
    "page=-3", "page=x", "page=99999999999999999999", "q=%00%01", "q=" + "9" * 50,
    "q=%E2%80%AE", "q=" + "x" * 3000, "level='&track=%25", "format=xml", "unknown=1",
)  # fmt: skip


@pytest.mark.parametrize("page", LISTS)
def test_an_unusable_filter_is_never_an_error(client, cast, page):
    for query in UNUSABLE:
        assert client.get(f"{page}?{query}").status_code == 200, query
        assert client.get(f"{page}?{query}&format=csv").status_code == 200, query


def test_a_long_list_comes_in_pages_of_fifty(client, cast):
    for number in range(56):
        factories.person(people.ROBIN, name=f"Guest {number:02}", email=f"g{number}@people.example")
    first = client.get("/desk/people?q=guest").text
    assert "1 to 50 of 56 that match" in first
    assert "Guest 49" in first
    assert "Guest 50" not in first
    assert "/desk/people?q=guest&amp;page=2" in first
    last = client.get("/desk/people?q=guest&page=9").text
    assert "51 to 56 of 56 that match" in last
    assert len(rows(client.get("/desk/people?q=guest&format=csv"))) == 57


def test_a_cell_that_a_spreadsheet_would_run_is_defused(client, cast):
    for number, name in enumerate(("=1+1", "+1", "-1", "@SUM(1)", "＝1")):
        factories.person(people.ROBIN, name=name, email=f"f{number}@people.example")
    answer = client.get("/desk/people?format=csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    names = {row[1] for row in rows(answer)}
    assert {"'=1+1", "'+1", "'-1", "'@SUM(1)", "'＝1"} <= names
    assert "Sanjana" in names


@pytest.mark.parametrize("page", ["/desk", "/desk/book", *LISTS])
def test_a_list_asks_the_database_as_often_for_three_rows_as_for_one(client, cast, page):
    def add(number: int) -> None:
        who = factories.candidate(name=f"C{number}", email=f"c{number}@people.example", now=NOW)
        giver = factories.interviewer(name=f"I{number}", email=f"i{number}@people.example", now=NOW)
        factories.interviewer(
            name=f"V{number}", email=f"v{number}@people.example", state="applied", now=NOW
        )
        over = factories.booking(who, giver, start=NOW - 40 * HOUR, now=NOW - 9 * DAY)
        with transaction():
            db.session.add(
                SlotRequest(
                    candidate_id=who.id, track="coding", level="mid", duration_min=60,
                    created_at=NOW,
                )
            )  # fmt: skip
            over.meeting_link = ""
        mail(f"k{number}", who)

    def count() -> int:
        with counting.statements() as sent:
            assert client.get(page).status_code == 200
        return len(sent)

    add(1)
    client.get(page)
    one = count()
    add(2)
    add(3)
    assert count() == one
