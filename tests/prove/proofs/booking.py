"""What a booking costs over HTTP beside a bare insert, and how soon its invitations are there.

A booking is two forms: hold and confirm. Both carry the login's cookie and a CSRF token; together
they check the rules and write the booking, its occupancy, ten mails owed and an audit row. The
floor (`bench/floor_booking.py`) inserts one row. Both are served by gunicorn with the same
processes and threads, on the same PostgreSQL.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.prove import measure
from tests.prove.bookings import Calls, Floor, Form, Market, confirmations, holds, pairs, send
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly

CLAIM = "A booking costs at most twice a bare ORM insert; its invitations are there in 2 seconds."
DATABASES = ("postgresql",)
CLIENTS = (1, 16)
ROUNDS = 3
BOOKINGS = 200
"""Of each round."""
INTERVIEWERS = 200
RATE, MAIL_SECONDS = 100, 30.0
MAILS = 2
"""Invitations of a booking."""
WARM_UP = 20
"""Bookings whose mails come before the clock runs."""
DRAIN_S = 90.0
"""How long to wait for the last mail."""


@dataclass
class Cost:
    """CPU milliseconds a request, one value a round."""

    floor: list[float] = field(default_factory=list)
    hold: list[float] = field(default_factory=list)
    confirm: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median round's mean of both forms over the floor of the same round."""
        rounds = zip(self.floor, self.hold, self.confirm, strict=True)
        return statistics.median((hold + confirm) / 2 / floor for floor, hold, confirm in rounds)


def run(options: Options) -> Outcome:
    seconds = MAIL_SECONDS if options.seconds is None else min(options.seconds, MAIL_SECONDS)
    short = "ended by --seconds" if seconds < MAIL_SECONDS else ""
    count = int(RATE * seconds)
    rounds = ROUNDS if not short else 1
    cost_days = 1 + rounds * len(CLIENTS)
    candidates = max(BOOKINGS, count)
    with Installation(options, web=2, own_postgres=True) as site:
        market = Market(site, interviewers=INTERVIEWERS, candidates=candidates, days=cost_days + 2)
        failed, costs = _costs(site, market, rounds)
        mails = _mails(site, market, day=cost_days, count=count, short=short)
    figures = [one for clients in CLIENTS for one in _figures(clients, costs[clients])]
    figures += [Figure("refused or failed requests", failed, "", exactly(0)), *mails]
    sizes: dict[str, object] = {
        "web processes": site.web_processes,
        "threads": site.threads,
        "bookings a round": BOOKINGS,
        "rounds": rounds,
        "interviewers": INTERVIEWERS,
        "candidates": candidates,
        "mail load": f"{RATE} bookings a second for {seconds:g} s, one worker",
    }
    return Outcome(figures, sizes)


def _costs(site: Installation, market: Market, rounds: int) -> tuple[int, dict[int, Cost]]:
    costs, failed = {clients: Cost() for clients in CLIENTS}, 0
    with Floor(site) as floor:
        _round(site, market, floor, day=0, clients=1)  # connections, compiled statements
        site.execute("ANALYZE")
        days = iter(range(1, 1 + rounds * len(CLIENTS)))
        for clients in CLIENTS * rounds:
            bare, hold, confirm = _round(site, market, floor, day=next(days), clients=clients)
            cost = costs[clients]
            cost.floor.append(bare.cpu_ms)
            cost.hold.append(hold.cpu_ms)
            cost.confirm.append(confirm.cpu_ms)
            failed += bare.failed + hold.failed + confirm.failed
    return failed, costs


def _round(
    site: Installation, market: Market, floor: Floor, *, day: int, clients: int
) -> tuple[Calls, Calls, Calls]:
    forms = market.forms(day, BOOKINGS)
    bare = send(site, floor.url, floor.work(forms), clients=clients, servers=[floor.service])
    hold = send(site, site.url, holds(forms), clients=clients, servers=[site.web])
    work = confirmations(forms, hold)
    confirm = send(site, site.url, work, clients=clients, servers=[site.web])
    return bare, hold, confirm


def _figures(clients: int, cost: Cost) -> list[Figure]:
    who = f"{clients} client{'s' if clients > 1 else ''}"
    return [
        Figure(f"{who}: booking over floor", cost.ratio, "", at_most(2), at_most(1)),
        Figure(f"{who}: hold", statistics.median(cost.hold), "ms CPU"),
        Figure(f"{who}: confirm", statistics.median(cost.confirm), "ms CPU"),
        Figure(f"{who}: floor", statistics.median(cost.floor), "ms CPU"),
    ]


def _mails(site: Installation, market: Market, *, day: int, count: int, short: str) -> list[Figure]:
    """From the answer that says a booking is made until each of its invitations has come."""
    site.execute("DELETE FROM outbox_message")  # what the rounds before owe
    site.start("worker", "worker")
    _load(site, market.forms(day, WARM_UP))
    calls, waits = _load(site, market.forms(day + 1, count))
    booked = [line for line in calls.done if line["step"]]
    began = min(line["at"] - line["took_s"] for line in calls.lines)
    lasted = max(line["at"] for line in calls.lines) - began
    missing = MAILS * len(booked) - len(waits)
    p95 = measure.percentile(waits + [math.inf] * missing, 95)
    return [
        Figure("mail after the redirect, p95", p95, "s", at_most(2), at_most(0.5), short),
        Figure("mail after the redirect, median", measure.percentile(waits, 50), "s"),
        Figure("mail after the redirect, slowest", max(waits, default=math.inf), "s"),
        Figure("bookings a second that were made", len(booked) / lasted, "", at_least(0.95 * RATE)),
        Figure("invitations missing", missing, "", exactly(0)),
    ]


def _load(site: Installation, forms: list[Form]) -> tuple[Calls, list[float]]:
    """Book at the rate, and wait for the mails: what was seen, and the seconds each mail took."""
    work = pairs(forms, a_second=RATE)
    calls = send(site, site.url, work, clients=CLIENTS[-1], servers=[site.web])
    answered = {
        int(line["location"].rpartition("/")[2]): line["at"] for line in calls.done if line["step"]
    }
    deadline = time.monotonic() + DRAIN_S
    while True:
        waits = list(_waits(site, answered))
        if len(waits) == MAILS * len(answered) or time.monotonic() > deadline:
            return calls, waits
        time.sleep(1)


def _waits(site: Installation, answered: dict[int, float]) -> Iterator[float]:
    came = {one.message_id: one.at for one in reversed(site.sink.deliveries()) if one.taken}
    query = "SELECT booking_id, message_id FROM outbox_message WHERE kind = 'invitation'"
    for booking_id, message_id in site.rows(query):
        if booking_id in answered and message_id in came:
            yield max(0.0, came[message_id] - answered[booking_id])
