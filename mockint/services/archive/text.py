"""The text of an archive: gzip of JSON lines, the last of which holds the SHA-256 of the others.

A header says what is inside; then, for each table in the order of foreign keys, a line with its
name and columns, and a line for each row.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, BinaryIO

from mockint.domain.errors import N_, Refusal

LEVEL = 3
"""Of nine; higher ones take twice as long for a tenth of the size."""
CHUNK = 16 * 1024
"""Compressed bytes read at once; they may grow a thousandfold."""
TRAILER = b'{"sha256":'
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""What gzip begins with when no name, no time and no system is told (RFC 1952 2.3)."""


class NoArchive(Refusal):
    """Something else was given."""

    def __init__(self) -> None:
        super().__init__(N_("This is no archive made by `mockint backup`."))


class Damaged(Refusal):
    """Cut short, or not what was written."""

    def __init__(self) -> None:
        super().__init__(N_("The archive is damaged or cut short, so nothing was changed."))


class Writer:
    """Writes lines, and the trailer when it is finished; what is not finished is no archive."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._deflate = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
        self._hash = sha256()
        self._crc = self._size = 0
        sink.write(HEAD)

    def lines(self, values: Iterable[Any]) -> None:
        """One line for each value."""
        text = "".join(
            json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n" for value in values
        ).encode()
        self._hash.update(text)
        self._write(text)

    def finish(self) -> None:
        """Say what everything before adds up to."""
        self._write(_trailer(self._hash.hexdigest()))
        self._sink.write(self._deflate.flush())
        self._sink.write(struct.pack("<II", self._crc, self._size % 2**32))

    def _write(self, text: bytes) -> None:
        self._crc = zlib.crc32(text, self._crc)
        self._size += len(text)
        self._sink.write(self._deflate.compress(text))


def _trailer(digest: str) -> bytes:
    return TRAILER + f'"{digest}"}}\n'.encode("ascii")


class Reader:
    """Reads lines; `finish` says whether they were those that were written."""

    def __init__(self, source: BinaryIO) -> None:
        self._lines = _lines(source)
        self._hash = sha256()

    def one(self) -> Any:
        """The next line's value; Damaged where there is none, ValueError when it is no JSON."""
        return json.loads(self._next())

    def many(self, count: int) -> Iterator[Any]:
        """The next `count` lines' values."""
        for _ in range(count):
            yield self.one()

    def finish(self) -> None:
        """Read on to the trailer and refuse an archive that is not whole, or has more to it."""
        while not (line := next(self._lines, b"")).startswith(TRAILER):
            if not line:
                raise Damaged()
            self._hash.update(line)
        if line != _trailer(self._hash.hexdigest()):
            raise Damaged()
        if next(self._lines, None) is not None:
            raise Damaged()

    def _next(self) -> bytes:
        line = next(self._lines, b"")
        if not line or line.startswith(TRAILER):
            raise Damaged()
        self._hash.update(line)
        return line


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines of one gzip member with nothing around it, as `Writer` makes it."""
    chunk = source.read(len(HEAD))
    if chunk[:2] != HEAD[:2]:
        raise NoArchive()
    if chunk != HEAD:  # gzip's own checksum leaves these bytes out
        raise Damaged()
    unzip, rest = zlib.decompressobj(wbits=zlib.MAX_WBITS + 16), b""
    while chunk:
        try:
            text = unzip.decompress(chunk)
        except zlib.error as error:
            raise Damaged() from error
        *whole, rest = (rest + text).split(b"\n")
        yield from (line + b"\n" for line in whole)
        chunk = source.read(CHUNK)
        if unzip.eof and chunk:
            raise Damaged()
    if rest or not unzip.eof or unzip.unused_data:
        raise Damaged()
