"""The candidate's scores over time and practice items."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("progress", __name__)
