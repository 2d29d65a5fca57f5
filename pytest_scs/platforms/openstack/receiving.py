# SPDX-License-Identifier: Apache-2.0
"""Taking an answer from the network: no slower, no longer and with no more header lines than bounds.py allows.

A time limit of http.client and what builds on it is one for each read, so that a byte a second is never late.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from pytest_scs.core.cause import CauseKind
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.bounds import UnusableAnswer

# Lines of a header that are taken whatever they say; http.client refuses more than a hundred in all.
_UNKNOWN_LINES = 50
_KNOWN_LINES = 40

# Header lines that somebody looks at.
_KNOWN = frozenset(
    (
        b"connection",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"date",
        b"etag",
        b"keep-alive",
        b"location",
        b"retry-after",
        b"server",
        b"set-cookie",
        b"strict-transport-security",
        b"transfer-encoding",
        b"www-authenticate",
        b"x-amz-request-id",
        b"x-compute-request-id",
        b"x-openstack-request-id",
        b"x-subject-token",
        b"x-trans-id",
        b"openstack-auth-receipt",
    )
)

# Bytes that are read and unpacked at once.
_PART = 65536

_thread = threading.local()


class _Metered(io.RawIOBase):
    """The bytes of one answer, as they arrive: counted, and never waited for beyond the limit."""

    def __init__(self, raw: Any, connection: socket.socket, limit: bounds.Limit, what: str) -> None:
        super().__init__()
        self._raw = raw
        self._connection = connection
        self._limit = limit
        self._what = what
        self._most = bounds.RECEIVED
        self._count = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """That of the connection."""
        return int(self._raw.fileno())

    def readinto(self, buffer: Any) -> int | None:
        """The next bytes; raises UnusableAnswer where a limit is reached, and OSError like the connection."""
        patience = self._connection.gettimeout()
        left = self._limit.left
        self._limit.check(self._what)
        short = patience is None or left < patience
        try:
            if short and left != float("inf"):
                self._connection.settimeout(max(left, 0.001))
            number: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            self._limit.check(self._what)
            raise
        finally:
            if short:
                self._connection.settimeout(patience)
        self._count += number or 0
        if self._count > self._most:
            raise UnusableAnswer(f"answers {self._what} with more than {bounds.mib(self._most)}")
        return number

    def close(self) -> None:
        """Close the file that stands for the connection."""
        if not self.closed:
            self._raw.close()
        super().close()


class _Head:
    """The status line and the header of an answer, without the lines nobody looks at where there are very many."""

    def __init__(self, file: Any, what: str) -> None:
        self._file = file
        self._what = what
        self._bytes = 0
        self._known = _KNOWN_LINES
        self._unknown = _UNKNOWN_LINES
        self._taken = True
        self._first = True

    def readline(self, most: int = -1) -> bytes:
        """The next line that counts."""
        while True:
            line: bytes = self._file.readline(most)
            self._bytes += len(line)
            if self._bytes > bounds.HEADER:
                raise UnusableAnswer(f"answers {self._what} with a header of more than {bounds.mib(bounds.HEADER)}")
            if self._first or line in (b"\r\n", b"\n", b""):
                self._first = line in (b"\r\n", b"\n")  # after an interim answer there is another status line
                return line
            whole = line.endswith(b"\n")
            taken = self._takes(line)
            while not whole:  # a line too long for http.client
                taken = False
                rest: bytes = self._file.readline(_PART)
                self._bytes += len(rest)
                whole = not rest or rest.endswith(b"\n")
                if self._bytes > bounds.HEADER:
                    break
            if taken:
                return line

    def _takes(self, line: bytes) -> bool:
        if line[:1] in b" \t" and not self._taken:
            return False
        name = line.partition(b":")[0].strip().lower()
        if name in _KNOWN:
            self._known -= 1
            self._taken = self._known >= 0
        else:
            self._unknown -= 1
            self._taken = self._unknown >= 0
        return self._taken

    def close(self) -> None:
        """Close what is read."""
        self._file.close()


class BoundedResponse(http.client.HTTPResponse):
    """An answer that is read within the limit of the thread that asked (see bounds.within)."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._asked = asked()
        file: Any = self.fp
        self.fp: Any = io.BufferedReader(_Metered(file.detach(), sock, bounds.current(), self._asked))

    def begin(self) -> None:
        """Read status line and header."""
        whole = self.fp
        if self.headers is not None or whole is None:
            return
        self.fp = head = _Head(whole, self._asked)
        try:
            super().begin()
        finally:
            if self.fp is head:
                self.fp = whole


