"""The race with the guards switched off: a test that finds nothing here finds nothing anywhere."""

from __future__ import annotations

from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most
from tests.prove.race import CANDIDATES, INTERVIEWERS, ORGANISERS, STARTS, Race
from tests.prove.unguarded import DROP_KEY

CLAIM = "Without the occupancy key and the second check the race finds a double booking."
WITHIN_S = 10


def run(options: Options) -> Outcome:
    with Installation(options, program="tests.prove.unguarded") as site:
        site.execute(*DROP_KEY[options.database])
        race = Race(site, options.seed)
        found_s: list[float] = []
        violations: list[str] = []

        def goes_on(seconds: float) -> bool:
            if race.overlaps():  # asked at once: somebody may cancel one of the two
                violations.extend(site.violations("I1"))
            if violations:
                found_s.append(seconds)
            return not found_s and seconds < min(options.seconds or WITHIN_S, WITHIN_S)

        race.run(goes_on)
        doubles = [one.words for one in race.anomalies() if one.kind == "double"]
    figures = [
        Figure("a double booking after", (found_s or [float("inf")])[0], "s", at_most(WITHIN_S)),
        Figure("said by mockint verify", len(violations), "", at_least(1)),
        Figure("seen in the histories alone", len(doubles), ""),
        Figure("attempts", len(race.ops)),
    ]
    sizes: dict[str, object] = {
        "clients": CANDIDATES + ORGANISERS,
        "web processes": site.web_processes,
        "slots": INTERVIEWERS * STARTS,
        "statuses": dict(sorted(race.statuses.items())),
    }
    return Outcome(figures, sizes, [*violations[:3], *doubles[:3]])
