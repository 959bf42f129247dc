"""`bin/prove`: runs proofs, prints their figures, exits 1 when a required one is missed."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import zoneinfo
from pathlib import Path
from typing import Any, NoReturn, get_args

os.environ["PYTHONTZPATH"] = ""  # zones come from the pinned tzdata alone, here and in children
zoneinfo.reset_tzpath(())

from rich.console import Console  # noqa: E402 - after the zones are settled
from rich.table import Table  # noqa: E402 - same

from tests.prove import measure, registry  # noqa: E402 - same
from tests.prove.outcome import Database, Figure, Options, Outcome  # noqa: E402 - same

console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
VERDICTS = {True: "met", False: "[bold red]missed[/]", None: ""}


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    if asked.name is None:
        for name in registry.names():
            console.print(f"{name:12} {registry.find(name).claim}")
        return 0
    chosen = registry.names() if asked.name == "all" else [asked.name]
    reports = [
        _report(registry.find(name), Options(database, server, asked.seconds, asked.seed))
        for name in chosen
        for database, server in _databases(registry.find(name), asked.database)
    ]
    if asked.json:
        asked.json.write_text(json.dumps(reports, indent=2) + "\n", encoding="utf-8")
    return 0 if all(report["passed"] for report in reports) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/prove", description="Without a name: the list.")
    parser.add_argument("name", nargs="?", choices=[*registry.names(), "all"])
    parser.add_argument(
        "--seconds", type=float, help="how long the load may last; default: what the claim needs"
    )
    parser.add_argument(
        "--database",
        default="",
        help="sqlite, postgresql, or the URL of a PostgreSQL server; default: each in turn",
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything chosen by chance")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def _databases(proof: registry.Proof, asked: str) -> list[tuple[Database, str]]:
    """The kinds to run on, each with the server that was given."""
    kind = "postgresql" if "://" in asked else asked
    if kind and kind not in get_args(Database):
        sys.exit(f"--database is {asked!r}. Use sqlite, postgresql or postgresql://...")
    server = asked if "://" in asked else ""
    if kind:
        return [(kind, server)] if kind in proof.databases else []
    return [(each, "") for each in proof.databases]


def _report(proof: registry.Proof, options: Options) -> dict[str, Any]:
    """Run it, print it, and return all of it for the file."""
    console.print(f"\n[bold]{proof.name}[/] on {options.database}: {proof.claim}")
    before, began = measure.calibrate(), time.monotonic()
    outcome = proof.run(options)
    took, after = time.monotonic() - began, measure.calibrate()
    _print(outcome)
    console.print(f"seed {options.seed}, {took:.0f} s; before: {before}; after: {after}")
    return {
        "proof": proof.name,
        "claim": proof.claim,
        "database": options.database,
        "seed": options.seed,
        "seconds_asked": options.seconds,
        "took_s": round(took, 1),
        "processors": os.cpu_count(),
        "before": before.as_json(),
        "after": after.as_json(),
        **outcome.as_json(),
    }


def _print(outcome: Outcome) -> None:
    table = Table("figure", "value", "required", "", "stretch", "")
    table.columns[1].justify = "right"
    for figure in outcome.figures:
        table.add_row(*_row(figure))
    console.print(table)
    console.print(", ".join(f"{name}: {value}" for name, value in outcome.sizes.items()))
    for note in outcome.notes:
        console.print(f"- {note}", markup=False)


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        f"{figure.value:,.4g} {figure.unit}" if figure.value < 10_000 else f"{figure.value:,.0f}",
        str(figure.required or ""),
        f"not judged: {figure.short}" if _unjudged(figure) else VERDICTS[figure.met],
        str(figure.stretch or ""),
        "reached" if figure.stretched else "",
    )


def _unjudged(figure: Figure) -> bool:
    return figure.required is not None and figure.met is None


def _ended(number: int, frame: object) -> NoReturn:
    """SIGTERM ends us like Ctrl-C does: every block is left, every process stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _ended)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
