"""Who reads what about an interview, in each state of its feedback (rubrics, section 9).

Every text that somebody writes is replaced by a canary that names its column and the state of the
feedback; every role then opens every address and follows every link, and all mails are read. The
matrix below is the whole truth: a reader too many and a reader too few both fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select, update

from mockint.app import create_app
from mockint.db import db, transaction
from mockint.models import (
    Feedback,
    FeedbackAddendum,
    FeedbackWithdrawal,
    InterviewerRating,
    PracticeItem,
    PrivateReport,
    ToneDismissal,
)
from mockint.services import feedback, relay
from mockint.settings import Settings
from tests import factories
from tests.support import canaries, databases, web
from tests.support import world as worlds
from tests.support.doors import ROLES

STATES = ("draft", "submitted", "sealed", "released", "acknowledged", "withdrawn")
WRITTEN = ("submitted", "sealed", "released", "acknowledged")
READ = ("released", "acknowledged")
PLAIN = {
    "feedback_withdrawal.kind": "one of our own words",
    "tone_dismissal.step": "a step of the form",
    "tone_dismissal.field": "a field of the form",
    "tone_dismissal.kind": "one of our own words",
    "tone_dismissal.words": "a part of the text that is hinted at",
    "feedback.state": "one of our own words",
    "feedback_score.dimension": "a key of the rubric",
    "feedback_score.anchor_hash": "made from the rubric",
    "practice_item.focus": "a key of the rubric",
}
"""Columns in which nobody's words can stand, and why."""


Matrix = dict[str, dict[str, set[str]]]
"""`table.column` to state to everybody who reads it."""


def readers(
    *, author: tuple[str, ...], organiser: tuple[str, ...], candidate: tuple[str, ...]
) -> dict[str, set[str]]:
    """State to who reads a text in it."""
    by = {"interviewer": author, "organiser": organiser, "candidate": candidate}
    return {state: {who for who, states in by.items() if state in states} for state in STATES}


SHOWN = readers(author=("draft", *WRITTEN), organiser=WRITTEN, candidate=READ)
"""What the interviewer writes for the candidate."""
MATRIX: Matrix = {
    "feedback.summary": SHOWN,
    "feedback.strengths": SHOWN,
    "feedback.reason_for_difference": SHOWN,
    "feedback.organiser_note": readers(author=("draft", *WRITTEN), organiser=WRITTEN, candidate=()),
    "feedback_score.evidence": SHOWN,
    "feedback_score.note": readers(author=("draft",), organiser=(), candidate=()),
    "practice_item.gap": SHOWN,
    "practice_item.aim": SHOWN,
    "practice_item.exercise": SHOWN,
    "practice_item.amount": SHOWN,
    "practice_item.check": SHOWN,
    "practice_item.resource": SHOWN,
    "feedback_addendum.text": readers(
        author=("sealed", *READ), organiser=("sealed", *READ), candidate=READ
    ),
    # Its author reads the reason in the mail about it.
    "feedback_withdrawal.reason": readers(author=(), organiser=("withdrawn",), candidate=()),
    "tone_dismissal.reason": readers(author=("draft",), organiser=WRITTEN, candidate=()),
    "interviewer_rating.comment": readers(author=(), organiser=STATES, candidate=STATES),
    # Nobody is named as the safety person; who is, reads it: see test_desk_bookings.
    "private_report.text": readers(author=(), organiser=(), candidate=STATES),
}