def asked() -> str:
    """The request that this thread sent last, without host and query, as in ``GET /flavors``; empty before any."""
    found: str = getattr(_thread, "what", "")
    return found


def note_asked(what: str) -> None:
    """Remember which request this thread sends now; an empty one before those that belong together."""
    _thread.what = what
    _thread.changing = bool(what) and (changing() or not what.startswith(("GET ", "HEAD ")))


def changing() -> bool:
    """Whether one of the requests that belong together may change something."""
    found: bool = getattr(_thread, "changing", False)
    return found


def body_of(read: Callable[[int], bytes], encoding: str, most: int | None) -> bytes:
    """The content of an answer, unpacked.

    ``read`` gives up to so many bytes, none at the end. ``encoding`` is the header Content-Encoding. ``most``: bytes
    after which the rest is left unread; without it, more than :data:`bounds.UNPACKED` raises UnusableAnswer.
    """
    found = io.BytesIO()
    limit = bounds.UNPACKED if most is None else most
    large = _Turn()
    try:
        for part in _unpacked(read, encoding.strip().lower()):
            found.write(part[: limit - found.tell()] if most is not None else part)
            if most is not None and found.tell() >= limit:
                break
            if found.tell() > limit:
                raise UnusableAnswer(f"answers {asked()} with more than {bounds.mib(limit)} once it is unpacked")
            if found.tell() > bounds.LARGE:
                large.take()
        return found.getvalue()
    finally:
        found.close()  # an exception keeps it alive otherwise, and with it what may be hundreds of MiB
        large.give_back()


class _Turn:
    """One large answer after the other: together they would not fit into the memory."""

    _lock = threading.Lock()

    def __init__(self) -> None:
        self._mine = False

    def take(self) -> None:
        if not self._mine:
            left = bounds.current().left
            self._mine = self._lock.acquire(timeout=max(0.0, left) if left < bounds.LISTING else bounds.LISTING)
            if not self._mine:
                raise UnusableAnswer(f"answers {asked()} with too much for this machine", CauseKind.TIMEOUT)

    def give_back(self) -> None:
        if self._mine:
            self._lock.release()
            self._mine = False


def _unpacked(read: Callable[[int], bytes], encoding: str) -> Iterator[bytes]:
    """The parts of a content, none much larger than :data:`_PART`."""
    if encoding in ("", "identity"):
        while part := read(_PART):
            yield part
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UnusableAnswer(f"answers {asked()} in the encoding {encoding[:30]!r}, which nobody asked for")
    unpacker = None
    try:
        while part := read(_PART):
            if unpacker is None:
                plain = encoding == "deflate" and not _has_zlib_header(part)
                unpacker = zlib.decompressobj(-zlib.MAX_WBITS if plain else zlib.MAX_WBITS | 32)
            while part and not unpacker.eof:
                yield unpacker.decompress(part, _PART)
                part = unpacker.unconsumed_tail
        while unpacker and not unpacker.eof and (part := unpacker.decompress(b"", _PART)):
            yield part
    except zlib.error:
        raise UnusableAnswer(f"answers {asked()} with something that is not {encoding}, as it says") from None
    if unpacker and not unpacker.eof:
        raise UnusableAnswer(f"answers {asked()} with half a {encoding} stream")


def _has_zlib_header(part: bytes) -> bool:
    return len(part) > 1 and part[0] & 0x0F == 8 and (part[0] << 8 | part[1]) % 31 == 0
