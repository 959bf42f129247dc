"""The floor of the slot page: one raw SELECT of what is booked, masks, and an answer over HTTP.

No zones, no rules, no login, no page: `interviewers` people with the same week again and again, a
bit for each half hour of 35 days, and an index that covers the SELECT. `FLOOR_DATABASE_URL` names
the PostgreSQL, `FLOOR_INTERVIEWERS` how many they are; run this module to make the table. Serve it
with gunicorn like the application: `gunicorn bench.floor_slots:app`.
"""

from __future__ import annotations

import os
import random
import sys
from array import array
from threading import local
from typing import Any

import psycopg
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

INTERVIEWERS = int(os.environ.get("FLOOR_INTERVIEWERS", "2000"))
URL = os.environ["FLOOR_DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")
DAYS, A_DAY, BOOKED = 35, 48, 24
SLOTS = DAYS * A_DAY
BOOKINGS = """
    SELECT string_agg(int4send(interviewer * %(slots)s + slot), ''::bytea) FROM floor_slot
    WHERE slot >= 0 AND slot < %(slots)s AND interviewer < %(interviewers)s
"""

app = Flask(__name__)
thread = local()


def _weeks() -> bytes:
    """A byte for each half hour of each interviewer: 1 is open."""
    chance = random.Random(1)
    people = []
    for _ in range(INTERVIEWERS):
        week = bytearray(7 * A_DAY)
        for day in chance.sample(range(7), 4):
            first = day * A_DAY + chance.randrange(16, 36)
            week[first : first + 8] = b"\1" * 8
        people.append(bytes(week) * (DAYS // 7))
    return b"".join(people)


OPEN = _weeks()


def connection() -> psycopg.Connection[Any]:
    if not hasattr(thread, "connection"):
        thread.connection = psycopg.connect(URL, autocommit=True)
    return thread.connection  # type: ignore[no-any-return]  # a thread's own attribute


@app.get("/slots")
def slots() -> ResponseReturnValue:
    sizes = {"slots": SLOTS, "interviewers": INTERVIEWERS}
    row = connection().execute(BOOKINGS, sizes, binary=True).fetchone()
    taken = array("i", row[0] if row and row[0] else b"")
    if sys.byteorder == "little":
        taken.byteswap()
    free = bytearray(OPEN)
    for cell in taken:
        free[cell] = 0
    anyone = _any_row(free)
    return jsonify([slot for slot, open_ in enumerate(anyone) if open_])


def _any_row(free: bytearray) -> bytes:
    """Half hours at which at least one row is open: the rows are laid over each other in halves."""
    rows, laid = INTERVIEWERS, int.from_bytes(free, "little")
    while rows > 1:
        half = -(-rows // 2)
        upper = laid >> (half * SLOTS * 8)
        laid = (laid ^ (upper << (half * SLOTS * 8))) | upper
        rows = half
    return laid.to_bytes(SLOTS, "little")


def make() -> None:
    """The table, with `BOOKED` bookings each inside the 35 days and as many before and after."""
    chance = random.Random(2)
    with psycopg.connect(URL, autocommit=True) as made:
        made.execute("DROP TABLE IF EXISTS floor_slot")
        made.execute("CREATE TABLE floor_slot (interviewer int NOT NULL, slot int NOT NULL)")
        with made.cursor().copy("COPY floor_slot FROM STDIN") as copy:
            for person in range(INTERVIEWERS):
                for weeks in (-SLOTS, 0, SLOTS):
                    for slot in chance.sample(range(SLOTS), BOOKED):
                        copy.write_row((person, weeks + slot))
        made.execute("CREATE INDEX ON floor_slot (slot, interviewer)")
        made.execute("VACUUM ANALYZE floor_slot")


if __name__ == "__main__":
    make()
