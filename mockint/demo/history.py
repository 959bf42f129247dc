"""Six weeks of a community's life, played through the ordinary services in the order of time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random

from mockint.db import db
from mockint.demo import content, ownview
from mockint.demo.members import Cast, Member
from mockint.demo.writing import Writer
from mockint.domain import zones
from mockint.domain.errors import Refusal
from mockint.domain.matching import Request
from mockint.models import Booking
from mockint.services import absence, holds, interview, matching, outbox, relay
from mockint.services import booking as booking_service
from mockint.services import feedback as feedback_service
from mockint.settings import active

PAST = timedelta(weeks=6)
TICK = timedelta(hours=6)
"""How often the worker's duties run while the weeks are played."""
KEPT = timedelta(days=10)
"""Mail older than this counts as sent without being written: nobody reads it in the demo."""
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LENGTHS = (60, 60, 60, 60, 45, 90)
MOST = 4
"""Interviews a candidate has on a track: there are four problems to ask each."""

UNWRITTEN = 3
"""Interviews of the last days whose feedback is overdue."""

DISPUTES = 3
"""Interviews of which both sides say that the other did not come; older ones are settled."""
SCARCE = ("ml_system_design", "mid")
"""Track and level for which nobody is free at the end."""
WAITING = 5
"""Candidates for whom nothing is free at the end."""

Step = Callable[[datetime], None]


