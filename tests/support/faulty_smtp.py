"""A real mail server that misbehaves at a stage of the dialogue, encrypts and asks for logins."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

STALL, DRIP, DROP = "stall", "drip", "drop"
STAGES = ("banner", "EHLO", "MAIL", "RCPT", "DATA", "end of data")
LOGIN = LoginPassword(login=b"mockint", password=b"p@ss word")


@dataclass
class FaultyServer:
    """What goes wrong where, for how many messages, and what was taken all the same."""

    stage: str = ""
    fault: str = ""
    """STALL, DRIP, DROP, or an answer such as "451 Try later"."""
    times: int = 1000
    login: bool = False
    tls: ssl.SSLContext | None = None
    """For STARTTLS."""
    smtps: ssl.SSLContext | None = None
    taken: list[bytes] = field(default_factory=list)
    links: int = 0
    in_clear: list[str] = field(default_factory=list)
    """Commands that came unencrypted."""
    port: int = 0
    open: list[_Server] = field(default_factory=list)

    @property
    def url(self) -> str:
        scheme = "smtps" if self.smtps else "smtp"
        return f"{scheme}://127.0.0.1:{self.port}"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: _Server, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        server.stage = "end of data"
        if self.stage != "end of data" or self.times <= 0:
            self.taken.append(envelope.content)
        return "250 OK"


class _Server(SMTP):
    """One link; its answers meet the fault at the chosen stage."""

    stage = "banner"

    def __init__(self, plan: FaultyServer, **options: Any) -> None:
        super().__init__(plan, **options)
        self.plan = plan
        plan.links += 1
        plan.open.append(self)

    async def push(self, status: Any) -> None:
        plan = self.plan
        if self.stage != plan.stage or plan.times <= 0:
            return await super().push(status)
        plan.times -= 1
        if plan.fault == DROP:
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.abort()
        elif plan.fault == STALL:
            await asyncio.sleep(60)
        elif plan.fault == DRIP:
            assert self._writer is not None
            for _ in range(2000):
                self._writer.write(b"2")
                await self._writer.drain()
                await asyncio.sleep(0.03)
        else:
            await super().push(plan.fault)

    def _refuses(self, stage: str) -> bool:
        """Whether the answer of this stage is a refusal, after which nothing more is said."""
        plan = self.plan
        return plan.stage == stage and plan.fault[:1].isdigit() and plan.times > 0

    async def _at(self, stage: str, command: Any, text: str) -> None:
        self.stage = stage
        if not self.plan.smtps and (self.session is None or self.session.ssl is None):
            self.plan.in_clear.append(f"{stage} {text}")
        await command(text)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        refuse = self._refuses("EHLO")
        await self._at("EHLO", self.push if refuse else super().smtp_EHLO, hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        await self._at("EHLO", super().smtp_HELO, hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        await self._at("STARTTLS", super().smtp_STARTTLS, arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        await self._at("AUTH", super().smtp_AUTH, arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        await self._at("MAIL", super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        await self._at("RCPT", super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        refuse = self._refuses("DATA")
        await self._at("DATA", self.push if refuse else super().smtp_DATA, arg)


def _judge(server: object, session: object, envelope: object, how: str, data: object) -> AuthResult:
    return AuthResult(success=data == LOGIN, handled=False)


@contextmanager
def faulty(plan: FaultyServer) -> Iterator[FaultyServer]:
    """The server on a thread of its own, until the block ends."""
    loop = asyncio.new_event_loop()
    listener = socket.create_server(("127.0.0.1", 0))
    plan.port = listener.getsockname()[1]
    options: dict[str, Any] = {"tls_context": plan.tls, "hostname": "mail.test", "loop": loop}
    if plan.login:
        options |= {"authenticator": _judge, "auth_require_tls": False}
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    # Not in this thread: a browser of another test may have a loop running in it.
    serving = loop.create_server(lambda: _Server(plan, **options), sock=listener, ssl=plan.smtps)
    asyncio.run_coroutine_threadsafe(serving, loop).result(10)
    try:
        yield plan
    finally:
        asyncio.run_coroutine_threadsafe(_end(plan), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listener.close()
        loop.close()


async def _end(plan: FaultyServer) -> None:
    """Close every link and cancel what is still under way, such as an answer that never comes."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for server in plan.open:
        if isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
    await asyncio.sleep(0.01)
