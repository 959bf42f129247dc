"""People, their roles, their logins and their one-time links."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mockint.db import Model, UtcDateTime, Words
from mockint.domain.account import APPLICATION_STATES, ROLES


def one_of(column: str, words: Iterable[str]) -> str:
    """SQL text of a CHECK that `column` holds one of `words`."""
    return f"{column} IN ({', '.join(map(repr, words))})"


class Role(Model, RoleMixin):
    """One of candidate, interviewer, organiser."""

    __tablename__ = "role"
    __table_args__ = (CheckConstraint(one_of("name", ROLES), name="known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)


class PersonRole(Model):
    """A role a person holds; one person may hold several."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)


class Person(Model, UserMixin):
    """Anybody with an account."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    name: Mapped[str] = mapped_column(String(80))
    """What everybody else sees; an alias is welcome."""
    zone: Mapped[str] = mapped_column(String(64))
    """IANA name; times are shown in it."""
    locale: Mapped[str] = mapped_column(String(16), default="en")
    wants_reminders: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undeliverable_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a mail to the address came back; None again once a link from a mail was used."""

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # narrower than UserMixin's
        secondary="person_role", order_by=Role.id
    )
    candidate: Mapped[CandidateProfile | None] = relationship(back_populates="person")
    interviewer: Mapped[InterviewerProfile | None] = relationship(
        back_populates="person", foreign_keys="InterviewerProfile.person_id"
    )

    @property
    def role_names(self) -> frozenset[str]:
        """The names of the roles this person holds."""
        return frozenset(role.name for role in self.roles)


class CandidateProfile(Model):
    """What a candidate prepares for."""

    __tablename__ = "candidate_profile"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    target_role: Mapped[str] = mapped_column(String(120), default="")
    target_level: Mapped[str] = mapped_column(String(20))
    tracks: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    languages: Mapped[tuple[str, ...]] = mapped_column(Words, default=("en",))
    target_companies: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    current_employer: Mapped[str] = mapped_column(String(120), default="")
    """Never shown; only keeps colleagues from interviewing each other."""
    interview_on: Mapped[date | None]
    """Date of the real interview."""
    goals: Mapped[str] = mapped_column(Text, default="")

    person: Mapped[Person] = relationship(back_populates="candidate")


class InterviewerProfile(Model):
    """A volunteer: the application, what they can interview, and their limits.

    Weekly hours are in `availability_rule`, dates that differ in `availability_exception`.
    """

    __tablename__ = "interviewer_profile"
    __table_args__ = (
        CheckConstraint(one_of("state", APPLICATION_STATES), name="state_known"),
        CheckConstraint(
            "buffer_min % 15 = 0 AND buffer_min BETWEEN 0 AND 240", name="buffer_cells"
        ),
        CheckConstraint("max_per_day >= 1", name="day_cap"),
        CheckConstraint("max_per_week >= 1", name="week_cap"),
        Index("ix_interviewer_profile_state", "state"),
    )

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(20), default="applied")
    company: Mapped[str] = mapped_column(String(120), default="")
    title: Mapped[str] = mapped_column(String(120), default="")
    years: Mapped[int] = mapped_column(default=0)
    tracks: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    levels: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    languages: Mapped[tuple[str, ...]] = mapped_column(Words, default=("en",))
    bio: Mapped[str] = mapped_column(Text, default="")
    meeting_link: Mapped[str] = mapped_column(String(500), default="")
    makes_link: Mapped[bool] = mapped_column(default=False)
    """True: each interview gets a fresh room under the operator's Jitsi base URL."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What the organiser wrote with the last decision; the volunteer reads it."""
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    buffer_min: Mapped[int] = mapped_column(default=0)
    notice_min: Mapped[int] = mapped_column(default=720)
    max_per_day: Mapped[int] = mapped_column(default=2)
    max_per_week: Mapped[int] = mapped_column(default=4)
    paused_until: Mapped[date | None]
    """First local date on which interviews are possible again."""
    availability_version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Person] = relationship(back_populates="interviewer", foreign_keys=[person_id])


class Login(Model):
    """One device logged in; the signed cookie carries only its key, so ending the row ends it."""

    __tablename__ = "login"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the 256-bit key in the cookie."""
    role: Mapped[str] = mapped_column(String(20))
    """The role this device looks through at the moment."""
    device: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="joined")


class OneTimeLink(Model):
    """A link sent by mail; its GET shows a page, one POST uses it up."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(254))
    """The address it was sent to; what confirming it proves."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
