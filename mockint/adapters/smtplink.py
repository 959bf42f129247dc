"""smtplib with one deadline for all that is said, and a listener for the dialogue."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

Listener = Callable[[str, str], None]
"""Hears each line of a dialogue: who speaks ("you" or "server") and the line, secrets masked."""

CHUNK = 16 * 1024
HIDDEN = "****"
CHALLENGE = 334
"""The server asks for the next part of a login."""


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


class _Reader(io.RawIOBase):
    """The link's socket as a file; a server that sends a byte now and then gains no time."""

    def __init__(self, link: Patient) -> None:
        self._link = link

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        link = self._link
        if link.sock is None:
            return 0
        try:
            link.sock.settimeout(link.deadline.left())
            return link.sock.recv_into(buffer)
        except TimeoutError as late:
            raise TimeoutError("no answer in time") from late


class Patient(smtplib.SMTP):
    """A link that is given up at its deadline, however busy the server looks."""

    carried = 0
    """Messages this link has taken so far."""

    def __init__(
        self, host: str, port: int, *, connect_s: float, deadline: Deadline, listener: Listener
    ) -> None:
        self.deadline, self._connect_s, self._listener = deadline, connect_s, listener
        self._challenged = False
        super().__init__(host, port, timeout=connect_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect to the first address of `host` that answers, all within `connect_s`."""
        limit, trouble = Deadline(self._connect_s), OSError("it has no address")
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
                found.settimeout(self.deadline.left())
                return found
        raise trouble

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = io.BufferedReader(_Reader(self))
        code, said = super().getreply()
        self._challenged = code == CHALLENGE
        for line in said.splitlines() or [b""]:
            self._listener("server", f"{code} {line.decode('utf-8', 'replace')}")
        return code, said

    def putcmd(self, cmd: str, args: str = "") -> None:
        said = f"{cmd} {args}".strip()
        if self._challenged:
            said = HIDDEN
        elif cmd.upper() == "AUTH":
            said = f"AUTH {args.partition(' ')[0]} {HIDDEN}"
        self._listener("you", said)
        super().putcmd(cmd, args)

    def send(self, s: Any) -> None:
        """Send it in pieces, as TLS counts its time anew for each."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the line is closed")
        octets = s.encode(self.command_encoding) if isinstance(s, str) else s
        try:
            for start in range(0, len(octets), CHUNK):
                self.sock.settimeout(self.deadline.left())
                self.sock.sendall(octets[start : start + CHUNK])
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(str(error)) from error


class SecurePatient(Patient):
    """The same, encrypted before the first word (smtps)."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext, **limits: Any) -> None:
        self._context = context
        super().__init__(host, port, **limits)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._context.wrap_socket(
            super()._get_socket(host, port, timeout), server_hostname=host
        )
