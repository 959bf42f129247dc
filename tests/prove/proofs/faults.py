"""A process killed at each numbered step of what owes mail, and what its successors make of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, exactly
from tests.prove.stories import STORIES

CLAIM = "Killed at every statement, commit, publish, SMTP step: nothing lost, nothing doubled."
PATIENCE_S = 3 * 3600.0
EXAMPLES = 5


def run(options: Options) -> Outcome:
    return examine(options, [story.name for story in STORIES])


def examine(options: Options, stories: Sequence[str], *, flaw: str = "") -> Outcome:
    """Try these stories; `flaw` names a fault of `tests.prove.flaws` to build in first."""
    with Installation(options, web=0, program="tests.prove.stricken") as site:
        site.sink.listen(keep=True)
        results, told = site.folder / "results.jsonl", site.folder / "told.json"
        asked = {"stories": list(stories), "flaw": flaw, "seconds": options.seconds,
                 "mail": str(site.sink.file), "results": str(results)}  # fmt: skip
        site.sink.file.touch()
        told.write_text(json.dumps(asked), encoding="utf-8")
        laboratory = site.start("laboratory", str(told))
        if laboratory.wait(PATIENCE_S) != 0:
            raise RuntimeError(f"The laboratory ended: {laboratory.words()}")
        lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    return _outcome(lines)


def _outcome(lines: list[dict[str, Any]]) -> Outcome:
    hooks = {line["story"]: line["hooks"] for line in lines if "hooks" in line}
    tried = [line for line in lines if line.get("killed")]
    total = sum(hooks.values())
    short = "" if len(tried) >= total else f"time for {len(tried)} of {total} hooks, spread evenly"
    found = {what: [line for line in lines if line.get(what)]
             for what in ("lost", "doubled", "wrong")}  # fmt: skip
    copies = Counter(line["story"] for line in tried for _ in range(line["copies"]))
    return Outcome(
        [
            Figure("hooks", total),
            Figure("killed there", 100 * len(tried) / total if total else 0, "%",
                   exactly(100), short=short),
            Figure("never reached", sum(line.get("killed") is False for line in lines), "",
                   exactly(0)),
            Figure("lost", len(found["lost"]), "", exactly(0)),
            Figure("doubled in effect", len(found["doubled"]), "", exactly(0)),
            Figure("otherwise wrong", len(found["wrong"]), "", exactly(0)),
            Figure("second copies on the wire", sum(copies.values())),
        ],
        {"hooks of": hooks, "killed": dict(Counter(line["story"] for line in tried)),
         "second copies of": dict(copies)},
        [_words(line, what) for what, those in found.items() for line in those[:EXAMPLES]],
    )  # fmt: skip


def _words(line: dict[str, Any], what: str) -> str:
    place = f"{line['story']} at hook {line.get('hook', 'none')} ({line.get('name', '')})"
    return f"{what}: {place}: {'; '.join(line[what][:3])[:1000]}"
