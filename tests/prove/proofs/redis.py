"""Redis killed, emptied, hung, absent for minutes and behind another password."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from redis import Redis

from mockint.domain.errors import Invalid
from tests.prove import community, reminders, steady
from tests.prove.client import Answer, Browser
from tests.prove.crowd import Crowd
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.prove.steady import Line

CLAIM = "Without Redis pages answer, reminders are at most 90 s late, limits hold, nothing is lost."
SECONDS = 240.0
ABSENT_S = 120.0
BRIEF_S = 8.0
RECONNECT_S = 35.0
"""A worker that lost Redis looks for it every half minute at most."""
WEB, CLIENTS, EVERY_S = 2, 4, 0.25
REMINDERS = 16
MOST_LATE_S = 90
GUESSES, ALLOWED = 48, 10
"""Tries at one account, and how many of them an hour a process lets through."""
ANSWERS = (Invalid.status, 429)
"""Of a wrong password: looked at, or refused."""
A_PAGE_S = 1.0
"""How long a page may wait for Redis."""
OTHER = "another password"


@dataclass
class Seen(steady.Outage):
    """One way of doing without Redis, and what was tried meanwhile."""

    guesses: list[Answer] = field(default_factory=list)

    @property
    def let_through(self) -> int:
        return sum(one.status == Invalid.status for one in self.guesses)


def run(options: Options) -> Outcome:
    absent_s = min(ABSENT_S, (options.seconds or SECONDS) / 2)
    with Installation(options, web=WEB, workers=1) as site:
        site.start("scheduler", "scheduler")
        cast = steady.fill(
            site, interviewers=CLIENTS + 2, candidates=CLIENTS + 1 + REMINDERS, days=2
        )
        due = reminders.book(site, cast, REMINDERS, span_s=absent_s + 12 * BRIEF_S)
        steady.until_working(site)
        visitors = steady.told(site, cast, every_s=EVERY_S, seed=options.seed)[:CLIENTS]
        with Crowd("tests.prove.visitor", visitors, site.folder) as crowd:
            times = list(_times(site, cast, absent_s))
            time.sleep(RECONNECT_S)
        lines = crowd.news()
        late = reminders.late(site, due, patience_s=absent_s)
        mail_s = reminders.mail_s(site, cast.candidates[CLIENTS], _spare(cast))
        kept = steady.kept(site, lines)
        faults = [note for one in site.services for note in one.faults()]
    short = "" if absent_s >= ABSENT_S else f"absent for {absent_s:.0f} s"
    pages = [one for each in times for one in each.pages]
    broken = [one for one in lines if one["status"] == 0 or one["status"] >= 500]
    broken_pages = [one for one in pages if one.answer.status == 0 or one.answer.status >= 500]
    broken_tries = [one for each in times for one in each.guesses if one.status not in ANSWERS]
    slow, usual = _slowest(lines, times)
    return Outcome(
        [
            Figure("failed requests", len(broken) + len(broken_tries), "", exactly(0)),
            Figure("failed pages", len(broken_pages), "", exactly(0)),
            Figure("slowest without Redis beyond slowest with it", slow - usual, "s",
                   at_most(A_PAGE_S)),
            Figure("longest absence", max(each.ended - each.began for each in times)
                   / steady.SECOND_NS, "s", at_least(ABSENT_S), short=short),
            Figure("guesses let through at one account", max(e.let_through for e in times), "",
                   at_most(WEB * ALLOWED)),
            Figure("reminders lost", len(due) - len(late), "", exactly(0)),
            Figure("latest reminder", max(late, default=0.0), "s", at_most(MOST_LATE_S)),
            Figure("mail once it is back", mail_s, "s", at_most(5)),
            *kept.figures,
        ],
        {"requests": len(lines), "pages opened meanwhile": len(pages), "bookings": kept.bookings,
         "reminders": len(due), "web processes": WEB, "workers": 1,
         "let through": {one.name: f"{one.let_through}/{len(one.guesses)}" for one in times},
         "slowest": f"{usual:.2f} s with, {slow:.2f} s without",
         "statuses": dict(sorted(Counter(one["status"] for one in lines).items()))},
        [*map(str, broken[:5]), *map(str, broken_pages[:5]), *kept.notes,
         *(faults if broken or broken_pages else [])],
    )  # fmt: skip


def _spare(cast: community.Cast) -> community.Slot:
    """A start of somebody whom no visitor asks."""
    return next(one for one in cast.slots if one.interviewer == cast.interviewers[CLIENTS].id)


def _times(site: Installation, cast: community.Cast, absent_s: float) -> Iterator[Seen]:
    """Each way that Redis can fail, then the way back."""
    client = Redis.from_url(site.redis.url)

    def change(password: str) -> None:
        client.config_set("requirepass", password)

    def lock() -> None:
        change(OTHER)
        for one in client.client_list():
            if one["id"] != str(client.client_id()):
                client.client_kill_filter(_id=one["id"])

    def nothing() -> None:
        pass

    ways: tuple[tuple[str, Callable[[], object], Callable[[], object], float], ...] = (
        ("killed", site.redis.kill, site.redis.start, BRIEF_S),
        ("emptied", client.flushall, nothing, 0),
        ("hung", lambda: os.kill(site.redis.pid, signal.SIGSTOP),
         lambda: os.kill(site.redis.pid, signal.SIGCONT), BRIEF_S),
        ("password", lock, lambda: change(""), BRIEF_S),
        ("absent", site.redis.stop, site.redis.start, absent_s),
    )  # fmt: skip
    for number, (name, fail, mend, lasts_s) in enumerate(ways):
        time.sleep(BRIEF_S)
        began = time.monotonic_ns()
        fail()
        found = Seen(name, began, began)
        if lasts_s:
            found.guesses = _guess(site, cast.candidates[number].email)
        if lasts_s > BRIEF_S:
            found.pages = list(steady.tour(site, cast))
        time.sleep(max(0.0, lasts_s - (time.monotonic_ns() - began) / steady.SECOND_NS))
        mend()
        found.ended = time.monotonic_ns()
        yield found
    client.close()


def _guess(site: Installation, email: str) -> list[Answer]:
    """Passwords for one account, several at the same moment and each eighth from elsewhere."""
    who = community.stranger(site.app)
    form = {"email": email, "password": "a guess of mine"}

    def once(number: int) -> Answer:
        source = f"127.0.1.{number // 8 + 1}"
        return Browser(site.url, who.cookie, who.token, source=source).post("/login/password", form)

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(once, range(GUESSES)))


def _slowest(lines: list[Line], times: list[Seen]) -> tuple[float, float]:
    """Seconds of the slowest answer without Redis, and with it."""
    without, usual = [0.0], [0.0]
    for one in lines:
        away = any(each.began <= one["called"] <= each.ended for each in times)
        (without if away else usual).append(one["ms"] / 1000)
    return max(without), max(usual)
