"""A community in which no table is empty, to be carried from one database to another."""

from __future__ import annotations

import random
from datetime import date

from flask import Flask
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain import timespan
from mockint.models import (
    CandidateProfile,
    ClockOffset,
    Feedback,
    FeedbackAddendum,
    FeedbackWithdrawal,
    Inbox,
    InterviewerRating,
    KeptMail,
    Login,
    PrivateReport,
    SlotPrice,
    ToneDismissal,
)
from mockint.services import community
from mockint.settings import Settings
from tests.support import world


def build(app: Flask, settings: Settings) -> None:
    """Fill the app's empty database; the clock must stand at `world.NOW`."""
    made = world.build(app, settings)
    candidate = made.people["candidate"]
    with app.app_context():
        community.change({"name": "Ünïted"}, by=made.people["organiser"], now=world.NOW)
        with transaction():
            db.session.add(ClockOffset(id=1, seconds=0))
            db.session.add(
                SlotPrice(
                    person_id=made.people["interviewer"],
                    first_cell=timespan.cell_of(world.NOW.replace(minute=0)),
                    end_cell=timespan.cell_of(world.NOW.replace(minute=0)) + 4,
                    points=40,
                    made_at=world.NOW,
                )
            )
            db.session.add(Inbox(name="us at mail.example", next_look_at=world.NOW))
            db.session.add(
                Login(
                    person_id=candidate,
                    key_hash="0" * 64,
                    role="candidate",
                    created_at=world.NOW,
                    seen_at=world.NOW,
                )
            )
            db.session.add(
                PrivateReport(
                    booking_id=made.bookings["released"], text="He was late.", created_at=world.NOW
                )
            )
            feedback_id = db.session.scalars(select(Feedback.id).order_by(Feedback.id)).first()
            interviewer = made.people["interviewer"]
            beside = {"feedback_id": feedback_id, "author_id": interviewer}
            db.session.add(FeedbackAddendum(**beside, text="One more book.", created_at=world.NOW))
            db.session.add(
                FeedbackWithdrawal(
                    feedback_id=feedback_id,
                    kind="withdrawn",
                    by_id=made.people["organiser"],
                    reason="Mixed up with another interview.",
                    at=world.NOW,
                )
            )
            db.session.add(
                ToneDismissal(
                    **beside,
                    step="framing",
                    field="evidence",
                    kind="absolute",
                    words="always",
                    reason="It was every time.",
                    created_at=world.NOW,
                )
            )
            rating = db.session.get(InterviewerRating, made.bookings["released"])
            db.session.add(
                rating
                or InterviewerRating(
                    booking_id=made.bookings["released"],
                    clarity=4,
                    realism=3,
                    help=4,
                    respect=2,
                    created_at=world.NOW,
                )
            )
            db.session.get_one(CandidateProfile, candidate).interview_on = date(2026, 12, 24)
            every_byte = bytes(range(256)) + random.Random(1).randbytes(300_000)
            mail = db.session.scalars(select(KeptMail).limit(1)).one()
            mail.raw = every_byte
        db.session.remove()
