"""Keeps the tests on this machine: a socket to anywhere but loopback is refused."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any


class LeavesThisMachine(Exception):
    """A test tried to reach another machine."""


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def bar() -> None:
    """Refuse, for the rest of this process, to connect or to look a name up outside loopback."""
    connect, connect_ex, look_up = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def check(host: object) -> None:
        if not _is_local(host):
            raise LeavesThisMachine(f"a test tried to reach {host!r}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            check(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            check(address[0])
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *rest: Any, **options: Any) -> Any:
        check(host)
        return look_up(host, *rest, **options)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign,assignment]  # the bar
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign,assignment]  # same
    socket.getaddrinfo = guarded_look_up
