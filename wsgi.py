"""Builds the app for `flask --app wsgi` and for another WSGI server; `mockint serve` has its own.

Only `mockint serve` also does the worker's job, so here production needs Redis and workers.
"""

import os
import sys

from mockint.app import create_app
from mockint.settings import SettingsError, from_environment

try:
    settings = from_environment(os.environ)
    if settings.mode == "production" and settings.embedded:
        raise SettingsError(
            "Nobody would send mail. Use `mockint serve`, or set MOCKINT_REDIS_URL and run workers."
        )
    app = create_app(settings)
except SettingsError as error:
    sys.exit(f"Error: {error}")
