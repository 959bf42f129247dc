"""smtplib with one deadline for all that is said, and a listener for the dialogue."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
from collections.abc import Callable
from typing import Any

from mockint.adapters.deadline import Deadline, Reader, connect, send

Listener = Callable[[str, str], None]
"""Hears each line of a dialogue: who speaks ("you" or "server") and the line, secrets masked."""

HIDDEN = "****"
CHALLENGE = 334
"""The server asks for the next part of a login."""


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
        found = connect(host, port, within_s=self._connect_s)
        found.settimeout(self.deadline.left())
        return found

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = io.BufferedReader(Reader(self))
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
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the line is closed")
        octets = s.encode(self.command_encoding) if isinstance(s, str) else s
        try:
            send(self, octets)
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