@pytest.fixture(scope="module")
def told(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app with one interview in each state of its feedback, all of the same two people."""
    from mockint import clock

    folder = tmp_path_factory.mktemp("sees")
    settings = Settings(
        mode="test",
        database_url=databases.sqlite_copy(_sqlite_template, folder),
        data_dir=str(folder),
        secret_key="only for tests, and long enough to sign with",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "datetime", SimpleNamespace(now=worlds.NOW.astimezone))
        app = create_app(settings)
        app.test_client_class = web.Client
        made = worlds.build(app, settings)
        app.extensions["world"] = made
        with app.app_context():
            app.extensions["states"] = _in_each_state(made)
            db.session.remove()
        yield app
        clock.move_by(timedelta)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _in_each_state(made: worlds.World) -> dict[int, str]:
    """Make the missing states; returns booking to state."""
    found = {made.bookings["owed"]: "draft", made.bookings["submitted"]: "submitted"}
    found[made.bookings["released"]] = "released"
    old = db.session.scalars(
        select(Feedback).where(Feedback.booking_id == made.bookings["released"])
    ).one()
    candidate = db.session.get_one(worlds.Person, made.people["candidate"])
    interviewer = db.session.get_one(worlds.Person, made.people["interviewer"])
    content = feedback.drafts.content(old)
    for number, state in enumerate(("sealed", "acknowledged", "withdrawn"), 6):
        start = worlds.NOW.replace(minute=0) - number * worlds.DAY
        booking = factories.booking(
            candidate, interviewer, start=start, state="confirmed", now=start - worlds.DAY
        )
        feedback.write(
            booking.id,
            author_id=interviewer.id,
            scores=content.scores,
            recommendation=3,
            summary=content.summary,
            strengths=content.strengths,
            practice=content.practice,
            now=start + timedelta(hours=2),
        )
        found[booking.id] = state
        made.bookings[state] = booking.id
        made.ids["booking_id"].append(booking.id)
        with transaction():
            row = db.session.scalars(
                select(Feedback).where(Feedback.booking_id == booking.id)
            ).one()
            row.state = state
            row.sealed_at = start + timedelta(hours=3)
            if state != "sealed":
                row.released_at = start + timedelta(hours=4)
    with transaction():
        for booking_id in found:
            if db.session.get(InterviewerRating, booking_id) is None:
                db.session.add(
                    InterviewerRating(
                        booking_id=booking_id,
                        clarity=3, realism=3, help=3, respect=1,
                        after_release=True,
                        created_at=worlds.NOW,
                    )
                )  # fmt: skip
            if not db.session.scalar(
                select(PrivateReport.id).where(PrivateReport.booking_id == booking_id)
            ):
                db.session.add(PrivateReport(booking_id=booking_id, created_at=worlds.NOW))
        db.session.execute(update(InterviewerRating).values(respect=1))
        for row in db.session.scalars(select(Feedback)):
            _beside(row, made)
            if not row.practice:
                row.practice = [PracticeItem(focus=row.scores[0].dimension)]
    canaries.plant(MATRIX, _rows(found))
    return found


def _beside(row: Feedback, made: worlds.World) -> None:
    """What can stand beside a feedback in its state."""
    author, at = row.author_id, worlds.NOW
    if row.state not in ("draft", "submitted"):
        db.session.add(
            FeedbackAddendum(feedback_id=row.id, author_id=author, text="", created_at=at)
        )
    if row.state == "withdrawn":
        by = made.people["organiser"]
        db.session.add(FeedbackWithdrawal(feedback_id=row.id, kind="withdrawn", by_id=by, at=at))
    db.session.add(
        ToneDismissal(
            feedback_id=row.id,
            author_id=author,
            step="summary",
            field="summary",
            kind="absolute",
            words="always",
            reason="",
            created_at=at,
        )
    )


def _rows(states: dict[int, str]) -> dict[str, dict[int, str]]:
    """Table to the key of each of its rows to the state of the interview's feedback."""
    feedbacks = {
        row.id: states[row.booking_id]
        for row in db.session.execute(select(Feedback.id, Feedback.booking_id))
    }
    rows: dict[str, dict[int, str]] = {
        "feedback": feedbacks,
        "feedback_score": feedbacks,
        "interviewer_rating": dict(states),
    }
    rows["feedback_withdrawal"] = feedbacks
    for model in (PracticeItem, FeedbackAddendum, ToneDismissal):
        rows[model.__tablename__] = {
            row.id: feedbacks[row.feedback_id]
            for row in db.session.execute(select(model.id, model.feedback_id))
        }
    rows["private_report"] = {
        row.id: states[row.booking_id]
        for row in db.session.execute(select(PrivateReport.id, PrivateReport.booking_id))
    }
    return rows


def test_every_text_about_an_interview_stands_in_the_matrix(told: Flask) -> None:
    with told.app_context():
        tables = canaries.written_about("feedback", "interviewer_rating", "private_report")
        columns = {
            f"{table.name}.{column.name}"
            for table in tables
            for column in canaries.text_columns(table)
        }
    assert columns == set(MATRIX) | set(PLAIN)


def test_who_reads_what_on_every_page_feed_and_file(told: Flask) -> None:
    seen = canaries.crawl(told, told.extensions["world"], (None, *ROLES))
    met, meant = _sentences(_as_matrix(seen)), _sentences(MATRIX)
    assert sorted(met - meant) == []
    missing = "\n".join(sorted(meant - met))
    assert missing == ""


def test_mails_tell_nothing_of_what_was_written(told: Flask) -> None:
    with told.app_context():
        for hours in range(0, 100, 4):
            now = worlds.NOW + timedelta(hours=hours)
            feedback.release_due(now=now)
            relay.sweep(now=now, transport=relay.local_transport())
        assert canaries.mailed(told.extensions["world"]) == {}


def _as_matrix(seen: dict[tuple[str, str], set[str]]) -> Matrix:
    return {
        column: {state: seen.get((column, state), set()) for state in STATES} for column in MATRIX
    }


def _sentences(matrix: Matrix) -> set[str]:
    return {
        f"{who} reads {column} while {state}"
        for column, states in matrix.items()
        for state, people in states.items()
        for who in people
    }
