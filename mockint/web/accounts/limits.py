"""How often one address, one account or one mailbox may try."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from flask import request

from mockint.web.accounts import sessions
from mockint.web.extensions import limiter

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def network() -> str:
    """Where the request comes from; a whole /64 counts as one, as one home has that many."""
    address = ip_address(request.remote_addr or "127.0.0.1")
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def mailbox() -> str:
    """The mailbox that would get the mail."""
    return request.form.get("email", "").strip().lower()[:254]


def tried_account() -> str:
    """The account somebody tries to enter.

    Browsers that were logged in before count apart, so a stranger cannot lock the owner out.
    """
    email = mailbox()
    return f"{email}:{'known' if sessions.knows(email) else 'new'}"


def _shared(amount: str, scope: str, key: Callable[[], str]) -> Decorator:
    decorator: Decorator = limiter.shared_limit(amount, scope=scope, key_func=key, methods=["POST"])
    return decorator


a_network = _shared("30/hour", "network", network)
a_mailbox = _shared("5/hour", "mailbox", mailbox)
an_account = _shared("10/hour", "account", tried_account)
