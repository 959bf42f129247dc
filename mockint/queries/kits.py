"""The question bank: what an interview can get, what it got, and how often each was used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import undefer

from mockint.db import db
from mockint.domain import kit as rules
from mockint.domain.kit import Kit, Seen, Stock
from mockint.models import Booking, KitChoice, KitExposure, KitFlag, Person, QuestionKit
from mockint.queries import rubric as rubric_query

_parsed: dict[str, Kit] = {}
"""By content hash: a version never changes."""


def parsed(row: QuestionKit) -> Kit:
    """The kit as domain values."""
    found = _parsed.get(row.content_hash)
    if found is None:
        dimensions = rubric_query.current().tracks[row.track].keys
        known = [*dimensions, *_older(row)]
        found = _parsed[row.content_hash] = rules.parse(row.track, row.content, known)
    return found


def _older(row: QuestionKit) -> set[str]:
    """Dimensions that a newer rubric dropped: an old kit stays readable."""
    named = {one["dimension"] for name in ("signals", "follow_ups") for one in row.content[name]}
    return named - set(rubric_query.current().tracks[row.track].keys)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The question of one interview."""

    row: QuestionKit
    choice: KitChoice

    @property
    def kit(self) -> Kit:
        return parsed(self.row)


_OF_BOOKING = (
    select(QuestionKit, KitChoice)
    .join(KitChoice, KitChoice.kit_id == QuestionKit.id)
    .options(undefer(QuestionKit.content))
    .where(KitChoice.booking_id == bindparam("booking_id"))
)


def of(booking_id: int) -> Chosen | None:
    """What was chosen for it, whether revealed or not."""
    found = db.session.execute(_OF_BOOKING, {"booking_id": booking_id}).one_or_none()
    return Chosen(*found) if found is not None else None


_used = KitChoice.revealed_at.is_not(None)


def stock(booking: Booking, *, now: datetime) -> tuple[list[Stock], int]:
    """Kits on offer for this track, level and language, and how many recent interviews had one."""
    since = now - rules.SHARE_WINDOW
    recent = func.sum(case((KitChoice.revealed_at > since, 1), else_=0))
    rows = db.session.execute(
        select(
            QuestionKit.id,
            QuestionKit.key,
            QuestionKit.family,
            QuestionKit.levels,
            QuestionKit.languages,
            func.count(KitChoice.revealed_at).label("uses"),
            recent.label("recent"),
        )
        .outerjoin(KitChoice, KitChoice.kit_id == QuestionKit.id)
        .where(QuestionKit.track == booking.track, QuestionKit.state.in_(rules.OFFERED))
        .group_by(QuestionKit.id)
    ).all()
    fit = [
        Stock(row.id, row.key, row.family, row.uses, row.recent or 0)
        for row in rows
        if booking.level in row.levels and booking.language in row.languages
    ]
    return fit, sum(row.recent or 0 for row in rows)


def seen(person_id: int) -> list[Seen]:
    """Every question this person saw, as candidate or interviewer."""
    rows = db.session.execute(
        select(QuestionKit.key, QuestionKit.family, KitExposure.seen_at)
        .join(QuestionKit, QuestionKit.id == KitExposure.kit_id)
        .where(KitExposure.person_id == person_id)
    )
    return [Seen(*row) for row in rows]


def titles(ids: Sequence[int]) -> dict[int, QuestionKit]:
    """Kits by id, with what stands in a list."""
    query = select(QuestionKit).options(undefer(QuestionKit.content))
    return {row.id: row for row in db.session.scalars(query.where(QuestionKit.id.in_(ids)))}


@dataclass(frozen=True, slots=True)
class Line:
    """One kit in the organisers' list."""

    kit: QuestionKit
    uses: int
    flags: int
    """Signs of a leak that nobody has settled."""


def lines(*, track: str = "", state: str = "") -> list[Line]:
    """The bank, by track and title; a newer version follows the older one."""
    uses = (
        select(func.count())
        .where(KitChoice.kit_id == QuestionKit.id, _used)
        .correlate(QuestionKit)
        .scalar_subquery()
    )
    flags = (
        select(func.count())
        .where(KitFlag.kit_id == QuestionKit.id, KitFlag.settled_at.is_(None))
        .correlate(QuestionKit)
        .scalar_subquery()
    )
    query = select(QuestionKit, uses, flags).order_by(
        QuestionKit.track, QuestionKit.title, QuestionKit.version
    )
    if track:
        query = query.where(QuestionKit.track == track)
    if state:
        query = query.where(QuestionKit.state == state)
    return [Line(*row) for row in db.session.execute(query)]


def one(kit_id: int) -> QuestionKit | None:
    """A kit with its content."""
    query = select(QuestionKit).options(undefer(QuestionKit.content))
    return db.session.scalar(query.where(QuestionKit.id == kit_id))


def versions(key: str) -> Sequence[QuestionKit]:
    """All versions of a question, the newest first."""
    query = select(QuestionKit).where(QuestionKit.key == key)
    return db.session.scalars(query.order_by(QuestionKit.version.desc())).all()


def flags(kit_id: int) -> list[tuple[KitFlag, str]]:
    """Signs of a leak, the newest first, each with who gave it."""
    rows = db.session.execute(
        select(KitFlag, Person.name)
        .join(Person, Person.id == KitFlag.by_id)
        .where(KitFlag.kit_id == kit_id)
        .order_by(KitFlag.at.desc(), KitFlag.id.desc())
    )
    return [(flag, name) for flag, name in rows]
