"""One community for all tests that only look: made once for each module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.world import World


@pytest.fixture(scope="module")
def world_app(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app in which the clock stands at `world.NOW`; tests leave its data as they find it."""
    from mockint import clock
    from mockint.app import create_app
    from mockint.db import db
    from mockint.settings import Settings
    from tests.support import databases, web, world

    folder = tmp_path_factory.mktemp("world")
    settings = Settings(
        mode="test",
        database_url=databases.sqlite_copy(_sqlite_template, folder),
        data_dir=str(folder),
        secret_key="only for tests, and long enough to sign with",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "datetime", SimpleNamespace(now=world.NOW.astimezone))
        app = create_app(settings)
        app.test_client_class = web.Client
        app.extensions["world"] = world.build(app, settings)
        yield app
        clock.move_by(timedelta)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="module")
def world(world_app: Flask) -> World:
    """What exists in `world_app`."""
    found: World = world_app.extensions["world"]
    return found
