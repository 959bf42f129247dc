"""The small community of `tests.support.world` over real HTTP, once for each worker."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pages.visits import Town


@pytest.fixture(scope="session")
def town(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running app in which the clock stands still; tests only look."""
    from mockint import clock
    from mockint.app import create_app
    from mockint.db import db
    from mockint.settings import Settings
    from tests.pages.visits import Town
    from tests.support import databases, pseudo, web, world

    folder = tmp_path_factory.mktemp("town")
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as listener,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(clock, "datetime", SimpleNamespace(now=world.NOW.astimezone))
        settings = Settings(
            mode="test",
            base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            database_url=databases.sqlite_copy(_sqlite_template, folder),
            data_dir=str(folder),
            secret_key="only for tests, and long enough to sign with",
        )
        app = create_app(settings)
        app.test_client_class = web.Client
        pseudo.write(folder / "translations")
        app.extensions["babel"].translation_directories = [str(folder / "translations")]
        made = world.build(app, settings)
        with web.served(app, listener) as url:
            yield Town(app, made, url)
        clock.move_by(timedelta)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
