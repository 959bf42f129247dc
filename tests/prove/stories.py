"""What is tried at every hook: changes that owe mail, each from its form to its mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from mockint.db import db, transaction
from mockint.domain import owncalendars
from mockint.domain.timespan import Span
from mockint.models import Booking, OutboxMessage
from mockint.queries import moment
from mockint.services import answer, booking, busytime, decline, holds, looks, relay, rubric
from mockint.services.matching import Wanted
from mockint.settings import active
from mockint.tasks import relay as relay_task
from mockint.tasks import upkeep as upkeep_task
from tests.prove import community
from tests.support import feedback

HELD = "SELECT count(*) FROM booking WHERE id = :booking AND state IN ('held', 'confirmed')"
BOOKED = "SELECT count(*) FROM booking WHERE id = :booking AND state = 'confirmed'"
MOVED = f"{BOOKED} AND sequence = 1"
DECLINED = (
    "SELECT count(*) FROM invitation WHERE booking_id = :booking AND side = 'candidate' "
    "AND partstat = 'DECLINED'"
)
CANCELLED = "SELECT count(*) FROM booking WHERE id = :booking AND state = 'cancelled'"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Act:
    """A form that a person sends. `{booking}` in the path is the page an earlier answer led to."""

    path: str
    form: Mapping[str, object]
    shows: str
    """Counts one row where it was done: asked whenever the person was told so."""


@dataclass
class Scene:
    """Who takes part, on a database to begin with."""

    candidate: community.Member
    rival: community.Member
    slots: list[community.Slot]
    """Of one of two interviewers who offer the same times."""
    now: datetime
    booking: int = 0

    @classmethod
    def set(cls, app: Flask, now: datetime) -> Scene:
        cast = community.seed(app, now=now, interviewers=2, candidates=2, starts_a_day=3)
        with app.app_context():
            rubric.publish_default(now=now)
        first = [slot for slot in cast.slots if slot.interviewer == cast.interviewers[0].id]
        candidate, rival = cast.candidates
        return cls(candidate, rival, first, now)

    def form(self, *, anyone: bool = False) -> dict[str, object]:
        """What the picker sends for the first slot."""
        slot = self.slots[0]
        return {
            "track": "coding",
            "level": "mid",
            "length": community.LENGTH_MIN,
            "who": "" if anyone else slot.interviewer,
            "start": slot.field,
            "key": community.digest("the first slot"),
        }

    def wanted(self, interviewer: int | None) -> Wanted:
        start = self.slots[0].start
        return Wanted("coding", "mid", community.LENGTH_MIN, start, interviewer)

    def book(self) -> Span:
        """The first slot is booked, and both have their invitations."""
        wanted = self.wanted(self.slots[0].interviewer)
        self.booking = self._book(self.candidate, wanted, self.now)
        return wanted.span

    def lose_hold(self) -> datetime:
        """The candidate's hold of anyone's time ran out, and somebody else took the interviewer
        it was with; returns the moment after."""
        held = holds.hold(self.candidate.id, self.wanted(None), now=self.now)
        self.booking, later = held.id, self.now + 12 * MINUTE
        self._book(self.rival, self.wanted(held.interviewer_id), later)
        return later + MINUTE

    @staticmethod
    def _book(who: community.Member, wanted: Wanted, now: datetime) -> int:
        held = holds.hold(who.id, wanted, now=now)
        booked = booking.confirm(held.id, candidate_id=who.id, now=now)
        sent_until(now)
        return booked.id


@dataclass(frozen=True)
class Story:
    """A change from its beginning to the last mail it owes."""

    name: str
    prepare: Callable[[Scene], datetime]
    """Brings the database to where it begins; returns the moment at which it does."""
    acts: Callable[[Scene], list[Act]] = lambda scene: []
    """What a person sends, one after the other."""
    duties: tuple[Callable[[Flask], None], ...] = (relay_task.once,)
    """What a worker does then."""
    letters: Mapping[str, int] = field(default_factory=dict)
    """How many messages of which kind must reach somebody, by calendar method or none."""


def sent_until(moment: datetime) -> None:
    """Send every mail at the time it falls due, up to this one."""
    pending = OutboxMessage.state == "pending"
    while True:
        due = db.session.scalar(select(func.min(OutboxMessage.next_try_at)).where(pending))
        if due is None or due > moment:
            return
        relay.sweep(now=due, transport=relay.transport_of(active()))


def _nothing_yet(scene: Scene) -> datetime:
    return scene.now


def _booked(scene: Scene) -> datetime:
    scene.book()
    return scene.now + MINUTE


def _a_day_ahead(scene: Scene) -> datetime:
    return scene.book().start - timedelta(days=1) + MINUTE


def _interviewed(scene: Scene) -> datetime:
    """Both have written about the interview, and the hold of the feedback has just run out."""
    end = scene.book().end
    written, rated = end + 10 * MINUTE, end + 20 * MINUTE
    found = db.session.scalars(select(Booking)).one()
    sent_until(written)
    feedback.submitted(found, now=written)
    feedback.rated(found, now=rated)
    sent_until(rated)
    return written + 61 * MINUTE


def _long_failing(scene: Scene) -> datetime:
    """The interviewer's own calendar cannot be read for three days; nobody goes to the network, as
    its address leads to this machine."""
    scene.book()
    interviewer, began = scene.slots[0].interviewer, scene.now - owncalendars.CLOSE_AFTER
    made = busytime.add_url(interviewer, url="https://127.0.0.1/own.ics", name="", now=began)
    with transaction():
        made.failing_since = began
    return scene.now + MINUTE


def _read_calendars(app: Flask) -> None:
    with app.app_context():
        looks.look(now=moment.now(), at_once=True)


def _hold_and_confirm(scene: Scene) -> list[Act]:
    return [
        Act("/bookings", scene.form(), HELD),
        Act("{booking}/confirmation", scene.form(), BOOKED),
    ]


def _confirm_late(scene: Scene) -> list[Act]:
    return [Act(f"/bookings/{scene.booking}/confirmation", scene.form(anyone=True), BOOKED)]


def _move(scene: Scene) -> list[Act]:
    later = {"start": scene.slots[2].field, "sure": "y"}
    return [Act(f"/bookings/{scene.booking}/reschedule", later, MOVED)]


def _cancel(scene: Scene) -> list[Act]:
    why = {"reason": "Something came up."}
    return [Act(f"/bookings/{scene.booking}/cancellation", why, CANCELLED)]


def _decline(scene: Scene) -> list[Act]:
    return [Act(f"/interviews/{scene.booking}/answer", {"answer": "DECLINED"}, DECLINED)]


def _interviewer_lost(scene: Scene) -> datetime:
    """The interviewer cannot come, and the candidate knows; the other one offers the same time."""
    scene.book()
    answer.give(
        scene.booking, by=scene.slots[0].interviewer, partstat="DECLINED", now=scene.now + MINUTE
    )
    sent_until(scene.now + MINUTE)
    return scene.now + 2 * MINUTE


def _given_up(scene: Scene) -> datetime:
    """Nobody has done anything until the cut-off."""
    _interviewer_lost(scene)
    found = db.session.get_one(Booking, scene.booking)
    until = decline.waits_until(found)
    assert until is not None
    sent_until(until)
    return until + MINUTE


def _hand_over(scene: Scene) -> list[Act]:
    again = {"start": scene.slots[0].field}
    return [Act(f"/interviews/{scene.booking}/instead", again, MOVED)]


STORIES = (
    Story("booking", _nothing_yet, _hold_and_confirm, letters={"REQUEST": 2}),
    Story("late booking", Scene.lose_hold, _confirm_late, letters={"REQUEST": 2}),
    Story("reschedule", _booked, _move, letters={"REQUEST": 2}),
    Story("cancel", _booked, _cancel, letters={"CANCEL": 2}),
    Story("decline", _booked, _decline, letters={"": 1}),
    Story(
        "closed by a calendar",
        _long_failing,
        duties=(_read_calendars, relay_task.once),
        letters={"": 1},
    ),
    Story("hand-over", _interviewer_lost, _hand_over, letters={"CANCEL": 1, "REQUEST": 2}),
    Story(
        "ended by a decline",
        _given_up,
        duties=(upkeep_task.once, relay_task.once),
        letters={"CANCEL": 2},
    ),
    Story("reminder", _a_day_ahead, letters={"": 2}),
    Story(
        "release",
        _interviewed,
        duties=(upkeep_task.once, relay_task.once),
        letters={"": 1},
    ),
)
