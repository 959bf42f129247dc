"""The pages of rounds: importing this module registers them all."""

from __future__ import annotations

from mockint.web.rounds import organiser, people, publication, repair, reviewing
from mockint.web.rounds.blueprint import blueprint

__all__ = ["blueprint", "organiser", "people", "publication", "repair", "reviewing"]
