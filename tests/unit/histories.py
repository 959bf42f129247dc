"""Seeded histories of a made-up booking server: honest, or broken in one known way."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, replace
from itertools import count

from tests.prove.history import Answer, History, Op, Row

MS = 1_000_000
CANDIDATES, INTERVIEWERS, STARTS, LENGTH = 12, 3, 10, 4
OPERATIONS = 600

BREAKS = {
    "grants what another has": "double",
    "checks what was free a while ago": "double",
    "forgets a confirmation": "lost",
    "forgets a cancellation": "lost",
    "forgets a move": "lost double",
    "refuses what is free": "taken",
    "moves what was cancelled": "ended",
    "books for nobody": "unasked",
}
"""What a broken server does, and the kinds of anomaly of which one must be found."""


@dataclass
class _Wish:
    op: Op
    client: int


class Server:
    """Applies each operation at one moment; `broken` names what it does wrong half-way on."""

    def __init__(self, seed: int, broken: str = "", unknown: float = 0.02) -> None:
        self.chance = random.Random(seed)
        self.broken, self.unknown = broken, unknown
        self.rows: dict[int, Row] = {}
        self.past: list[dict[int, Row]] = []
        self.numbers = count(1)
        self.ops: list[Op] = []
        self.owns: dict[int, list[int]] = {who: [] for who in range(CANDIDATES)}

    @property
    def wrong(self) -> bool:
        return bool(self.broken) and len(self.ops) > OPERATIONS // 2

    def history(self) -> History:
        """Every client in turn, each waiting for its answer before it asks again."""
        due: list[tuple[int, int, _Wish]] = []
        for client in range(CANDIDATES):
            self._ask(due, client, client)
        while len(self.ops) < OPERATIONS:
            at, _, wish = heapq.heappop(due)
            self.past = [*self.past[-40:], dict(self.rows)]
            done = self._answered(wish.op, at)
            self.ops.append(done)
            self._ask(due, wish.client, done.ret + self.chance.randrange(10 * MS))
        if self.broken == "books for nobody":
            self.rows[next(self.numbers)] = Row("confirmed", 3, 101, 500, LENGTH)
        return History(self.ops, self.rows)

    def _ask(self, due: list[tuple[int, int, _Wish]], client: int, now: int) -> None:
        op = self._wish(client, now)
        effect = now + self.chance.randrange(1, 20 * MS)
        heapq.heappush(due, (effect, client, _Wish(op, client)))

    def _wish(self, client: int, now: int) -> Op:
        chance, own = self.chance, self.owns[client]
        interviewer = 100 + chance.randrange(INTERVIEWERS)
        start = 2 * chance.randrange(STARTS)
        new = Op("hold", client, interviewer, start, LENGTH, None, None, now, now, "refused")
        if not own or chance.random() < 0.4:
            return new
        number = chance.choice(own)
        row = self.rows.get(number)
        if row is None:
            own.remove(number)
            return new
        if row.state == "held":
            kind = chance.choice(("confirm", "confirm", "release"))
            start = row.start
        else:
            kind = chance.choice(("move", "move", "cancel"))
        return replace(new, kind=kind, asked=number, interviewer=row.interviewer, start=start)  # type: ignore[arg-type]  # one of the kinds

    def _answered(self, op: Op, at: int) -> Op:
        lost = self.chance.random() < self.unknown
        ret = at + self.chance.randrange(1, 20 * MS)
        if lost and self.chance.random() < 0.5:
            return replace(op, answer="unknown", ret=ret)
        answer, number = self._apply(op)
        if answer == "ok" and number is not None and number not in self.owns[op.candidate]:
            self.owns[op.candidate].append(number)
        if lost:
            return replace(op, answer="unknown", ret=ret)
        return replace(op, answer=answer, booking=number, ret=ret)

    def _apply(self, op: Op) -> tuple[Answer, int | None]:
        row = self.rows.get(op.asked or 0)
        if op.kind == "hold":
            return self._hold(op)
        if row is None or op.asked is None:
            return "refused", None
        if op.kind == "move":
            return self._move(op, op.asked, row)
        if op.kind == "confirm" and row.state != "cancelled":
            self.rows[op.asked] = replace(row, state="confirmed")
            if self.wrong and self.broken == "forgets a confirmation":
                del self.rows[op.asked]
            return "ok", op.asked
        if op.kind == "release" and row.state == "held":
            del self.rows[op.asked]
            return "ok", None
        if op.kind == "cancel" and row.state == "confirmed":
            if not (self.wrong and self.broken == "forgets a cancellation"):
                self.rows[op.asked] = replace(row, state="cancelled")
            return "ok", op.asked
        return "refused", None

    def _hold(self, op: Op) -> tuple[Answer, int | None]:
        own = [n for n, r in self.rows.items() if r.candidate == op.candidate and r.state == "held"]
        if self._conflict(op, own) or (self.wrong and self.broken == "refuses what is free"):
            return "taken", None
        for number in own:
            del self.rows[number]
        made = next(self.numbers)
        self.rows[made] = Row("held", op.candidate, op.interviewer, op.start, op.length)
        return "ok", made

    def _move(self, op: Op, number: int, row: Row) -> tuple[Answer, int | None]:
        cancelled = row.state == "cancelled"
        if row.state == "held" or (cancelled and not self._revives):
            return "refused", None
        if self._conflict(op, [number]):
            return "taken", None
        if not (self.wrong and self.broken == "forgets a move"):
            self.rows[number] = replace(row, start=op.start)
        return "ok", number

    @property
    def _revives(self) -> bool:
        return self.wrong and self.broken == "moves what was cancelled"

    def _conflict(self, op: Op, but: list[int]) -> bool:
        rows = self.rows
        if self.wrong and self.broken == "grants what another has":
            return False
        if self.wrong and self.broken == "checks what was free a while ago":
            rows = self.past[0]
        return any(
            number not in but
            and row.state != "cancelled"
            and {op.candidate, op.interviewer} & {row.candidate, row.interviewer}
            and abs(row.start - op.start) < LENGTH
            for number, row in rows.items()
        )
