"""The hand-written content of the demo community."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from mockint.domain.rubric import TRACKS


def read(name: str) -> Any:
    """One of the JSON files beside this module."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))


@cache
def people() -> dict[str, Any]:
    """Community, organisers, interviewers, candidates, applications."""
    return dict(read("people"))


@cache
def words() -> dict[str, Any]:
    """Reasons, comments and notes that belong to no track."""
    return dict(read("words"))


@cache
def notes(track: str) -> dict[str, Any]:
    """Problems, evidence notes, summaries, strengths and practice of one track."""
    if track not in TRACKS:
        raise KeyError(track)
    return dict(read(f"notes_{track}"))
