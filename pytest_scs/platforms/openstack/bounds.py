# SPDX-License-Identifier: Apache-2.0
"""What an answer of a cloud may take, in bytes and seconds (docs/standards/framework.md#limits): all numbers are here.

Limits of time belong to the thread that asks: :func:`within` sets one for what is called inside it.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterator

from keystoneauth1 import exceptions

from pytest_scs.core.cause import CauseKind
from pytest_scs.evidence import limit

#: Seconds for one answer, from sending the request to the last byte; what a library limits is a single read.
ANSWER = 120.0

#: Seconds for one listing, all pages and tries together; also for a login.
LISTING = 300.0

#: Bytes of one answer as they arrive, and unpacked.
RECEIVED = 64 * 2**20
UNPACKED = 256 * 2**20

#: Bytes of the header of an answer.
HEADER = 4 * 2**20

#: Bytes that are read of what comes with an error status, and characters of it that are looked at.
ERROR_BODY = 2**20
SHOWN = 2048

#: Bytes from which on an answer is a large one: they are read one after the other.
LARGE = 16 * 2**20

#: Pages and entries of one listing.
PAGES = 10_000
ENTRIES = 200_000

#: Redirects in a row (see redirects.py).
REDIRECTS = 3


class UnusableAnswer(exceptions.ClientException):
    """An answer that must not or cannot be taken; the text goes on after "the compute service"; no try helps."""

    def __init__(self, text: str, kind: CauseKind = CauseKind.MALFORMED) -> None:
        super().__init__(text)
        self.text = text
        self.kind = kind


class Limit(limit.Limit):
    """A limit of the requests that are made within it."""

    __slots__ = ()

    def check(self, what: str) -> None:
        """Raise UnusableAnswer if it is over; ``what`` is the request, as in ``GET /flavors``."""
        if self.left <= 0:
            raise UnusableAnswer(f"did not answer {what} completely {self.words}", CauseKind.TIMEOUT)


#: No limit.
ENDLESS = Limit(math.inf, "")

_thread = threading.local()


def current() -> Limit:
    """The limit that holds in this thread now."""
    found: Limit = getattr(_thread, "limit", ENDLESS)
    return found


@contextlib.contextmanager
def within(new: Limit) -> Iterator[None]:
    """Let a limit hold in this thread, unless a tighter one does already."""
    outer = current()
    _thread.limit = min(outer, new, key=lambda one: one.at)
    try:
        yield
    finally:
        _thread.limit = outer


def mib(number: int) -> str:
    """A number of bytes in words: ``64 MiB``."""
    return f"{number / 2**20:g} MiB"
