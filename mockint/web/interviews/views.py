"""The page of an interview for each side, and who came."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("interviews", __name__)
