"""Absolute URLs for mails, always from the configured base URL and never from a request; and
signed links that need no row because what they allow is small."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote

from mockint.settings import Settings, secret_key


def absolute(base_url: str, *parts: object, anchor: str = "") -> str:
    """`absolute("https://x.example", "bookings", 42)` is https://x.example/bookings/42."""
    path = "/".join(quote(str(part), safe="") for part in parts)
    return f"{base_url}/{path}" + (f"#{anchor}" if anchor else "")


def derive(settings: Settings, purpose: str, seed: str | int) -> str:
    """160 bits in lower case that nobody can tell from `seed` without the installation's key."""
    text = f"mockint:{purpose}:{seed}".encode()
    digest = hmac.new(secret_key(settings).encode(), text, hashlib.sha256).digest()
    return base64.b32encode(digest[:20]).decode("ascii").lower()


def sign(settings: Settings, purpose: str, number: int) -> str:
    """A token that stands for `number` and works for this purpose only, for good."""
    return f"{number}-{derive(settings, purpose, number)}"


def read(settings: Settings, purpose: str, token: str) -> int | None:
    """The number behind a token of ours, or None."""
    number, _, mac = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        return None
    good = derive(settings, purpose, int(number))
    return int(number) if hmac.compare_digest(mac.encode(), good.encode()) else None
