"""An interviewer's weekly hours, dates that differ, and limits."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("hours", __name__)
