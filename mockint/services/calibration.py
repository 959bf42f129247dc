"""Calibrates every track: asked for each night and by organisers, done by a worker's child process.

A claim is a conditional update, and a lease that is renewed while the process works. Whatever dies,
the last results stand until new ones are there, and the job is taken up again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import and_, delete, or_, select, update

from mockint.adapters import fitting
from mockint.db import db, transaction
from mockint.domain.errors import N_
from mockint.domain.rubric import TRACKS
from mockint.models import (
    CalibrationJob,
    CalibrationRun,
    CandidateLevel,
    Person,
    RaterTendency,
)
from mockint.queries import calibration as query
from mockint.queries import moment
from mockint.services import audit
from mockint.services.outbox import LEASE

log = structlog.get_logger()

LOOK_S = 2.0
"""How often a worker looks after its process."""
LONGEST = timedelta(minutes=30)
MOST_TRIES = 3
RUNS_KEPT = 60
"""Of each track, so that a page can show how a tendency moved."""
FAILED = N_(
    "Something went wrong on our side. Start it again; if it fails again, tell whoever runs this"
    " installation."
)
TOO_LONG = N_("It took longer than half an hour and was ended.")
_JOB: Any = CalibrationJob.__table__


def ask(*, by: int, now: datetime) -> None:
    """Have every track calibrated; asking again while it waits changes nothing."""
    with transaction():
        if _ask(now):
            audit.record("calibration.ask", "calibration", by=by, now=now)


def ask_nightly(*, now: datetime) -> None:
    """The same as a nightly duty."""
    with transaction():
        _ask(now)


def _ask(now: datetime) -> bool:
    found = db.session.scalar(select(CalibrationJob).with_for_update())
    if found is None:
        found = CalibrationJob(id=1, trouble="", tries=0)
        db.session.add(found)
    if found.asked_at is not None:
        return False
    found.asked_at, found.trouble, found.tries = now, "", 0
    return True


def work_due(ending: Callable[[], bool]) -> bool:
    """Do the job if it is asked for and nobody alive has it in hand; False when there is none."""
    claim = _claimed(moment.now())
    if claim is None:
        return False
    try:
        found = _fitted(claim, ending)
    except fitting.Broken as error:
        log.warning("calibration_broke", error=str(error))
        _put_back(claim)
        return True
    if found is not None:
        _write(claim, found, now=moment.now())
    return True


def _claimed(now: datetime) -> str | None:
    if (
        db.session.scalar(select(CalibrationJob.id).where(CalibrationJob.asked_at.is_not(None)))
        is None
    ):
        return None  # asked for every few seconds, so most looks write nothing
    claim = uuid.uuid4().hex
    with transaction():
        taken = db.session.execute(
            update(_JOB)
            .where(
                _JOB.c.asked_at.is_not(None),
                or_(_JOB.c.claimed_until.is_(None), _JOB.c.claimed_until <= now),
            )
            .values(claim=claim, claimed_until=now + LEASE)
            .returning(_JOB.c.id)
        ).one_or_none()
    return claim if taken is not None else None


def _fitted(claim: str, ending: Callable[[], bool]) -> dict[str, Any] | None:
    """What the process found; None when this worker ends or another has the job by now."""
    runs = query.runs()
    asked = {}
    for track in TRACKS:
        rows = query.ratings(track)
        if rows:
            run = runs.get(track)
            known = f"{run.model_version} {run.data_hash}" if run else ""
            asked[track] = fitting.Asked(rows, known)
    db.session.rollback()
    deadline = time.monotonic() + LONGEST.total_seconds()
    with fitting.Fitting(asked) as process:
        while (found := process.found(within=LOOK_S)) is None:
            if ending():
                _release(claim)
                return None
            if time.monotonic() > deadline:
                _end(claim, TOO_LONG)
                return None
            if not _renewed(claim):
                return None
    return found


def _holds(claim: str) -> Any:
    return and_(_JOB.c.id == 1, _JOB.c.claim == claim)


def _renewed(claim: str) -> bool:
    until = moment.now() + LEASE
    with transaction():
        renewed = db.session.execute(
            update(_JOB).where(_holds(claim)).values(claimed_until=until).returning(_JOB.c.id)
        ).one_or_none()
    return renewed is not None


def _release(claim: str, **more: Any) -> None:
    with transaction():
        nothing: dict[str, Any] = {"claim": None, "claimed_until": None}
        db.session.execute(update(_JOB).where(_holds(claim)).values(nothing | more))


def _end(claim: str, trouble: str) -> None:
    _release(claim, asked_at=None, trouble=trouble)


def _put_back(claim: str) -> None:
    """The process died: another try, until there were enough."""
    found = query.job()
    if found is not None and found.claim == claim and found.tries + 1 >= MOST_TRIES:
        _end(claim, FAILED)
    else:
        _release(claim, tries=_JOB.c.tries + 1)


def _write(claim: str, found: Mapping[str, Any], *, now: datetime) -> None:
    with transaction():
        mine = db.session.scalar(select(CalibrationJob).where(_holds(claim)).with_for_update())
        if mine is None:
            return
        people = set(db.session.scalars(select(Person.id)))
        for track, said in found.items():
            if said is not None:
                _store(track, said, people, now)
        mine.asked_at = mine.claim = mine.claimed_until = None
        mine.done_at, mine.trouble, mine.tries = now, "", 0


def _store(track: str, said: Mapping[str, Any], people: set[int], now: datetime) -> None:
    run = CalibrationRun(
        track=track,
        made_at=now,
        candidates=len(said["levels"]),
        raters=len(said["raters"]),
        **{name: said[name] for name in _OF_RUN},
    )
    db.session.add(run)
    db.session.flush()
    levels = [
        {"run_id": run.id, "person_id": int(person), "level": level, "estimate": estimate}
        for name, estimate in said["levels"].items()
        for person, _, level in (name.partition(query.ERA),)
        if int(person) in people
    ]
    raters = [
        {"run_id": run.id, "person_id": int(person)} | tendency
        for person, tendency in said["raters"].items()
        if int(person) in people
    ]
    older = select(CalibrationRun.id).where(
        CalibrationRun.track == track, CalibrationRun.id < run.id
    )
    db.session.execute(delete(CandidateLevel).where(CandidateLevel.run_id.in_(older)))
    newest = (
        select(CalibrationRun.id)
        .where(CalibrationRun.track == track)
        .order_by(CalibrationRun.id.desc())
        .limit(RUNS_KEPT)
    )
    kept = db.session.scalars(newest).all()
    db.session.execute(
        delete(CalibrationRun).where(CalibrationRun.track == track, CalibrationRun.id.not_in(kept))
    )
    db.session.add_all(CandidateLevel(**row) for row in levels)
    db.session.add_all(RaterTendency(**row) for row in raters)


_OF_RUN = (
    "model_version", "data_hash", "seconds", "feedbacks", "fitted", "components", "mixed_gap",
    "spread", "agreement",
)  # fmt: skip
