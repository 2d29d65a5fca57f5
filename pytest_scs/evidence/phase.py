# SPDX-License-Identifier: Apache-2.0
"""What something is doing that somebody waits for: how long already, and how long at most.

A probe says it with :func:`doing`; who has nobody to say it to, as in a test, says it to nobody.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping

from pytest_scs.base.words import lasting

_thread = threading.local()


class _Counter(threading.local):
    """Who hears how many entries of a listing a thread has read."""

    def __init__(self) -> None:
        self.add: Callable[[int], None] | None = None


_counter = _Counter()


@dataclasses.dataclass(frozen=True, slots=True)
class Phase:
    """``text`` says what is done, such as ``sample VM: booting``; since ``began``, as time.monotonic has it.

    ``limit``: seconds that it may take; 0 where it has none of its own.
    """

    text: str
    began: float
    limit: float = 0

    def __str__(self) -> str:
        passed = lasting(time.monotonic() - self.began)
        return f"{self.text}, {passed} of at most {lasting(self.limit)}" if self.limit else f"{self.text}, {passed}"


def doing(text: str, limit: float = 0, *, ago: float | None = None) -> None:
    """Say what this thread is doing from now on, for at most ``limit`` seconds.

    ``ago``: how many seconds ago it began, where only its text changes, as with a number that grows.
    """
    if told := getattr(_thread, "told", None):
        phases, name = told
        phases[name] = Phase(text, time.monotonic() - (ago or 0), limit)


@contextlib.contextmanager
def told_in(phases: MutableMapping[str, Phase], name: str) -> Iterator[None]:
    """Let what this thread is doing be told in ``phases`` under a name, and no longer than this lasts."""
    outer = getattr(_thread, "told", None)
    _thread.told = phases, name
    try:
        yield
    finally:
        _thread.told = outer
        phases.pop(name, None)


def read_more(entries: int) -> None:
    """Say that this thread has read so many more entries of a listing; heard only within :func:`counted_in`."""
    if _counter.add:
        _counter.add(entries)


@contextlib.contextmanager
def counted_in(counts: MutableMapping[str, int], name: str) -> Iterator[None]:
    """Let the entries that this thread reads be counted in ``counts`` under a name."""

    def add(entries: int) -> None:
        counts[name] = counts.get(name, 0) + entries

    _counter.add = add
    try:
        yield
    finally:
        _counter.add = None
