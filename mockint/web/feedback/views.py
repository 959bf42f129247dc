"""The feedback form, reading feedback, rating the interviewer."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("feedback", __name__)
