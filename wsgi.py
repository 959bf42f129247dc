"""Builds the app for a WSGI server."""

import os

from mockint.app import create_app
from mockint.settings import from_environment

app = create_app(from_environment(os.environ))