@dataclass
class History:
    """Plays events from a queue; every choice comes from one seeded generator."""

    cast: Cast
    now: datetime
    rng: Random
    transport: relay.Transport
    queue: list[tuple[datetime, int, Step]] = field(default_factory=list)
    order: count[int] = field(default_factory=count)
    unwritten: int = 0
    disputes: int = 0
    fresh_dispute: bool = False

    def __post_init__(self) -> None:
        self.writer = Writer(self.rng)
        self.members = {
            member.person.id: member for member in (*self.cast.candidates, *self.cast.interviewers)
        }
        self.words = content.words()
        self.held_on_track: dict[tuple[int, str], int] = {}

    def at(self, when: datetime, step: Step) -> None:
        """Let `step` happen at `when`, if that is not in the future."""
        if when <= self.now:
            heapq.heappush(self.queue, (when, next(self.order), step))

    def play(self, progress: Callable[[int, int], None]) -> None:
        """Plan everybody's wishes, then let the queue run dry."""
        begin = self.now - PAST
        tick = begin
        while tick < self.now:
            self.at(tick, self._duties)
            tick += TICK
        self.at(self.now - 4 * DAY, self._break)
        self._plan(begin)
        total = int(PAST / HOUR)
        while self.queue:
            when, _order, step = heapq.heappop(self.queue)
            step(when)
            progress(int((when - begin) / HOUR), total)
        self._duties(self.now)
        self._wait()

    def _break(self, now: datetime) -> None:
        """The volunteers of one track and level take a break, so that demand is left over."""
        track, level = SCARCE
        for member in self.cast.interviewers:
            if track in member.data["tracks"] and level in member.data["levels"]:
                ahead = booking_service.futures_of(member.person.id, now=now)
                absence.pause(
                    member.person.id,
                    until=(self.now + timedelta(weeks=6)).date(),
                    answers={booking.id: "keep" for booking in ahead},
                    reason="",
                    now=now,
                )

    def _wait(self) -> None:
        """Some look for what nobody can give them, and ask to be told."""
        waiting = 0
        for member in self.cast.candidates[1:]:
            for track in member.data["tracks"]:
                request = Request(track, member.data["level"], 90, False)
                if (
                    waiting == WAITING
                    or matching.search(member.person.id, request=request, now=self.now).starts
                ):
                    continue
                matching.ask(
                    member.person.id,
                    track=track,
                    level=member.data["level"],
                    duration_min=90,
                    now=self.now - self._between(3, 90),
                )
                waiting += 1

    def _plan(self, begin: datetime) -> None:
        for number, member in enumerate(self.cast.candidates):
            wishes = 4 if number == 0 else self.rng.choice((2, 2, 3, 3, 3, 4))
            first = begin + self._between(1 if number == 0 else 2, 5 if number == 0 else 240)
            self.at(first, self._seek(member, wishes))
            if number == 0:
                self.at(self.now - self._between(2, 20), self._book_guides)
                self.at(self.now - 4 * DAY, self._owe)
            elif self.rng.random() < 0.75:
                late = self.now - self._between(2, 70)
                self.at(late, self._seek(member, 1, far=True))

    def _between(self, least: float, most: float) -> timedelta:
        """A random stretch of hours, in whole minutes."""
        return timedelta(minutes=round(self.rng.uniform(least, most) * 60))

    def _duties(self, now: datetime) -> None:
        """What the worker does: let holds go, release feedback, send what is due."""
        feedback_service.release_due(now=now)
        if now < self.now - KEPT:
            outbox.count_as_sent(before=now, host=active().host)
        else:
            relay.sweep(now=now, transport=self.transport)

    def _seek(self, member: Member, wishes: int, *, far: bool = False) -> Step:
        def step(now: datetime) -> None:
            booking = self._book(member, now, far=far)
            if wishes > 1:
                after = booking.end_at if booking else now
                self.at(after + self._between(30, 190), self._seek(member, wishes - 1))

        return step

    def _book_guides(self, now: datetime) -> None:
        """The candidate and the interviewer people look around as meet within days."""
        candidate, interviewer = self.cast.candidates[0], self.cast.interviewers[0]
        wanted = {"track": candidate.data["tracks"][0], "level": candidate.data["level"]}
        request = Request(**wanted, duration_min=60, again=True)
        starts = matching.search(
            candidate.person.id, request=request, interviewer_id=interviewer.person.id, now=now
        ).starts
        fitting = [start for start in starts if self._awake(candidate, start)]
        if not fitting:
            return
        ahead = self.now + 2 * DAY
        start = min(fitting, key=lambda each: abs(each - ahead))
        chosen = matching.Wanted(
            **wanted, duration_min=60, start=start, interviewer_id=interviewer.person.id
        )
        held = holds.hold(candidate.person.id, chosen, now=now)
        booking_service.confirm(held.id, candidate_id=candidate.person.id, now=now)

    def _owe(self, now: datetime) -> None:
        """The interviewer people look around as has just given an interview and owes feedback."""
        jonas = self.cast.interviewers[0].person.id
        for member in self.cast.candidates[1:]:
            wanted = {"track": member.data["tracks"][0], "level": member.data["level"]}
            request = Request(**wanted, duration_min=60, again=True)
            starts = matching.search(
                member.person.id, request=request, interviewer_id=jonas, now=now
            ).starts
            recent = [s for s in starts if s < self.now - 2 * HOUR and self._awake(member, s)]
            if not recent:
                continue
            chosen = matching.Wanted(
                **wanted, duration_min=60, start=recent[-1], interviewer_id=jonas
            )
            with suppress(Refusal):
                held = holds.hold(member.person.id, chosen, now=now)
                made = booking_service.confirm(held.id, candidate_id=member.person.id, now=now)
                owed = db.session.get_one(Booking, made.id)
                self.at(owed.end_at, partial(self._report, owed, "interviewer", "attended"))
                return

    def _book(self, member: Member, now: datetime, *, far: bool) -> Booking | None:
        """Look for a time as a candidate does, hold it and book it."""
        tracks = [t for t in member.data["tracks"] if self._count(member, t) < MOST]
        if not tracks:
            return None
        guide = member is self.cast.candidates[0]
        track = tracks[0] if guide or self.rng.random() < 0.65 else self.rng.choice(tracks)
        length = self.rng.choice(LENGTHS)
        request = Request(track, member.data["level"], length, False)
        person_id = member.person.id
        try:
            starts = matching.search(person_id, request=request, now=now).starts
            wide = now + (timedelta(days=35) if far else timedelta(days=9))
            if guide:  # keeps room for a booking of whoever looks around
                wide = min(wide, self.now - 2 * DAY)
            fitting = [s for s in starts if s < wide and self._awake(member, s)]
            if not fitting and guide:
                return None
            if not fitting:
                matching.ask(
                    person_id,
                    track=track,
                    level=member.data["level"],
                    duration_min=length,
                    now=now,
                )
                return None
            start = self.rng.choice(fitting)
            wanted = matching.Wanted(track, member.data["level"], length, start)
            held = holds.hold(person_id, wanted, now=now)
            made = booking_service.confirm(held.id, candidate_id=person_id, now=now)
            booking = db.session.get_one(Booking, made.id)
        except Refusal:
            return None
        self.held_on_track[person_id, track] = self._count(member, track) + 1
        self._follow(booking, now)
        return booking

    def _count(self, member: Member, track: str) -> int:
        return self.held_on_track.get((member.person.id, track), 0)

    def _awake(self, member: Member, start: datetime) -> bool:
        return 7 <= zones.wall(member.person.zone, start).hour <= 21

    def _follow(self, booking: Booking, now: datetime) -> None:
        """Decide what becomes of a booking: cancelled, moved, or held."""
        fate = self.rng.random()
        room = (booking.start_at - timedelta(hours=14) - now) / HOUR
        if fate < 0.09 and room > 1:
            self.at(now + self._between(1, room), self._cancel(booking.id))
        elif fate < 0.14 and room > 1:
            self.at(now + self._between(1, room), self._move(booking.id))
        self.at(booking.end_at, self._end(booking.id))

    def _cancel(self, booking_id: int) -> Step:
        def step(now: datetime) -> None:
            booking = self._live(booking_id)
            if booking is None:
                return
            side = "candidate" if self.rng.random() < 0.6 else "interviewer"
            by = booking.candidate_id if side == "candidate" else booking.interviewer_id
            reason = self.rng.choice(self.words["cancel_reasons"][side])
            booking_service.cancel(booking_id, by=by, side=side, reason=reason, now=now)

        return step

    def _move(self, booking_id: int) -> Step:
        def step(now: datetime) -> None:
            booking = self._live(booking_id)
            if booking is None:
                return
            member = self.members[booking.candidate_id]
            request = Request(booking.track, booking.level, booking.duration_min, True)
            starts = matching.search(
                booking.candidate_id,
                request=request,
                interviewer_id=booking.interviewer_id,
                now=now,
                without=booking_id,
            ).starts
            fitting = [s for s in starts if s != booking.start_at and self._awake(member, s)]
            if not fitting:
                return
            moved = booking_service.reschedule(
                booking_id,
                by=booking.candidate_id,
                side="candidate",
                new_start=self.rng.choice(fitting[:20]),
                now=now,
            )
            self.at(moved.end_at, self._end(booking_id))

        return step

    def _live(self, booking_id: int) -> Booking | None:
        booking = db.session.get(Booking, booking_id)
        return booking if booking is not None and booking.state == "confirmed" else None

    def _end(self, booking_id: int) -> Step:
        """The hour is over: who came, what is written, what is rated."""

        def step(now: datetime) -> None:
            booking = self._live(booking_id)
            if booking is None or booking.end_at != now:
                return
            fate = self.rng.random()
            # One dispute is always so fresh that the organisers have not settled it yet.
            fresh = self.now - 4 * DAY < now < self.now - DAY and not self.fresh_dispute
            if fresh or fate < 0.04:
                self.fresh_dispute = self.fresh_dispute or fresh
                self._report(booking, "interviewer", "absent", now)
                if fresh or (self.disputes < DISPUTES and self.rng.random() < 0.5):
                    self.disputes += 1
                    self._report(booking, "candidate", "absent", now)
                    if now < self.now - 5 * DAY:
                        self.at(now + self._between(5, 40), self._settle(booking_id))
                return
            if fate < 0.06:
                self._report(booking, "candidate", "absent", now)
                return
            self._report(booking, "interviewer", "attended", now)
            if self.rng.random() < 0.8:
                self._report(booking, "candidate", "attended", now)
            ownview.say(booking, now=now)
            hours = self._delay(booking)
            if hours is not None:
                self.at(now + hours, self._write(booking_id))
            if self.rng.random() < 0.7:
                self.at(now + self._between(0.2, 30), self._rate(booking_id))

        return step

    def _delay(self, booking: Booking) -> timedelta | None:
        """When the feedback is written: mostly the same evening, at times late, rarely not yet."""
        age = self.now - booking.end_at
        if DAY < age < 4 * DAY and self.unwritten < UNWRITTEN:
            self.unwritten += 1
            return None
        if self.rng.random() < 0.08:
            return self._between(26, 60)
        return self._between(0.3, 18)

    def _report(self, booking: Booking, side: str, report: str, now: datetime) -> None:
        by = booking.candidate_id if side == "candidate" else booking.interviewer_id
        interview.report(booking.id, by=by, report=report, now=now)

    def _write(self, booking_id: int) -> Step:
        def step(now: datetime) -> None:
            booking = self._live(booking_id)
            if booking is not None:
                self.writer.write(
                    booking,
                    candidate=self.members[booking.candidate_id],
                    interviewer=self.members[booking.interviewer_id],
                    now=now,
                )
                self.at(booking.end_at + self._between(52, 90), self._read(booking_id))

        return step

    def _settle(self, booking_id: int) -> Step:
        """An organiser asked both and says what counts."""

        def step(now: datetime) -> None:
            organiser = self.cast.organisers[0].person.id
            interview.settle(booking_id, verdict="candidate_absent", by=organiser, now=now)

        return step

    def _read(self, booking_id: int) -> Step:
        """The candidate has read the feedback and says whether it helped."""

        def step(now: datetime) -> None:
            with suppress(Refusal):
                feedback_service.acknowledge(
                    booking_id,
                    candidate_id=self._candidate_of(booking_id),
                    usefulness=self.rng.choice((3, 3, 4)),
                    now=now,
                )

        return step

    def _candidate_of(self, booking_id: int) -> int:
        booking = db.session.get(Booking, booking_id)
        assert booking is not None
        return booking.candidate_id

    def _rate(self, booking_id: int) -> Step:
        def step(now: datetime) -> None:
            booking = self._live(booking_id)
            if booking is not None:
                self.writer.rate(booking, now=now)

        return step
