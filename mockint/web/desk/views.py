"""The organiser's desk, lists and settings."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("desk", __name__)
