"""Demo and development only: the mails as people see them, and the movable clock."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("mailbox", __name__)
