# SPDX-License-Identifier: Apache-2.0
"""Work that may hang, in threads that keep nobody: who waits has a limit, and the process ends without them."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable, Collection
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from pytest_scs.base.words import lasting
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence import limit
from pytest_scs.evidence.progress import SILENT, Voice, waiting_for

T = TypeVar("T")

#: Seconds that the end of the process waits for threads which have been told to end, or are about to.
FAREWELL = 1.0

_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def start(function: Callable[..., T], *arguments: Any, name: str = "scs-reading") -> Future[T]:
    """Call a function in a thread of its own, which the end of the process hardly waits for (:data:`FAREWELL`)."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(function(*arguments))
        except BaseException as error:  # it belongs to whoever waits for the future
            future.set_exception(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    _threads.add(thread)
    thread.start()
    return future


@atexit.register
def _say_farewell() -> None:
    """Let threads end by themselves: one that wakes up while the interpreter ends may take the exit code along."""
    until = limit.Limit.of(FAREWELL)
    for thread in list(_threads):
        if thread.is_alive():
            thread.join(max(0.0, until.left))


def wait_until(
    futures: Collection[Future[Any]], until: limit.Limit, meanwhile: Callable[[Collection[Future[Any]]], None]
) -> None:
    """Wait until all of them are done, or ``until`` is over; ``meanwhile`` gets those that are not, every second.

    SIGINT and SIGTERM end this at once, as they do with all that waits in the main thread.
    """
    pending = set(futures)
    while pending and until.left > 0:
        pending = wait(pending, timeout=max(0.0, min(1.0, until.left))).not_done
        if pending:
            meanwhile(pending)


def result_of(function: Callable[[], T], seconds: float, what: str, voice: Voice = SILENT) -> T:
    """What a function returns or raises, called in a thread; raises Inconclusive if it does not end in time.

    ``what`` is what is waited for, in words; ``voice`` tells it to a user who waits.
    """
    future = start(function)
    waiting = voice.waiting(lambda passed: f"{waiting_for(what, passed)} of at most {lasting(seconds)}")
    wait_until([future], limit.Limit.of(seconds + limit.GRACE), lambda pending: waiting.tick())
    if not future.done():
        raise Inconclusive(f"{what} did not end within {seconds:g} s", CauseKind.TIMEOUT)
    return future.result()
