"""Bookings, the cells they occupy, and what each side's calendar was told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mockint.db import Model, Revisioned, UtcDateTime
from mockint.domain.reply import Partstat
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models.account import Person, one_of

STATES = ("held", "confirmed", "cancelled")
SIDES = ("candidate", "interviewer")
PARTSTATS = tuple(one.value for one in Partstat)
REPORTS = ("unknown", "attended", "absent")


class Booking(Revisioned, Model):
    """One interview agreed between two people; it owns UID and SEQUENCE of its calendar object."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state_known"),
        CheckConstraint(one_of("track", TRACKS), name="track_known"),
        CheckConstraint(one_of("level", LEVELS), name="level_known"),
        CheckConstraint(one_of("candidate_attendance", REPORTS), name="candidate_attendance_known"),
        CheckConstraint(
            one_of("interviewer_attendance", REPORTS), name="interviewer_attendance_known"
        ),
        CheckConstraint("start_at < end_at", name="order"),
        CheckConstraint("candidate_id <> interviewer_id", name="two_people"),
        CheckConstraint("state <> 'held' OR held_until IS NOT NULL", name="hold_ends"),
        CheckConstraint("sequence >= 0", name="sequence"),
        Index("ix_booking_interviewer", "interviewer_id", "start_at", "state"),
        Index("ix_booking_candidate", "candidate_id", "start_at", "state"),
        Index("ix_booking_start", "start_at", "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    """Never given twice: the address of a hold that is gone must not show somebody else's."""
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    """iCalendar UID, `<uuid4>@<host>`; given once, never reused (RFC 5545 3.8.4.7)."""
    request_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The form's own key: the same form sent twice is one booking."""
    candidate_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    interviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    chosen: Mapped[bool] = mapped_column(default=False)
    """True: the candidate asked for this interviewer; False: anyone would do."""
    track: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8), default="en")
    reason: Mapped[str] = mapped_column(Text, default="")
    """The sentence that said why this interviewer was suggested."""
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(64))
    """The interviewer's zone when the time was promised."""
    wall_start: Mapped[str] = mapped_column(String(16))
    """The promised wall time in `zone`, as YYYY-MM-DDTHH:MM."""
    state: Mapped[str] = mapped_column(String(12))
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(default=0)
    """iCalendar SEQUENCE; rises when time, place or status changes (RFC 5546 2.1.4)."""
    meeting_link: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cancelled_side: Mapped[str | None] = mapped_column(String(12))
    """candidate, interviewer or organiser."""
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    candidate_attendance: Mapped[str] = mapped_column(String(10), default="unknown")
    """Whether the candidate came, as the interviewer reports it."""
    interviewer_attendance: Mapped[str] = mapped_column(String(10), default="unknown")
    """Whether the interviewer came, as the candidate reports it."""

    candidate: Mapped[Person] = relationship(foreign_keys=[candidate_id], lazy="joined")
    interviewer: Mapped[Person] = relationship(foreign_keys=[interviewer_id], lazy="joined")
    invitations: Mapped[list[Invitation]] = relationship(passive_deletes="all")
    """What was told to whom; a replaced interviewer's stays."""

    @property
    def duration_min(self) -> int:
        """Length in minutes."""
        return int((self.end_at - self.start_at).total_seconds()) // 60

    def side_of(self, person_id: int) -> str | None:
        """Which side `person_id` is on, or None for a stranger."""
        return {self.candidate_id: "candidate", self.interviewer_id: "interviewer"}.get(person_id)


class Occupancy(Model):
    """One person's quarter of an hour, owned by one live hold or booking.

    The primary key is the guard: nobody is ever in two places, as candidate or as interviewer.
    """

    __tablename__ = "occupancy"
    __table_args__ = (Index("ix_occupancy_booking", "booking_id"), {"sqlite_with_rowid": False})

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Quarter hours since 1970-01-01T00:00Z."""
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))


class Invitation(Model):
    """What one side's calendar was told; ORGANIZER never changes for a UID."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(one_of("side", SIDES), name="side_known"),
        CheckConstraint(one_of("partstat", PARTSTATS), name="partstat_known"),
    )

    booking_id: Mapped[int] = mapped_column(
        ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    side: Mapped[str] = mapped_column(String(12), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    """Part of the key: a replaced interviewer keeps their own row, and gets the CANCEL."""
    attendee: Mapped[str] = mapped_column(String(254))
    organizer: Mapped[str] = mapped_column(String(254))
    token: Mapped[str] = mapped_column(String(40), unique=True)
    """Lower-case base32; names this booking and attendee in a reply's address."""
    first_message_id: Mapped[str] = mapped_column(String(200), default="")
    """Message-ID of the first invitation, for threading."""
    sent_sequence: Mapped[int | None]
    """The highest SEQUENCE that was sent; None: nothing yet."""
    partstat: Mapped[str] = mapped_column(String(16), default=Partstat.NEEDS_ACTION.value)
    """What this side said about coming at the present time; a move asks again."""
    answered_sequence: Mapped[int | None]
    """SEQUENCE that the last answer was about."""
    answered_stamp: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """DTSTAMP of the last answer: one made earlier comes too late."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last answer came in."""
    declined_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """Since when this side says that it cannot come; None: it does not say so."""
    comment: Mapped[str] = mapped_column(Text, default="")
    """What they wrote with it."""
    proposed_start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Another time that this side proposed (COUNTER); the booking keeps its own."""
    proposed_end: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SlotRequest(Model):
    """A candidate found nothing free and asked to be told; the desk counts these as unfilled."""

    __tablename__ = "slot_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    track: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(20))
    duration_min: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
