"""Links to other servers that are given up in time, however busy the other side looks."""

from __future__ import annotations

import io
import ipaddress
import socket
import time
from typing import Any, Protocol

CHUNK = 16 * 1024


class Deadline:
    """A moment after which nothing is waited for any more."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left; TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long")
        return left


class Link(Protocol):
    """What is read from until its deadline, which may be set anew."""

    sock: Any
    deadline: Deadline


class Reader(io.RawIOBase):
    """A link's socket as a file; a server that sends a byte now and then gains no time."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        link = self._link
        if link.sock is None:
            return 0
        try:
            link.sock.settimeout(link.deadline.left())
            read: int = link.sock.recv_into(buffer)
        except TimeoutError as late:
            raise TimeoutError("no answer in time") from late
        return read


def send(link: Link, octets: bytes) -> None:
    """Send it in pieces, as TLS counts its time anew for each."""
    for start in range(0, len(octets), CHUNK):
        link.sock.settimeout(link.deadline.left())
        link.sock.sendall(octets[start : start + CHUNK])


def connect(host: str, port: int, *, within_s: float) -> socket.socket:
    """Connect to the first address of `host` that answers."""
    limit, trouble = Deadline(within_s), OSError("it has no address")
    for family, kind, proto, _name, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        found = socket.socket(family, kind, proto)
        try:
            found.settimeout(limit.left())
            found.connect(address)
        except OSError as error:
            found.close()
            trouble = error
        else:
            return found
    raise trouble


def is_here(host: str) -> bool:
    """Whether the way to `host` stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
