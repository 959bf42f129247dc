"""An organiser has a round solved; the worker does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import SQLAlchemyError

from mockint.db import db, is_away, is_collision, transaction
from mockint.domain.errors import N_, Invalid
from mockint.domain.round import states
from mockint.domain.round.solution import Cancelled, Objective
from mockint.domain.round.states import LOAD_PRICES, Job, MatchState, State
from mockint.models import MatchingRound, RoundMatch, RoundRequest, RoundResult
from mockint.queries import community as community_query
from mockint.queries import round as round_query
from mockint.services.round import rounds, rows, work
from mockint.services.round.work import Hand, Lost

if TYPE_CHECKING:
    from mockint.domain.round.solution import Solution
    from mockint.services.round.finding import Found
    from mockint.services.round.ground import Stand

log = structlog.get_logger()

READING = N_("Reading who asks and who can.")
WRITING = N_("Writing down the result.")
CANCELLED = N_("It was cancelled.")


def start(round_id: int, *, by: int, now: datetime) -> None:
    """Have it solved, or solved again."""
    with transaction():
        found = rows.idle(round_id, states.DECIDING)
        if found.state == State.REVIEWED:
            found.state = State.SOLVED.value
        work.ask(found, Job.SOLVING, by=by, now=now)
        rows.noted(found, "solve", by=by, now=now)


def choose_load_price(round_id: int, price: int, *, by: int, now: datetime) -> None:
    """What a further interview of the same interviewer costs; it is solved again with that."""
    if price not in LOAD_PRICES:
        raise Invalid("price", N_("Choose one of the prices shown."))
    with transaction():
        found = rows.idle(round_id, states.DECIDING)
        if found.load_price != price:
            found.load_price = price
            rows.changed(found)
        start(round_id, by=by, now=now)


def cancel(round_id: int, *, by: int, now: datetime) -> None:
    """End what the worker does; what it has done stays. Cancelling twice is cancelling once."""
    with transaction():
        found = rows.locked(round_id)
        if found.job is not None:
            if found.job_key is None:
                work.drop(found, CANCELLED)  # nobody has begun it
            found.job_cancel = found.job is not None
            rows.noted(found, "cancel", by=by, now=now)


def solve_due(now: datetime) -> bool:
    """Solve one round that somebody asked for; False when there is none to take.

    A result that a killed worker left without its comparison is compared.
    """
    for job, done in ((Job.SOLVING, solve), (Job.COMPARING, _compare_anew)):
        claimed = work.claim(job, now=now)
        if claimed is not None:
            return run(Hand(claimed, now=now), done)
    return False


def run(hand: Hand, job: Callable[[Hand], None]) -> bool:
    """Do a claimed job; however it ends, its row says so."""
    if db.session().info.get("writing"):  # in somebody's write unit, which fails as a whole
        job(hand)
        return True
    trouble = ""
    with hand:
        try:
            job(hand)
        except Lost:
            db.session.rollback()
            return True
        except Cancelled:
            db.session.rollback()
            trouble = CANCELLED
        except SQLAlchemyError as error:
            db.session.rollback()
            if is_away(error) or is_collision(error):
                log.warning("round_job_waits", round_id=hand.claim.round_id, error=str(error))
                return True  # it is taken up again when its lease has run out
            log.exception("round_job_failed", round_id=hand.claim.round_id, job=hand.claim.job)
            trouble = work.FAILED
        except Exception:
            db.session.rollback()
            log.exception("round_job_failed", round_id=hand.claim.round_id, job=hand.claim.job)
            trouble = work.FAILED
    if trouble:
        try:
            with transaction():
                hand.end(trouble)
        except Lost:
            pass
    return True


def _read(hand: Hand) -> tuple[Stand, int, int]:
    """The round as it stands, the number of its input, and its price of load."""
    from mockint.services.round.ground import stand  # numpy, only where a round is solved

    hand.note(0.0, READING)
    community = community_query.current()
    card = round_query.find(hand.claim.round_id)
    before = db.session.get(MatchingRound, hand.claim.round_id, populate_existing=True)
    if card is None or before is None:
        raise Lost()
    read = stand(card, now=hand.now, community=community)
    work.let_go()
    return read, before.input_no, before.load_price


def solve(hand: Hand) -> None:
    """Solve it and show the result; compare it in the same hand, with what was read for it."""
    from mockint.services.round.finding import find  # numpy, only where a round is solved

    read, input_no, price = _read(hand)
    found = find(read, load_price=price, note=hand.note)
    hand.note(0.95, WRITING)
    with transaction():
        hand.require()
        rounds.forget_result(read.card.id)
        _write(read, found)
        db.session.add(
            RoundResult(
                round_id=read.card.id,
                input_no=input_no,
                load_price=price,
                solved_at=hand.now,
                seconds=found.seconds,
                digest=found.digest,
                instance=found.instance,
                result=found.result,
                figures=found.figures,
            )
        )
        db.session.flush()
        hand.go_on(Job.COMPARING, state=State.SOLVED.value)
    _compare(hand, read, found.best, digest=found.digest, price=price)


def _compare(hand: Hand, read: Stand, best: Solution, *, digest: str, price: int) -> None:
    """Write what else could be had beside the result of this digest."""
    from mockint.services.round.comparing import compare  # numpy, only where a round is solved

    beside = compare(read, best, load_price=price, note=hand.note)
    with transaction():
        hand.require()
        result = db.session.get(RoundResult, read.card.id, populate_existing=True)
        if result is not None and result.digest == digest:
            result.figures = result.figures | beside
            db.session.flush()
        hand.end()


def _compare_anew(hand: Hand) -> None:
    """The same after another worker was killed at it, unless another result would come of it now.

    Solving is repeatable, so what is needed of the result is solved again rather than kept.
    """
    from mockint.adapters import solver  # numpy and OR-tools, only where a round is solved
    from mockint.services.round.finding import digest_of  # same

    result = db.session.get(RoundResult, hand.claim.round_id, populate_existing=True)
    if result is None:
        with transaction():
            hand.end()
        return
    digest, price = result.digest, result.load_price
    read, _input_no, _price = _read(hand)
    best = solver.solve(read.instance.with_load_price(price), Objective.B)
    if digest_of(best) == digest:
        _compare(hand, read, best, digest=digest, price=price)
        return
    with transaction():
        hand.end()


_TELL = (
    update(RoundRequest.__table__)  # type: ignore[arg-type]  # it is a Table
    .where(
        RoundRequest.__table__.c.round_id == bindparam("of_round"),
        RoundRequest.__table__.c.candidate_id == bindparam("of_person"),
    )
    .values(priority=bindparam("priority"), outcome=bindparam("outcome"))
)


def _write(read: Stand, found: Found) -> None:
    """The matches, and what each candidate is told."""
    askers, givers = read.ground.askers, read.ground.givers
    made: list[dict[str, Any]] = [
        {
            "round_id": read.card.id,
            "candidate_id": askers[one.candidate].person_id,
            "interviewer_id": givers[one.interviewer].volunteer.interviewer.person_id,
            "start_at": read.at(one.start),
            "quality": quality,
            "why": why,
            "state": MatchState.PROPOSED.value,
        }
        for one, quality, why in found.matches
    ]
    if made:
        db.session.execute(insert(RoundMatch), made)
    told = [
        {
            "of_round": read.card.id,
            "of_person": one.person_id,
            "priority": one.priority,
            "outcome": found.outcomes.get(place),
        }
        for place, one in enumerate(askers)
    ]
    if told:
        db.session.execute(_TELL, told)
