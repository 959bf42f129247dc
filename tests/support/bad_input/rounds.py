"""Forms of matching rounds."""

from __future__ import annotations

from mockint.queries import round as query
from mockint.queries.round import Card
from mockint.services import booking
from mockint.services.round import repair, review, solving
from tests.support.bad_input.fields import (
    Body,
    Choice,
    Choices,
    Day,
    Field,
    Instant,
    Line,
    Number,
    Row,
    Zone,
)
from tests.support.bad_input.forms import Case, Form
from tests.support.world import NOW, World

OPEN, SOLVED = {"round_id": "open"}, {"round_id": "solved"}
CLOSING: dict[str, Field] = {
    "closes_on": Day("2026-12-04", required=True, outside=("2026-11-22", "2026-12-07")),
    "closes_at": Choice("17:30", required=True),
}
PLAN: dict[str, Field] = CLOSING | {
    "name": Line("Second week", required=True, limit=80),
    "first_on": Day("2026-12-07", required=True, outside=("2026-11-20", "2027-01-20")),
    "last_on": Day("2026-12-12", required=True, outside=("2026-12-06", "2027-03-01")),
    "duration_min": Number("60", required=True, outside=("0", "61")),
    "tracks": Choices(["coding", "testing"], required=True),
}


def accepted(world: World) -> Body:
    """The result is good as it is."""
    review.accept(world.rounds["solved"], by=world.people["organiser"], now=NOW)
    return {}


def running(world: World) -> Body:
    """The worker is asked to solve it again."""
    solving.start(world.rounds["solved"], by=world.people["organiser"], now=NOW)
    return {}


def lost(world: World) -> Body:
    """The published round's one candidate with an interview loses it; others are free then."""
    round_id = world.rounds["published"]
    (match,), _total = query.matches(round_id)
    stands = query.standing(_card(round_id), [match.candidate_id])[match.candidate_id]
    booking.cancel(
        stands.booking_id, by=stands.interviewer_id, side="interviewer", reason="Ill", now=NOW
    )
    (one,) = repair.propose(round_id, now=NOW).lost
    place = one.steps[0].new
    return {
        "candidate": str(one.candidate_id),
        "who": str(place.interviewer_id),
        "start": f"{place.start:%Y-%m-%dT%H:%MZ}",
    }


def _card(round_id: int) -> Card:
    found = query.find(round_id)
    assert found is not None
    return found


PEOPLE = (
    Form(
        "rounds.request_",
        "candidate",
        args=OPEN,
        fields={
            "track": Choice("coding", required=True),
            "level": Choice("senior", required=True),
            "zone": Zone("Asia/Kathmandu", required=True),
            "window": Choices(["2026-12-08T18", "2026-12-08T19"], required=True),
        },
        more=(
            Case("a day before the round", {"window": "2026-12-06T18"}, (422,)),
            Case("too short for an interview", {"window": "2026-12-07T04"}, (422,)),
        ),
    ),
    Form("rounds.withdraw", "candidate", args=OPEN),
    Form(
        "rounds.capacity_",
        "interviewer",
        args=OPEN,
        fields={"max_total": Number("3", required=True, outside=("41", "1000"))},
    ),
)
PLANNING = (
    Form("rounds.new", "organiser", fields=PLAN),
    Form("rounds.plan", "organiser", args={"round_id": "draft"}, fields=PLAN),
    Form("rounds.open_", "organiser", args={"round_id": "draft"}),
    Form("rounds.discard", "organiser", args={"round_id": "draft"}),
    Form("rounds.close", "organiser", args=OPEN),
    Form("rounds.reopen", "organiser", args=SOLVED, fields=CLOSING),
    Form("rounds.archive", "organiser", args={"round_id": "published"}),
)
DECIDING = (
    Form("rounds.solve", "organiser", args=SOLVED),
    Form("rounds.cancel", "organiser", args=SOLVED, prepare=running),
    Form(
        "rounds.choose_load",
        "organiser",
        args=SOLVED,
        fields={"price": Number("5", required=True, outside=("1", "100"))},
    ),
    Form("rounds.accept", "organiser", args=SOLVED),
    Form("rounds.reconsider", "organiser", args=SOLVED, prepare=accepted),
    Form(
        "rounds.candidate",
        "organiser",
        args=SOLVED | {"person_id": "candidate"},
        fields={
            "interviewer": Row("2", required=True, answers=(409, 422)),
            "op": Choice("forbid", required=True),
        },
        more=(Case("somebody who takes none", {"interviewer": "5"}, (409,)),),
        nobody=("organiser",),
    ),
    Form("rounds.publication", "organiser", args=SOLVED, prepare=accepted),
    Form("rounds.retry", "organiser", args={"round_id": "published"}),
    Form(
        "rounds.repair",
        "organiser",
        args={"round_id": "published"},
        fields={
            "candidate": Row("1", required=True, answers=(404, 422)),
            "who": Row("2", required=True, answers=(409, 422)),
            "start": Instant("2026-12-07T10:00Z", required=True),
        },
        prepare=lost,
        keeps=False,
    ),
)
FORMS = (*PEOPLE, *PLANNING, *DECIDING)
