"""The blueprint the modules of this folder hang their views on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("rounds", __name__)
