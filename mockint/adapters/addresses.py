"""Which addresses on the network a web address given by a user may lead to."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from queue import Empty, SimpleQueue
from threading import Thread

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052; the last four octets are the IPv4 address that is reached."""

NEVER_PUBLIC = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("100::/64"),
    IPv6Network("2001::/23"),
    IPv6Network("3fff::/20"),
    IPv6Network("5f00::/16"),
)
"""Of IANA's special-purpose registries; older Pythons call some of these global."""


def unwrapped(address: Address) -> tuple[Address, ...]:
    """The addresses that a packet to `address` can reach: those inside it, or itself."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if address in NAT64:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    return (address,)


def is_listed(address: Address, networks: Iterable[Network]) -> bool:
    """Whether all that `address` reaches lies in `networks`."""
    listed = tuple(networks)
    return all(any(inner in network for network in listed) for inner in unwrapped(address))


def is_public(address: Address) -> bool:
    """Whether `address` reaches one host of the open internet, in whatever spelling.

    `is_global` alone calls multicast, NAT64 and 6to4 forms of private addresses global.
    """
    return all(
        inner.is_global
        and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified)
        and not (isinstance(inner, IPv6Address) and inner.is_site_local)
        and not any(inner in network for network in NEVER_PUBLIC)
        for inner in unwrapped(address)
    )


def literal(host: str) -> Address | None:
    """The address that `host` spells out, also as 127.1 or 0x7f000001; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def look_up(host: str, port: int, seconds: float) -> Sequence[Address]:
    """The addresses of `host`, best first; the system's resolver has no deadline, this has.

    OSError when there are none, TimeoutError when it takes longer than `seconds`.
    """
    found: SimpleQueue[list[Address] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([ip_address(str(answer[4][0])) for answer in answers])
        except OSError as error:
            found.put(error)
        except ValueError as error:  # a name that no server can have, like one of 300 letters
            found.put(OSError(str(error)))

    Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except Empty:
        raise TimeoutError("the name was not found in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
