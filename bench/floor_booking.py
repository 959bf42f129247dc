"""The floor of a booking: Flask and its ORM insert one row, commit and answer with its number.

No session, no form, no rules. `FLOOR_DATABASE_URL` names the PostgreSQL; the table is made at the
first start. Run it with gunicorn like the application: `gunicorn bench.floor_booking:app`.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
STEPS = 20 * 365 * 48
INTERVIEWERS = 2000


class Base(DeclarativeBase):
    """Of the one table."""


db = SQLAlchemy(model_class=Base)


class FloorBooking(db.Model):  # type: ignore[name-defined,misc]  # made by Flask-SQLAlchemy
    """One interview, and the constraint that guards it."""

    __tablename__ = "floor_booking"
    __table_args__ = (UniqueConstraint("interviewer", "start_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    interviewer: Mapped[int]
    candidate: Mapped[int]
    start_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    end_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(default="booked")


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["FLOOR_DATABASE_URL"]
db.init_app(app)
chance = random.Random(os.urandom(8))


@app.post("/bookings")
def book() -> ResponseReturnValue:
    start = BEGIN + timedelta(minutes=30 * chance.randrange(STEPS))
    made = FloorBooking(
        interviewer=chance.randrange(INTERVIEWERS),
        candidate=1,
        start_at=start,
        end_at=start + timedelta(minutes=30),
    )
    db.session.add(made)
    db.session.commit()
    return str(made.id), 201


if __name__ == "__main__":
    with app.app_context():
        db.create_all()
