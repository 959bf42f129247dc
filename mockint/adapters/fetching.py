"""Fetches a calendar from an address somebody typed, without being led where it must not go.

The name is looked up once and the connection goes to the address that was checked, under the right
Host, SNI and certificate name; each redirect is checked anew. One deadline covers looking up,
connecting, encrypting and every octet, so a server that sends a byte now and then gains no time.
"""

from __future__ import annotations

import logging
import ssl
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from string import punctuation
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import httpcore

from mockint import __version__
from mockint.adapters.addresses import (
    Address,
    Network,
    is_listed,
    is_public,
    literal,
    look_up,
)
from mockint.adapters.deadline import Deadline
from mockint.domain.errors import N_, Refusal

SECONDS = 10.0
MOST_OCTETS = 10 * 2**20
"""After decompression."""
MOST_REDIRECTS = 5
MOST_LETTERS = 2_000
LONGEST_ETAG = 255
PORTS = {"http": 80, "https": 443}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
UNCHANGED = 304
NO_ADDRESS = N_("This is not the address of a calendar.")
PRIVATE = N_("This address leads into a private network, where calendars are not read.")
UNPACKABLE = N_("The calendar is packed in a way that cannot be read.")
ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})

# At debug level it would log redirects, and with them secret addresses.
logging.getLogger("httpcore").setLevel(logging.INFO)


class FetchFailed(Refusal):
    """The calendar could not be fetched; the sentence is for its owner."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered."""

    body: bytes | None
    """None: unchanged since the ETag that was sent."""
    etag: str
    """To be sent the next time, at most 255 letters; empty when the server gives none."""


def fetch(url: str, *, etag: str = "", allowed: Iterable[Network] = ()) -> Fetched:
    """The calendar at `url`, unless the server says it is still the one of `etag`.

    Only public addresses and ports 80 and 443 are reached. `allowed` widens that, to any port in
    these networks. FetchFailed says what went wrong, never with any part of the address.
    """
    deadline, networks = Deadline(SECONDS), tuple(allowed)
    target = _Target.of(url)
    for _ in range(MOST_REDIRECTS + 1):
        try:
            answer = _ask(target, etag, networks, deadline)
        except (TimeoutError, httpcore.TimeoutException) as late:
            raise FetchFailed(N_("The calendar's server took longer than 10 seconds.")) from late
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise _judged(error) from error
        if isinstance(answer, Fetched):
            return answer
        target = target.redirected(answer)
    raise FetchFailed(N_("The calendar's server sends us from one address to the next."))


def spells_private(url: str, *, allowed: Iterable[Network] = ()) -> bool:
    """Whether `url` itself says, without any look-up, that `fetch` would refuse its server."""
    address = literal((urlsplit(url).hostname or "").removesuffix("."))
    return address is not None and not (is_public(address) or is_listed(address, allowed))


@dataclass(frozen=True, slots=True)
class _Target:
    """An address taken apart."""

    scheme: str
    host: str
    """As looked up and as the certificate must name it: ASCII, without a trailing dot."""
    port: int
    path: str
    login: str
    """For the Authorization header; empty without one."""

    @classmethod
    def of(cls, url: str) -> _Target:
        try:
            return cls._of(urlsplit(url.strip()))
        except ValueError as error:
            raise FetchFailed(NO_ADDRESS) from error

    @classmethod
    def _of(cls, parts: SplitResult) -> _Target:
        scheme = "https" if parts.scheme in ("webcal", "webcals") else parts.scheme
        if scheme not in PORTS:
            raise FetchFailed(N_("Write an address that starts with https:// or webcal://."))
        host = (parts.hostname or "").removesuffix(".")
        if not host or len(parts.geturl()) > MOST_LETTERS:
            raise ValueError("no host, or an address of absurd length")
        host = host if ":" in host else host.encode("idna").decode("ascii")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        login = ""
        if parts.username is not None:
            words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            login = f"Basic {b64encode(words.encode()).decode('ascii')}"
        return cls(scheme, host, parts.port or PORTS[scheme], quote(path, safe=punctuation), login)

    def redirected(self, location: str) -> _Target:
        """Where the server sends us; a login goes to no other server."""
        try:
            there = _Target.of(urljoin(self.url, location))
        except ValueError as error:
            raise FetchFailed(NO_ADDRESS) from error
        same = (there.scheme, there.host, there.port) == (self.scheme, self.host, self.port)
        if same and not there.login:
            return _Target(there.scheme, there.host, there.port, there.path, self.login)
        return there

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def _ask(
    target: _Target, etag: str, allowed: tuple[Network, ...], deadline: Deadline
) -> Fetched | str:
    """One request: what was fetched, or where we are sent."""
    addresses = _checked(target, allowed, deadline)
    headers: dict[str | bytes, str | bytes] = {
        "Host": target.authority,
        "User-Agent": f"mockint/{__version__}",
        "Accept": "text/calendar, */*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    if etag:
        headers["If-None-Match"] = etag
    if target.login:
        headers["Authorization"] = target.login
    origin = httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port)
    with httpcore.HTTPConnection(
        origin, ssl_context=_tls(), network_backend=_Guarded(addresses, deadline)
    ) as connection:
        url = httpcore.URL(
            scheme=origin.scheme, host=origin.host, port=origin.port, target=target.path.encode()
        )
        with connection.stream("GET", url, headers=headers) as response:
            return _read(response, etag)


