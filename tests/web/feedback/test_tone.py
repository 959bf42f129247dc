"""The tone check on the form: hints, reasons, and the words that are never sent."""

from __future__ import annotations

import re

import pytest

from mockint.db import db
from mockint.models import Feedback, ToneDismissal
from mockint.services import feedback
from tests import factories
from tests.support import feedback as given
from tests.support.drafts import END, HOUR

FORM = "/interviews/1/feedback"
DOUBTFUL = "You never asked for the size of the input before the first line of code."
THREAT = "I will find you when this interview is over, and then we talk about it."


@pytest.fixture
def author(client, cast):
    factories.login(client, cast[1], role="interviewer")
    return client


def saved(author, evidence: str, **more: str):
    values = {"revision": revision(), "evidence": evidence, "score": "3", "go": "save", **more}
    return author.submit(f"{FORM}?step=framing", values, page=f"{FORM}?step=framing")


def revision() -> str:
    db.session.expire_all()
    found = db.session.scalar(db.select(Feedback))
    return str(found.revision if found else 0)


def aside(n: int = 0) -> dict[str, str]:
    return {"go": f"aside|{n}|framing|evidence|absolute|never", f"tone-reason-{n}": "Six times."}


def test_a_hint_names_the_words_and_a_way_to_say_it(author):
    assert saved(author, DOUBTFUL).status_code == 303, "a hint keeps nothing back"
    page = author.get(f"{FORM}?step=framing").text
    assert "“never”" in page
    assert "Try: In minute ..., you ...; try ..." in page


def test_autosave_answers_with_the_hints(author):
    answer = author.submit(
        f"{FORM}/draft?step=framing",
        {"revision": "0", "evidence": DOUBTFUL, "score": "3"},
        page=f"{FORM}?step=framing",
    )
    assert "“never”" in answer.json["tone"]
    assert answer.json["said"] == "1 hint about the wording"


def test_a_hint_is_set_aside_with_a_reason_that_only_organisers_read(author, cast, client):
    saved(author, DOUBTFUL)
    assert saved(author, DOUBTFUL, **aside() | {"tone-reason-0": " "}).status_code == 422
    assert db.session.scalar(db.select(ToneDismissal)) is None
    for _twice in range(2):
        assert saved(author, DOUBTFUL, **aside()).status_code in (303, 409)
    row = db.session.scalars(db.select(ToneDismissal)).one()
    assert (row.words, row.reason) == ("never", "Six times.")
    assert "“never”" not in author.get(f"{FORM}?step=framing").text
    assert "Six times." in author.get(f"{FORM}?step=review").text
    assert saved(author, f"And now always. {DOUBTFUL}").status_code == 303
    assert "“always, never”" in author.get(f"{FORM}?step=framing").text or (
        "“never, always”" in author.get(f"{FORM}?step=framing").text
    ), "other words are another hint"


def test_words_that_do_not_stand_there_cannot_be_set_aside(author):
    saved(author, DOUBTFUL)
    gone = {"go": "aside|0|framing|evidence|trait|lazy", "tone-reason-0": "Because."}
    assert saved(author, DOUBTFUL, **gone).status_code == 409
    assert saved(author, DOUBTFUL, go="aside|x").status_code == 404
    assert db.session.scalar(db.select(ToneDismissal)) is None


def test_a_threat_is_kept_as_a_draft_and_never_sent(author, cast):
    with pytest.raises(feedback.Incomplete) as refused:
        given.submitted(cast[2], now=END, changes={"summary": given.SUMMARY + THREAT})
    assert [lack.field for lack in refused.value.lacks] == ["summary"]
    assert saved(author, THREAT).status_code == 303
    answer = saved(author, THREAT, go="next")
    assert answer.status_code == 422
    assert "Take out “I will find you”" in answer.get_data(as_text=True)
    page = author.get(f"{FORM}?step=review").text
    assert "slurs and threats are never sent" in page


def test_hints_do_not_keep_feedback_back_and_change_no_score(cast):
    found = given.submitted(cast[2], now=END, changes={"summary": given.SUMMARY + DOUBTFUL})
    assert found.state == "submitted"
    assert {row.score for row in found.scores} == {3}


def test_only_counts_are_logged(author, capsys):
    saved(author, DOUBTFUL)
    author.get(f"{FORM}?step=framing")
    told = capsys.readouterr()
    assert "never asked" not in told.out + told.err
    assert "absolute=1" in told.out + told.err or '"absolute": 1' in told.out + told.err


def test_the_preview_is_what_the_candidate_reads(author, cast, client):
    note = "For the organisers: a quiet line."
    given.submitted(cast[2], now=END, changes={"organiser_note": note})
    feedback.reopen(1, author_id=cast[1].id, now=END)
    preview = author.get(f"{FORM}?step=review").text
    only = preview.index('id="organisers-read"')
    assert note in preview[only:]
    assert note not in preview[:only]
    given.rated(cast[2], now=END)
    feedback.submit(1, author_id=cast[1].id, now=END)
    feedback.release_due(now=END + 2 * HOUR)
    factories.login(client, cast[0])
    page = client.get(f"{FORM}/released").text
    assert note not in page
    seen = re.compile(r'<section class="seen".*?</section>', re.DOTALL)
    assert len(seen.findall(page)) == 5
    assert seen.findall(preview[:only]) == seen.findall(page)
    assert given.SUMMARY.strip()[:80] in preview[:only]
