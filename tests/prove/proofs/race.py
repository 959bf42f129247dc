"""Clients race for few slots while web processes are killed; see `tests.prove.race`."""

from __future__ import annotations

from collections import Counter

from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, exactly
from tests.prove.race import CANDIDATES, INTERVIEWERS, ORGANISERS, STARTS, Race

CLAIM = "Nobody is in two places and nothing acknowledged is lost while web processes are killed."
ATTEMPTS = 50_000
KILL_EVERY_S = 0.25
THREADS = 2
"""Of each web process: so few that some requests end before their process is killed."""
MOST_NOTES = 8


def run(options: Options) -> Outcome:
    with Installation(options, threads=THREADS) as site:
        race = Race(site, options.seed)
        before = site.cpu_s()

        def goes_on(seconds: float) -> bool:
            if options.seconds is not None:
                return seconds < options.seconds
            return len(race.ops) < ATTEMPTS

        race.run(goes_on, kill_every_s=KILL_EVERY_S)
        cpu_s = {name: used - before.get(name, 0) for name, used in site.cpu_s().items()}
        return _outcome(race, site, cpu_s, short=options.seconds is not None)


def _outcome(race: Race, site: Installation, cpu_s: dict[str, float], *, short: bool) -> Outcome:
    violations, anomalies = race.violations(), race.anomalies()
    lost = [one.words for one in anomalies if one.kind in ("lost", "ended")] + race.unrecorded()
    other = [one.words for one in anomalies if one.kind not in ("lost", "ended")]
    answers = Counter(op.answer for op in race.ops)
    attempts = len(race.ops)
    figures = [
        Figure("violations of I1 to I4", len(violations), "", exactly(0)),
        Figure("lost acknowledgements", len(lost), "", exactly(0)),
        Figure("other anomalies in the histories", len(other), "", exactly(0)),
        Figure("answers 500", race.statuses[500], "", exactly(0)),
        Figure("deadlocks", site.deadlocks(), "", exactly(0)),
        Figure(
            "attempts",
            attempts,
            "",
            at_least(ATTEMPTS),
            short="ended by --seconds" if short else "",
        ),
        Figure(
            "of these answered",
            attempts - answers["unknown"],
            "",
            at_least(ATTEMPTS / 5),
            short="ended by --seconds" if short else "",
        ),
        Figure("web processes killed", race.kills, "", at_least(race.took_s / KILL_EVERY_S / 2)),
        Figure("attempts per second", attempts / race.took_s, "1/s"),
        Figure("CPU of web and database per attempt", 1e3 * sum(cpu_s.values()) / attempts, "ms"),
        Figure("CPU of clients per attempt", 1e3 * race.clients_cpu_s / attempts, "ms"),
    ]
    sizes: dict[str, object] = {
        "clients": CANDIDATES + ORGANISERS,
        "web processes": f"{site.web_processes} with {THREADS} threads",
        "slots": INTERVIEWERS * STARTS,
        "answers": dict(answers),
        "statuses": dict(sorted(race.statuses.items())),
        "acknowledged": dict(Counter(op.kind for op in race.ops if op.answer == "ok")),
        "CPU seconds": {name: round(used, 1) for name, used in cpu_s.items()},
    }
    notes = [*violations, *lost, *other][:MOST_NOTES]
    return Outcome(figures, sizes, [*notes, *site.web.faults()])
