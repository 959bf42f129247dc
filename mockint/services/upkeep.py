"""What time alone makes due: feedback to release, holds that ran out, waiting candidates."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select

from mockint import clock
from mockint.db import db, transaction
from mockint.domain.errors import N_, Refusal
from mockint.models import ClockOffset, Heartbeat, OutboxMessage
from mockint.services import (
    busytime,
    calibration,
    decline,
    feedback,
    holds,
    links,
    logins,
    matching,
    prices,
    promise,
    relay,
    replies,
)
from mockint.services.round import rounds
from mockint.settings import active

log = structlog.get_logger()

DUTIES: tuple[Callable[..., object], ...] = (
    feedback.release_due,
    holds.drop_expired,
    decline.settle_due,
    rounds.close_due,
    matching.tell_waiting,
)
DAILY: tuple[Callable[..., object], ...] = (
    promise.check,
    links.drop_old,
    logins.drop_old,
    busytime.drop_old,
    replies.drop_old,
    prices.renew,
    calibration.ask_nightly,
)
A_DAY = timedelta(hours=24)
SHORTEST_STEP, LONGEST_STEP = timedelta(minutes=1), timedelta(hours=6)
BETWEEN_DUTIES = timedelta(hours=1)
LONGEST_ADVANCE = timedelta(weeks=8)


class ClockFixed(Refusal):
    """Real installations live in real time."""

    status = 404


def run(*, now: datetime) -> None:
    """Do every duty; one that fails keeps no other from its turn and is tried again next time."""
    _attempt(DUTIES, now=now)
    relay.beat("upkeep", now=now)
    last = db.session.get(Heartbeat, "daily")
    if last is None or now - last.at >= A_DAY:
        _attempt(DAILY, now=now)
        relay.beat("daily", now=now)


def _attempt(duties: tuple[Callable[..., object], ...], *, now: datetime) -> None:
    for duty in duties:
        try:
            duty(now=now)
        except Exception:
            db.session.rollback()
            log.exception("duty_failed", duty=duty.__name__)


def advance_clock(*, by: timedelta) -> datetime:
    """Move the clock of a demo, development or test installation; returns the new now.

    It goes from one due moment to the next and does the worker's duties at each, so that a
    reminder is sent before its interview and not found too late after a long jump.
    """
    if not active().moves_clock:
        raise ClockFixed(N_("The clock can be moved in the demo only."))
    if not timedelta() < by <= LONGEST_ADVANCE:
        raise Refusal(N_("Move the clock forward, by eight weeks at most."))
    now, left = clock.now(), by
    tidied = now
    while left > timedelta():
        step = min(left, _next_step(now))
        _move(step)
        now, left = clock.now(), left - step
        if now - tidied >= BETWEEN_DUTIES or left <= timedelta():
            run(now=now)
            tidied = now
        relay.sweep(now=now, transport=relay.transport_of(active()))
    return now


def _next_step(now: datetime) -> timedelta:
    """Until the next mail falls due, within reason."""
    due_at = db.session.scalar(
        select(func.min(OutboxMessage.next_try_at)).where(
            OutboxMessage.state == "pending", OutboxMessage.next_try_at > now
        )
    )
    if due_at is None:
        return LONGEST_STEP
    return min(max(due_at - now, SHORTEST_STEP), LONGEST_STEP)


def _move(step: timedelta) -> None:
    with transaction():
        row = db.session.get(ClockOffset, 1) or ClockOffset(id=1, seconds=0)
        row.seconds += math.ceil(step.total_seconds())
        db.session.add(row)
