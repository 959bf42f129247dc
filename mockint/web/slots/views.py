"""Finding a time: the picker, public profiles of interviewers, requests to be told."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("slots", __name__)
