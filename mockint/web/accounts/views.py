"""Sign up, log in, one-time links, account page, roles, volunteering."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
