"""Many requests at the same moment, from one thread, so that the client adds next to nothing."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
LOCATION = re.compile(rb"\r\nLocation: (\S+)\r\n", re.IGNORECASE)
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One answer; status 0: the connection broke or nothing came."""

    status: int
    location: str
    took_s: float
    body: bytes


def fire(address: tuple[str, int], requests: Sequence[bytes]) -> list[Shot]:
    """Send all, then read all to their ends; the requests must ask to close."""
    flying: dict[socket.socket, tuple[int, float, list[bytes]]] = {}
    shots: dict[int, Shot] = {}
    with selectors.DefaultSelector() as selector:
        for number, request in enumerate(requests):
            began = time.perf_counter()
            connection = socket.create_connection(address, timeout=PATIENCE_SECONDS)
            connection.sendall(request)
            flying[connection] = (number, began, [])
            selector.register(connection, selectors.EVENT_READ)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while flying and time.monotonic() < deadline:
            for key, _ in selector.select(timeout=1):
                connection = key.fileobj  # type: ignore[assignment]  # sockets were registered
                number, began, parts = flying[connection]
                part = _read(connection)
                parts.append(part)
                if not part:
                    shots[number] = _shot(b"".join(parts), time.perf_counter() - began)
                    selector.unregister(connection)
                    connection.close()
                    del flying[connection]
        for connection, (number, began, _) in flying.items():
            shots[number] = _shot(b"", time.perf_counter() - began)
            connection.close()
    return [shots[number] for number in range(len(requests))]


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1 << 18)
    except ConnectionError:
        return b""


def _shot(raw: bytes, took_s: float) -> Shot:
    head, _, body = raw.partition(b"\r\n\r\n")
    status = STATUS.match(head)
    location = LOCATION.search(head + b"\r\n")
    return Shot(
        int(status[1]) if status else 0, location[1].decode() if location else "", took_s, body
    )
