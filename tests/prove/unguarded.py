"""`mockint` with its guards against two places at once switched off, for the canary alone.

Runs the same commands; `DROP_KEY` takes away the database's own guard.
"""

from __future__ import annotations

from mockint.cli import run
from mockint.services import holds

POSTGRESQL = ("ALTER TABLE occupancy DROP CONSTRAINT pk_occupancy",)
SQLITE = (
    "CREATE TABLE unguarded (person_id INTEGER, cell BIGINT, booking_id INTEGER"
    " REFERENCES booking (id) ON DELETE CASCADE)",
    "INSERT INTO unguarded SELECT person_id, cell, booking_id FROM occupancy",
    "DROP TABLE occupancy",
    "ALTER TABLE unguarded RENAME TO occupancy",
    "CREATE INDEX ix_occupancy_booking ON occupancy (booking_id)",
)
DROP_KEY = {"postgresql": POSTGRESQL, "sqlite": SQLITE}
"""Statements after which a person may have a quarter of an hour twice."""


def _no_recheck(*args: object, **options: object) -> bool:
    """Instead of asking again behind the locks: nothing is in the way."""
    return False


if __name__ == "__main__":
    holds.require_free = _no_recheck
    run()
