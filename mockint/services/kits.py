"""Question kits: into the bank, into an interview, before the candidate, and out of use."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.domain import kit as rules
from mockint.domain.account import clean_line
from mockint.domain.errors import N_, Conflict, Invalid, NotYours, TooEarly, TooLate
from mockint.domain.rubric import TRACKS
from mockint.models import Booking, KitChoice, KitExposure, KitFlag, QuestionKit
from mockint.queries import kits as query
from mockint.queries import rubric as rubric_query
from mockint.services import audit

NOTE_MAX = 500


# Into the bank


def publish_builtin(*, now: datetime) -> int:
    """Put the kits that come with mockint into the bank; returns how many were not there yet."""
    added = 0
    with transaction():
        known = set(db.session.execute(select(QuestionKit.key, QuestionKit.version)).all())
        for track in TRACKS:
            file = files("mockint").joinpath("data", "kits", f"{track}.json")
            if not file.is_file():
                continue
            for raw in json.loads(file.read_text(encoding="utf-8"))["kits"]:
                if (raw["key"], raw["version"]) not in known:
                    _add(track, raw, state="active", by=None, now=now)
                    added += 1
    return added


def take_in(text: str, *, by: int, now: datetime) -> list[QuestionKit]:
    """Take in kits of one track as drafts, from the JSON that export gives; all or none."""
    if len(text.encode()) > rules.MOST_BYTES:
        raise Invalid("kits", N_("This is more than 200 KB. Take in fewer questions at once."))
    try:
        said = json.loads(text)
        track, raws = said["track"], said["kits"]
        with transaction():
            return [_taken(track, raw, by=by, now=now) for raw in raws]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        where = str(error) if isinstance(error, rules.InvalidKit) else "JSON"
        raise Invalid(
            "kits", N_("These are no question kits: %(where)s."), where=where[:300]
        ) from error


def _taken(track: str, raw: Mapping[str, Any], *, by: int, now: datetime) -> QuestionKit:
    found = db.session.scalar(
        select(QuestionKit).where(
            QuestionKit.key == raw["key"], QuestionKit.version == raw["version"]
        )
    )
    if found is None:
        return _add(track, raw, state="draft", by=by, now=now)
    if found.content_hash != rules.content_hash(raw):
        raise Conflict(
            N_("Version %(version)s of %(key)s is there with other content. Raise the version."),
            version=found.version,
            key=found.key,
        )
    return found


def _add(
    track: str, raw: Mapping[str, Any], *, state: str, by: int | None, now: datetime
) -> QuestionKit:
    if track not in TRACKS:
        raise rules.InvalidKit(f"there is no track {track!r}")
    kit = rules.parse(track, raw, rubric_query.current().tracks[track].keys)
    row = QuestionKit(
        key=kit.key,
        version=kit.version,
        track=track,
        family=kit.family,
        title=kit.title,
        levels=kit.levels,
        languages=kit.languages,
        content=dict(raw),
        content_hash=rules.content_hash(raw),
        state=state,
        author_id=by,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(f"kit.{state}", f"kit:{row.id}", by=by, now=now)
    return row


def move(kit_id: int, to: str, *, by: int, now: datetime) -> QuestionKit:
    """Another state; a draft is let in by somebody who did not write it."""
    with transaction():
        row = db.session.scalar(
            select(QuestionKit).where(QuestionKit.id == kit_id).with_for_update()
        )
        if row is None:
            raise NotYours
        if row.state == to:
            return row
        rules.require_move(row.state, to)
        if row.state == "draft" and to == "pilot":
            if row.author_id == by:
                raise Conflict(N_("Somebody else has to read it before it is used."))
            row.reviewer_id = by
        if row.state == "pilot" and to == "active" and not _uses(kit_id):
            raise Conflict(N_("Use it in one interview first; then it becomes active."))
        _moved(row, to, by=by, now=now)
        if to != "resting":
            for flag in db.session.scalars(
                select(KitFlag).where(KitFlag.kit_id == kit_id, KitFlag.settled_at.is_(None))
            ):
                flag.settled_at = now
    return row


def _uses(kit_id: int) -> int:
    used = KitChoice.revealed_at.is_not(None)
    count = select(func.count()).select_from(KitChoice)
    return db.session.scalar(count.where(KitChoice.kit_id == kit_id, used)) or 0


def _moved(row: QuestionKit, to: str, *, by: int | None, now: datetime) -> None:
    before, row.state = row.state, to
    audit.record(f"kit.{to}", f"kit:{row.id}", by=by, now=now, before=before, after=to)


# Into an interview


def choose(
    booking_id: int,
    *,
    by: int,
    now: datetime,
    kit_id: int | None = None,
    chance: random.Random | None = None,
) -> KitChoice:
    """Choose the question of an interview, by chance among the least used or a given one.

    It can be changed until it is revealed. Whoever chooses has seen all of it.
    """
    with transaction():
        booking = _own(booking_id, by)
        choice = db.session.get(KitChoice, booking_id, populate_existing=True)
        if choice is not None and choice.revealed_at is not None:
            raise Conflict(N_("The candidate has this question already."))
        if now > booking.end_at:
            raise TooLate(N_("The interview is over."))
        stock, recent = query.stock(booking, now=now)
        fit = rules.fitting(stock, query.seen(booking.candidate_id), recent=recent, now=now)
        if kit_id is None:
            others = [one for one in fit if choice is None or one.kit_id != choice.kit_id]
            taken = rules.choose(others, chance or random.Random(secrets.randbits(64)))
        else:
            taken = next((one for one in fit if one.kit_id == kit_id), None)
        if taken is None:
            raise Conflict(
                N_("No question fits: the candidate has seen it, or none is left for this level.")
            )
        if choice is None:
            choice = KitChoice(booking_id=booking_id)
            db.session.add(choice)
        choice.kit_id, choice.chosen_by, choice.chosen_at = taken.kit_id, by, now
        _expose(taken.kit_id, by, booking_id, "interviewer", now)
        db.session.flush()
    return choice


def reveal(booking_id: int, *, by: int, now: datetime) -> KitChoice:
    """Show the prompt to the candidate; from then on it counts as seen. Twice is once."""
    with transaction():
        booking = _own(booking_id, by)
        choice = db.session.get(KitChoice, booking_id, populate_existing=True)
        if choice is None:
            raise Conflict(N_("Choose a question first."))
        if choice.revealed_at is not None:
            return choice
        if not rules.may_reveal(booking.start_at, booking.end_at, now):
            if now < booking.start_at:
                raise TooEarly(N_("It can be shown from 15 minutes before the start."))
            raise TooLate(N_("The interview is over."))
        choice.revealed_at = now
        _expose(choice.kit_id, booking.candidate_id, booking_id, "candidate", now)
        _expose(choice.kit_id, by, booking_id, "interviewer", now)
    return choice


def _own(booking_id: int, interviewer_id: int) -> Booking:
    booking = db.session.scalar(
        select(Booking).where(Booking.id == booking_id).with_for_update(of=Booking)
    )
    if booking is None or booking.interviewer_id != interviewer_id or booking.state == "held":
        raise NotYours
    if booking.state != "confirmed":
        raise Conflict(N_("This interview was cancelled."))
    return booking


def _expose(kit_id: int, person_id: int, booking_id: int, side: str, now: datetime) -> None:
    if db.session.get(KitExposure, (kit_id, person_id, booking_id)) is None:
        db.session.add(
            KitExposure(
                kit_id=kit_id, person_id=person_id, booking_id=booking_id, side=side, seen_at=now
            )
        )


# Out of use


def flag(booking_id: int, kind: str, *, by: int, note: str = "", now: datetime) -> None:
    """The interviewer says that the candidate had seen it, or where it is published.

    Two candidates who had seen it take it out of use until an organiser has looked.
    """
    note = clean_line("note", note, NOTE_MAX)
    if kind == "link" and not note:
        raise Invalid("note", N_("Say where you found it."))
    with transaction():
        _own(booking_id, by)
        choice = db.session.get(KitChoice, booking_id)
        if choice is None or choice.revealed_at is None:
            raise Conflict(N_("No question was shown in this interview."))
        there = select(KitFlag.id).where(
            KitFlag.kit_id == choice.kit_id,
            KitFlag.booking_id == booking_id,
            KitFlag.kind == kind,
        )
        if db.session.scalar(there) is not None:
            return
        row = db.session.scalars(
            select(QuestionKit).where(QuestionKit.id == choice.kit_id).with_for_update()
        ).one()
        db.session.add(
            KitFlag(kit_id=row.id, booking_id=booking_id, by_id=by, kind=kind, note=note, at=now)
        )
        db.session.flush()
        audit.record(f"kit.{kind}", f"kit:{row.id}", by=by, now=now)
        ticks = db.session.scalar(
            select(func.count()).where(
                KitFlag.kit_id == row.id, KitFlag.kind == "seen", KitFlag.settled_at.is_(None)
            )
        )
        if row.state == "active" and kind == "seen" and (ticks or 0) >= rules.TICKS_TO_REST:
            _moved(row, "resting", by=None, now=now)
