"""A moment for every mail about a matching round."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from mockint.db import db, transaction
from mockint.domain.timespan import cell_of
from mockint.models import MatchingRound, RoundRequest
from tests import factories
from tests.support.letters import HOUR, NOW, owe

DAY = timedelta(days=1)


def _round(**changes: object) -> MatchingRound:
    values: dict[str, object] = {
        "name": "Winter week",
        "zone": "Europe/Berlin",
        "first_on": date(2026, 11, 30),
        "last_on": date(2026, 12, 6),
        "closes_at": datetime(2026, 11, 27, 17, tzinfo=UTC),
        "duration_min": 60,
        "tracks": ("coding", "ml_system_design"),
        "state": "open",
        "created_at": NOW,
    }
    if "created_by" not in changes:
        values["created_by"] = factories.organiser(now=NOW).id
    with transaction():
        made = MatchingRound(**values | changes)
        db.session.add(made)
    return made


def scene_opened() -> datetime:
    found = _round()
    owe("round-opened", factories.interviewer(now=NOW), payload={"round_id": found.id})
    return NOW


def scene_closing() -> datetime:
    found = _round()
    now = found.closes_at - DAY
    payload = {"round_id": found.id, "closes_at": found.closes_at.isoformat()}
    owe("round-closing", factories.interviewer(now=NOW), payload=payload, now=now)
    return now


def scene_result() -> datetime:
    """One of many who competed for few places; two more times would have done."""
    organiser = factories.organiser(now=NOW)
    found = _round(
        state="published", published_at=NOW, published_by=organiser.id, created_by=organiser.id
    )
    candidate = factories.candidate(now=NOW)
    morning = cell_of(datetime(2026, 12, 1, 9, tzinfo=UTC))
    with transaction():
        db.session.add(
            RoundRequest(
                round_id=found.id,
                candidate_id=candidate.id,
                track="ml_system_design",
                level="mid",
                windows=[[morning, morning + 8]],
                asked_at=NOW - HOUR,
                priority=1,
                outcome={
                    "kind": "hall",
                    "sentence": "%(track)s: %(asked)s asked, %(offered)s hours offered.",
                    "params": {"track": "ML system design", "asked": 310, "offered": 41},
                    "extra": [[morning + 12, morning + 16], [morning + 96, morning + 104]],
                },
            )
        )
    owe("round-result", candidate, payload={"round_id": found.id})
    return NOW


SCENES: dict[str, Callable[[], datetime]] = {
    "round-opened": scene_opened,
    "round-closing": scene_closing,
    "round-result": scene_result,
}
