"""The demo community as a file: filling it takes a processor twenty seconds, so once a run."""

from __future__ import annotations

import fcntl
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from mockint import clock
from mockint.app import create_app
from mockint.db import db
from mockint.demo import seed
from mockint.services import rubric
from mockint.settings import Settings
from tests.support import databases

NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
"""When it was filled."""


def settings(folder: Path, source: Path, **others: str) -> Settings:
    """Those of a demo in `folder` on a copy of `source`."""
    return Settings(
        mode="demo",
        data_dir=str(folder),
        database_url=databases.sqlite_copy(source, folder),
        secret_key="only for tests, and long enough to sign with",
        **others,  # type: ignore[arg-type]  # addresses
    )


def filled(shared: Path, template: Path) -> Path:
    """A filled file in `shared`; who comes first fills it, from `template`, the others wait."""
    done, folder = shared / "demo.db", shared / "demo"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir(exist_ok=True)
            _fill(settings(folder, template))
            os.replace(folder / "mockint.db", done)
    return done


def _fill(where: Settings) -> None:
    app = create_app(where)
    with app.app_context():
        rubric.publish_default(now=NOW)
        seed.run(now=NOW, settings=where)
        db.session.remove()
        db.engine.dispose()
    clock.move_by(timedelta)


def story(file: Path) -> list[tuple[object, ...]]:
    """Who met whom, when and why not."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT candidate.email, interviewer.email, track, start_at, state, cancel_reason"
                " FROM booking"
                " JOIN person AS candidate ON candidate.id = candidate_id"
                " JOIN person AS interviewer ON interviewer.id = interviewer_id"
                " ORDER BY booking.id"
            )
        )
        rows = [tuple(row) for row in found]
    engine.dispose()
    return rows
