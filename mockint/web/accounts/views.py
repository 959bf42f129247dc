"""Sign up, log in, one-time links, account page, roles, volunteering: the views of this folder."""

from __future__ import annotations

from mockint.web.accounts import entry, own, profiles
from mockint.web.accounts.blueprint import blueprint

__all__ = ["blueprint", "entry", "own", "profiles"]