def _checked(
    target: _Target, allowed: tuple[Network, ...], deadline: Deadline
) -> tuple[Address, ...]:
    """The addresses of the server that may be reached, from one look-up."""
    try:
        found = look_up(target.host, target.port, deadline.left())
    except TimeoutError:
        raise
    except OSError as error:
        raise FetchFailed(N_("The calendar's server cannot be found.")) from error
    ours = tuple(address for address in found if is_listed(address, allowed))
    public = tuple(address for address in found if is_public(address))
    if not ours and not public:
        raise FetchFailed(PRIVATE)
    if ours or target.port in PORTS.values():
        return ours or public
    raise FetchFailed(N_("Calendars are read from ports 80 and 443 only."))


@cache
def _tls() -> ssl.SSLContext:
    """Certificates must come from an authority the machine trusts, or one of SSL_CERT_FILE."""
    return ssl.create_default_context()


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses that were checked, whatever name it is asked for."""

    def __init__(self, addresses: tuple[Address, ...], deadline: Deadline) -> None:
        self._addresses, self._deadline = addresses, deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *_args: Any, **_kw: Any) -> httpcore.NetworkStream:
        trouble: Exception = OSError("it has no address")
        for address in self._addresses:
            try:
                stream = self._inner.connect_tcp(str(address), port, timeout=self._deadline.left())
            except httpcore.ConnectError as error:
                trouble = error
            else:
                return _Timed(stream, self._deadline)
        raise trouble


class _Timed(httpcore.NetworkStream):
    """A stream whose every read and write ends at one deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Timed(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _read(response: httpcore.Response, etag: str) -> Fetched | str:
    """What an answer means."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1").strip()
        for name, value in response.headers
    }
    if response.status in REDIRECTS and "location" in headers:
        return headers["location"]
    if response.status == UNCHANGED and etag:
        return Fetched(None, etag)
    if response.status in (401, 403):
        raise FetchFailed(
            N_("The calendar's server asks for a login. Use the calendar's secret address.")
        )
    if response.status in (404, 410):
        raise FetchFailed(N_("There is no calendar at this address."))
    if response.status != 200:
        raise FetchFailed(
            N_("The calendar's server answered with an error (%(status)s)."),
            status=response.status,
        )
    octets = response.iter_stream()
    body = b"".join(_limited(_unpacked(octets, headers.get("content-encoding", "").lower())))
    tag = headers.get("etag", "")
    return Fetched(body, tag if tag.isascii() and len(tag) <= LONGEST_ETAG else "")


def _limited(pieces: Iterator[bytes]) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MOST_OCTETS:
            raise FetchFailed(N_("The calendar is larger than 10 MiB."))
        yield piece


def _unpacked(octets: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The content, never more than 64 KiB at once, however well it is packed."""
    if encoding not in ENCODINGS:
        raise FetchFailed(UNPACKABLE)
    if encoding in ("", "identity"):
        yield from octets
        return
    unpacking: Any = None
    try:
        for piece in filter(None, octets):
            if unpacking is None:
                unpacking = zlib.decompressobj(_window_bits(piece))
            rest = piece
            while rest and not unpacking.eof:
                yield unpacking.decompress(rest, 65_536)
                rest = unpacking.unconsumed_tail
    except zlib.error as error:
        raise FetchFailed(UNPACKABLE) from error
    if unpacking is not None and not unpacking.eof:
        raise FetchFailed(N_("The calendar's server broke off in the middle."))


def _window_bits(start: bytes) -> int:
    """How to read packed content: some send "deflate" without the zlib header it should have."""
    headed = start[:1] == b"\x1f" or start[0] & 0x0F == zlib.DEFLATED
    return zlib.MAX_WBITS | 32 if headed else -zlib.MAX_WBITS


def _judged(error: Exception) -> FetchFailed:
    """The sentence for a connection that failed."""
    cause = error.__context__ if isinstance(error, httpcore.ConnectError) else error
    if isinstance(cause, ssl.SSLError):
        return FetchFailed(N_("The certificate of the calendar's server is not trusted."))
    if isinstance(error, httpcore.ProtocolError):
        return FetchFailed(N_("The answer of the calendar's server cannot be read."))
    return FetchFailed(N_("The calendar's server does not answer."))
