"""Builds the app for `flask --app wsgi` and for another WSGI server; `mockint serve` has its own.

Only `mockint serve` also does the worker's job, so here production needs Redis and workers.
"""

import os
import sys

from mockint.app import create_app
from mockint.cli.database import bind_migrations
from mockint.settings import SettingsError, from_environment

try:
    settings = from_environment(os.environ)
    if settings.mode == "production" and settings.embedded:
        raise SettingsError(
            "Nobody would send mail. Use `mockint serve`, or set MOCKINT_REDIS_URL and run workers."
        )
    app = create_app(settings)
    bind_migrations(app)  # `flask db`
except SettingsError as error:
    sys.exit(f"Error: {error}")
