"""Absolute URLs for mails; always from the configured base URL, never from a request."""

from __future__ import annotations

from urllib.parse import quote


def absolute(base_url: str, *parts: object, anchor: str = "") -> str:
    """`absolute("https://x.example", "bookings", 42)` is https://x.example/bookings/42."""
    path = "/".join(quote(str(part), safe="") for part in parts)
    return f"{base_url}/{path}" + (f"#{anchor}" if anchor else "")
