"""`bin/judges [JUDGE ...]`: have them judge; JSON on standard output, a line each on the other.

Exit 0 when every claim holds, 1 when one does not, 2 when a judge is not installed.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog

from tests.judges import Claim, caldav, libical, mailloop, thunderbird
from tests.judges.packages import Missing, require
from tests.support import network
from tests.support.servers import Unavailable

JUDGES: dict[str, tuple[tuple[str, ...], Callable[[Path], Iterator[Claim]]]] = {
    "libical": (libical.NEEDS, libical.judge),
    "thunderbird": (thunderbird.NEEDS, thunderbird.judge),
    "radicale": (caldav.NEEDS, caldav.judge),
    "mailloop": (mailloop.NEEDS, mailloop.judge),
}
"""Name to the Debian packages it needs and what it says, claim by claim."""


def main(names: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/judges", description=__doc__.partition("\n")[0])
    parser.add_argument("judges", nargs="*", metavar="JUDGE", help=", ".join(JUDGES))
    chosen = parser.parse_args(names).judges or list(JUDGES)
    for name in chosen:
        if name not in JUDGES:
            parser.error(f"{name} is no judge; there are {', '.join(JUDGES)}")
    try:
        needed = [package for name in chosen for package in JUDGES[name][0]]
        installed = require(needed) if needed else {}
        _be_quiet()
        found = [_judged(name, installed) for name in chosen]
    except (Missing, Unavailable) as problem:
        print(problem, file=sys.stderr)
        return 2
    holds = all(claim["holds"] for judge in found for claim in judge["claims"])
    print(json.dumps({"holds": holds, "judges": found}, indent=2))
    return 0 if holds else 1


def _be_quiet() -> None:
    """Warnings only, and from here on no socket to another machine."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    network.bar()


def _judged(name: str, installed: dict[str, str]) -> dict[str, Any]:
    """Everything this judge says; one that breaks has not confirmed anything."""
    needs, judge = JUDGES[name]
    claims, began = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"mockint-{name}-") as folder:
        try:
            for claim in judge(Path(folder) / "work"):
                claims.append(_shown(name, claim))
        except (Missing, Unavailable):
            raise
        except Exception as error:
            broken = Claim("it comes to its end", False, f"{type(error).__name__}: {error}")
            claims.append(_shown(name, broken))
    return {
        "judge": name,
        "packages": {package: installed[package] for package in needs},
        "seconds": round(time.monotonic() - began, 1),
        "claims": claims,
    }


def _shown(name: str, claim: Claim) -> dict[str, Any]:
    words = f"{name}: {claim.claim}" + ("" if claim.holds else f": {claim.said}")
    print("holds" if claim.holds else "FAILS", words, file=sys.stderr, flush=True)
    return {"claim": claim.claim, "holds": claim.holds, "said": claim.said}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
