"""A small question of our own, as the bank takes it in."""

from __future__ import annotations

import json
from typing import Any

DIMENSIONS = ("framing", "approach", "implementation", "verification", "collaboration")
"""Of the track coding."""


def made(key: str = "count-the-boats", **changes: Any) -> dict[str, Any]:
    """One kit of the track coding, whole and short."""
    return {
        "key": key,
        "version": 1,
        "title": f"Question {key}",
        "topics": ["hashing"],
        "target_levels": ["entry", "mid", "senior", "staff"],
        "difficulty": 1,
        "minutes": 30,
        "family": key,
        "languages": ["en"],
        "prompt": f"Count the boats of {key}.\n\n    1 2 3\n\n    4 5",
        "given_only_if_asked": [{"question": "How many?", "answer": "Up to 10."}],
        "hints": [
            {"rung": rung, "when": "After five minutes", "text": f"Look at the {rung}."}
            for rung in ("nudge", "direction", "part")
        ],
        "follow_ups": [{"text": "And with a million?", "dimension": "approach"}],
        "signals": [
            {"dimension": one, "score": 3, "seen": f"Does it, {one}."} for one in DIMENSIONS
        ],
        "not_observable": [],
        "pitfalls": ["Counts twice."],
        "outline": f"Solve {key} by counting.",
        "accessibility_notes": "It can be read aloud.",
    } | changes


def made_kits(*keys: str, **changes: Any) -> str:
    """The JSON of such kits."""
    kits = [made(key, **changes) for key in keys]
    return json.dumps({"schema_version": 1, "track": "coding", "kits": kits})
