"""Checks what clients saw against what may happen, after the fact and without the program.

Each quarter of an hour of each person is a lock. An operation takes or gives back locks at one
moment between its call and its return; nobody knows at which. So a booking surely owns a lock
from the return of what took it to the call of what may give it back, and it may own it from the
call of the one to the return of the other. A history is sound when

- no two bookings surely own a lock at the same time: their sure intervals can then be put in
  order, which is all that linearizability asks of a lock (Gibbons and Korach, "Testing shared
  memories", 1997, call them zones);
- nobody was told "taken" while every lock asked for was surely free;
- nothing that ended is changed afterwards;
- the rows found in the end are those of the last acknowledged changes, and somebody asked for each.

Operations whose answer was lost may have happened, or not, also a moment later; they excuse
much and prove nothing, so no sound history is called bad.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import inf
from typing import Literal, NamedTuple

Kind = Literal["hold", "book", "confirm", "release", "cancel", "move"]
Answer = Literal["ok", "taken", "refused", "unknown"]
SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Op:
    """One request: what was asked, when, and what the client learned. Instants in nanoseconds."""

    kind: Kind
    """book: an organiser holds and confirms for the candidate."""
    candidate: int
    interviewer: int
    start: int
    """First quarter hour of the time that is asked for, or that the booking is thought to have."""
    length: int
    """Quarter hours."""
    asked: int | None
    """The booking it was sent to; None: a new one."""
    booking: int | None
    """The booking that the answer led to."""
    call: int
    ret: int
    answer: Answer

    @property
    def locks(self) -> list[tuple[int, int]]:
        """(person, quarter hour) of both people."""
        cells = range(self.start, self.start + self.length)
        return [(who, cell) for who in (self.candidate, self.interviewer) for cell in cells]

    @property
    def span(self) -> str:
        return f"{self.interviewer}@{self.start}+{self.length}"


@dataclass(frozen=True, slots=True)
class Row:
    """A booking as the database has it in the end."""

    state: str
    candidate: int
    interviewer: int
    start: int
    length: int


class Anomaly(NamedTuple):
    """double, taken, ended, lost or unasked; and a sentence."""

    kind: str
    words: str


class Owned(NamedTuple):
    """The locks of `op` belong to `booking` in between."""

    begin: float
    end: float
    booking: int | None
    op: Op


@dataclass
class History:
    """All that was seen. An answer that was lost may still take effect within `grace_s`."""

    ops: Sequence[Op]
    rows: Mapping[int, Row]
    hold_s: float = 600
    grace_s: float = 2

    def anomalies(self) -> list[Anomaly]:
        stories = [Story(self, number, ops) for number, ops in self._by_booking().items()]
        found = [anomaly for story in stories for anomaly in story.anomalies()]
        sure = [owned for story in stories for owned in story.sure()]
        may = [owned for story in stories for owned in story.may()] + list(self._unanswered())
        return [*found, *_doubles(sure), *self._taken(may), *self._unasked()]

    def late(self, op: Op) -> float:
        """The last moment at which it can have taken effect."""
        return op.ret + (self.grace_s * SECOND if op.answer == "unknown" else 0)

    def _by_booking(self) -> dict[int, list[Op]]:
        found: dict[int, list[Op]] = defaultdict(list)
        for op in self.ops:
            for number in {op.asked, op.booking} - {None}:
                found[number].append(op)  # type: ignore[index]  # None is taken out above
        return found

    def replacing(self, candidate: int) -> list[Op]:
        """What may have replaced a hold of this candidate, by call."""
        return self._replacing.get(candidate, [])

    @cached_property
    def _replacing(self) -> dict[int, list[Op]]:
        found: dict[int, list[Op]] = defaultdict(list)
        for op in sorted(self.ops, key=lambda op: op.call):
            if op.answer in ("ok", "unknown") and op.kind in ("hold", "book", "confirm"):
                found[op.candidate].append(op)
        return found

    @cached_property
    def _unknown_rows(self) -> set[tuple[int, int, int]]:
        """Whom and when the bookings are for that no answer ever led to."""
        known = {op.booking for op in self.ops if op.answer == "ok"}
        return {
            (row.candidate, row.interviewer, row.start)
            for number, row in self.rows.items()
            if number not in known
        }

    def _unanswered(self) -> Iterator[Owned]:
        """What may be owned without a number; what was booked and is in no row never was."""
        for op in self.ops:
            if op.answer != "unknown" or op.kind not in ("hold", "book", "confirm"):
                continue
            late = end = self.late(op)
            if op.kind == "hold":
                replacing = (o for o in self.replacing(op.candidate) if o.answer == "ok")
                end = min((o.ret for o in replacing if o.call > late), default=inf)
            if (op.candidate, op.interviewer, op.start) in self._unknown_rows:
                end = inf
            yield Owned(op.call, end, None, op)

    def _taken(self, may: Iterable[Owned]) -> Iterator[Anomaly]:
        """Refusals for which there was no reason."""
        owners: dict[tuple[int, int], list[Owned]] = defaultdict(list)
        for owned in may:
            for lock in owned.op.locks:
                owners[lock].append(owned)
        begins: dict[tuple[int, int], list[float]] = {}
        ends: dict[tuple[int, int], list[float]] = {}
        for lock, found in owners.items():
            found.sort(key=lambda owned: owned.begin)
            begins[lock] = [owned.begin for owned in found]
            ends[lock] = list(accumulate((owned.end for owned in found), max))
        for op in self.ops:
            if op.answer == "taken" and not any(
                (place := bisect_right(begins.get(lock, []), op.ret))
                and ends[lock][place - 1] >= op.call
                for lock in op.locks
            ):
                yield Anomaly("taken", f"{op.span} was refused as taken while it was free ({op}).")

    def _unasked(self) -> Iterator[Anomaly]:
        maybe = {
            (op.candidate, op.interviewer, op.start) for op in self.ops if op.answer == "unknown"
        }
        for candidate, interviewer, start in sorted(self._unknown_rows - maybe):
            words = f"Nobody asked for candidate {candidate} at {interviewer}@{start}."
            yield Anomaly("unasked", words)


class Story:
    """What happened to one booking, as far as it is known."""

    def __init__(self, history: History, number: int, ops: Iterable[Op]) -> None:
        self.history, self.number = history, number
        self.row = history.rows.get(number)
        ops = sorted(ops, key=lambda op: op.call)
        led_here = [op for op in ops if op.booking == number and op.answer == "ok"]
        self.made = [op for op in led_here if op.kind in ("hold", "book", "confirm")]
        self.booked = [op for op in self.made if op.kind != "hold"]
        sent = [op for op in ops if op.asked == number and op.answer in ("ok", "unknown")]
        self.ends = [op for op in sent if op.kind in ("release", "cancel")]
        self.moves = [op for op in sent if op.kind == "move"]
        self.unsure = [op for op in sent if op.kind == "confirm" and op.answer == "unknown"]

    @property
    def _changes(self) -> list[Op]:
        return sorted(self.ends + self.moves, key=lambda op: op.call)

    def _first_after(self, op: Op, ops: Iterable[Op]) -> float:
        """The first call of those that may take effect after `op` did."""
        found = (o.call for o in ops if o is not op and self.history.late(o) > op.call)
        return min(found, default=inf)

    def _replacing(self, hold: Op) -> list[Op]:
        return [o for o in self.history.replacing(hold.candidate) if o.booking != self.number]

    def sure(self) -> Iterator[Owned]:
        """When this booking surely owns which locks."""
        for hold in self.made[:1]:
            over = hold.call + self.history.hold_s * SECOND
            end = min(over, self._first_after(hold, [*self._changes, *self._replacing(hold)]))
            if end > hold.ret:
                yield Owned(hold.ret, end, self.number, hold)
        if self.booked:
            booked = self.booked[0]
            end = self._first_after(booked, self._changes)
            if end > booked.ret:
                yield Owned(booked.ret, end, self.number, booked)
        for move in self.moves:
            if move.answer == "ok" and self._alone(move):
                end = min((o.call for o in self._changes if o.call >= move.ret), default=inf)
                if end > move.ret:
                    yield Owned(move.ret, end, self.number, move)

    def _alone(self, op: Op) -> bool:
        """Whether nothing else changed the booking while `op` was under way."""
        return not any(
            o is not op and o.call < op.ret and self.history.late(o) > op.call
            for o in self._changes
        )

    def may(self) -> Iterator[Owned]:
        """When this booking may own which locks."""
        for first in self.made[:1]:
            gone = [op.ret for op in self._changes if op.answer == "ok"]
            if not self.booked and not self.unsure:
                replacing = (op for op in self._replacing(first) if op.answer == "ok")
                gone += [op.ret for op in replacing if op.call >= first.ret]
            yield Owned(first.call, min(gone, default=inf), self.number, first)
        for move in self.moves:
            late = self.history.late(move)
            later = (o.ret for o in self._changes if o.answer == "ok" and o.call >= late)
            yield Owned(move.call, min(later, default=inf), self.number, move)

    def anomalies(self) -> Iterator[Anomaly]:
        yield from self._after_the_end()
        lost = self._lost()
        if lost:
            yield Anomaly("lost", f"Booking {self.number}: {lost} It is {self.row}.")

    def _after_the_end(self) -> Iterator[Anomaly]:
        ended = min((op.ret for op in self.ends if op.answer == "ok"), default=inf)
        for op in (*self.made, *self.moves):
            if op.answer == "ok" and op.call > ended:
                words = f"{op.kind} of booking {self.number} was accepted after its end ({op})."
                yield Anomaly("ended", words)

    def _lost(self) -> str:
        """Which acknowledged change the row does not show."""
        state = self.row.state if self.row else "gone"
        if any(op.kind == "cancel" and op.answer == "ok" for op in self.ends):
            return "" if state == "cancelled" else "its cancellation was acknowledged."
        if self.booked:
            if self.ends:
                return ""
            if state != "confirmed":
                return "it was confirmed, and nobody ended it."
            return self._wrong_time()
        return self._lost_hold(state)

    def _wrong_time(self) -> str:
        assert self.row is not None
        last = self.booked[0]
        if self.moves:
            last = max(self.moves, key=self.history.late)
            if last.answer != "ok" or not self._alone(last):
                return ""
        found = (self.row.interviewer, self.row.start, self.row.length)
        same = found == (last.interviewer, last.start, last.length)
        return "" if same else f"{last.span} was acknowledged last."

    def _lost_hold(self, state: str) -> str:
        if not self.made or self.unsure or self.ends:
            return ""
        hold = self.made[0]
        if self._first_after(hold, self._replacing(hold)) < inf:
            return ""
        over = hold.call + self.history.hold_s * SECOND
        if max(op.ret for op in self.history.ops) > over:
            return ""
        return "" if state == "held" else "it was held, and nobody gave it up."


def _doubles(sure: Iterable[Owned]) -> Iterator[Anomaly]:
    """Locks that two bookings surely own at the same time."""
    owners: dict[tuple[int, int], list[Owned]] = defaultdict(list)
    for owned in sure:
        for lock in owned.op.locks:
            owners[lock].append(owned)
    seen: set[frozenset[int | None]] = set()
    for (person, cell), found in owners.items():
        found.sort(key=lambda owned: (owned.begin, owned.end))
        reach = found[0]
        for owned in found[1:]:
            pair = frozenset((reach.booking, owned.booking))
            if owned.begin < reach.end and len(pair) == 2 and pair not in seen:
                seen.add(pair)
                words = f"Person {person} is in bookings {reach.booking} and {owned.booking}"
                yield Anomaly("double", f"{words} at once, at quarter hour {cell}.")
            reach = max(reach, owned, key=lambda one: one.end)
