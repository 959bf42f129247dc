"""A steady load of visitors, the pages there are, and what must be true once the load is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockint import clock
from mockint.services import rubric
from mockint.services.outbox import LEASE
from tests.prove import community
from tests.prove.client import Answer, Browser
from tests.prove.community import Cast
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, exactly

Line = dict[str, Any]
"""What a visitor wrote down of one request."""
SECOND_NS = 1_000_000_000
MONITORING = ("health", "monitoring")
"""Blueprints that no person opens; they have words of their own for what is wrong."""


def fill(site: Installation, *, interviewers: int, candidates: int, days: int = 1) -> Cast:
    """A community in which every page can be opened and no limit binds."""
    now = clock.now()
    with site.context():
        rubric.publish_default(now=now)
    return community.seed(
        site.app,
        now=now,
        interviewers=interviewers,
        candidates=candidates,
        starts_a_day=16,
        days=days,
        settings={"max_upcoming": 20},
    )


def told(site: Installation, cast: Cast, *, every_s: float, seed: int) -> list[dict[str, Any]]:
    """For `visitor`: a candidate and an interviewer each, so that nobody is turned away."""
    return [
        {
            "url": site.url,
            "cookie": member.cookie,
            "token": member.token,
            "who": interviewer.id,
            "starts": [one.field for one in cast.slots if one.interviewer == interviewer.id],
            "every_s": every_s,
            "seed": seed * 1000 + number,
        }
        for number, (member, interviewer) in enumerate(
            zip(cast.candidates, cast.interviewers, strict=False)
        )
    ]


# Pages


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that somebody opened."""

    who: str
    path: str
    answer: Answer

    @property
    def took_s(self) -> float:
        return (self.answer.returned - self.answer.called) / SECOND_NS

    def __str__(self) -> str:
        return f"{self.who} got {self.answer.status} from {self.path} in {self.took_s:.1f} s"


def pages(site: Installation) -> list[str]:
    """Every address without a number in it."""
    return sorted(
        rule.rule
        for rule in site.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
        and rule.endpoint.partition(".")[0] not in MONITORING
    )  # fmt: skip


def tour(site: Installation, cast: Cast) -> Iterator[Opened]:
    """Every page, as a stranger and in each role."""
    people = [cast.candidates[0], cast.interviewers[0], *cast.organisers[:1]]
    browsers = {one.role: Browser(site.url, one.cookie, one.token) for one in people}
    browsers["stranger"] = Browser(site.url, "", "")
    for path in pages(site):
        for who, browser in browsers.items():
            yield Opened(who, path, browser.get(path))


# Faults


@dataclass
class Outage:
    """A time in which something was missing, in nanoseconds of CLOCK_MONOTONIC."""

    name: str
    began: int
    ended: int
    pages: list[Opened] = field(default_factory=list)

    def back_s(self, lines: list[Line], until: int) -> float:
        """From its return until the last answer, before `until`, that still felt its absence."""
        felt = [one for one in lines if one["called"] >= self.ended and one["status"] in (0, 503)]
        answered = [one["called"] + one["ms"] * 1e6 for one in felt]
        failed = [moment for moment in answered if moment < until]
        return max(0.0, (max(failed, default=self.ended) - self.ended) / SECOND_NS)


# What was promised


def is_broken(status: int) -> bool:
    """An answer that no fault excuses: none at all, or a server's fault other than 503."""
    return status == 0 or (status >= 500 and status != 503)


def broken(lines: list[Line]) -> list[Line]:
    return [one for one in lines if is_broken(one["status"])]


def lost(site: Installation, lines: list[Line]) -> list[Line]:
    """Acknowledged bookings and cancellations that the database does not have."""
    states = dict(site.rows("SELECT id, state FROM booking WHERE confirmed_at IS NOT NULL"))
    holds = {"book": ("confirmed", "cancelled"), "cancel": ("cancelled",)}
    return [
        one
        for one in lines
        if one["kind"] in holds
        and one["status"] == 303
        and states.get(one["about"]) not in holds[one["kind"]]
    ]


def until_working(site: Installation, patience_s: float = 90) -> None:
    """Until a worker did its first round."""
    deadline = time.monotonic() + patience_s
    while not site.rows("SELECT count(*) FROM heartbeat WHERE name = 'sweep'")[0][0]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"No worker works: {site.workers[0].words()}")
        time.sleep(0.2)


def until_quiet(site: Installation, patience_s: float = 60) -> None:
    """Until no mail is due; the workers run on."""
    due = "SELECT count(*) FROM outbox_message WHERE kind IN ('invitation', 'cancellation')"
    deadline = time.monotonic() + patience_s
    while site.rows(f"{due} AND state IN ('pending', 'sending')")[0][0]:
        if time.monotonic() > deadline:
            return
        time.sleep(0.5)


def invitations(site: Installation) -> tuple[int, int]:
    """Bookings that were ever confirmed, and those of which both sides' invitation is settled."""
    ever = site.rows("SELECT count(*) FROM booking WHERE confirmed_at IS NOT NULL")[0][0]
    settled = site.rows(
        "SELECT count(*) FROM (SELECT booking_id FROM outbox_message WHERE kind = 'invitation'"
        " AND state IN ('sent', 'suppressed') GROUP BY booking_id HAVING count(*) = 2) AS told"
    )[0][0]
    return int(ever), int(settled)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was promised, as the database has it once all is quiet."""

    bookings: int
    figures: list[Figure]
    notes: list[str]


def kept(site: Installation, lines: list[Line]) -> Kept:
    """Wait until claimed mail was sent, also of a worker that died with it, and look."""
    until_quiet(site, LEASE.total_seconds() + 30)
    gone, violations = lost(site, lines), site.violations()
    confirmed, invited = invitations(site)
    figures = [
        Figure("acknowledged and lost", len(gone), "", exactly(0)),
        Figure("violations", len(violations), "", exactly(0)),
        Figure("bookings without both invitations", confirmed - invited, "", exactly(0)),
    ]
    return Kept(confirmed, figures, [*map(str, gone[:5]), *violations[:5]])
