"""What the pages of rounds say in each state, and what they leave unsaid."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from datetime import UTC, datetime

import pytest

from mockint.queries import round as query
from mockint.services.round import asking, capacity, publishing, review, solving
from mockint.services.round import rounds as life
from tests import factories
from tests.support import rounds

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST = rounds.plan("", now=NOW).first_on


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


@pytest.fixture
def cast(db_session):
    """Two ask, one interviewer has one place."""
    return {
        "candidate": factories.candidate(now=NOW),
        "other_candidate": factories.stranger(now=NOW),
        "interviewer": factories.interviewer(now=NOW),
        "organiser": factories.organiser(now=NOW),
    }


def ask(round_id, who, **more):
    windows = rounds.evenings(FIRST, **more)
    asking.ask(round_id, who.id, track="coding", level="mid", windows=windows, now=NOW)


@pytest.fixture
def open_round(cast):
    made = rounds.opened("December week", by=cast["organiser"].id, now=NOW)
    ask(made, cast["candidate"])
    ask(made, cast["other_candidate"])
    capacity.confirm(made, cast["interviewer"].id, max_total=1, now=NOW)
    return made


def come(app, who, role):
    client = app.test_client()
    factories.login(client, who, role=role)
    return client


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_a_candidate_paints_without_a_script(app, cast):
    made = rounds.opened("December week", by=cast["organiser"].id, now=NOW)
    sanjana = come(app, cast["candidate"], "candidate")
    address = f"/rounds/{made}/request"
    page = sanjana.get(address)
    shown = page.text.count('name="window"')
    assert shown == 7 * 24 + 1, "the first and the last hour lie in it partly"
    assert "Mon 7 Dec, 18:00 to 19:00" in page.text
    body = {
        "csrf_token": sanjana.token(address),
        "zone": "Asia/Kathmandu",
        "track": "coding",
        "level": "mid",
        "window": ["2026-12-07T18", "2026-12-07T19"],
    }
    copied = sanjana.post(address, data=body | {"op": "copy:2026-12-07"})
    assert copied.status_code == 200
    assert copied.text.count("checked") == 14
    assert query.candidate_round(made, cast["candidate"].id, now=NOW).request is None
    assert sanjana.post(address, data=body | {"op": "clear"}).text.count("checked") == 0
    assert sanjana.post(address, data=body).status_code == 303
    found = query.candidate_round(made, cast["candidate"].id, now=NOW).request
    assert [(one.start, one.end) for one in found.windows] == [
        (datetime(2026, 12, 7, 12, 15, tzinfo=UTC), datetime(2026, 12, 7, 14, 15, tzinfo=UTC))
    ]


def test_hours_sent_from_the_zone_one_has_left_are_those_hours(app, cast):
    made = rounds.opened("December week", by=cast["organiser"].id, now=NOW)
    sanjana = come(app, cast["candidate"], "candidate")
    address = f"/rounds/{made}/request"
    body = {"csrf_token": sanjana.token(address), "track": "coding", "level": "mid"}
    body |= {"zone": "Europe/Berlin", "window": "2026-12-07T18"}
    assert sanjana.post(address, data=body).status_code == 303
    found = query.candidate_round(made, cast["candidate"].id, now=NOW).request
    assert [one.start for one in found.windows] == [datetime(2026, 12, 7, 17, tzinfo=UTC)]
    page = words(sanjana.get(address))
    assert "You painted in another zone" in page


def test_who_is_matched_reads_why_and_who_is_not_what_would_have_helped(app, cast, open_round):
    by = cast["organiser"].id
    rounds.solved(open_round, by=by, now=NOW)
    clients = [come(app, cast[key], "candidate") for key in ("candidate", "other_candidate")]
    for client in clients:
        told = words(client.get(f"/rounds/{open_round}/request"))
        assert "Your request is being matched" in told
        assert "Jonas" not in told, "nothing is told before it is published"
    (lost,), _total = query.unmatched(open_round)
    rounds.published(open_round, by=by, now=NOW)
    pages = sorted(words(client.get(f"/rounds/{open_round}/request")) for client in clients)
    without, matched = sorted(pages, key=lambda page: "You were matched" in page)
    assert "No match in this round" in without
    assert lost.why.text() in without
    assert "No further time of yours would have been enough" in without
    assert "See the interview" in matched
    assert "Withdraw" not in matched + without


def test_an_extra_window_that_helps_is_named_in_the_readers_zone(app, cast):
    by = cast["organiser"].id
    made = rounds.opened("December week", by=by, now=NOW)
    ask(made, cast["candidate"], days=1, hours=(17, 18))
    ask(made, cast["other_candidate"], days=1, hours=(17, 18))
    capacity.confirm(made, cast["interviewer"].id, max_total=5, now=NOW)
    rounds.solved(made, by=by, now=NOW)
    rounds.published(made, by=by, now=NOW)
    lines, total = query.unmatched(made)
    assert total == 1
    who = next(one for one in cast.values() if one.id == lines[0].candidate_id)
    page = words(come(app, who, "candidate").get(f"/rounds/{made}/request"))
    assert "times as well you would have been matched" in page
    assert re.search(r"(Mon 7|Tue 8) Dec, \d\d:\d\d to \d\d:\d\d", page)


def test_an_interviewer_says_how_many_and_says_none(app, cast, open_round):
    jonas = come(app, cast["interviewer"], "interviewer")
    address = f"/rounds/{open_round}/capacity"
    assert "times of 1 hour without overlap" in words(jonas.get(address))
    token = {"csrf_token": jonas.token(address)}
    assert jonas.post(address, data=token | {"max_total": "4"}).status_code == 303
    assert "You take 4 at the most" in words(jonas.get("/rounds"))
    refused = jonas.post(address, data=token | {"max_total": "41"})
    assert refused.status_code == 422
    assert 'value="41"' in refused.text
    jonas.post(address, data=token | {"max_total": "4", "op": "decline"})
    assert "You take none this time" in words(jonas.get("/rounds"))


def test_a_draft_is_nobodys_but_the_organisers(app, cast):
    made = life.draft(rounds.plan("Secret", now=NOW), by=cast["organiser"].id, now=NOW)
    for who, role, page in (
        ("candidate", "candidate", "request"),
        ("interviewer", "interviewer", "capacity"),
    ):
        client = come(app, cast[who], role)
        assert client.get(f"/rounds/{made}/{page}").status_code == 404
        assert "Secret" not in client.get("/rounds").text + client.get("/").text
    assert "Secret" in come(app, cast["organiser"], "organiser").get("/desk/rounds").text


def test_first_pages_lead_to_an_open_round_and_the_desk_to_what_waits(app, cast, open_round):
    for who in ("candidate", "interviewer"):
        page = come(app, cast[who], who).get("/")
        assert "December week" in page.text
    amina = come(app, cast["organiser"], "organiser")
    assert "December week" not in amina.get("/desk").text
    life.close(open_round, by=cast["organiser"].id, now=NOW)
    assert "Round closed: December week" in amina.get("/desk").text
    assert "December week" not in come(app, cast["candidate"], "candidate").get("/").text


def test_the_page_asks_again_while_the_worker_is_at_it_and_then_turns(app, cast, open_round):
    by = cast["organiser"].id
    amina = come(app, cast["organiser"], "organiser")
    life.close(open_round, by=by, now=NOW)
    solving.start(open_round, by=by, now=NOW)
    address = f"/desk/rounds/{open_round}"
    polled = {"HX-Request": "true"}
    page = amina.get(address, headers=polled)
    assert 'hx-trigger="every 1s"' in page.text
    assert "HX-Refresh" not in page.headers
    assert "Waiting for the worker" in page.text
    rounds.work(now=NOW)
    page = amina.get(address, headers=polled)
    assert page.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in page.text
    assert "HX-Refresh" not in amina.get(address).headers


def test_a_run_can_be_stopped_and_what_was_there_stays(app, cast, open_round):
    by = cast["organiser"].id
    amina = come(app, cast["organiser"], "organiser")
    rounds.solved(open_round, by=by, now=NOW)
    solving.start(open_round, by=by, now=NOW)
    address = f"/desk/rounds/{open_round}"
    token = {"csrf_token": amina.token(address)}
    assert amina.post(f"{address}/solving/cancellation", data=token).status_code == 303
    assert "It stops within a moment" in words(amina.get(address))
    rounds.work(now=NOW)
    page = words(amina.get(address))
    assert "Look again" not in page
    assert "1 interview is proposed" in page


def test_a_refused_move_stands_on_the_rounds_page(app, cast, open_round):
    amina = come(app, cast["organiser"], "organiser")
    address = f"/desk/rounds/{open_round}"
    answer = amina.post(f"{address}/solving", data={"csrf_token": amina.token(address)})
    assert answer.status_code == 409
    assert "This round is still open. Close it first." in answer.text
    assert "<h1>December week</h1>" in answer.text


def test_the_review_says_what_it_is_worth(app, cast, open_round):
    rounds.solved(open_round, by=cast["organiser"].id, now=NOW)
    amina = come(app, cast["organiser"], "organiser")
    page = words(amina.get(f"/desk/rounds/{open_round}/review"))
    for said in (
        "1 of 2 candidates is matched",
        "Proven",
        "gap 0.0000 %",
        "costs nothing here",
        "0 of 1",
        "Accept this result",
        "candidate is not matched",
    ):
        assert said in page, said
    assert re.search(r"\d+ of at most \d+", page)


def test_a_result_can_be_accepted_while_it_is_compared(app, cast, open_round):
    by = cast["organiser"].id
    rounds.closed(open_round, by=by, now=NOW)
    rounds.shown_only(open_round, by=by, now=NOW)
    amina = come(app, cast["organiser"], "organiser")
    address = f"/desk/rounds/{open_round}/review"
    page = amina.get(address)
    for said in ("Comparison", "You can accept it meanwhile", "Accept this result"):
        assert said in words(page), said
    assert "Price of load" not in words(page)
    assert "HX-Refresh" not in amina.get(address, headers={"HX-Request": "true"}).headers
    review.accept(open_round, by=by, now=NOW)
    publishing.start(open_round, by=by, now=NOW)
    assert publishing.publish_due(NOW)
    answer = amina.get(address, headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert "the round went on before it was made" in words(answer)


def test_a_pin_is_set_and_lifted(app, cast, open_round):
    by = cast["organiser"].id
    rounds.solved(open_round, by=by, now=NOW)
    amina = come(app, cast["organiser"], "organiser")
    (lost,), _total = query.unmatched(open_round)
    address = f"/desk/rounds/{open_round}/candidates/{lost.candidate_id}"
    body = {"csrf_token": amina.token(address), "interviewer": str(cast["interviewer"].id)}
    assert amina.post(address, data=body | {"op": "pin"}).status_code == 303
    page = words(amina.get(address))
    assert "Pinned Jonas" in page
    assert "Something changed" in words(amina.get(f"/desk/rounds/{open_round}/review"))
    solving.start(open_round, by=by, now=NOW)
    rounds.work(now=NOW)
    (kept,), _total = query.matches(open_round)
    assert kept.candidate_id == lost.candidate_id
    assert amina.post(address, data=body | {"op": "unset"}).status_code == 303
    assert "Pinned" not in words(amina.get(address))


def test_lists_are_searched_and_saved_as_a_file(app, cast, open_round):
    by = cast["organiser"].id
    for who in ("candidate", "other_candidate"):
        factories.person_with(cast[who], name="=SUM(A1)")
    rounds.solved(open_round, by=by, now=NOW)
    amina = come(app, cast["organiser"], "organiser")
    (line,), _total = query.matches(open_round)
    found = amina.get(f"/desk/rounds/{open_round}/matches", query_string={"q": line.candidate[:4]})
    assert f"candidates/{line.candidate_id}" in found.text
    assert "No match here" in amina.get(f"/desk/rounds/{open_round}/matches?q=nobody").text
    file = amina.get(f"/desk/rounds/{open_round}/matches?format=csv")
    heads, row = csv.reader(io.StringIO(file.text.removeprefix("\ufeff")))
    saved = dict(zip(heads, row, strict=True))
    assert saved["candidate_id"] == str(line.candidate_id)
    assert saved["state"] == "proposed"
    assert not saved["candidate"].startswith("=")
    for track, seen in (("coding", 1), ("testing", 0)):
        page = amina.get(f"/desk/rounds/{open_round}/unmatched?track={track}")
        assert ("<tbody" in page.text) == bool(seen)


def test_the_files_hold_no_names_and_the_proof(app, cast, open_round):
    rounds.solved(open_round, by=cast["organiser"].id, now=NOW)
    amina = come(app, cast["organiser"], "organiser")
    files = {
        name: gzip.decompress(amina.get(f"/desk/rounds/{open_round}/{name}").data).decode()
        for name in ("instance", "result")
    }
    for text in files.values():
        for who in cast.values():
            assert who.name not in text
            assert who.email not in text
    result = json.loads(files["result"])
    assert result["status"] == "optimal"
    assert result["matched"] == 1
    assert result["certificate"]
    assert len(json.loads(files["instance"])["candidates"]) == 2


def test_publishing_says_first_what_follows(app, cast, open_round):
    by = cast["organiser"].id
    rounds.solved(open_round, by=by, now=NOW)
    amina = come(app, cast["organiser"], "organiser")
    address = f"/desk/rounds/{open_round}/publication"
    assert "accept it" in words(amina.get(address))
    review.accept(open_round, by=by, now=NOW)
    page = words(amina.get(address))
    assert "1 interview is booked and its two people get the invitation" in page
    assert "1 candidate without a match hears the reason" in page
    data = {"csrf_token": amina.token(address)}
    assert amina.post(address, data=data).status_code == 303
    while publishing.publish_due(now=NOW):
        pass
    page = words(amina.get(f"/desk/rounds/{open_round}"))
    assert "1 interview is booked, and its invitations are on their way" in page
