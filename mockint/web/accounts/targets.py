"""Where a person goes next."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import url_for

from mockint.models import Person

LONGEST = 500


def local_path(text: str) -> str:
    """`text` when it is a path of this site, else nothing: no other site, no tricks."""
    if not text.startswith("/") or len(text) > LONGEST or not text.isprintable():
        return ""
    if "\\" in text or text.startswith("//") or any(letter.isspace() for letter in text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else text


def after_login(person: Person) -> str:
    """The page somebody needs first: what is missing, else home."""
    if "candidate" in person.role_names and person.candidate is None:
        return url_for("accounts.candidate")
    if not person.roles:
        return url_for("accounts.volunteer")
    return url_for("pages.home")
